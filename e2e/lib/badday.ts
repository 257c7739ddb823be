/**
 * A bad day: the price of compute collapses at once. A customer that bet on it loses more than it has, its guarantor
 * more than its house, and the layers of the default waterfall bear the rest.
 *
 * One lot is 10,000 Compute Hours, so that large positions are of few lots and nobody's is too large for its market.
 */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { freshAccount } from "./accounts.js";
import { accountView, collectorsHave, instrumentViews, sum } from "./clearing.js";
import { becomeCustomers, becomeGuarantors, fund, HOUSE_FUNDS } from "./guarantor.js";
import { bid, insurance, stageOf } from "./insurance.js";
import { TUSD, tusd } from "./money.js";
import { all, type Block, finalBlocks, type Outcome, succeed } from "./polkadotjs.js";
import { CLASSES, indexState, quote, reportEveryDay, type Reporting, reporters } from "./reporting.js";
import { height } from "./rpc.js";
import { listContract, monthOf, signOrder, take, type Traded } from "./trading.js";
import { until, within } from "./wait.js";

/** What an hour costs before and after, and a GCX throughout, in millionths of a dollar. Made up. */
export const [BEFORE, AFTER, GCX_PRICE] = [2_500_000, 250_000, 500_000];
/** Compute Hours in a lot. */
export const LOT = 10_000;
/** Lots that the bold customer buys, of the bear and of the customer beside it. */
export const [BEARS_LOTS, BESIDE_LOTS] = [99, 1];
/** What each puts in: the house that fails beyond the least, contributions, an outsider, customers. */
export const MORE_HOUSE_FUNDS = tusd(50_000n);
export const CONTRIBUTION = { failing: tusd(125_000n), rival: tusd(150_000n), other: tusd(150_000n) };
export const OUTSIDE = tusd(250_000n);
export const PAID_IN = { bold: tusd(620_000n), beside: tusd(10_000n), bear: tusd(800_000n) };
/** What the rival puts into its house to be able to take what the failed one held. */
export const TAKING_FUNDS = tusd(1_500_000n);

/** All that is put in for the bad day. */
export const PUT_IN = sum([
  HOUSE_FUNDS,
  MORE_HOUSE_FUNDS,
  OUTSIDE,
  TAKING_FUNDS,
  ...Object.values(CONTRIBUTION),
  ...Object.values(PAID_IN),
]);

/** Who takes part. */
export interface Cast {
  /** The guarantor that fails, and those that stand. */
  failing: KeyringPair;
  rival: KeyringPair;
  other: KeyringPair;
  /** Customers: of the first the one that bets on the price and the one beside it, of the last the one that bets against it. */
  bold: KeyringPair;
  beside: KeyringPair;
  bear: KeyringPair;
  /** Contributes to the pool for a share of its income. */
  outsider: KeyringPair;
}

export function castWith(rival: KeyringPair, other: KeyringPair): Cast {
  const [failing, bold, beside, bear, outsider] = Array.from({ length: 5 }, () => freshAccount()) as [
    KeyringPair,
    KeyringPair,
    KeyringPair,
    KeyringPair,
    KeyringPair,
  ];
  return { failing, rival, other, bold, beside, bear, outsider };
}

/** Prices of the bad day's class and of GCX, reported every day. */
export interface Prices {
  /** From the next day on an hour costs a tenth. */
  collapse(): void;
  /** The first day's fixes. */
  known: Promise<unknown>;
  stop(): void;
}

/** The class that it happens to, and that of the token. */
export const [FALLING, TOKEN] = [CLASSES.hpcFp64, CLASSES.gcx];

export function reportPrices(api: ApiPromise, http: string): Prices {
  let price = BEFORE;
  const around = (price: number) => reporters().map((reporter, place) => quote(reporter, price + (place - 1) * 1_000));
  const reporting: Reporting[] = [
    reportEveryDay(api, http, FALLING, () => around(price)),
    reportEveryDay(api, http, TOKEN, () => around(GCX_PRICE)),
  ];
  const known = Promise.all(reporting.map((reports) => reports.next()));
  known.catch(() => undefined);
  return {
    collapse: () => (price = AFTER),
    known,
    stop: () => reporting.forEach((reports) => reports.stop()),
  };
}

