import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import {
  accountView,
  allBooks,
  collected,
  discrepancies,
  guarantorView,
  instrumentViews,
  type InstrumentView,
  marginPreview,
  type Run,
  settlementRuns,
  sum,
} from "../lib/clearing.js";
import { becomeCustomers, becomeGuarantors, fund, HOUSE_FUNDS, LIMITS } from "../lib/guarantor.js";
import { gcx, tusd } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { all, connect, submit, succeed } from "../lib/polkadotjs.js";
import { CLASSES, indexState, quote, reportEveryDay, type Reporting, reporters } from "../lib/reporting.js";
import {
  cancel,
  type Filled,
  listContract,
  monthOf,
  MULTIPLIER,
  type OrderTerms,
  registerVenue,
  signOrder,
  type SignedOrder,
  submitFills,
  take,
} from "../lib/trading.js";
import { within } from "../lib/wait.js";

// These tests have a chain of their own: they count all custody there is, and wait for days and settlement runs. They
// build on each other, as a trading day does.
let node: Node;
let api: ApiPromise;
let reporting: Reporting;
let runs: AsyncGenerator<Run, never>;

const sudo = account("//Alice");
const [first, second, venue] = [freshAccount(), freshAccount(), freshAccount()];
const [buyer, seller] = [freshAccount(), freshAccount("ed25519")];

/** Prices of the days of the index, over and over: each differs from the one before. */
const PRICES = [2_500_000, 2_550_000, 2_470_000, 2_530_000];
/** What each customer pays in. */
const PAID_IN = tusd(5_000n);
/** The contract's first settlement price. */
const LISTED_AT = 2_500_000;
const instrument = 0;
/** The number that GCX has as collateral. */
const GCX_COLLATERAL = 0;
/** The trades that were filled, in their order. */
const fills: Filled[] = [];

beforeAll(async () => {
  node = await startDevelopmentNode({ chain: inject("chain") });
  api = await connect(node.ws);
  runs = settlementRuns(api, 1);
  const quotes = (place: number) =>
    reporters().map((reporter, index) => quote(reporter, PRICES[place % PRICES.length]! + (index - 1) * 10_000));
  reporting = reportEveryDay(api, node.http, CLASSES.aiInfer, quotes);

  await fund(api, account("//Alice//stash"), sudo, [first, second, venue, buyer, seller]);
  await Promise.all([becomeGuarantors(api, sudo, [first, second]), registerVenue(api, venue, gcx(10_000n))]);
  const { now } = await indexState(node.http, CLASSES.aiInfer);
  const [listed] = await Promise.all([
    listContract(api, sudo, monthOf(CLASSES.aiInfer, now), LISTED_AT),
    becomeCustomers(api, first, [buyer]),
    becomeCustomers(api, second, [seller]),
  ]);
  expect(listed).toBe(instrument);
  const deposit = () => api.tx["clearing"]!["deposit"]!(0, PAID_IN);
  await Promise.all([buyer, seller].map((customer) => succeed(deposit(), customer)));
  await reporting.next();
}, 300_000);

afterAll(async () => {
  reporting?.stop();
  await api?.disconnect();
  await node?.end();
});

/** What the tests compute by hand, in the smallest unit of the settlement asset. */
const ceilDiv = (amount: bigint, by: bigint): bigint => (amount + by - 1n) / by;
const value = (lots: number, price: number): bigint => BigInt(lots) * BigInt(MULTIPLIER) * BigInt(price);
/** Two hundredths of a per cent of the value, rounded up. */
const feeOf = (lots: number, price: number): bigint => ceilDiv(value(lots, price) * 200n, 1_000_000n);
/** Lots at the scan range, times the guarantor's multiplier. */
const initialMargin = (lots: number, range: number): bigint =>
  ceilDiv(value(lots, range) * BigInt(LIMITS.marginMultiplier), 1_000_000n);

let salt = 0;
/** An order of a customer for the contract, at a limit that is no limit. */
function order(side: "Buy" | "Sell", lots: number, more: Partial<OrderTerms> = {}): OrderTerms {
  const limit = side === "Buy" ? 2_600_000 : 2_400_000;
  return { instrument, side, lots, limit, maxFeePerLot: tusd(1n), expires: 100_000, salt: salt++, ...more };
}

