/** The price index from a reporter's side: commit, reveal, and what becomes of it. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { blake2AsHex, randomAsU8a } from "@polkadot/util-crypto";
import { account } from "./accounts.js";
import { type Outcome, submit } from "./polkadotjs.js";
import { rpc } from "./rpc.js";
import { Hopeless, until } from "./wait.js";

/** The classes of test chains: the chain's own token, and compute. */
export const CLASSES = { gcx: 0, hpcFp64: 1, aiInfer: 2, gemmInt8: 3 } as const;

/** The reporters of test chains, of three owners: as many as the quorum needs. */
export const reporters = (): KeyringPair[] => ["//Dave//stash", "//Eve//stash", "//Ferdie//stash"].map(account);

export interface Fix {
  day: number;
  /** Millionths of a dollar per Compute Hour. */
  price: number;
  /** When its reporting ended, in milliseconds since the Unix epoch. */
  time: number;
}

/** The answer of `gcx_index`. */
export interface IndexState {
  class: number;
  today: number;
  now: number;
  floor: number;
  round: { stage: string };
  latest: Fix | null;
  age: number | null;
  statistics: { meanSize: number; variance: number; largestMove: number } | null;
  fixes: Fix[];
}

/** At the block `at`, or at the best one. */
export const indexState = (http: string, of: number, at: string | null = null): Promise<IndexState> =>
  rpc(http, "gcx_index", [of, null, null, at]);

/** A price that a reporter keeps to itself until it reveals it. */
export interface Quote {
  reporter: KeyringPair;
  price: number;
  salt: Uint8Array;
}

export const quote = (reporter: KeyringPair, price: number): Quote => ({ reporter, price, salt: randomAsU8a(32) });

/** What a reporter commits to: domain, chain, class, day, reporter, price and salt in SCALE, hashed with BLAKE2b-256. */
export function commitment(genesis: Uint8Array, of: number, day: number, { reporter, price, salt }: Quote): string {
  const classAndDay = Buffer.alloc(8);
  classAndDay.writeUInt32LE(of, 0);
  classAndDay.writeUInt32LE(day, 4);
  const signed = Buffer.alloc(8);
  signed.writeBigInt64LE(BigInt(price));
  return blake2AsHex(
    Buffer.concat([Buffer.from("gcx/index/1"), genesis, classAndDay, reporter.publicKey, signed, salt]),
  );
}

export const commit = (api: ApiPromise, of: number, day: number, quote: Quote): Promise<Outcome> =>
  submit(api.tx["index"]!["commit"]!(of, commitment(api.genesisHash.toU8a(), of, day, quote)), quote.reporter);

export const reveal = (api: ApiPromise, of: number, { reporter, price, salt }: Quote): Promise<Outcome> =>
  submit(api.tx["index"]!["reveal"]!(of, price, salt), reporter);

/** Waits for the beginning of the next day, and gives its number. */
export async function nextDay(http: string, of: number): Promise<number> {
  const { today } = await indexState(http, of);
  return until("the next day", 75, async () => {
    const state = await indexState(http, of);
    return state.today > today && state.today;
  });
}

/** Waits until reporters may reveal. */
export async function revealing(api: ApiPromise, http: string, of: number, day: number): Promise<void> {
  const length = Number(api.consts["index"]!["dayLength"]!.toString());
  const parameters = (await api.query["index"]!["parameters"]!()).toJSON() as { windows: { commit: number } };
  await until("the time to reveal", 60, async () => {
    const { now } = await indexState(http, of);
    return now >= day * length + parameters.windows.commit;
  });
}

/** One day of the index: all of them commit and reveal. Gives the fix, once it is final. */
export async function fixPrice(api: ApiPromise, http: string, of: number, quotes: Quote[]): Promise<Fix> {
  return fixOf(http, of, await reportDay(api, http, of, () => quotes));
}

/** The next day: all of them commit and reveal. Gives its number. */
async function reportDay(api: ApiPromise, http: string, of: number, quotes: () => Quote[]): Promise<number> {
  const all = async (what: string, outcomes: Promise<Outcome>[]): Promise<void> => {
    for (const { error } of await Promise.all(outcomes)) if (error) throw new Error(`${what} failed: ${error}`);
  };
  const day = await nextDay(http, of);
  const today = quotes();
  await all(
    "a commitment",
    today.map((quote) => commit(api, of, day, quote)),
  );
  await revealing(api, http, of, day);
  await all(
    "a report",
    today.map((quote) => reveal(api, of, quote)),
  );
  return day;
}

/** The fix of a day, once it is final. */
const fixOf = (http: string, of: number, day: number): Promise<Fix> =>
  until("the price to be final", 60, async () => {
    const { latest } = await indexState(http, of);
    return latest?.day === day && latest;
  });

/** Reporters at work in the background. */
export interface Reporting {
  /** The fix of the first day that was not asked for yet, once it is final. Fails if a day failed. */
  next(): Promise<Fix>;
  /** No day is begun any more; what is under way is not waited for. */
  stop(): void;
}

/** Reports every day from the next on, with the quotes of that place: the first day has place 0. They are asked for as a day begins. */
export function reportEveryDay(
  api: ApiPromise,
  http: string,
  of: number,
  quotes: (place: number) => Quote[],
): Reporting {
  const fixes: Fix[] = [];
  let [asked, stopped] = [0, false];
  let failure: unknown;
  const failed = (error: unknown) => (failure = error);
  const work = async (): Promise<void> => {
    for (let place = 0; !stopped; place++) {
      const day = await reportDay(api, http, of, () => quotes(place));
      // It is final about when the next day begins: that one does not wait for it.
      fixOf(http, of, day).then((fix) => (fixes[place] = fix), failed);
    }
  };
  work().catch(failed);
  return {
    next: async () => {
      const place = asked++;
      return until(`the fix of day ${place + 1} of the reporters' work`, 150, () => {
        if (failure) throw new Hopeless(`the reporters failed: ${String(failure)}`);
        return fixes[place];
      });
    },
    stop: () => (stopped = true),
  };
}