/** Everybody puts in what it stands with, and a contract is listed whose price may double or vanish in a day. Gives its number. */
export async function prepare(
  api: ApiPromise,
  http: string,
  native: KeyringPair,
  sudo: KeyringPair,
  cast: Cast,
): Promise<number> {
  const { failing, rival, other, bold, beside, bear, outsider } = cast;
  const { clearing, assets, utility } = api.tx;
  const { contribute, deposit } = insurance(api);
  const payIn = (who: KeyringPair, amount: bigint) => succeed(clearing!["deposit"]!(0, amount), who);
  await fund(api, native, sudo, [failing, bold, beside, bear, outsider]);
  const stand = async (): Promise<void> => {
    await becomeGuarantors(api, sudo, [failing]);
    const more = [clearing!["deposit"]!(0, MORE_HOUSE_FUNDS), contribute!(CONTRIBUTION.failing)];
    await Promise.all([succeed(utility!["batchAll"]!(more), failing), becomeCustomers(api, failing, [bold, beside])]);
    await Promise.all([payIn(bold, PAID_IN.bold), payIn(beside, PAID_IN.beside)]);
  };
  const bet = async (): Promise<void> => {
    await becomeCustomers(api, other, [bear]);
    await payIn(bear, PAID_IN.bear);
  };
  const { now } = await indexState(http, FALLING);
  const month = monthOf(FALLING, now);
  const terms = { ...month, instrument: { ...month.instrument, multiplier: LOT, markBand: 1_000_000 } };
  const [instrument] = await Promise.all([
    listContract(api, sudo, terms, BEFORE),
    stand(),
    bet(),
    succeed(contribute!(CONTRIBUTION.rival), rival),
    succeed(contribute!(CONTRIBUTION.other), other),
    succeed(deposit!(OUTSIDE, 0), outsider),
    succeed(assets!["transferKeepAlive"]!(TUSD, rival.address, TAKING_FUNDS), sudo),
  ]);
  return instrument;
}

/** The bold customer buys what both others sell, at the price of before. */
export async function takePositions(
  api: ApiPromise,
  http: string,
  { bold, beside, bear }: Cast,
  instrument: number,
): Promise<Traded[]> {
  const expires = (await height(http)) + 1_000;
  const common = { instrument, side: "Sell", limit: BEFORE, maxFeePerLot: tusd(10n), expires, salt: 1 } as const;
  const orders = [
    { order: signOrder(api, bear, { ...common, lots: BEARS_LOTS }), lots: BEARS_LOTS },
    { order: signOrder(api, beside, { ...common, lots: BESIDE_LOTS }), lots: BESIDE_LOTS },
  ];
  return Promise.all(orders.map(({ order, lots }) => take(api, bold, order, lots, tusd(1_000n))));
}

/** As soon as the guarantor has failed, its other customer moves to the rival with all that it has. */
export async function portWhenItFails(api: ApiPromise, http: string, cast: Cast): Promise<void> {
  await until("the default to begin", 180, async () => (await stageOf(http, cast.failing.address)) !== undefined, 300);
  await becomeCustomers(api, cast.rival, [cast.beside]);
}

/** As soon as the failed house's positions are for sale, the rival's house takes them all. It makes ready for it before. */
export async function takeWhenForSale(api: ApiPromise, http: string, { failing, rival }: Cast): Promise<Outcome> {
  await succeed(api.tx["clearing"]!["deposit"]!(0, TAKING_FUNDS), rival);
  const isForSale = async () => (await stageOf(http, failing.address)) === "Auction";
  await until("the failed house to be for sale", 240, isForSale, 200);
  return bid(api, rival, failing.address);
}

/** What somebody's own positions gained between two blocks, at settlement prices. Nobody traded them between. */
export async function gainOf(http: string, owner: KeyringPair, from: string, to: string): Promise<bigint> {
  const [before, after] = [await instrumentViews(http, from), await instrumentViews(http, to)];
  const priceIn = (views: typeof before, instrument: number) => views.find((view) => view.instrument === instrument)!;
  const { positions } = await accountView(http, owner.address, to);
  return sum(
    positions.map(({ instrument, lots }) => {
      const { settlement, terms } = priceIn(after, instrument);
      return BigInt(lots) * BigInt(terms.multiplier) * BigInt(settlement - priceIn(before, instrument).settlement);
    }),
  );
}

/** All money that is in custody, with the pool or the treasury, or waits as fees. */
export async function allMoney(api: ApiPromise, hash: string): Promise<bigint> {
  const custody = await (await api.at(hash)).query["clearing"]!["totalCustody"]!();
  return BigInt(custody.toString()) + (await collectorsHave(api, hash));
}

/** Cash of somebody's first account at a block; of a house with what it advanced. */
export const cashAt = async (http: string, owner: KeyringPair, at: string): Promise<bigint> =>
  BigInt((await accountView(http, owner.address, at)).cash);

/** Every final block from height `from` on, up to the one in which a guarantor's default is worked out. `tell` gets each at once. */
export async function untilSettled(
  api: ApiPromise,
  from: number,
  guarantor: string,
  tell: (block: Block) => Promise<void> | void = () => undefined,
): Promise<Block[]> {
  const seen: Block[] = [];
  const blocks = finalBlocks(api, from);
  const deadline = Date.now() + 480_000;
  for (;;) {
    if (Date.now() > deadline) throw new Error("the default is not worked out in eight minutes");
    const block = (await within("a final block", 60, () => blocks.next())).value;
    seen.push(block);
    await tell(block);
    const settled = all<{ guarantor: string }>(block.events, "clearing", "DefaultSettled");
    if (settled.some((event) => event.guarantor === guarantor)) return seen;
  }
}