/** The best block, so that several questions are about one state. */
const head = async (): Promise<string> => (await api.rpc.chain.getBlockHash()).toHex();
const view = (of: { address: string }, at?: string) => accountView(node.http, of.address, at);
/** The contract as it was at a block, with a mark. */
async function contractAt(at: string): Promise<InstrumentView & { mark: number }> {
  const [listed, ...others] = await instrumentViews(node.http, at);
  expect(others).toEqual([]);
  expect(listed).toMatchObject({ instrument, mark: expect.any(Number) });
  return listed as InstrumentView & { mark: number };
}

describe("a listed contract", () => {
  test("has_the_mark_bands_and_scan_range_that_follow_from_the_index", async () => {
    const at = await head();
    const { latest, statistics } = await indexState(node.http, CLASSES.aiInfer, at);
    const mark = latest!.price;
    const size = Math.max(mark, statistics!.meanSize);
    expect(await contractAt(at)).toMatchObject({
      mark,
      // A tenth of the mark to each side, and a fifth of its size, up to a multiple of 300.
      lowest: mark - Math.floor(mark / 10),
      highest: mark + Math.floor(mark / 10),
      scanRange: Math.ceil((size * 200_000) / 1_000_000 / 300) * 300,
      openInterest: 0,
      quarantined: false,
      contract: { state: "Trading", settlement: "Cash" },
    });
  });

  test("margin_preview_says_what_a_trade_needs_or_why_it_is_refused", async () => {
    const at = await head();
    const { mark, scanRange } = await contractAt(at);
    const preview = (lots: number, price = mark) =>
      marginPreview(node.http, buyer.address, instrument, lots, price, at);
    const equity = PAID_IN - feeOf(10, mark);
    expect(await preview(10)).toMatchObject({
      allowed: {
        before: { equity: `${PAID_IN}`, initialMargin: "0", maintenanceMargin: "0" },
        after: {
          equity: `${equity}`,
          scan: `${value(10, scanRange)}`,
          initialMargin: `${initialMargin(10, scanRange)}`,
          maintenanceMargin: `${ceilDiv(value(10, scanRange) * 3n, 4n)}`,
        },
      },
    });
    expect(await preview(-100)).toEqual({
      refused: {
        insufficientMargin: { had: `${PAID_IN - feeOf(100, mark)}`, needed: `${initialMargin(100, scanRange)}` },
      },
    });
    const highest = mark + Math.floor(mark / 10);
    expect(await preview(1, highest + 1)).toEqual({
      refused: { priceOutsideBand: { lowest: mark - Math.floor(mark / 10), highest } },
    });
    expect(await preview(1)).toEqual({
      refused: { belowMinimumMargin: { had: `${value(1, scanRange)}`, needed: `${tusd(100n)}` } },
    });
  });
});

// Both customers' orders, each signed in another way.
let bid: SignedOrder, ask: SignedOrder, venueBid: SignedOrder, venueAsk: SignedOrder, offered: SignedOrder;

