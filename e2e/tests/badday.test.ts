import type { ApiPromise } from "@polkadot/api";
import type { Event } from "@polkadot/types/interfaces";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import {
  AFTER,
  allMoney,
  BEARS_LOTS,
  BEFORE,
  BESIDE_LOTS,
  cashAt,
  castWith,
  CONTRIBUTION,
  FALLING,
  gainOf,
  LOT,
  MORE_HOUSE_FUNDS,
  OUTSIDE,
  PAID_IN,
  portWhenItFails,
  prepare,
  type Prices,
  PUT_IN,
  reportPrices,
  takePositions,
  takeWhenForSale,
  untilSettled,
} from "../lib/badday.js";
import { accountView, allBooks, discrepancies, guarantorView, instrumentViews, sum } from "../lib/clearing.js";
import { becomeGuarantors, BOND, fund, HOUSE_FUNDS } from "../lib/guarantor.js";
import { insurance, type Layer, layersIn, liquidatable, type PoolView, poolView } from "../lib/insurance.js";
import { differences, followBalances, type Indexer, storedBalances } from "../lib/indexer.js";
import { gcx, tusd } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { all, type Block, connect, find, submit, succeed } from "../lib/polkadotjs.js";
import { indexState } from "../lib/reporting.js";
import { height } from "../lib/rpc.js";
import { until } from "../lib/wait.js";

// A chain of its own: it counts all money there is. The tests build on each other, as the day does.
let node: Node;
let api: ApiPromise;
let indexer: Indexer;
let prices: Prices;
let instrument: number;
let moneyBefore: bigint;
/** Done once the price is to collapse on the next day. */
let collapsing: Promise<void>;
/** Blocks: after the trades; all from then to the end of the default. */
let traded: string;
let blocks: Block[];

const [native, sudo] = [account("//Alice//stash"), account("//Alice")];
const [rival, other, stranger] = [freshAccount(), freshAccount(), freshAccount()];
const cast = castWith(rival, other);
const { failing, bold, beside, bear, outsider } = cast;
/** Skin in the game of a new chain. */
const SKIN = tusd(1_000_000n);
/** What governance leaves the customers of a failed guarantor to move, in milliseconds: half a day here. */
const PORTING_PERIOD = 30_000;
const LOTS = BEARS_LOTS + BESIDE_LOTS;
/** Two hundredths of a per cent of the value, of all lots. */
const FEE = (BigInt(LOTS * LOT) * BigInt(BEFORE) * 200n) / 1_000_000n;
/** What the bold customer loses. */
const FALL = BigInt(LOTS * LOT) * BigInt(BEFORE - AFTER);
const sumOf = (pool: PoolView): bigint => sum([pool.skin, pool.contributions, pool.outside].map(BigInt));
const eventsOf = <T>(method: string): T[] =>
  all<T>(
    blocks.flatMap(({ events }): Event[] => events),
    "clearing",
    method,
  );

beforeAll(async () => {
  node = await startDevelopmentNode({ chain: inject("chain") });
  // The blocks that tell of the default are final, and with them all before: no transaction waits for that by itself.
  api = await connect(node.ws, "in a block");
  indexer = followBalances(api);
  prices = reportPrices(api, node.http);
  await Promise.all([fund(api, native, sudo, [rival, other, stranger]), shortenPorting()]);
  await becomeGuarantors(api, sudo, [rival, other]);
  moneyBefore = await allMoney(api, (await api.rpc.chain.getBlockHash()).toHex());
}, 300_000);

afterAll(async () => {
  prices?.stop();
  await api?.disconnect();
  await node?.end();
});

/** In force from the next settlement run on. */
async function shortenPorting(): Promise<void> {
  const { parameters, setParameters } = { ...api.query["clearing"]!, ...api.tx["clearing"]! };
  const now = (await parameters!()).toJSON() as { default: object };
  const shorter = setParameters!({ ...now, default: { ...now.default, portingPeriod: PORTING_PERIOD } });
  const { events } = await succeed(api.tx["sudo"]!["sudo"]!(shorter), sudo);
  find(events, "clearing", "ParametersApproved");
}

