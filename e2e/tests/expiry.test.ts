import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { accountView, allBooks, discrepancies, instrumentViews, type InstrumentView } from "../lib/clearing.js";
import { becomeCustomers, becomeGuarantors, fund } from "../lib/guarantor.js";
import { gcx, tusd } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { connect, succeed } from "../lib/polkadotjs.js";
import { CLASSES, fixPrice, indexState, nextDay, quote, reporters } from "../lib/reporting.js";
import { height } from "../lib/rpc.js";
import { listContract, MULTIPLIER, registerVenue, shortMonth, signOrder, submitFills } from "../lib/trading.js";
import { until } from "../lib/wait.js";

// These tests have a chain of their own: they wait for days and settlement runs. They build on each other.
let node: Node;
let api: ApiPromise;

const sudo = account("//Alice");
const [first, second, venue] = [freshAccount(), freshAccount(), freshAccount()];
const [buyer, seller] = [freshAccount(), freshAccount()];

const PAID_IN = tusd(5_000n);
const LISTED_AT = 2_500_000;
const LOTS = 10;
const contract = 0;
/** Two hundredths of a per cent of the value. */
const FEE = (BigInt(LOTS * MULTIPLIER) * BigInt(LISTED_AT) * 200n) / 1_000_000n;

/** A day on which all reporters say the same. */
const fixAt = (price: number) =>
  fixPrice(
    api,
    node.http,
    CLASSES.aiInfer,
    reporters().map((reporter) => quote(reporter, price)),
  );

/** The contract once something is true of it. */
const contractOnce = (what: string, isSo: (view: InstrumentView) => boolean): Promise<InstrumentView> =>
  until(what, 90, async () => {
    const [view] = await instrumentViews(node.http);
    return view && isSo(view) && view;
  });

beforeAll(async () => {
  node = await startDevelopmentNode({ chain: inject("chain") });
  api = await connect(node.ws);
  await fund(api, account("//Alice//stash"), sudo, [first, second, venue, buyer, seller]);
  await Promise.all([
    becomeGuarantors(api, sudo, [first, second]),
    registerVenue(api, venue, gcx(10_000n)),
    fixAt(LISTED_AT),
  ]);
  await Promise.all([becomeCustomers(api, first, [buyer]), becomeCustomers(api, second, [seller])]);
  const deposit = () => api.tx["clearing"]!["deposit"]!(0, PAID_IN);
  await Promise.all([buyer, seller].map((customer) => succeed(deposit(), customer)));
}, 300_000);

afterAll(async () => {
  await api?.disconnect();
  await node?.end();
});

describe("a cash contract of two days", () => {
  test("is_traded_and_says_which_days_it_is_paid_out_at", async () => {
    const today = await nextDay(node.http, CLASSES.aiInfer);
    const { now } = await indexState(node.http, CLASSES.aiInfer);
    expect(await listContract(api, sudo, shortMonth(CLASSES.aiInfer, now, 2), LISTED_AT)).toBe(contract);
    const expires = (await height(node.http)) + 1_000;
    const order = { instrument: contract, lots: LOTS, limit: LISTED_AT, maxFeePerLot: tusd(1n), expires, salt: 1 };
    const orders = [
      signOrder(api, buyer, { ...order, side: "Buy" }),
      signOrder(api, seller, { ...order, side: "Sell" }),
    ];
    const fill = { maker: 0, taker: 1, lots: LOTS, price: LISTED_AT };
    const { filled, refused } = await submitFills(api, venue, orders, [fill]);
    expect(refused).toEqual([]);
    expect(filled.length).toBe(1);
    const [view] = await instrumentViews(node.http);
    expect(view).toMatchObject({
      openInterest: LOTS,
      average: null,
      contract: {
        settlement: "Cash",
        delivery: { first: today + 1, last: today + 2 },
        finalPrice: { Awaited: { extended: 0 } },
      },
    });
  });

  test("is_marked_at_the_mean_as_it_is_expected_and_margined_by_the_days_to_come", async () => {
    const before = (await instrumentViews(node.http))[0]!;
    const fix = await fixAt(2_700_000);
    const view = await contractOnce("the first day to count", ({ average }) => average?.fixed === 1);
    expect(view.average).toEqual({ sum: `${fix.price}`, fixed: 1, remaining: 1 });
    expect(view.mark).toBe(2_700_000);
    // One of two days may still move, and the class's fraction has risen by a quarter a day at the most.
    expect(view.scanRange).toBeLessThan(before.scanRange * 0.85);
  }, 180_000);

  test("is_settled_at_the_mean_of_its_fixes_to_the_unit", async () => {
    const fix = await fixAt(2_555_555);
    // (2,700,000 + 2,555,555) / 2, to the nearest, up from the middle.
    const mean = 2_627_778;
    expect(fix.price).toBe(2_555_555);
    await contractOnce(
      "the final price",
      ({ contract, openInterest }) =>
        JSON.stringify(contract?.finalPrice) === `{"Known":${mean}}` || openInterest === 0,
    );

    await until("the contract to be settled", 150, async () => (await instrumentViews(node.http)).length === 0);
    const hash = (await api.rpc.chain.getBlockHash()).toHex();
    const moved = BigInt(LOTS * MULTIPLIER) * BigInt(mean - LISTED_AT);
    const cash = async (of: { address: string }) => BigInt((await accountView(node.http, of.address, hash)).cash);
    expect(await cash(buyer)).toBe(PAID_IN - FEE + moved);
    expect(await cash(seller)).toBe(PAID_IN - FEE - moved);
    expect(discrepancies(await allBooks(api, node.http, hash))).toEqual([]);
  }, 420_000);
});