describe("fills of a venue", () => {
  test("good_fills_are_taken_and_bad_ones_are_reported_with_their_figures", async () => {
    bid = signOrder(api, buyer, order("Buy", 10));
    ask = signOrder(api, seller, order("Sell", 10), { asWallet: true });
    venueBid = signOrder(api, buyer, order("Buy", 5, { venue: venue.address }), { asWallet: true });
    venueAsk = signOrder(api, seller, order("Sell", 5, { venue: venue.address }));
    const [manyBid, manyAsk] = [signOrder(api, buyer, order("Buy", 94)), signOrder(api, seller, order("Sell", 94))];

    const { error, filled, refused, block } = await submitFills(
      api,
      venue,
      [bid, ask, venueBid, venueAsk, manyBid, manyAsk],
      [
        { maker: 0, taker: 1, lots: 6, price: 2_510_000 },
        { maker: 0, taker: 1, lots: 4, price: 2_600_001 },
        { maker: 4, taker: 5, lots: 94, price: 2_500_000 },
        { maker: 3, taker: 2, lots: 5, price: 2_490_000 },
      ],
    );

    expect(error).toBeUndefined();
    const { mark, scanRange, settlement } = await contractAt(block);
    // At mark, with the first fill, which was good.
    const fees = feeOf(6, 2_510_000) + feeOf(94, 2_500_000);
    const had = PAID_IN + value(6, mark - 2_510_000) + value(94, mark - 2_500_000) - fees;
    const needed = initialMargin(100, scanRange);
    expect(refused).toEqual([
      {
        index: 1,
        reason: { order: { role: "Maker", reason: { priceBeyondLimit: { limit: 2_600_000, price: 2_600_001 } } } },
      },
      {
        index: 2,
        reason: {
          clearing: { party: "Buy", reason: { insufficientMargin: { had: Number(had), needed: Number(needed) } } },
        },
      },
    ]);

    fills.push(...filled);
    const common = { instrument, venue: venue.address };
    const parties = { buyer: { owner: buyer.address, sub: 0 }, seller: { owner: seller.address, sub: 0 } };
    expect(filled).toMatchObject([
      {
        ...common,
        ...parties,
        lots: 6,
        price: 2_510_000,
        makerSide: "Buy",
        maker: { order: bid.id, lots: 10, filled: 6 },
        taker: { order: ask.id, lots: 10, filled: 6 },
      },
      {
        ...common,
        ...parties,
        lots: 5,
        price: 2_490_000,
        makerSide: "Sell",
        maker: { order: venueAsk.id, lots: 5, filled: 5 },
        taker: { order: venueBid.id, lots: 5, filled: 5 },
      },
    ]);
    for (const { lots, price, receipt } of filled) {
      expect(receipt.buyer.booked).toBe(value(lots, settlement - price));
      expect(receipt.seller.booked).toBe(-receipt.buyer.booked);
      expect([receipt.buyer.fee, receipt.seller.fee]).toEqual([feeOf(lots, price), feeOf(lots, price)]);
    }
    const [one, two] = filled.map(({ receipt }) => receipt);
    expect(one!.buyer.cash).toBe(PAID_IN + one!.buyer.booked - one!.buyer.fee);
    expect(two!.buyer.cash).toBe(one!.buyer.cash + two!.buyer.booked - two!.buyer.fee);
    expect([two!.buyer.lots, two!.seller.lots]).toEqual([11, -11]);
  });

  test("order_is_taken_by_anyone_or_cancelled_by_its_owner_and_nothing_is_filled_twice", async () => {
    offered = signOrder(api, seller, order("Sell", 3));
    const [taken, cancelled, replayed] = await Promise.all([
      take(api, buyer, offered, 3, tusd(1n)),
      cancel(api, seller, ask),
      submitFills(api, venue, [venueBid, venueAsk], [{ maker: 0, taker: 1, lots: 5, price: 2_500_000 }]),
    ]);
    expect(taken.error).toBeUndefined();
    expect(taken.filled).toMatchObject([
      {
        lots: 3,
        // The order's limit.
        price: 2_400_000,
        venue: null,
        makerSide: "Sell",
        maker: { order: offered.id, lots: 3, filled: 3 },
        taker: null,
        receipt: { buyer: { lots: 14, fee: feeOf(3, 2_400_000) }, seller: { lots: -14 } },
      },
    ]);
    fills.push(...taken.filled);
    expect(BigInt((await view(buyer, taken.block)).cash)).toBe(taken.filled[0]!.receipt.buyer.cash);
    expect(BigInt((await view(seller, taken.block)).cash)).toBe(taken.filled[0]!.receipt.seller.cash);
    expect(cancelled.error).toBeUndefined();
    expect(all(cancelled.events, "market", "Cancelled")).toEqual([
      { order: ask.id, account: { owner: seller.address, sub: 0 }, instrument, lots: 10, filled: 6 },
    ]);
    expect(replayed.filled).toEqual([]);
    expect(replayed.refused).toEqual([
      { index: 0, reason: { order: { role: "Maker", reason: { tooFewLots: { had: 0, needed: 5 } } } } },
    ]);
  });

  test("cancelled_forged_and_anothers_order_is_refused", async () => {
    const forged = signOrder(api, buyer, order("Buy", 4), { signer: seller });
    const forVenue = signOrder(api, seller, order("Sell", 4, { venue: venue.address }));
    const [batch, again, notTaken] = await Promise.all([
      submitFills(
        api,
        venue,
        [bid, ask, forged],
        [
          { maker: 0, taker: 1, lots: 4, price: 2_500_000 },
          { maker: 2, taker: 1, lots: 4, price: 2_500_000 },
          { maker: 0, taker: 3, lots: 4, price: 2_500_000 },
        ],
      ),
      cancel(api, seller, ask),
      take(api, buyer, forVenue, 4, tusd(1n)),
    ]);
    expect(batch.refused).toEqual([
      { index: 0, reason: { order: { role: "Taker", reason: { cancelled: null } } } },
      { index: 1, reason: { order: { role: "Maker", reason: { badSignature: null } } } },
      { index: 2, reason: { noSuchOrder: { place: 3, orders: 3 } } },
    ]);
    expect(again.error).toBe("market.OrderCancelled");
    expect(notTaken.error).toBe("market.OtherVenue");
  });
});

