/** A bad day: a collapse of the price, a customer and its guarantor that cannot pay, and who bears the loss. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { Event } from "@polkadot/types/interfaces";
import { account } from "../../lib/accounts.js";
import {
  AFTER,
  allMoney,
  BEFORE,
  BEARS_LOTS,
  BESIDE_LOTS,
  cashAt,
  type Cast,
  castWith,
  CONTRIBUTION,
  gainOf,
  LOT,
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
} from "../../lib/badday.js";
import { accountView, allBooks, collectorsHave, discrepancies, sum } from "../../lib/clearing.js";
import { BOND } from "../../lib/guarantor.js";
import { layersIn, liquidatable, type PoolView, poolView } from "../../lib/insurance.js";
import type { Node } from "../../lib/node.js";
import { all, type Block, fields } from "../../lib/polkadotjs.js";
import { height } from "../../lib/rpc.js";
import { seconds, until } from "../../lib/wait.js";
import { inDollars, inGcx, inTusd, line, step, table } from "../print.js";
import { guarantors, traders } from "./exchange.js";

/** Whose money a layer is. */
const OWNERS: Record<string, string> = {
  Customer: "1  the customer's own",
  HouseFunds: "2  its guarantor's house",
  Contribution: "2  what its guarantor contributed",
  Bond: "2  its guarantor's bond, to be sold",
  Skin: "3  skin in the game",
  Guarantors: "4  the other guarantors",
  Outside: "4  outsiders",
  Assessments: "5  assessments",
  Gains: "6  gains of a run",
  TearUp: "7  tear-up",
};

const sudo = account("//Alice");
let cast: Cast;
let instrument: number;
/** All money before anything was put in for the bad day. */
let moneyBefore: bigint;

/** Has the reporters report the bad day's class and the token's price as well. */
export const startPrices = (api: ApiPromise, { http }: Node): Prices => reportPrices(api, http);

/** Who stands with what before it happens. Gives the block from which everybody's balance is compared. */
export async function showPool(api: ApiPromise, { http }: Node, prices: Prices): Promise<string> {
  step("Before a bad day: the insurance pool, and a guarantor whose customer bets large");
  const [rival, other] = guarantors();
  cast = castWith(rival, other);
  await prices.known;
  moneyBefore = await allMoney(api, (await api.rpc.chain.getFinalizedHead()).toHex());
  instrument = await prepare(api, http, account("//Charlie"), sudo, cast);
  line(`a third guarantor bonds ${inGcx(BOND)}; a GCX is at ${inDollars(500_000)} and counts half`);
  line(`the guarantors contribute ${Object.values(CONTRIBUTION).map(inTusd).join(", ")} to the pool`);
  line(`an outsider deposits ${inTusd(OUTSIDE)} for a share of its income`);
  line(`governance lists contract ${instrument}, of ${LOT.toLocaleString("en")} Compute Hours a lot`);
  // The day begins after this: the fix of the collapse is due three quarters of a day later.
  prices.collapse();
  const trades = await takePositions(api, http, cast, instrument);
  const refused = trades.find(({ error }) => error);
  if (refused) throw new Error(`a trade was refused: ${refused.error}`);
  const hash = trades.at(-1)!.block;
  const lots = BEARS_LOTS + BESIDE_LOTS;
  line(`its customer pays in ${inTusd(PAID_IN.bold)} and buys ${lots} lots at ${inDollars(BEFORE)}`);
  const { margin } = await accountView(http, cast.bold.address, hash);
  line(`  that needs ${inTusd(BigInt(margin.initialMargin))} of initial margin`);
  const pool = await until("the guarantors to be looked at", 60, async () => {
    const seen = await poolView(http);
    const needs = seen.guarantors.filter((one) => one.need !== "0");
    return needs.length === 2 && sum(needs.map((one) => BigInt(one.need))) === BigInt(seen.requirement) && seen;
  });
  showLayers(pool);
  const uses = pool.guarantors.map((one) => `${inTusd(BigInt(one.need))} (${one.poolUse})`);
  line(`what guarantors would lack under stress beyond their own: ${uses.join(", ")}`);
  line(`  the two largest of them are what the pool has to have: ${inTusd(BigInt(pool.requirement))}`);
  return hash;
}

const showLayers = (pool: PoolView): void =>
  line(
    `the pool: skin in the game ${inTusd(BigInt(pool.skin))}, guarantors ${inTusd(BigInt(pool.contributions))}, ` +
      `outsiders ${inTusd(BigInt(pool.outside))}`,
  );

