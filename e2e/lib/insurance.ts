/** The insurance pool, liquidations and defaults from a client's side: what JSON-RPC answers, what is signed, what events say. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Event } from "@polkadot/types/interfaces";
import { all, type Outcome, submit } from "./polkadotjs.js";
import { rpc } from "./rpc.js";

/** An amount in the smallest unit of the settlement asset, as a decimal string: numbers of JSON are not exact enough. */
type Cash = string;

/** How far a default is worked out. */
export type DefaultStage =
  { Porting: { until: number } } | "CloseOut" | { Auction: { since: number } } | { Waterfall: string } | "Settled";

/** How far a guarantor relies on the pool. */
export interface PoolGuarantorView {
  guarantor: string;
  contribution: Cash;
  required: Cash;
  stress: Cash;
  need: Cash;
  poolUse: string;
  lent: Cash;
}

/** The answer of `gcx_pool`. */
export interface PoolView {
  size: Cash;
  skin: Cash;
  contributions: Cash;
  outside: Cash;
  lent: Cash;
  requirement: Cash;
  isCalm: boolean;
  guarantors: PoolGuarantorView[];
  defaults: { guarantor: string; stage: DefaultStage; loss: Cash; taken: Cash }[];
}

/** One of the answers of `gcx_liquidatable`. Times are milliseconds since the Unix epoch. */
export interface LiquidationView {
  owner: string;
  sub: number;
  guarantor: string;
  equity: Cash;
  maintenance: Cash;
  initial: Cash;
  since: number | null;
  isDue: boolean;
  lots: [instrument: number, lots: number][];
  collateral: [collateral: number, amount: string] | null;
}

// Each at the block `at`, or at the best one.

export const poolView = (http: string, at: string | null = null): Promise<PoolView> => rpc(http, "gcx_pool", [at]);

export const liquidatable = (http: string, at: string | null = null): Promise<LiquidationView[]> =>
  rpc(http, "gcx_liquidatable", [null, at]);

/** The stage of a guarantor's default, at the best block; nothing if it is not in default. */
export async function stageOf(http: string, guarantor: string): Promise<string | undefined> {
  const found = (await poolView(http)).defaults.find((failure) => failure.guarantor === guarantor);
  return found && nameOf(found.stage);
}

/** A stage without its figures. */
const nameOf = (stage: DefaultStage): string => (typeof stage === "string" ? stage : Object.keys(stage)[0]!);

type Call = SubmittableExtrinsic<"promise">;
type Calls = Record<string, (...args: unknown[]) => Call>;

/** The calls of the pool. Amounts are in the smallest unit of the settlement asset. */
export const insurance = (api: ApiPromise): Calls => api.tx["insurance"] as unknown as Calls;

/** All of what is offered, in parts per million. */
const WHOLE = 1_000_000;

/** Takes all that is offered of an owner's first account into the first account of `taker`, at whatever discount there is. */
export const bid = (api: ApiPromise, taker: KeyringPair, owner: string): Promise<Outcome> =>
  submit(api.tx["clearing"]!["bid"]!(0, owner, 0, WHOLE, 0), taker);

/** What a layer gave to a loss. */
export interface Layer {
  guarantor: string;
  layer: string;
  had: bigint;
  took: bigint;
  left: bigint;
  unpaid: bigint;
}

/** What layers gave, as events tell it, in their order. */
export function layersIn(events: Event[]): Layer[] {
  type Raw = Record<"had" | "took" | "left" | "unpaid", number | string> & { guarantor: string; layer: string };
  return all<Raw>(events, "clearing", "LayerTaken").map(({ guarantor, layer, had, took, left, unpaid }) => ({
    guarantor,
    layer,
    had: BigInt(had),
    took: BigInt(took),
    left: BigInt(left),
    unpaid: BigInt(unpaid),
  }));
}
