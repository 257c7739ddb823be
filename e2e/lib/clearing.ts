/** The clearing house from a client's side: what JSON-RPC answers, settlement runs, and the books of every segment. */

import type { ApiPromise } from "@polkadot/api";
import { blake2AsU8a, encodeAddress } from "@polkadot/util-crypto";
import { SS58_FORMAT } from "./accounts.js";
import { TUSD } from "./money.js";
import { all, finalBlocks } from "./polkadotjs.js";
import { rpc } from "./rpc.js";

/** An amount in the smallest unit of the settlement asset, as a decimal string: numbers of JSON are not exact enough. */
type Cash = string;

export type Side = "Customers" | "House";

export interface Margin {
  equity: Cash;
  initialMargin: Cash;
  maintenanceMargin: Cash;
  scan: Cash;
  spread: Cash;
  concentration: Cash;
  delivery: Cash;
}

/** The answer of `gcx_account`. Prices are in millionths of a dollar per Compute Hour. */
export interface AccountView {
  guarantor: string;
  side: Side;
  cash: Cash;
  unpaid: Cash;
  margin: Margin;
  withdrawable: Cash;
  reduceOnly: boolean;
  collateral: { collateral: number; amount: string; value: Cash }[];
  positions: { instrument: number; lots: number; settlement: number; mark: number | null; unrealised: Cash }[];
}

/** The answer of `gcx_marginPreview`. */
export type Preview = { allowed: { before: Margin; after: Margin } } | { refused: unknown };

/** One of the answers of `gcx_instruments`. */
export interface InstrumentView {
  instrument: number;
  terms: { class: number; multiplier: number; priceBand: number; markBand: number };
  settlement: number;
  settled: number;
  mark: number | null;
  lowest: number;
  highest: number;
  scanRange: number;
  openInterest: number;
  /** What is known of the mean that it is paid out at; null before the first of its days. */
  average: { sum: string; fixed: number; remaining: number } | null;
  quarantined: boolean;
  /** What the market says of it. Times are milliseconds since the Unix epoch. */
  contract: {
    state: string;
    settlement: "Cash" | { Physical: { floor: unknown; version: number } };
    delivery: { first: number; last: number };
    opens: number;
    reduceOnlyFrom: number;
    expires: number;
    /** How far it is from its final price: so many days more count, nobody knows, or this is it. */
    finalPrice: { Awaited: { extended: number } } | "Undecided" | { Known: number };
  } | null;
}

export interface SegmentView {
  custody: Cash;
  net: Cash;
  fees: Cash;
  /** For liquidations and deliveries, not collected yet. */
  penalties: Cash;
  advances: Cash;
  owed: Cash;
  positions: [instrument: number, lots: number][];
}

/** The answer of `gcx_guarantor`. */
export interface GuarantorView {
  state: string;
  customers: number;
  houseAccount: Margin | null;
  customerSegment: SegmentView;
  houseSegment: SegmentView;
  marginCall: Cash | null;
  marginCallDeadline: number | null;
}

// Each at the block `at`, or at the best one.

export const accountView = (http: string, owner: string, at: string | null = null, sub = 0): Promise<AccountView> =>
  rpc(http, "gcx_account", [owner, sub, at]);

/** Lots are negative to sell. */
export const marginPreview = (
  http: string,
  owner: string,
  instrument: number,
  lots: number,
  price: number,
  at: string | null = null,
): Promise<Preview> => rpc(http, "gcx_marginPreview", [owner, 0, instrument, lots, price, at]);

export const instrumentViews = (http: string, at: string | null = null): Promise<InstrumentView[]> =>
  rpc(http, "gcx_instruments", [at]);

export const guarantorView = (http: string, guarantor: string, at: string | null = null): Promise<GuarantorView> =>
  rpc(http, "gcx_guarantor", [guarantor, at]);

/** What became of a segment in a settlement run. */
export interface SegmentSettled {
  guarantor: string;
  side: Side;
  /** What it had to receive, or to pay if negative. */
  due: bigint;
  moved: bigint;
  owed: bigint;
  custody: bigint;
}

/** A settlement run, as its events tell it. */
export interface Run {
  run: number;
  /** The block in which it was settled, and the one before. */
  hash: string;
  parent: string;
  prices: { instrument: number; before: number; price: number; hasMark: boolean; fraction: number }[];
  segments: SegmentSettled[];
  fees: { guarantor: string; side: Side; amount: bigint }[];
}

/** Every settlement run from the block `from` on, once it is final. Without end: the caller bounds each wait. */
export async function* settlementRuns(api: ApiPromise, from: number): AsyncGenerator<Run, never> {
  type Raw<T> = { [name in keyof T]: T[name] extends bigint ? number | string : T[name] };
  let prices: Run["prices"] = [];
  for await (const { hash, parent, events } of finalBlocks(api, from)) {
    prices.push(...all<Run["prices"][number]>(events, "clearing", "Priced"));
    for (const { run } of all<{ run: number }>(events, "clearing", "RunSettled")) {
      const segments = all<Raw<SegmentSettled>>(events, "clearing", "SegmentSettled").map(
        ({ guarantor, side, due, moved, owed, custody }) => ({
          guarantor,
          side,
          due: BigInt(due),
          moved: BigInt(moved),
          owed: BigInt(owed),
          custody: BigInt(custody),
        }),
      );
      const fees = all<Raw<Run["fees"][number]>>(events, "clearing", "FeesCollected").map(
        ({ guarantor, side, amount }) => ({ guarantor, side, amount: BigInt(amount) }),
      );
      yield { run, hash, parent, prices, segments, fees };
      prices = [];
    }
  }
  throw new Error("final blocks came to an end");
}