/** The price collapses on the next day whose fix comes after a run: that one collects the fees of the trades. */
async function collapseAfterRun(): Promise<void> {
  // Blocks may be left out on a slow machine; a run waits for its block, a fix for its time.
  const leftOut = 4;
  const blockTime = Number(api.consts["babe"]!["expectedBlockTime"]!.toString());
  const dayLength = Number(api.consts["index"]!["dayLength"]!.toString());
  const { windows } = (await api.query["index"]!["parameters"]!()).toJSON() as { windows: Record<string, number> };
  const fixTime = windows["commit"]! + windows["reveal"]! + windows["dispute"]!;
  const runAt = async (at?: string) => (await instrumentViews(node.http, at))[0]!.settled;
  const before = await runAt(traded);
  await until("a settlement run before the next fix", 150, async () => {
    if ((await runAt()) > before) return true;
    const { today, now } = await indexState(node.http, FALLING);
    const { due } = (await api.query["clearing"]!["settled"]!()).toJSON() as { due: number };
    const blocks = due - (await height(node.http));
    return blocks > 0 && now + (blocks + leftOut) * blockTime < (today + 1) * dayLength + fixTime;
  });
  prices.collapse();
}

describe("the insurance pool", () => {
  test("begins_with_skin_in_the_game_and_is_asked_for_by_gcx_pool", async () => {
    expect(await poolView(node.http)).toMatchObject({
      size: `${SKIN}`,
      skin: `${SKIN}`,
      contributions: "0",
      outside: "0",
      lent: "0",
      requirement: "0",
      isCalm: true,
      defaults: [],
    });
  });

  test("guarantor_contributes_and_takes_back_what_its_risk_does_not_need", async () => {
    const { contribute, withdrawContribution } = insurance(api);
    const [strangers, early] = await Promise.all([
      submit(contribute!(tusd(1n)), stranger),
      submit(withdrawContribution!(tusd(1n)), rival),
      succeed(contribute!(tusd(30_000n)), rival),
    ]);
    expect([strangers.error, early.error]).toEqual(["insurance.NotStanding", "insurance.NoContribution"]);
    const { events, block } = await succeed(withdrawContribution!(tusd(20_000n)), rival);
    const [back] = all<{ amount: number; needed: number; left: number }>(events, "insurance", "ContributionWithdrawn");
    expect(back).toMatchObject({ amount: Number(tusd(20_000n)), needed: 0, left: Number(tusd(10_000n)) });
    expect(await poolView(node.http, block)).toMatchObject({ contributions: `${tusd(10_000n)}` });
    await succeed(withdrawContribution!(tusd(10_000n)), rival);
  });

  test("outsider_deposits_and_redeems_shares_that_bear_losses_until_they_are_due", async () => {
    const { deposit, redeem } = insurance(api);
    const [nothing, little, put] = await Promise.all([
      submit(redeem!(1), stranger),
      submit(deposit!(tusd(99n), 0), stranger),
      succeed(deposit!(tusd(1_000n), 0), stranger),
    ]);
    expect([nothing.error, little.error]).toEqual(["insurance.NoShares", "insurance.DepositTooSmall"]);
    const [deposited] = all<{ shares: string }>(put.events, "insurance", "Deposited");
    // The first to come gets a million shares for each unit.
    const shares = tusd(1_000n) * 1_000_000n;
    expect(BigInt(deposited!.shares)).toBe(shares);
    const asked = await succeed(redeem!(shares / 2n), stranger);
    const [request] = all<{ shares: string; left: string; due: number }>(
      asked.events,
      "insurance",
      "RedemptionRequested",
    );
    expect([BigInt(request!.shares), BigInt(request!.left)]).toEqual([shares / 2n, shares / 2n]);
    // 21 days, to the end of a day. A day is a minute here.
    const days = (request!.due - Date.now()) / 60_000;
    expect(request!.due % 60_000).toBe(0);
    expect(days).toBeGreaterThan(20);
    expect(days).toBeLessThan(23);
    expect(await poolView(node.http, asked.block)).toMatchObject({ outside: `${tusd(1_000n)}` });
  });
});

