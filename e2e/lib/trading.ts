/** Trading from a client's side: contracts, venues, signed orders, fills, and what became of them. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Event } from "@polkadot/types/interfaces";
import type { Codec } from "@polkadot/types/types";
import { blake2AsHex } from "@polkadot/util-crypto";
import { all, type Outcome, submit, succeed } from "./polkadotjs.js";

export type Trade = "Buy" | "Sell";

/** What an order says, besides whose it is. The names and types are those of the chain's metadata. */
export interface OrderTerms {
  sub?: number;
  instrument: number;
  side: Trade;
  lots: number;
  /** The highest price to buy at, or the lowest to sell at, in millionths of a dollar per Compute Hour. */
  limit: number;
  /** In the smallest unit of the settlement asset. */
  maxFeePerLot: bigint;
  /** The only venue that may fill it; any, and anyone who takes it, where it is left out. */
  venue?: string;
  /** The last block in which it can be filled. */
  expires: number;
  /** Tells apart orders that say the same otherwise. */
  salt: number;
  reduceOnly?: boolean;
}

export interface SignedOrder {
  /** The hash of what the owner signed: the order's name in events and storage. */
  id: string;
  order: Codec;
  signature: Uint8Array;
}

type Call = SubmittableExtrinsic<"promise">;
type Calls = Record<"list" | "registerVenue" | "submitFills" | "take" | "cancel", (...args: unknown[]) => Call>;

const market = (api: ApiPromise): Calls => api.tx["market"] as unknown as Calls;

/** An order of `owner`, in the layout that the chain's metadata describes. */
export function makeOrder(api: ApiPromise, owner: string, terms: OrderTerms): Codec {
  const layout = api.tx["market"]!["cancel"]!.meta.args[0]!.type.toString();
  return api.registry.createType(layout, { account: owner, sub: 0, venue: null, reduceOnly: false, ...terms });
}

/** What the owner of an order signs: a domain, the chain, the order. */
export const orderPayload = (api: ApiPromise, order: Codec): Uint8Array =>
  Buffer.concat([Buffer.from("gcx/order/1"), api.genesisHash.toU8a(), order.toU8a()]);

/** What a browser wallet signs when a page asks it to sign that. */
const wrapped = (payload: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from("<Bytes>"), payload, Buffer.from("</Bytes>")]);

/** An order of `owner`, signed by `signer`: the owner itself, unless it is forged. */
export function signOrder(
  api: ApiPromise,
  owner: KeyringPair,
  terms: OrderTerms,
  { asWallet = false, signer = owner }: { asWallet?: boolean; signer?: KeyringPair } = {},
): SignedOrder {
  const order = makeOrder(api, owner.address, terms);
  const payload = orderPayload(api, order);
  // With the type in front, so that the chain knows the scheme.
  const signature = signer.sign(asWallet ? wrapped(payload) : payload, { withType: true });
  return { id: blake2AsHex(payload), order, signature };
}

/** The quality of a resource, an axis each. */
export interface Grade {
  performance: "A" | "B" | "C" | "D";
  reliability: "First" | "Second" | "Third" | "Fourth";
  energy: "X" | "Y" | "Z";
}

/** What everything that has a grade meets. */
export const LOWEST_GRADE: Grade = { performance: "D", reliability: "Fourth", energy: "Z" };

/** A contract's terms. Times are milliseconds since the Unix epoch, rates parts per million. */
export interface ContractTerms {
  instrument: {
    class: number;
    grades: number;
    multiplier: number;
    priceBand: number;
    markBand: number;
    maxAccountLots: number;
    maxOwnerLots: number;
  };
  settlement: "Cash" | { Physical: { floor: Grade; version: number } };
  delivery: { first: number; last: number };
  opens: number;
  reduceOnlyFrom: number;
  expires: number;
}

/** Compute Hours in a lot of the contracts of tests. */
export const MULTIPLIER = 100;

/**
 * A contract on a class that opens now, trades for 600 days of a test chain, which are minutes, and is about the 30 days
 * after that.
 */
export function monthOf(of: number, now: number): ContractTerms {
  const day = 60_000;
  const expires = now + 600 * day;
  const first = Math.ceil(expires / day);
  return {
    instrument: {
      class: of,
      grades: 0,
      multiplier: MULTIPLIER,
      priceBand: 100_000,
      markBand: 200_000,
      maxAccountLots: 10_000,
      maxOwnerLots: 20_000,
    },
    settlement: "Cash",
    delivery: { first, last: first + 29 },
    opens: now,
    reduceOnlyFrom: expires - 10 * day,
    expires,
  };
}

