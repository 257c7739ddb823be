/**
 * The invariants of all pallets, checked at final blocks.
 *
 * The node's runtime has its own checks built in (feature `try-runtime`). The interface for tests of upgrades runs them:
 * with `UpgradeCheckSelect::TryState`, and no migration to be run, it decodes the whole state and calls every pallet's
 * `try_state`. It panics if anything is wrong, and the node logs what.
 */

import { readFileSync } from "node:fs";
import type { Escrow } from "./escrow.js";
import { figure } from "./figures.js";
import type { Follower } from "./follow.js";
import { Failure, type World } from "./world.js";
import { allBooks, discrepancies } from "../lib/clearing.js";
import { finalizedHeight, rpc } from "../lib/rpc.js";
import { seconds, sleep, until } from "../lib/wait.js";

/** `UpgradeCheckSelect::TryState`, as SCALE encodes it. */
const TRY_STATE = "0x03";
/** The longest that the checks of one block may take. */
const LIMIT_SECONDS = 120;
/** Seconds between two checks. */
const EVERY = 30;
/** Seconds without a new final block, with all nodes up, after which the chain is stuck. */
const STUCK_AFTER = 120;

export class Invariants {
  private checked = 0;
  private reconciled = 0;
  private longest = 0;
  private sum = 0;

  constructor(
    private readonly world: World,
    private readonly follower: Follower,
    private readonly escrow: Escrow,
  ) {}

  /** Checks from now on, and lets the soak fail if one is broken. */
  begin(): void {
    this.world.every("invariants", [EVERY, EVERY], async () => {
      await this.check(await rpc<string>(this.world.http, "chain_getFinalizedHead"));
    });
  }

  get times(): number {
    return this.checked;
  }

  /** Checks the state after a block, and what the last final blocks tell of deliveries. */
  async check(hash: string): Promise<void> {
    const wrong = await this.escrow.whatIsWrong();
    if (wrong.length > 0) throw new Failure(`deliveries do not add up: ${wrong.join("; ")}`);
    const began = Date.now();
    const broken = await this.whatIsBroken(hash);
    if (broken) throw new Failure(`an invariant is broken at block ${hash}: ${broken}`);
    const took = Date.now() - began;
    this.checked += 1;
    this.sum += took;
    this.longest = Math.max(this.longest, took);
  }

  private async whatIsBroken(hash: string): Promise<string | undefined> {
    const response = await fetch(this.world.http, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "state_call",
        params: ["TryRuntime_on_runtime_upgrade", TRY_STATE, hash],
      }),
      signal: AbortSignal.timeout(LIMIT_SECONDS * 1_000),
    });
    const { error } = (await response.json()) as { error?: { message: string; data?: unknown } };
    if (!error) return undefined;
    const text = [error.message, error.data].filter(Boolean).join(": ");
    if (/Exported method \S+ is not found/.test(text)) {
      throw new Failure("the node has no checks built in: build it with the feature try-runtime");
    }
    // Else the node could not even begin.
    if (!/panicked|unreachable|trap|execution failed/i.test(text)) throw new Error(text);
    await sleep(1_000);
    return `${text.split("\n")[0]}\n${this.whatTheNodeLogged()}`;
  }

  private whatTheNodeLogged(): string {
    const lines = readFileSync(this.world.witness.command.log, "utf8").split("\n");
    return lines
      .filter((line) => /try.?(runtime|state)|panicked|runtime::executive/i.test(line) && !/[✅🩺]/u.test(line))
      .slice(-20)
      .join("\n");
  }

  /** What the books say at the end, when nobody does anything any more: to the unit. */
  async reconcile(): Promise<string> {
    const { api, http } = this.world;
    const from = this.follower.last.number;
    // Between two settlement runs: within one, money is on its way.
    const hash = await until("a final block between two settlement runs", 120, async () => {
      const { number, hash } = this.follower.last;
      if (number < from + 2) return false;
      const settled = (await (await api.at(hash)).query["clearing"]!["settled"]!()).toPrimitive() as {
        pricing: unknown;
      };
      return settled.pricing === null && hash;
    });
    await this.check(hash);
    const books = await allBooks(api, http, hash);
    const wrong = discrepancies(books);
    const missing = await this.follower.missingMoney();
    if (missing) wrong.push(missing);
    if (wrong.length > 0) throw new Failure(`the books do not reconcile at block ${hash}: ${wrong.join("; ")}`);
    this.reconciled = books.length;
    return hash;
  }

  lines(): string[] {
    const mean = this.checked === 0 ? 0 : this.sum / this.checked;
    return [
      figure("invariants.checked", this.checked, "blocks"),
      figure("invariants.time.mean", Math.round(mean), "ms"),
      figure("invariants.time.longest", this.longest, "ms"),
      figure("reconciled", this.reconciled, "segments"),
    ];
  }
}

/** Sees to it that blocks become final. `isDown` says whether a node was stopped on purpose. */
export class Watchdog {
  private final = 0;
  /** When the last block became final, and since when all nodes are up. */
  private since = Date.now();
  private allUpSince = Date.now();
  private longestGap = 0;

  constructor(
    private readonly world: World,
    private readonly isDown: (name: string) => boolean,
  ) {}

  begin(): void {
    this.since = this.allUpSince = Date.now();
    this.world.every("watchdog", [2, 2], () => this.look());
  }

  private async look(): Promise<void> {
    const { network, http } = this.world;
    const died = network.nodes.find((node) => !this.isDown(node.name) && !node.isRunning());
    if (died && !this.isDown(died.name)) {
      throw new Failure(`${died.name} has ended by itself: its log is ${died.command.log}`);
    }
    const final = await finalizedHeight(http).catch(() => this.final);
    const now = Date.now();
    this.longestGap = Math.max(this.longestGap, now - this.since);
    if (final > this.final) [this.final, this.since] = [final, now];
    if (network.nodes.some(({ name }) => this.isDown(name))) this.allUpSince = now;
    if (now - Math.max(this.since, this.allUpSince) > STUCK_AFTER * 1_000) {
      throw new Failure(`no block has become final for ${seconds(now - this.since)}; the last one is ${this.final}`);
    }
  }

  lines(): string[] {
    return [figure("finality.longest_gap", (this.longestGap / 1_000).toFixed(1), "s")];
  }
}