describe("accounts", () => {
  test("account_has_what_the_fills_left_and_needs_what_its_lots_require", async () => {
    const at = await head();
    const { mark, scanRange, settlement, openInterest } = await contractAt(at);
    expect(openInterest).toBe(14);
    for (const [customer, guarantor, sign] of [
      [buyer, first, 1],
      [seller, second, -1],
    ] as const) {
      const seen = await view(customer, at);
      const required = initialMargin(14, scanRange);
      const unrealised = BigInt(sign) * value(14, mark - settlement);
      const paid = BigInt(seen.cash) - BigInt(seen.unpaid);
      const losses = unrealised < 0n ? unrealised : 0n;
      const left = [paid - ceilDiv(required * 25n, 100n), paid + losses - required].reduce((a, b) => (a < b ? a : b));
      expect(seen).toMatchObject({
        guarantor: guarantor.address,
        side: "Customers",
        margin: { equity: `${BigInt(seen.cash) + unrealised}`, initialMargin: `${required}` },
        withdrawable: `${left > 0n ? left : 0n}`,
        reduceOnly: false,
        positions: [{ instrument, lots: sign * 14, settlement, mark, unrealised: `${unrealised}` }],
      });
      const behind = await guarantorView(node.http, guarantor.address, at);
      expect(behind).toMatchObject({ state: "Active", customers: 1, marginCall: null });
      expect(behind.customerSegment).toMatchObject({ advances: "0", owed: "0", positions: [[instrument, sign * 14]] });
      expect(behind.houseSegment).toMatchObject({ custody: `${HOUSE_FUNDS}`, fees: "0", positions: [] });
    }
  });

  test("withdrawal_beyond_what_margin_leaves_is_refused", async () => {
    const withdraw = (amount: bigint) => submit(api.tx["clearing"]!["withdraw"]!(0, amount), buyer);
    // A price that moves in between changes what can be withdrawn: then once more.
    for (let tries = 1; ; tries++) {
      const { withdrawable } = await view(buyer);
      const { error, block } = await withdraw(BigInt(withdrawable) + 1n);
      if ((await view(buyer, block)).withdrawable !== withdrawable && tries < 3) continue;
      expect(error).toBe("clearing.MarginNeeded");
      break;
    }
    expect((await withdraw(tusd(250n))).error).toBeUndefined();
  });

  test("collateral_without_a_price_counts_for_nothing_and_leaves_through_a_fuse", async () => {
    const { depositCollateral, withdrawCollateral } = api.tx["clearing"]!;
    const { block } = await succeed(depositCollateral!(0, GCX_COLLATERAL, gcx(1_000n)), seller);
    const { collateral, cash, margin, positions } = await view(seller, block);
    expect(collateral).toEqual([{ collateral: GCX_COLLATERAL, amount: `${gcx(1_000n)}`, value: "0" }]);
    expect(margin.equity).toBe(`${BigInt(cash) + BigInt(positions[0]!.unrealised)}`);
    // A tenth an hour is the account's own; of the rest there is nothing in a chain's first hour.
    const withdraw = (amount: bigint) => submit(withdrawCollateral!(0, GCX_COLLATERAL, amount), seller);
    expect((await withdraw(gcx(101n))).error).toBe("clearing.EgressFuseBlown");
  });

  test("unknown_accounts_and_guarantors_are_refused_by_name", async () => {
    await expect(view(venue)).rejects.toThrow(`${venue.address} has no margin account 0`);
    await expect(guarantorView(node.http, buyer.address)).rejects.toThrow(`${buyer.address} is no guarantor`);
  });
});