/** The collapse, as the chain's events tell it. */
export async function showCollapse(api: ApiPromise, { http }: Node, before: string): Promise<void> {
  step(`The price of an hour falls from ${inDollars(BEFORE)} to ${inDollars(AFTER)} in a day`);
  line(
    "reporters say so, and everything that follows the chain does by itself, but for one who moves and one who bids",
  );
  const began = Date.now();
  const from = await height(http, before);
  const acting = Promise.all([portWhenItFails(api, http, cast), takeWhenForSale(api, http, cast)]);
  acting.catch(() => undefined);
  const pool = { before: await poolView(http, before) };
  const blocks = await untilSettled(api, from + 1, cast.failing.address, async (block) => {
    for (const event of block.events) await tell(http, block, event, began);
  });
  const [, { error }] = await acting;
  if (error) throw new Error(`the rival's bid failed: ${error}`);
  const events = blocks.flatMap((block) => block.events);
  const last = blocks.at(-1)!.hash;
  await showWaterfall(http, before, last, events);
  await showOthers(http, before, last);
  await showPoolAfter(http, pool.before, last);
  await showCustodyAfter(api, http, last);
}

const money = (value: unknown): string => inTusd(BigInt(value as string | number));

/** A line for each event that matters. */
async function tell(http: string, block: Block, event: Event, began: number): Promise<void> {
  const names = new Map([
    [cast.failing.address, "the third guarantor"],
    [cast.rival.address, "the first guarantor"],
    [cast.other.address, "the second guarantor"],
    [cast.bold.address, "the bold customer"],
    [cast.beside.address, "the customer beside it"],
    [cast.bear.address, "the bear"],
  ]);
  const said = fields<Record<string, any>>(event);
  const who = (address: unknown): string => names.get(address as string) ?? "somebody";
  const is = (name: string): boolean => `${event.section}.${event.method}` === name;
  const at = `${seconds(Date.now() - began).padStart(7)}  `;
  if (is("clearing.MarkChanged") && said["instrument"] === instrument) {
    line(`${at}the mark is ${said["mark"] === null ? "gone" : inDollars(Number(said["mark"]))}`);
  } else if (is("clearing.LiquidationBegun")) {
    line(`${at}${who(said["owner"])} is for sale: it has ${money(said["equity"])} of ${money(said["maintenance"])}`);
    const [found] = await liquidatable(http, block.hash);
    const lots = found?.lots.map(([, lots]) => lots);
    line(
      `         gcx_liquidatable offers ${lots} lots of it, at no discount: there is no equity it could come out of`,
    );
  } else if (is("clearing.HandedOver")) {
    line(`${at}nobody took them: ${who(said["guarantor"])}'s house gets ${said["lots"]} lots at mark`);
  } else if (is("clearing.LossPassedOn")) {
    line(`${at}${who(said["owner"])} lost all it had and ${money(said["loss"])} more`);
  } else if (is("clearing.MarginCalled")) {
    line(`${at}${who(said["guarantor"])} is called for ${money(said["needed"])}`);
  } else if (is("clearing.Borrowed")) {
    line(`${at}a run is paid in full: the pool lends ${money(said["amount"])} for ${who(said["guarantor"])}`);
  } else if (is("clearing.MarginCallMissed")) {
    line(`${at}the call is missed`);
  } else if (is("clearing.Defaulted")) {
    line(`${at}${who(said["guarantor"])} is in default; its customers can move`);
  } else if (is("clearing.Ported")) {
    line(`${at}${who(said["owner"])} moves to ${who(said["to"])} with ${money(said["cash"])} and its position`);
  } else if (is("clearing.DefaultAdvanced")) {
    line(`${at}the default goes on: ${stageName(said["stage"])}`);
  } else if (is("clearing.Liquidated")) {
    const price = inDollars(Number(said["price"]));
    line(`${at}${who(said["taker"])}'s house takes ${said["lots"]} lots of the failed one at ${price}`);
  } else if (is("clearing.DefaultSettled")) {
    line(`${at}settled: of a loss of ${money(said["loss"])} layers took ${money(said["taken"])}`);
  }
}

/** What a stage is called. */
function stageName(stage: string | Record<string, unknown>): string {
  const [name = ""] = typeof stage === "string" ? [stage] : Object.keys(stage);
  switch (name.toLowerCase()) {
    case "closeout":
      return "what customers still hold is closed out";
    case "auction":
      return "what its house holds is for sale to the other houses";
    case "waterfall":
      return "the layers bear what it owes";
    default:
      return name;
  }
}

