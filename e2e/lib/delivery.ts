/** Physical delivery from a client's side: what is delivered, deals and their windows, and the calls. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import { gcx } from "./money.js";
import { rpc } from "./rpc.js";
import type { Trade } from "./trading.js";

/** Millionths of a Compute Hour, or money in its smallest unit, as a decimal string. */
type Amount = string;

/** The answer of `gcx_delivery`. */
export interface DeliveryView {
  instrument: number;
  class: number;
  version: number;
  days: { first: number; last: number };
  multiplier: number;
  price: number;
  value: Amount;
  openInterest: number;
  takenLong: number;
  takenShort: number;
  stage: { stage: "nominating"; until: number } | { stage: "matching" | "delivering" | "closing" };
  deals: number;
  delivered: Amount;
  compensated: Amount;
  released: Amount;
  escrowed: Amount;
  paid: Amount;
  returned: Amount;
  forfeited: Amount;
}

export interface WindowView {
  day: number;
  opens: number;
  closes: number;
  quantity: Amount;
  due: Amount;
  available: Amount | null;
  vouchered: Amount;
  objection: { bond: Amount; least: Amount; verdict: unknown } | null;
}

/** The answer of `gcx_deal`. */
export interface DealView {
  deal: number;
  instrument: number;
  buyer: { owner: string; sub: number };
  seller: { owner: string; sub: number };
  lots: number;
  backing: { backing: "resource"; resource: number } | { backing: "sold" | "deposit" };
  key: string | null;
  endpoint: string | null;
  days: { first: number; last: number };
  escrow: Amount;
  deposit: Amount;
  agreed: Trade | null;
  windows: WindowView[];
}

/** The answer of `gcx_deliveryPosition`. Lots of a short position are negative; there are none before the contract's end. */
export interface DeliveryPositionView {
  lots: number;
  left: number;
  escrow: Amount;
  covered: number;
  nominated: number;
  region: number | null;
  key: string | null;
  endpoint: string | null;
  deals: number;
}

// Each at the block `at`, or at the best one.

export const deliveryViews = (http: string, at: string | null = null): Promise<DeliveryView[]> =>
  rpc(http, "gcx_deliveries", [at]);

export const deliveryView = (http: string, instrument: number, at: string | null = null): Promise<DeliveryView> =>
  rpc(http, "gcx_delivery", [instrument, at]);

export const dealView = (http: string, deal: number, at: string | null = null): Promise<DealView> =>
  rpc(http, "gcx_deal", [deal, at]);

/** What an account has in a delivery, or set aside for it before; null if it has neither. */
export const deliveryPosition = (
  http: string,
  owner: string,
  instrument: number,
  at: string | null = null,
): Promise<DeliveryPositionView | null> => rpc(http, "gcx_deliveryPosition", [owner, 0, instrument, at]);

/** The open deals of a margin account. */
export const dealsOf = (http: string, owner: string, sub = 0, at: string | null = null): Promise<DealView[]> =>
  rpc(http, "gcx_deals", [owner, sub, at]);

type Calls = Record<string, (...args: unknown[]) => SubmittableExtrinsic<"promise">>;

/** The calls of sellers, their agents, and buyers. */
export const delivery = (api: ApiPromise): Calls => api.tx["delivery"] as unknown as Calls;

/**
 * A class of its own for deliveries on test chains: an hour of a device that solves half a million operations a second, as machines of
 * fifty years ago did. An agent that solves a system of order 512 within a few slots delivers some hundreds of such hours a day.
 */
export const VINTAGE = 4;
/** What its reference device does in a second, where nothing else is said. */
const VINTAGE_RATE = 500_000;

/** What governance decides for that class: it is admitted, with the stake that is at risk for an hour, and the index follows it. */
export function admitVintage(
  { tx }: ApiPromise,
  { lossPerHour = gcx(1n), rate = VINTAGE_RATE } = {},
): SubmittableExtrinsic<"promise"> {
  const metric = { metric: "Hpl", value: rate, weight: 1_000_000, floor: 100_000 };
  const system = { metrics: [metric], milliwatts: 100_000 };
  return tx["utility"]!["batchAll"]!([
    tx["compute"]!["admitClass"]!(VINTAGE, "VINTAGE", system, "Hpl", lossPerHour),
    tx["index"]!["setClass"]!(VINTAGE, 10_000),
  ]);
}