describe("a settlement run", () => {
  /** An account's lots and cash at a block; nothing where there was no account yet. */
  async function held(by: { address: string }, at: string): Promise<{ lots: number; cash: bigint }> {
    const seen = await view(by, at).catch(() => undefined);
    return { lots: seen?.positions[0]?.lots ?? 0, cash: BigInt(seen?.cash ?? 0) };
  }

  test("moves_exactly_what_the_price_moved_and_what_trades_booked", async () => {
    let [paid, settledRuns, moves] = [0, 0, 0];
    while (settledRuns < 2 || moves === 0) {
      const run = (await within("the next settlement run", 120, () => runs.next())).value;
      const before = await held(buyer, run.parent);
      // Runs of the time before the first trade had nothing to move.
      if (before.lots === 0) continue;
      const [priced, ...others] = run.prices;
      expect(others).toEqual([]);
      const moved = value(before.lots, priced!.price - priced!.before);
      const [after, bought] = [await held(buyer, run.hash), await held(seller, run.parent)];
      const sold = await held(seller, run.hash);
      expect([after.lots, sold.lots]).toEqual([before.lots, -before.lots]);
      expect([after.cash - before.cash, sold.cash - bought.cash]).toEqual([moved, -moved]);

      // A run also pays what trades booked since the one before.
      const traded = fills.filter(({ receipt }) => receipt.buyer.lots > paid && receipt.buyer.lots <= before.lots);
      const due = moved + sum(traded.map(({ receipt }) => receipt.buyer.booked));
      const settled = (guarantor: { address: string }, due: bigint, custody: bigint) => ({
        guarantor: guarantor.address,
        side: "Customers",
        due,
        moved: due,
        owed: 0n,
        custody,
      });
      // Once the fees are collected, too, what is in custody is the customer's cash, to the unit.
      const expected = [settled(first, due, after.cash), settled(second, -due, sold.cash)];
      expect(run.segments).toHaveLength(due === 0n ? 0 : 2);
      expect(run.segments).toEqual(expect.arrayContaining(due === 0n ? [] : expected));
      paid = before.lots;
      settledRuns++;
      if (moved !== 0n) moves++;
    }
  }, 300_000);
});

describe("the books", () => {
  test("of_two_guarantors_take_a_ported_customer_and_its_money_follows_with_a_run", async () => {
    const { block } = await becomeCustomers(api, first, [seller]);
    const { cash, guarantor, positions, unpaid, withdrawable } = await view(seller, block);
    expect({ guarantor, unpaid, withdrawable }).toEqual({ guarantor: first.address, unpaid: cash, withdrawable: "0" });
    expect(positions).toMatchObject([{ instrument, lots: -14 }]);
    const books = await allBooks(api, node.http, block);
    const net = (of: { address: string }) => books.filter((row) => row.guarantor === of.address).map((row) => row.net);
    expect(sum(net(first))).toBe(BigInt(cash));
    expect(sum(net(second))).toBe(-BigInt(cash));
    expect(discrepancies(books)).toEqual([]);
  });

  test("of_all_segments_reconcile_with_custody_and_fees_to_the_unit", async () => {
    const at = await head();
    const books = await allBooks(api, node.http, at);
    expect(books).toHaveLength(4);
    expect(discrepancies(books)).toEqual([]);

    const fees = sum(fills.flatMap(({ receipt }) => [receipt.buyer.fee, receipt.seller.fee]));
    const custody = 2n * (HOUSE_FUNDS + PAID_IN) - tusd(250n) - fees;
    expect(sum(books.map((segment) => segment.custody))).toBe(custody);
    const recorded = await (await api.at(at)).query["clearing"]!["totalCustody"]!();
    expect(BigInt(recorded.toString())).toBe(custody);
    expect(await collected(api, at)).toBe(fees);
  });
});