/** What each layer gave, in its order, and that it comes to what the price and the auction cost. */
async function showWaterfall(http: string, before: string, after: string, events: Event[]): Promise<void> {
  step("Who bore it: layer by layer");
  // Customer and house have paid before the default begins: by variation margin, by advances, by what was passed on.
  const own = async (owner: KeyringPair): Promise<[bigint, bigint]> => [
    await cashAt(http, owner, before),
    await cashAt(http, owner, after),
  ];
  const [customer, house] = [await own(cast.bold), await own(cast.failing)];
  const layers = layersIn(events).slice(2);
  const first = [customer, house].map(([had, left], place) => {
    const layer = place === 0 ? "Customer" : "HouseFunds";
    return { layer, had, took: had - left, left };
  });
  const given = [...first, ...layers.filter(({ had }) => had > 0n)];
  table([
    ["layer", "had", "took", "left"],
    ...given.map(({ layer, had, took, left }) => [OWNERS[layer] ?? layer, ...[had, took, left].map(inTusd)]),
  ]);
  const [settled] = all<{ loss: string; taken: string }>(events, "clearing", "DefaultSettled");
  const inDefault = sum(layers.map(({ took }) => took));
  if (BigInt(settled!.loss) !== inDefault || BigInt(settled!.taken) !== inDefault) {
    throw new Error(`the layers of the default took ${inDefault} of ${settled!.loss}`);
  }
  const [sold] = all<{ lots: number; price: number }>(events, "clearing", "Liquidated");
  const hours = BigInt(sold!.lots * LOT);
  const [fall, discount] = [hours * BigInt(BEFORE - AFTER), hours * BigInt(AFTER - sold!.price)];
  const took = sum(given.map((layer) => layer.took));
  line(
    `all layers together ${inTusd(took)}: ${inTusd(fall)} that the price fell by, ${inTusd(discount)} in the auction`,
  );
  if (took !== fall + discount) throw new Error("the layers did not take what was lost");
  line("  reconciled to the unit");
}

/** Everybody else has what it had, but for what its own positions gained. */
async function showOthers(http: string, before: string, after: string): Promise<void> {
  step("Everybody else");
  const { buyer, seller } = traders();
  const others: [string, KeyringPair, bigint][] = [
    ["the bear", cast.bear, 0n],
    ["the customer that moved", cast.beside, 0n],
    ["the buyer of the first contract", buyer, 0n],
    ["its seller", seller, 0n],
    ["the second guarantor's house", cast.other, 0n],
  ];
  const rows: string[][] = [];
  for (const [name, owner] of others) {
    const [had, has, gain] = await Promise.all([
      cashAt(http, owner, before),
      cashAt(http, owner, after),
      gainOf(http, owner, before, after),
    ]);
    rows.push([name, ...[had, gain, has].map(inTusd)]);
    if (has !== had + gain) throw new Error(`${name} has ${has}, not ${had} and ${gain}`);
  }
  table([["", "cash before", "own gain", "cash after"], ...rows]);
  line("nobody's money paid for another's loss");
}

async function showPoolAfter(http: string, before: PoolView, at: string): Promise<void> {
  step("The insurance pool, before and after");
  const after = await poolView(http, at);
  const row = (name: string, of: (pool: PoolView) => string): string[] => [
    name,
    ...[BigInt(of(before)), BigInt(of(after)), BigInt(of(after)) - BigInt(of(before))].map(inTusd),
  ];
  table([
    ["", "before", "after", "change"],
    row("skin in the game", (pool) => pool.skin),
    row("guarantors", (pool) => pool.contributions),
    row("outsiders", (pool) => pool.outside),
    row("together", (pool) => pool.size),
    row("lent", (pool) => pool.lent),
  ]);
  line("the bond is for sale: what it fetches repays those layers, the last one first");
  line("no contribution leaves, and no guarantor, for the 20 days after a draw");
}

/** All money that was ever paid in is in custody, with the pool or the treasury, or waits as fees. */
async function showCustodyAfter(api: ApiPromise, http: string, hash: string): Promise<void> {
  step("The books after it");
  const books = await allBooks(api, http, hash);
  const wrong = discrepancies(books);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  line(`${books.length} segments: cash and fees are custody and N in each, and N is zero in sum`);
  const custody = sum(books.map((row) => row.custody));
  const rest = await collectorsHave(api, hash);
  line(`custody ${inTusd(custody)} + with pool, treasury and pot ${inTusd(rest)} = ${inTusd(custody + rest)}`);
  line(`  which is ${inTusd(moneyBefore)} from before the bad day and ${inTusd(PUT_IN)} that was put in for it`);
  if (custody + rest !== moneyBefore + PUT_IN) throw new Error("money is missing, or there is too much");
  line("  reconciled to the unit");
}
