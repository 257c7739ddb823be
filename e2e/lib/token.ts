/** The token from a client's side: what there is of it, what trading costs, seats, rewards. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import { rpc } from "./rpc.js";

/** An amount of the token in its smallest unit, as a decimal string. */
type Amount = string;

/** The answer of `gcx_token`. */
export interface TokenView {
  genesis: Amount;
  issued: Amount;
  /** What was burned, by what for. */
  burned: Record<"trading" | "boughtBack" | "chain" | "performance" | "seats" | "unclaimed" | "dust" | "other", Amount>;
  issuance: Amount;
  held: Amount;
  staked: Amount;
  capLeft: Amount;
  /** Of a whole token, in millionths of a dollar. */
  price: number | null;
  era: { era: number; ends: number; fees: string; best: string; growth: string };
}

/** What trading costs from a volume on, in millionths. */
export interface Tier {
  from: string;
  maker: number;
  taker: number;
}

/** The answer of `gcx_fees`. */
export interface FeesView {
  volume: string;
  tier: number;
  rates: Tier;
  next: Tier | null;
  hasSeat: boolean;
  paysInTokens: boolean;
  discount: number;
}

/** The answer of `gcx_rewards`. */
export type RewardsView = Record<"validator" | "attestor" | "operator" | "trader" | "rebate" | "cashRebate", Amount>;

/** The answer of `gcx_seats`. */
export interface SeatsView {
  count: number;
  taken: number;
  price: Amount | null;
}

export const tokenView = (http: string, at: string | null = null): Promise<TokenView> => rpc(http, "gcx_token", [at]);

export const feesView = (http: string, account: string, at: string | null = null): Promise<FeesView> =>
  rpc(http, "gcx_fees", [account, at]);

export const rewardsView = (http: string, account: string, at: string | null = null): Promise<RewardsView> =>
  rpc(http, "gcx_rewards", [account, at]);

export const seatsView = (http: string, at: string | null = null): Promise<SeatsView> => rpc(http, "gcx_seats", [at]);

/** Tokens that were burned, ever. */
export const burnedInAll = ({ burned }: TokenView): bigint =>
  Object.values(burned).reduce((sum, amount) => sum + BigInt(amount), 0n);

/** Whether what was issued less what was burned is what there is more than at first, to the unit. */
export const reconciles = (view: TokenView): boolean =>
  BigInt(view.genesis) + BigInt(view.issued) === BigInt(view.issuance) + burnedInAll(view);

/** The event of a fee that was paid in tokens. */
export interface FeePaidInTokens {
  who: string;
  fee: number | string;
  worth: number | string;
  tokens: number | string;
  guarantor: string | null;
  pool: number | string;
  rebate: number | string;
  treasury: number | string;
  rewards: number | string;
  burned: number | string;
}

type Call = SubmittableExtrinsic<"promise">;
type Calls = Record<
  | "payFeesIn"
  | "claim"
  | "claimRebate"
  | "buySeat"
  | "offerSeat"
  | "withdrawOffer"
  | "takeSeat"
  | "surrenderSeat"
  | "sellTokens",
  (...args: unknown[]) => Call
>;

export const token = (api: ApiPromise): Calls => api.tx["token"] as unknown as Calls;