describe("a position that a guarantor stands behind", () => {
  test("is_stressed_and_the_pool_has_to_have_what_the_two_largest_lack", async () => {
    instrument = await prepare(api, node.http, native, sudo, cast);
    await prices.known;
    const trades = await takePositions(api, node.http, cast, instrument);
    expect(trades.map(({ error }) => error)).toEqual([undefined, undefined]);
    traded = trades.at(-1)!.block;
    collapsing = collapseAfterRun();
    collapsing.catch(() => undefined);
    const needed = async (): Promise<PoolView | undefined> => {
      const pool = await poolView(node.http);
      const needs = pool.guarantors.map(({ need }) => BigInt(need)).sort((a, b) => (a < b ? 1 : -1));
      return sum(needs.slice(0, 2)) === BigInt(pool.requirement) && needs[1]! > 0n ? pool : undefined;
    };
    const pool = await until("guarantors to be looked at", 60, needed);
    const [scan] = (await instrumentViews(node.http, traded)).map((view) => view.scanRange);
    const stress = 3n * BigInt(scan!) * BigInt(LOTS * LOT) - (PAID_IN.bold - FEE);
    const bond = (BOND / gcx(1n)) * 250_000n;
    const failingIn = ({ guarantors }: PoolView) => guarantors.find(({ guarantor }) => guarantor === failing.address)!;
    expect(failingIn(await poolView(node.http, traded)).contribution).toBe(`${CONTRIBUTION.failing}`);
    // A run may have come since the trades: then it has a share of their fees.
    const share = BigInt(failingIn(pool).contribution) - CONTRIBUTION.failing;
    expect(share).toBeGreaterThanOrEqual(0n);
    expect(share).toBeLessThan(2n * FEE);
    expect(failingIn(pool)).toMatchObject({
      stress: `${stress}`,
      // Less what its house has and what its bond counts for.
      need: `${stress - HOUSE_FUNDS - MORE_HOUSE_FUNDS - bond}`,
      poolUse: "Warned",
    });
    expect(BigInt(pool.size)).toBe(sumOf(pool));
  }, 400_000);

  test("keeps_its_guarantors_contribution_in_the_pool", async () => {
    const { error } = await submit(insurance(api)["withdrawContribution"]!(tusd(100_000n)), other);
    expect(error).toBe("insurance.ContributionNeeded");
  });
});