/**
 * A contract on a class that opens now and is paid out at the mean of the fixes of so many days, the first of them tomorrow. It
 * trades until the last begins.
 */
export function shortMonth(of: number, now: number, days: number): ContractTerms {
  const day = 60_000;
  const today = Math.floor(now / day);
  const expires = (today + days) * day;
  return {
    ...monthOf(of, now),
    delivery: { first: today + 1, last: today + days },
    reduceOnlyFrom: expires,
    expires,
  };
}

/**
 * A contract on a class that opens now, expires when the day after tomorrow begins, and is delivered on so many days, the first of them
 * as soon after that as there may be.
 */
export function physicalDays(of: number, now: number, multiplier: number, days: number): ContractTerms {
  const day = 60_000;
  const expiry = Math.floor(now / day) + 2;
  const first = expiry + 3;
  const month = monthOf(of, now);
  return {
    ...month,
    instrument: { ...month.instrument, multiplier },
    settlement: { Physical: { floor: LOWEST_GRADE, version: 1 } },
    delivery: { first, last: first + days - 1 },
    reduceOnlyFrom: expiry * day,
    expires: expiry * day,
  };
}

/** Governance, which is `sudo` here, lists a contract. Gives its number. */
export async function listContract(
  api: ApiPromise,
  sudo: KeyringPair,
  terms: ContractTerms,
  firstSettlement: number,
): Promise<number> {
  const list = market(api).list(terms, firstSettlement);
  const { events } = await succeed(api.tx["sudo"]!["sudo"]!(list), sudo);
  // `sudo` itself succeeds even where the call within fails: the event tells.
  const [listed] = all<{ instrument: number }>(events, "market", "Listed");
  if (!listed) throw new Error(`the contract was not listed: ${events.map(({ method }) => method)}`);
  return listed.instrument;
}

export const registerVenue = (api: ApiPromise, venue: KeyringPair, bond: bigint): Promise<Outcome> =>
  succeed(market(api).registerVenue(bond), venue);

/** Two orders that a venue brought together, as their places in the list that it submits. */
export interface Fill {
  maker: number;
  taker: number;
  lots: number;
  price: number;
}

/** What a trade left a party with. */
export interface PartyAfter {
  lots: number;
  booked: bigint;
  fee: bigint;
  cash: bigint;
}

/** An order after a fill. */
export interface FilledOrder {
  order: string;
  lots: number;
  filled: number;
}

/** The event of a fill. */
export interface Filled {
  instrument: number;
  lots: number;
  price: number;
  venue: string | null;
  makerSide: Trade;
  maker: FilledOrder;
  taker: FilledOrder | null;
  buyer: { owner: string; sub: number };
  seller: { owner: string; sub: number };
  receipt: { buyer: PartyAfter; seller: PartyAfter };
}

/** What became of a batch of fills, or of an order that was taken. */
export interface Traded extends Outcome {
  filled: Filled[];
  refused: { index: number; reason: unknown }[];
}

/** A venue fills orders. */
export const submitFills = (
  api: ApiPromise,
  venue: KeyringPair,
  orders: SignedOrder[],
  fills: Fill[],
): Promise<Traded> => traded(market(api).submitFills(orders.map(asArgument), fills), venue);

/** Anyone trades against an order that names no venue. */
export const take = (
  api: ApiPromise,
  taker: KeyringPair,
  order: SignedOrder,
  lots: number,
  maxFee: bigint,
): Promise<Traded> => traded(market(api).take(asArgument(order), 0, lots, maxFee), taker);

/** The owner takes an order back. */
export const cancel = (api: ApiPromise, owner: KeyringPair, { order }: SignedOrder): Promise<Outcome> =>
  submit(market(api).cancel(order), owner);

const asArgument = ({ order, signature }: SignedOrder) => ({ order, signature });

async function traded(call: Call, signer: KeyringPair): Promise<Traded> {
  const outcome = await submit(call, signer);
  return {
    ...outcome,
    filled: fillsIn(outcome.events),
    refused: all(outcome.events, "market", "FillRefused"),
  };
}

/** The fills among events. */
export function fillsIn(events: Event[]): Filled[] {
  type Raw = Record<keyof PartyAfter, number | string>;
  const exact = ({ lots, booked, fee, cash }: Raw): PartyAfter => ({
    lots: Number(lots),
    booked: BigInt(booked),
    fee: BigInt(fee),
    cash: BigInt(cash),
  });
  return all<Filled & { receipt: { buyer: Raw; seller: Raw } }>(events, "market", "Filled").map((filled) => ({
    ...filled,
    receipt: { buyer: exact(filled.receipt.buyer), seller: exact(filled.receipt.seller) },
  }));
}