/** The books of one segment, with every account and position settled up to the last run. */
export interface SegmentBooks {
  guarantor: string;
  side: Side;
  /** The cash of all its accounts. */
  cash: bigint;
  /** Fees of trades that were not collected yet. */
  fees: bigint;
  /** What its accounts owe the pool for liquidations and deliveries, not collected yet. */
  penalties: bigint;
  /** What of it is in escrow. */
  escrow: bigint;
  /** What it got of its guarantor's other segment, or gave if negative. */
  advances: bigint;
  /** What the insurance pool lent it. */
  borrowed: bigint;
  /** What its ledger says its custody account holds. */
  custody: bigint;
  /** N: what other segments owe it. */
  net: bigint;
  /** What the custody account holds indeed, without its minimum balance. */
  held: bigint;
}

/** The books of all segments at a block, from the chain's storage and `gcx_account`. */
export async function allBooks(api: ApiPromise, http: string, hash: string): Promise<SegmentBooks[]> {
  const { query } = await api.at(hash);
  const clearing = query["clearing"]!;
  const prices = new Map((await instrumentViews(http, hash)).map((view) => [view.instrument, view]));
  const { minBalance } = (await query["assets"]!["asset"]!(TUSD)).toPrimitive() as { minBalance: number };

  const accounts = await Promise.all(
    (await clearing["accounts"]!.keys()).map(({ args: [owner, sub] }) =>
      accountView(http, owner!.toString(), hash, Number(sub!.toString())),
    ),
  );
  const positions = (await clearing["segmentPositions"]!.entries()).map(([key, held]) => ({
    instrument: Number(key.args[0]!.toString()),
    segment: key.args[1]!.toHex(),
    ...(held.toPrimitive() as { lots: number; basis: number }),
  }));
  return Promise.all(
    (await clearing["ledgers"]!.entries()).map(async ([key, value]) => {
      const segment = key.args[0]!;
      const { guarantor, side } = segment.toPrimitive() as { guarantor: string; side: Side };
      const ledger = value.toPrimitive() as Record<
        "custody" | "net" | "fees" | "penalties" | "escrow" | "received" | "given" | "borrowed",
        number | string
      >;
      const mine = accounts.filter((account) => account.guarantor === guarantor && account.side === side);
      // What its positions gained since its ledger was last touched is in its accounts' cash already.
      const unbooked = positions
        .filter((held) => held.segment === segment.toHex())
        .map(({ instrument, lots, basis }) => {
          const { settlement, terms } = prices.get(instrument)!;
          return BigInt(lots) * BigInt(terms.multiplier) * BigInt(settlement - basis);
        });
      // Its custody account's id is a hash: nobody has the key.
      const custody = blake2AsU8a(Buffer.concat([Buffer.from("gcx/custody/1"), segment.toU8a()]));
      const held = (await query["assets"]!["account"]!(TUSD, encodeAddress(custody, SS58_FORMAT))).toPrimitive() as {
        balance: number;
      } | null;
      return {
        guarantor,
        side,
        cash: sum(mine.map(({ cash }) => BigInt(cash))),
        fees: BigInt(ledger.fees),
        penalties: BigInt(ledger.penalties),
        escrow: BigInt(ledger.escrow),
        advances: BigInt(ledger.received) - BigInt(ledger.given),
        borrowed: BigInt(ledger.borrowed),
        custody: BigInt(ledger.custody),
        net: BigInt(ledger.net) + sum(unbooked),
        held: BigInt(held?.balance ?? 0) - BigInt(minBalance),
      };
    }),
  );
}

/** The keyless accounts that fees and penalties go to: the insurance pool's, the pot of fees that wait, and the treasury's. */
const COLLECTORS = ["pool", "tokn", "trsy"];

/** What those have got of the settlement asset since the first block: what was collected, if none of it was spent. */
export async function collected(api: ApiPromise, hash: string): Promise<bigint> {
  const [now, then] = await Promise.all([hash, api.genesisHash.toHex()].map((at) => collectorsHave(api, at)));
  return now! - then!;
}

/** What is on those accounts. A chain begins with skin in the game and minimum balances there. */
export async function collectorsHave(api: ApiPromise, hash: string): Promise<bigint> {
  const { query } = await api.at(hash);
  const balances = COLLECTORS.map(async (name) => {
    const keyless = encodeAddress(Buffer.from(`modlgcx/${name}`.padEnd(32, "\0")), SS58_FORMAT);
    const entry = await query["assets"]!["account"]!(TUSD, keyless);
    return BigInt((entry.toPrimitive() as { balance: number } | null)?.balance ?? 0);
  });
  return sum(await Promise.all(balances));
}

/** What is wrong with the books of all segments, in words; nothing if they reconcile. */
export function discrepancies(books: SegmentBooks[]): string[] {
  const wrong: string[] = [];
  for (const { guarantor, side, cash, fees, penalties, escrow, advances, borrowed, custody, net, held } of books) {
    const name = `${guarantor} ${side}`;
    const has = cash + advances + borrowed + fees + penalties + escrow;
    if (has !== custody + net) wrong.push(`${name}: cash, fees, penalties and escrow are not custody and N`);
    if (held !== custody) wrong.push(`${name}: its custody account holds ${held}, not ${custody}`);
  }
  if (sum(books.map(({ net }) => net)) !== 0n) wrong.push("N is not zero in sum");
  if (sum(books.map(({ advances }) => advances)) !== 0n) wrong.push("advances are not zero in sum");
  return wrong;
}

export const sum = (amounts: bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
