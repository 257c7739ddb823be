/** A trading day: custody, prices, a contract, a fill, settlement runs, and the books at the end. */

import type { ApiPromise } from "@polkadot/api";
import { account, freshAccount } from "../../lib/accounts.js";
import {
  accountView,
  allBooks,
  collected,
  discrepancies,
  instrumentViews,
  type Run,
  settlementRuns,
  sum,
} from "../../lib/clearing.js";
import { becomeCustomers, becomeGuarantors, BOND, cashOf, fund, HOUSE_FUNDS } from "../../lib/guarantor.js";
import { gcx, tusd } from "../../lib/money.js";
import type { Node } from "../../lib/node.js";
import { height } from "../../lib/rpc.js";
import { succeed } from "../../lib/polkadotjs.js";
import { CLASSES, indexState, quote, reportEveryDay, type Reporting, reporters } from "../../lib/reporting.js";
import { listContract, monthOf, MULTIPLIER, registerVenue, signOrder, submitFills } from "../../lib/trading.js";
import { seconds, within } from "../../lib/wait.js";
import { inDollars, inGcx, inTusd, line, step, table } from "../print.js";

/**
 * What an hour of an NVIDIA H100 (SXM) cost on the sixteen days from 28 May 2026 on, in millionths of a dollar: on vast.ai in the United
 * States and in India, on demand, and at SF Compute, on the spot (cherielilili/gpu-pricing-tracker @ 04891eb3). A day without an offer
 * has the price of the one before.
 */
const H100_HOUR = [
  [4_722_200, 2_646_300, 1_960_000],
  [4_667_100, 2_646_300, 1_960_000],
  [4_308_900, 2_646_300, 1_960_000],
  [4_413_800, 2_646_300, 1_960_000],
  [4_442_200, 2_522_200, 1_960_000],
  [3_390_400, 2_522_200, 1_970_000],
  [3_360_400, 2_522_200, 1_970_000],
  [3_108_900, 2_522_200, 1_970_000],
  [2_668_900, 2_522_200, 1_970_000],
  [4_002_200, 2_522_200, 1_970_000],
  [4_142_200, 2_646_300, 1_950_000],
  [3_848_900, 2_646_300, 1_950_000],
  [3_528_900, 2_646_300, 1_960_000],
  [3_162_200, 2_646_300, 1_990_000],
  [2_795_600, 2_286_300, 1_960_000],
  [2_668_900, 2_286_300, 1_940_000],
];
/** What each customer pays in, and what the buyer takes out again. */
const [PAID_IN, PAID_OUT] = [tusd(5_000n), tusd(750n)];
/** Lots of the one trade. */
const LOTS = 20;
/** Settlement runs to show, and the most to wait for: a run does not move anything between two fixes. */
const [RUNS_SHOWN, RUNS_WAITED] = [3, 6];

const sudo = account("//Alice");

/** Who trades, under whom. */
const cast = {
  first: freshAccount(),
  second: freshAccount(),
  venue: freshAccount(),
  buyer: freshAccount(),
  // Another scheme of signatures: the chain takes all that wallets have.
  seller: freshAccount("ed25519"),
};

/** Prices of a day. The series runs back where it ends, and forth again. */
function pricesOf(day: number): number[] {
  const last = H100_HOUR.length - 1;
  const place = day % (2 * last);
  return H100_HOUR[Math.min(place, 2 * last - place)]!;
}

/** Has three reporters report every day from now on. */
export function startReporters(api: ApiPromise, { http }: Node): Reporting {
  step("Three reporters begin to report an hour of compute, every day. A day is a minute on this chain");
  return reportEveryDay(api, http, CLASSES.aiInfer, (day) => {
    const prices = pricesOf(day);
    return reporters().map((reporter, place) => quote(reporter, prices[place]!));
  });
}