describe("a collapse of the price", () => {
  test("ruins_a_customer_and_its_guarantor_and_is_worked_out_by_the_chain", async () => {
    await collapsing;
    const from = await height(node.http, traded);
    const acting = Promise.all([portWhenItFails(api, node.http, cast), takeWhenForSale(api, node.http, cast)]);
    acting.catch(() => undefined);
    blocks = await untilSettled(api, from + 1, failing.address);
    const [, { error }] = await acting;
    expect(error).toBeUndefined();
  }, 600_000);

  test("puts_the_account_up_for_sale_and_gcx_liquidatable_says_so", async () => {
    const begun = blocks.find(({ events }) => all(events, "clearing", "LiquidationBegun").length > 0)!;
    const [found, ...others] = await liquidatable(node.http, begun.hash);
    expect(others).toEqual([]);
    const had = PAID_IN.bold - FEE - FALL;
    expect(found).toMatchObject({
      owner: bold.address,
      sub: 0,
      guarantor: failing.address,
      equity: `${had}`,
      isDue: false,
      lots: [[instrument, LOTS]],
      collateral: null,
    });
    expect(eventsOf("LiquidationBegun")).toMatchObject([{ owner: bold.address, equity: Number(had), by: null }]);
  });

  test("hands_over_what_nobody_took_calls_the_guarantor_and_lets_it_fail", async () => {
    expect(eventsOf("HandedOver")).toMatchObject([
      { owner: bold.address, guarantor: failing.address, instrument, lots: LOTS, price: AFTER },
    ]);
    expect(eventsOf("LossPassedOn")).toMatchObject([
      {
        owner: bold.address,
        guarantor: failing.address,
        loss: Number(FALL + FEE - PAID_IN.bold),
      },
    ]);
    expect(eventsOf("MarginCalled")).toMatchObject([{ guarantor: failing.address }]);
    expect(eventsOf("MarginCallMissed")).toHaveLength(1);
    expect(eventsOf("Defaulted")).toMatchObject([{ guarantor: failing.address, houseFunds: 0 }]);
    const begun = blocks.find(({ events }) => all(events, "clearing", "Defaulted").length > 0)!;
    const timeAt = async (at: string) => Number(await (await api.at(at)).query["timestamp"]!["now"]!());
    // What the chain does by itself comes before a block's time is known: the time is that of the block before.
    const times = [await timeAt(begun.parent), await timeAt(begun.hash)];
    expect(times.map((time) => time + PORTING_PERIOD)).toContain(
      eventsOf<{ portingUntil: number }>("Defaulted")[0]!.portingUntil,
    );
    const last = blocks.at(-1)!.hash;
    const failed = await guarantorView(node.http, failing.address, last);
    expect(failed).toMatchObject({
      state: "Defaulted",
      customers: 1,
      customerSegment: { custody: "0", net: "0", owed: "0", positions: [] },
      houseSegment: { owed: "0", positions: [] },
    });
    // What the auction cost is in custody, and owed to who bid, until a run comes.
    const cost = sum(
      eventsOf<{ lots: number; price: number }>("Liquidated").map(
        ({ lots, price }) => BigInt(lots * LOT) * BigInt(AFTER - price),
      ),
    );
    const { custody, net } = failed.houseSegment;
    expect(BigInt(net)).toBe(-BigInt(custody));
    expect([0n, cost]).toContain(BigInt(custody));
  });

  test("lets_the_other_customer_move_with_all_that_it_has", async () => {
    expect(eventsOf("Ported")).toMatchObject([{ owner: beside.address, from: failing.address, to: rival.address }]);
    const { guarantor, positions } = await accountView(node.http, beside.address, blocks.at(-1)!.hash);
    expect(guarantor).toBe(rival.address);
    expect(positions).toMatchObject([{ instrument, lots: -BESIDE_LOTS }]);
  });

  test("is_borne_by_the_layers_in_their_order_and_exactly", async () => {
    const layers = layersIn(blocks.flatMap(({ events }) => events));
    expect(layers.map(({ layer }) => layer)).toEqual([
      // As the positions were handed over; then in the default, where the house had nothing left.
      "Customer",
      "HouseFunds",
      "HouseFunds",
      "Contribution",
      "Bond",
      "Skin",
      "Guarantors",
      "Outside",
    ]);
    for (const { layer, guarantor, had, took, left } of layers) {
      expect([layer, guarantor, had - took]).toEqual([layer, failing.address, left]);
    }
    const [customer, house, empty, own, bond, skin, guarantors, outside] = layers as [
      Layer,
      Layer,
      Layer,
      Layer,
      Layer,
      Layer,
      Layer,
      Layer,
    ];
    const gap = FALL + FEE - PAID_IN.bold;
    expect([customer.unpaid, house.unpaid]).toEqual([gap, gap - house.took]);
    // A run that comes before the hand-over takes both's money by variation margin: what counts is what they had and have.
    const funds = HOUSE_FUNDS + MORE_HOUSE_FUNDS;
    const last = blocks.at(-1)!.hash;
    for (const [owner, own] of [
      [bold, PAID_IN.bold - FEE],
      [failing, funds],
    ] as const) {
      expect(await cashAt(node.http, owner, traded)).toBe(own);
      expect(await cashAt(node.http, owner, last)).toBe(0n);
    }

    // What the auction cost comes on top.
    const [sold, ...others] = eventsOf<{ lots: number; price: number; taker: string }>("Liquidated");
    expect(others).toEqual([]);
    expect(sold).toMatchObject({ taker: rival.address, instrument, lots: LOTS });
    const discount = BigInt(LOTS * LOT) * BigInt(AFTER - sold!.price);
    const loss = gap - funds + discount;
    const [settled] = eventsOf<{ loss: string; taken: string }>("DefaultSettled");
    expect([BigInt(settled!.loss), BigInt(settled!.taken)]).toEqual([loss, loss]);
    const inDefault = [empty, own, bond, skin, guarantors, outside];
    expect(sum(inDefault.map(({ took }) => took))).toBe(loss);
    expect(outside.unpaid).toBe(0n);
    // Each but the last gave all that it had. Skin in the game advanced what the bond counts for.
    expect([empty, own, bond, skin, guarantors].map(({ left }) => left)).toEqual([0n, 0n, 0n, 0n, 0n]);
    const bondValue = (BOND / gcx(1n)) * 250_000n;
    expect(bond.took).toBe(bondValue);
    const income =
      own.had -
      CONTRIBUTION.failing +
      (skin.had + bondValue - SKIN) +
      (guarantors.had - CONTRIBUTION.rival - CONTRIBUTION.other) +
      (outside.had - OUTSIDE - tusd(1_000n));
    // The pool's share of both fees.
    expect(income).toBe((2n * FEE * 4n) / 10n);
  });

  test("costs_nobody_else_anything", async () => {
    const last = blocks.at(-1)!.hash;
    for (const owner of [bear, beside, other]) {
      const [had, has] = [await cashAt(node.http, owner, traded), await cashAt(node.http, owner, last)];
      expect(has - had).toBe(await gainOf(node.http, owner, traded, last));
    }
    const gains = [await gainOf(node.http, bear, traded, last), await gainOf(node.http, beside, traded, last)];
    expect(sum(gains)).toBe(FALL);
    expect(eventsOf("GainCut")).toEqual([]);
  });

  test("leaves_books_that_reconcile_and_no_money_is_lost", async () => {
    const last = blocks.at(-1)!.hash;
    const books = await allBooks(api, node.http, last);
    expect(discrepancies(books)).toEqual([]);
    expect(books.map(({ borrowed }) => borrowed)).toEqual(books.map(() => 0n));
    expect(await allMoney(api, last)).toBe(moneyBefore + PUT_IN + tusd(1_000n));
    const pool = await poolView(node.http, last);
    expect(pool).toMatchObject({ lent: "0", skin: "0", contributions: "0" });
    expect(pool.defaults).toMatchObject([{ guarantor: failing.address, stage: "Settled" }]);
    expect(BigInt(pool.size)).toBe(sumOf(pool));
  });

  test("locks_contributions_and_leaves_the_bond_for_sale", async () => {
    const { withdrawContribution, buy } = insurance(api);
    expect((await submit(withdrawContribution!(1), other)).error).toBe("insurance.ContributionsLocked");
    const before = await poolView(node.http);
    const { error, events, block } = await submit(buy!(0, gcx(1_000n), 500_000), outsider);
    expect(error).toBeUndefined();
    const [bought] = all<{ cost: number; left: string }>(events, "insurance", "Bought");
    // All of it: the account of what is for sale had its smallest balance since genesis.
    expect(BigInt(bought!.left)).toBe(BOND - gcx(1_000n));
    const after = await poolView(node.http, block);
    // Skin in the game advanced on it, and is repaid.
    expect(BigInt(after.skin) - BigInt(before.skin)).toBe(BigInt(bought!.cost));
  });

  test("leaves_every_accounts_balance_to_be_known_from_events_alone", async () => {
    const hash = (await api.rpc.chain.getFinalizedHead()).toHex();
    const number = (await api.rpc.chain.getHeader(hash)).number.toNumber();
    const [told, stored] = [await indexer.at(number), await storedBalances(api, hash)];
    expect(stored.size).toBeGreaterThan(5);
    expect(differences(told, stored)).toEqual([]);
  });
});
