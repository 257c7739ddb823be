/** What all parties of a soak share: the chain, the clock, the figures, and a bound on what they send together. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { DispatchError } from "@polkadot/types/interfaces";
import { Figures, reasonOf } from "./figures.js";
import { Random } from "./random.js";
import { account } from "../lib/accounts.js";
import { type InstrumentView, instrumentViews } from "../lib/clearing.js";
import { TUSD } from "../lib/money.js";
import { connect, type Outcome, submit, succeed } from "../lib/polkadotjs.js";
import { height } from "../lib/rpc.js";
import { sleep } from "../lib/wait.js";
import type { Network } from "../testnet/network.js";

export type Call = SubmittableExtrinsic<"promise">;

/** Transactions that all parties together begin in a second at most: four validators share a small machine. */
const MAX_PER_SECOND = 3;
/** How often everybody is told what contracts there are, in seconds. */
const LOOK_EVERY = 4;

/** Ends the soak: an invariant is broken, or the chain stands still. */
export class Failure extends Error {}

export class World {
  readonly figures = new Figures();
  /** What trades now and where it stands. */
  contracts: InstrumentView[] = [];
  best = 0;
  private isStopping = false;
  private nextTurn = 0;
  private readonly working: Promise<void>[] = [];
  private failed: Failure | undefined;

  private constructor(
    readonly network: Network,
    /** A transaction is done once it is final. */
    readonly api: ApiPromise,
    /** A transaction is done once it is in a block: for who has to hurry. */
    readonly quick: ApiPromise,
    readonly random: Random,
  ) {}

  static async enter(network: Network, seed: string): Promise<World> {
    const { ws } = network.nodes[0]!;
    const api = await connect(ws);
    const quick = await connect(ws, "in a block");
    return new World(network, api, quick, new Random(seed));
  }

  /** Everybody asks the first node, which is never stopped. */
  get witness() {
    return this.network.nodes[0]!;
  }

  get http(): string {
    return this.witness.http;
  }

  get failure(): Failure | undefined {
    return this.failed;
  }

  /** The first failure counts. */
  fail(what: string): void {
    this.failed ??= new Failure(what);
    this.isStopping = true;
  }

  get stopping(): boolean {
    return this.isStopping;
  }

  /** An account of this soak, by name. Everybody can have its key: it is worth nothing but here. */
  account(name: string): KeyringPair {
    return account(this.path(name));
  }

  /** The path of that account's key. */
  path(name: string): string {
    return `//soak//${this.random.seed}//${name}`;
  }

  /** Waits, but not beyond the end of the soak. */
  async rest(seconds: number): Promise<void> {
    const until = Date.now() + seconds * 1_000;
    while (!this.stopping && Date.now() < until) await sleep(Math.min(500, Math.max(0, until - Date.now())));
  }

  /** Does something again and again, with rests between. An error is counted; it stops nothing but a {@link Failure}. */
  every(name: string, [least, most]: readonly [number, number], work: (random: Random) => Promise<unknown>): void {
    const random = this.random.fork(name);
    const go = async (): Promise<void> => {
      while (!this.stopping) {
        await this.rest(random.between(least, most));
        if (this.stopping) return;
        try {
          await work(random);
        } catch (error) {
          if (error instanceof Failure) this.fail(error.message);
          else this.figures.trouble(name.replace(/[-0-9]+$/, ""), error);
        }
      }
    };
    this.working.push(go());
  }

  /** Nobody begins anything any more; waits for what is under way, for so long at most. */
  async stop(limitSeconds: number): Promise<void> {
    this.isStopping = true;
    await Promise.race([Promise.all(this.working), sleep(limitSeconds * 1_000)]);
  }

  /** Has what contracts there are looked up all the time. */
  async watch(): Promise<void> {
    const look = async (): Promise<void> => {
      this.contracts = await instrumentViews(this.http);
      this.best = await height(this.http);
    };
    await look();
    this.every("contracts", [LOOK_EVERY, LOOK_EVERY], look);
  }

  /** Somebody signs a call. Gives what became of it if it is in a block; it is counted, whatever it is. */
  act(kind: string, call: Call, signer: KeyringPair): Promise<Outcome | undefined> {
    return this.record(kind, () => submit(call, signer));
  }

  /** Counts an operation that is a transaction. */
  async record<T extends Outcome>(kind: string, work: () => Promise<T>): Promise<T | undefined> {
    await this.turn();
    try {
      const outcome = await work();
      this.figures.operation(kind, outcome.error);
      return outcome;
    } catch (error) {
      this.figures.operation(kind, `Node.${reasonOf(error)}`);
      return undefined;
    }
  }

  /** Governance, which is `sudo` here, decides. Gives what happened if it did. */
  async govern(kind: string, call: Call): Promise<Outcome | undefined> {
    return this.record(kind, async () => {
      const outcome = await submit(this.api.tx["sudo"]!["sudo"]!(call), account("//Alice"));
      return { ...outcome, error: outcome.error ?? this.errorWithin(outcome) };
    }).then((outcome) => (outcome?.error ? undefined : outcome));
  }

  /** `sudo` itself succeeds even where the call within fails: its event tells. */
  private errorWithin({ events }: Outcome): string | undefined {
    const told = events.find(({ section, method }) => section === "sudo" && method === "Sudid");
    const result = told?.data[0] as unknown as { isErr: boolean; asErr: DispatchError } | undefined;
    if (!result?.isErr) return undefined;
    const error = result.asErr;
    if (!error.isModule) return error.type;
    const { section, name } = this.api.registry.findMetaError(error.asModule);
    return `${section}.${name}`;
  }

  /** Gives each so much of both kinds of money. */
  async endow(to: KeyringPair[], native: bigint, settlement: bigint): Promise<void> {
    const { balances, assets, utility } = this.api.tx;
    const all = (calls: Call[]): Call => utility!["batchAll"]!(calls);
    await Promise.all([
      succeed(all(to.map(({ address }) => balances!["transferKeepAlive"]!(address, native))), account("//Bob")),
      succeed(
        all(to.map(({ address }) => assets!["transferKeepAlive"]!(TUSD, address, settlement))),
        account("//Alice"),
      ),
    ]);
  }

  private async turn(): Promise<void> {
    const now = Date.now();
    const mine = Math.max(now, this.nextTurn);
    this.nextTurn = mine + 1_000 / MAX_PER_SECOND;
    await sleep(mine - now);
  }

  async leave(): Promise<void> {
    await Promise.all([this.api.disconnect(), this.quick.disconnect()]);
  }
}