/** Two guarantors, each with a customer whose margin the chain holds: what went in and what came out, to the unit. */
export async function showCustody(api: ApiPromise): Promise<void> {
  step("Two guarantors, two customers, and the chain's custody of their money");
  const { first, second, venue, buyer, seller } = cast;
  await fund(api, account("//Alice//stash"), sudo, [first, second, venue, buyer, seller]);
  await becomeGuarantors(api, sudo, [first, second]);
  line(`each guarantor bonds ${inGcx(BOND)} and puts ${inTusd(HOUSE_FUNDS)} into its house`);
  await Promise.all([becomeCustomers(api, first, [buyer]), becomeCustomers(api, second, [seller])]);

  const { deposit, withdraw } = api.tx["clearing"]!;
  await Promise.all([buyer, seller].map((customer) => succeed(deposit!(0, PAID_IN), customer)));
  await succeed(withdraw!(0, PAID_OUT), buyer);
  const held = [first, second, buyer, seller].map((owner) => cashOf(api, owner));
  const [ofFirst, ofSecond, ofBuyer, ofSeller] = (await Promise.all(held)) as [bigint, bigint, bigint, bigint];
  line(`a buyer under the first pays in ${inTusd(PAID_IN)}, takes out ${inTusd(PAID_OUT)} and has ${inTusd(ofBuyer)}`);
  line(`a seller under the second pays in ${inTusd(PAID_IN)} and has ${inTusd(ofSeller)}`);
  const custody = BigInt((await api.query["clearing"]!["totalCustody"]!()).toString());
  line(`all custody is ${inTusd(custody)}`);
  if (custody !== ofFirst + ofSecond + ofBuyer + ofSeller || custody !== 2n * (HOUSE_FUNDS + PAID_IN) - PAID_OUT) {
    throw new Error("the ledgers do not reconcile with custody");
  }
  line("  reconciled to the unit");
}

/** The first day of the price index: three reporters commit, reveal, and come to one price. */
export async function showFix({ http }: Node, reporting: Reporting): Promise<void> {
  step("The reporters' first day: the price index");
  const prices = pricesOf(0);
  for (const price of prices) line(`a reporter commits to ${inDollars(price)}, and reveals it when all have committed`);
  const fix = await reporting.next();
  const { now } = await indexState(http, CLASSES.aiInfer);
  line(`day ${fix.day} is fixed at ${inDollars(fix.price)}: nobody disputed it`);
  line(`  its age is ${seconds(now - fix.time)}, counted from the end of reporting`);
  if (fix.price < Math.min(...prices) || fix.price > Math.max(...prices)) {
    throw new Error("the fix does not follow from the reports");
  }
}

/** A contract, a venue, two signed orders, a fill. */
export async function showTrade(api: ApiPromise, { http }: Node): Promise<void> {
  step("A contract, a venue, and two orders that it brings together");
  const { venue, buyer, seller } = cast;
  const { now, latest } = await indexState(http, CLASSES.aiInfer);
  const price = latest!.price;
  const [instrument] = await Promise.all([
    listContract(api, sudo, monthOf(CLASSES.aiInfer, now), price),
    registerVenue(api, venue, gcx(10_000n)),
  ]);
  line(`governance lists contract ${instrument}, of ${MULTIPLIER} Compute Hours a lot, at ${inDollars(price)}`);
  line(`a venue bonds ${inGcx(gcx(10_000n))}`);

  const expires = (await height(http)) + 1_000;
  const common = { instrument, lots: LOTS, maxFeePerLot: tusd(1n), expires, salt: 1 };
  const bid = signOrder(api, buyer, { ...common, side: "Buy", limit: price + 50_000 });
  const ask = signOrder(api, seller, { ...common, side: "Sell", limit: price }, { asWallet: true });
  line(`the buyer signs ${bid.id.slice(0, 18)}…: ${LOTS} lots, at no more than ${inDollars(price + 50_000)}`);
  line(`the seller signs ${ask.id.slice(0, 18)}…: ${LOTS} lots, at no less than ${inDollars(price)}`);
  line(`  the one with an sr25519 key, the other with an ed25519 key and as a browser wallet wraps what it signs`);

  const at = price + 10_000;
  const { error, filled, refused } = await submitFills(
    api,
    venue,
    [bid, ask],
    [{ maker: 0, taker: 1, lots: LOTS, price: at }],
  );
  const [fill] = filled;
  if (error || !fill) throw new Error(`the fill was refused: ${error ?? JSON.stringify(refused)}`);
  line(`the venue fills both at ${inDollars(at)}, for a fee of ${inTusd(fill.receipt.buyer.fee)} each`);
  line(`  the buyer has ${fill.receipt.buyer.lots} lots and ${inTusd(fill.receipt.buyer.cash)}`);
  line(`  the seller has ${fill.receipt.seller.lots} lots and ${inTusd(fill.receipt.seller.cash)}`);
  const { margin } = await accountView(http, buyer.address);
  line(`  each has to have an initial margin of ${inTusd(BigInt(margin.initialMargin))}`);
}

/** Settlement runs: the fix moves the settlement price, and that moves money between the guarantors' customers. */
export async function showRuns(api: ApiPromise, { http }: Node): Promise<void> {
  step(`Settlement runs, until ${RUNS_SHOWN} have moved the price: money follows what trades booked and prices moved`);
  line("the prices are what an hour of an H100 cost on three markets from 28 May 2026 on, a day a minute");
  const runs = settlementRuns(api, await height(http));
  let shown = 0;
  for (let waited = 0; shown < RUNS_SHOWN; waited++) {
    if (waited === RUNS_WAITED) throw new Error(`of ${waited} settlement runs only ${shown} moved the price`);
    const run = (await within("the next settlement run", 120, () => runs.next())).value;
    if (await showRun(http, run)) shown++;
  }
}

/** Shows a run and checks it to the unit. Says whether it moved the price. */
async function showRun(http: string, run: Run): Promise<boolean> {
  const { first, second, buyer, seller } = cast;
  const [priced] = run.prices;
  if (!priced) throw new Error(`run ${run.run} priced nothing`);
  const cash = async (owner: { address: string }, at: string): Promise<bigint> =>
    BigInt((await accountView(http, owner.address, at)).cash);
  const [buyerBefore, sellerBefore] = [await cash(buyer, run.parent), await cash(seller, run.parent)];
  const [buyerAfter, sellerAfter] = [await cash(buyer, run.hash), await cash(seller, run.hash)];

  const { latest } = await indexState(http, CLASSES.aiInfer, run.hash);
  const settlement = `settlement price ${inDollars(priced.before)} -> ${inDollars(priced.price)}`;
  line(`run ${run.run}: the fix of day ${latest!.day} is ${inDollars(latest!.price)}; ${settlement}`);
  for (const [name, guarantor] of [
    ["customers of the first guarantor ", first],
    ["customers of the second guarantor", second],
  ] as const) {
    const { moved = 0n } = run.segments.find((segment) => segment.guarantor === guarantor.address) ?? {};
    line(`  ${name}  ${moved < 0n ? "pay" : "receive"} ${inTusd(moved < 0n ? -moved : moved)}`);
  }
  line(`  cash of the buyer                  ${inTusd(buyerBefore)} -> ${inTusd(buyerAfter)}`);
  line(`  cash of the seller                 ${inTusd(sellerBefore)} -> ${inTusd(sellerAfter)}`);
  const move = BigInt(LOTS * MULTIPLIER) * BigInt(priced.price - priced.before);
  if (buyerAfter - buyerBefore !== move || sellerBefore - sellerAfter !== move) {
    throw new Error("the run did not move what the price moved");
  }
  return move !== 0n;
}

/** The books of every segment against its custody account. */
export async function showBooks(api: ApiPromise, { http }: Node): Promise<void> {
  step("The books of every segment against its custody account");
  const hash = (await api.rpc.chain.getFinalizedHead()).toHex();
  const books = await allBooks(api, http, hash);
  const names = new Map([
    [cast.first.address, "first"],
    [cast.second.address, "second"],
  ]);
  const total = (of: (row: (typeof books)[number]) => bigint): string => inTusd(sum(books.map(of)));
  table([
    ["segment", "cash of its accounts", "fees", "custody", "N", "custody account"],
    ...books
      .map((row) => [
        `${names.get(row.guarantor)}, ${row.side === "House" ? "house" : "customers"}`,
        ...[row.cash, row.fees, row.custody, row.net, row.held].map(inTusd),
      ])
      .sort(([one], [other]) => (one! < other! ? -1 : 1)),
    [
      "all",
      total((r) => r.cash),
      total((r) => r.fees),
      total((r) => r.custody),
      total((r) => r.net),
      total((r) => r.held),
    ],
  ]);
  const wrong = discrepancies(books);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  line("cash and fees are custody and N in every segment, and N is zero in sum");

  const [fees, custody] = [await collected(api, hash), sum(books.map((row) => row.custody))];
  const paid = 2n * (HOUSE_FUNDS + PAID_IN) - PAID_OUT;
  line(`paid in less paid out ${inTusd(paid)} = custody ${inTusd(custody)} + fees collected ${inTusd(fees)}`);
  if (custody + fees !== paid) throw new Error("custody and fees are not what was paid in");
  const [listed] = await instrumentViews(http, hash);
  line(`open interest is ${listed!.openInterest} lots, of which ${LOTS} are held long and ${LOTS} short`);
  line("  reconciled to the unit");
}

/** Who to ask JSON-RPC about. */
export const buyerAddress = (): string => cast.buyer.address;

/** The guarantors that stand, for the scenes that follow. */
export const guarantors = () => [cast.first, cast.second] as const;

/** Who traded, for the same. */
export const traders = () => ({ buyer: cast.buyer, seller: cast.seller });
