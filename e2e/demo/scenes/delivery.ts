/** A physical contract to its end: two data centres sell compute ahead. One delivers it; the other goes dark. */

import type { ApiPromise } from "@polkadot/api";
import { account, freshAccount } from "../../lib/accounts.js";
import { type Agent, startAgent } from "../../lib/agent.js";
import { type Buyer, startBuyer } from "../../lib/buyer.js";
import { accountView } from "../../lib/clearing.js";
import { compute, registerResources, resourceView } from "../../lib/compute.js";
import { admitVintage, delivery, VINTAGE } from "../../lib/delivery.js";
import { type Gateway, honest } from "../../lib/gateways.js";
import { becomeCustomers, fund } from "../../lib/guarantor.js";
import { gcx, tusd } from "../../lib/money.js";
import type { Node } from "../../lib/node.js";
import { fields, finalBlocks, succeed } from "../../lib/polkadotjs.js";
import { indexState, quote, reportEveryDay, type Reporting, reporters } from "../../lib/reporting.js";
import { height } from "../../lib/rpc.js";
import { listContract, physicalDays, signOrder, take } from "../../lib/trading.js";
import { until, within } from "../../lib/wait.js";
import { inDollars, inGcx, inTusd, line, step, table } from "../print.js";
import { guarantors } from "./exchange.js";

/**
 * What the class's reference device does in a second. So little that a quarter of what this machine can deliver, which is the most that
 * anybody may hold near the delivery, is more than what is traded, however busy it is.
 */
const RATE = 100_000;
const REGION = 276;
/** What a provider bonds, and what it loses of that for an hour that it sold and does not deliver. */
const [BOND, LOSS_PER_HOUR] = [gcx(50_000n), gcx(10n)];
/** Order of the agents' solves: small, because this machine has other things to do. */
const ORDER = 512;
const PAID_IN = tusd(5_000n);
/** What an hour costs until the contract has ended, and what it costs when it is delivered. Made up. */
const [AGREED, DEAR] = [2_500_000, 3_000_000];
/** Lots that each sells, and Compute Hours in a lot. */
const [LOTS, MULTIPLIER] = [10, 24];
const HOURS = BigInt(LOTS * MULTIPLIER);
/** Millionths of a Compute Hour in one. */
const HOUR = 1_000_000n;

const sudo = account("//Alice");
/** The keys of the agents and of the buyer. Everybody has them: they are worth nothing but on this chain. */
const AGENTS = ["//Demo//agent//steady", "//Demo//agent//dark"] as const;
const BUYER = "//Demo//buyer";
const buyer = account(BUYER);
/** The data centre that delivers, and the one that goes dark. */
const sellers = [freshAccount(), freshAccount()] as const;

interface Told {
  method: string;
  said: Record<string, any>;
}

/** All that the chain tells of the delivery, and the cash of the buyer and the sellers in it and after it. */
interface Story {
  told: Told[];
  before: bigint[];
  after: bigint[];
  /** The block in which it was over. */
  over: string;
}

let entered: Promise<void>;
let resources: [number, number];
let agents: [Agent, Agent];
let metering: Buyer;
let reporting: Reporting;
let price = AGREED;
let contract: number;
let story: Promise<Story>;

/** Has two data centres and a buyer begin, while the exchange goes on. */
export function startSellers(api: ApiPromise, node: Node, gateway: Gateway): void {
  entered = enter(api, node, gateway);
  entered.catch(() => undefined);
}

async function enter(api: ApiPromise, { http, ws }: Node, gateway: Gateway): Promise<void> {
  await fund(api, account("//Bob"), sudo, [...sellers, buyer, ...AGENTS.map(account)]);
  await succeed(api.tx["sudo"]!["sudo"]!(admitVintage(api, { lossPerHour: LOSS_PER_HOUR, rate: RATE })), sudo);
  reporting = reportEveryDay(api, http, VINTAGE, () => reporters().map((reporter) => quote(reporter, price)));
  await Promise.all(sellers.map((seller) => succeed(compute(api)["registerProvider"]!(BOND), seller)));
  const registered = sellers.map((seller, place) =>
    registerResources(api, seller, [{ class: VINTAGE, agent: account(AGENTS[place]!).address, region: REGION }]),
  );
  resources = (await Promise.all(registered)).flat() as [number, number];
  const started = resources.map((resource, place) =>
    startAgent({ node: ws, resources: [resource], key: AGENTS[place]!, order: ORDER }),
  );
  agents = (await Promise.all(started)) as [Agent, Agent];
  resources.forEach((resource, place) =>
    gateway.behave(
      resource,
      honest((asked) => agents[place]!.source(asked)),
    ),
  );
  metering = await startBuyer(ws, BUYER);
}

/** Lists the contract; the buyer buys of both. From then on everything happens while the exchange goes on. */
export async function showPhysical(api: ApiPromise, node: Node): Promise<void> {
  step("A physical contract: two data centres sell compute ahead, and a laboratory buys it");
  const { http } = node;
  await entered;
  const [first, second] = guarantors();
  await Promise.all([becomeCustomers(api, first, [buyer]), becomeCustomers(api, second, [...sellers])]);
  const parties = [...sellers, buyer];
  await Promise.all(parties.map((who) => succeed(api.tx["clearing"]!["deposit"]!(0, PAID_IN), who)));
  await reporting.next();
  line(`a class VINTAGE is admitted: an hour of a device that solves ${RATE.toLocaleString("en")} operations a second`);
  line(`each of them bonds ${inGcx(BOND)} and offers a machine (both are this one), which its agent answers for`);
  for (const [place, resource] of resources.entries()) {
    const view = await until("a machine to be attested", 200, async () => {
      const view = await resourceView(http, resource);
      return BigInt(view.capacity.sellable) >= HOURS * HOUR && view;
    });
    const name = place === 0 ? "first" : "second";
    line(
      `  the ${name} is attested with the grade ${view.grade!.grade} and can sell ${inHours(view.capacity.sellable)} a day`,
    );
  }
  const { now } = await indexState(http, VINTAGE);
  const terms = physicalDays(VINTAGE, now, MULTIPLIER, 1);
  contract = await listContract(api, sudo, terms, AGREED);
  const day = Math.floor(terms.expires / 60_000);
  line(
    `contract ${contract}: lots of ${MULTIPLIER} Compute Hours, traded until day ${day} begins, delivered on day ${terms.delivery.first}`,
  );
  const from = await height(http);
  const order = {
    instrument: contract,
    lots: LOTS,
    limit: AGREED,
    maxFeePerLot: tusd(1n),
    expires: from + 50,
    salt: 1,
  };
  for (const seller of sellers) {
    const { error } = await take(api, buyer, signOrder(api, seller, { ...order, side: "Sell" }), LOTS, tusd(10n));
    if (error) throw new Error(`the order was not taken: ${error}`);
  }
  line(
    `each signs an order to sell ${LOTS} lots, and the laboratory takes both: ${2n * HOURS} CH at ${inDollars(AGREED)}`,
  );
  await Promise.all(sellers.map((seller) => succeed(delivery(api)["cover"]!(0, contract, LOTS), seller)));
  line("both set capacity aside for what they sold: instead of a deposit their bonds answer for it");
  story = follow(api, node, from);
  story.catch(() => undefined);
}

/** Does what the parties have to as the delivery goes on, and notes what the chain tells, up to its end. */
async function follow(api: ApiPromise, { http }: Node, from: number): Promise<Story> {
  const told: Told[] = [];
  const count = (name: string): number => told.filter(({ method }) => method === name).length;
  const cash = (at: string): Promise<bigint[]> =>
    Promise.all([buyer, ...sellers].map(async ({ address }) => BigInt((await accountView(http, address, at)).cash)));
  let before: bigint[] | undefined;
  const blocks = finalBlocks(api, from);
  for (;;) {
    const { hash, events } = (await within("a final block", 60, () => blocks.next())).value;
    for (const event of events.filter(({ section }) => section === "delivery")) {
      const { method } = event;
      told.push({ method, said: fields(event) });
      if (method === "AllMatched") {
        price = DEAR;
        await agents[1].end();
      }
    }
    if (before === undefined && count("TakenOver") === 3) {
      before = await cash(hash);
      const nominate = (place: 0 | 1) => delivery(api)["nominate"]!(0, contract, resources[place], LOTS);
      await Promise.all([
        succeed(nominate(0), sellers[0]),
        succeed(nominate(1), sellers[1]),
        metering.request(contract, REGION),
      ]);
    }
    if (count("DeliveryClosed") === 1) return { told, before: before!, after: await cash(hash), over: hash };
  }
}

/** What became of it, by the chain's events, and checked to the unit. */
export async function showDelivery({ http }: Node): Promise<void> {
  step("The physical contract's end: compute for one half of the money, a slash for the other");
  const { told, before, after, over } = await within("the delivery to be over", 600, () => story);
  const all = (name: string): Record<string, any>[] =>
    told.filter(({ method }) => method === name).map(({ said }) => said);
  const one = (name: string): Record<string, any> => {
    const [only, ...more] = all(name);
    if (!only || more.length > 0) throw new Error(`${name} was told ${more.length + (only ? 1 : 0)} times, not once`);
    return only;
  };
  const begun = one("Begun");
  const agreed = Number(begun["price"]);
  line(`it expired at its mark, ${inDollars(agreed)}, with ${begun["openInterest"]} lots open`);
  const paidIn = all("TakenOver").find(({ account }) => account.owner === buyer.address)!;
  line(
    `the laboratory pays ${inTusd(BigInt(paidIn["escrowed"]))} into escrow; for what was sold capacity is set aside`,
  );
  for (const said of all("Nominated"))
    line(`${who(said["account"].owner)} nominates resource ${said["resource"]} for ${said["lots"]} lots`);
  const requested = one("Requested");
  line(`the laboratory wants them in region ${requested["region"]}, and its gcx-buyer answers at ${metering.endpoint}`);
  for (const said of all("Matched")) line(`deal ${said["deal"]}: ${said["lots"]} lots of ${who(said["seller"].owner)}`);
  line(`then the second goes dark, and an hour costs ${inDollars(DEAR)}`);
  for (const said of all("Posted"))
    line(`deal ${said["deal"]}: its agent posts that ${inHours(said["available"])} are there`);
  const signed = all("Vouchered").at(-1)!;
  line(
    `deal ${signed["deal"]}: the laboratory's key has signed for ${inHours(signed["cumulative"])}, and the voucher is on the chain`,
  );
  for (const said of all("WindowSettled")) {
    line(
      `deal ${said["deal"]}: ${inHours(said["delivered"])} of ${inHours(said["quantity"])} were delivered; ` +
        `the seller is paid ${inTusd(BigInt(said["paid"]))}, the laboratory has ${inTusd(BigInt(said["returned"]))} back`,
    );
  }
  const whole = one("MadeWhole");
  const [needed, ofStake, ofAccount] = ["needed", "stake", "account"].map((name) => BigInt(whole[name]));
  line(
    `to buy the missing ${inHours(whole["missing"])} elsewhere costs ${inTusd(needed!)} more, at ${inDollars(Number(whole["replacement"]))}`,
  );
  line(`  of that ${inTusd(ofStake!)} come out of the second's bond, and ${inTusd(ofAccount!)} out of its account`);
  const slashed = one("StakeShared");
  const [taken, toBuyer, toChallenger, toPool, burnt] = ["taken", "makeWhole", "challenger", "pool", "burn"].map(
    (name) => BigInt(slashed[name]),
  ) as [bigint, bigint, bigint, bigint, bigint];
  line(
    `  of its bond ${inGcx(taken)} are slashed: ${inGcx(toBuyer)} for the laboratory, ${inGcx(toPool)} to the insurance pool, ${inGcx(burnt)} burnt`,
  );
  if (taken !== HOURS * LOSS_PER_HOUR || toBuyer + toChallenger + toPool + burnt !== taken) {
    throw new Error("the slash is not what the class says, or not shared out whole");
  }
  const { reputation } = await resourceView(http, resources[1], over);
  if (BigInt(reputation.bond) !== BOND - taken) throw new Error("the bond was not slashed by that");

  const value = HOURS * BigInt(agreed);
  const extra = HOURS * BigInt(DEAR - agreed);
  const expected = [value + extra, value, -ofAccount!];
  const names = ["the laboratory", "the one that delivered", "the one that went dark"];
  table([
    ["", "cash in delivery", "cash after it", "change"],
    ...names.map((name, place) =>
      [name, before[place]!, after[place]!, after[place]! - before[place]!].map((cell) =>
        typeof cell === "bigint" ? inTusd(cell) : cell,
      ),
    ),
  ]);
  if (needed !== extra || ofStake! + ofAccount! !== extra) throw new Error("the laboratory was not made whole");
  if (expected.some((change, place) => after[place] !== before[place]! + change))
    throw new Error("the cash is not what follows");
  const { tally, money } = one("DeliveryClosed") as { tally: Record<string, string>; money: Record<string, string> };
  const { delivered, compensated, released } = bigints(tally);
  const { escrowed, paid, returned, forfeited } = bigints(money);
  line(
    `${inHours(delivered!)} delivered + ${inHours(compensated!)} compensated + ${inHours(released!)} released = open interest`,
  );
  line(
    `${inTusd(escrowed!)} into escrow = ${inTusd(paid!)} paid + ${inTusd(returned!)} returned + ${inTusd(forfeited!)} forfeited`,
  );
  if (delivered! + compensated! + released! !== 2n * HOURS * HOUR || delivered !== HOURS * HOUR) {
    throw new Error("the hours do not add up");
  }
  if (escrowed !== 2n * value || escrowed !== paid! + returned! + forfeited!)
    throw new Error("the escrow does not add up");
  line("  reconciled to the unit");
}

/** Ends what the data centres and the laboratory run. */
export async function leaveDelivery(): Promise<void> {
  reporting.stop();
  await Promise.all([metering.end(), ...agents.map((agent) => agent.end())]);
}

const who = (address: string): string =>
  new Map([
    [sellers[0].address, "the first data centre"],
    [sellers[1].address, "the second data centre"],
    [buyer.address, "the laboratory"],
  ]).get(address) ?? address;

const bigints = (of: Record<string, string>): Record<string, bigint> =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, BigInt(value)]));

/** Millionths of a Compute Hour, as a decimal number of them, exactly. */
function inHours(capacity: string | number | bigint): string {
  const millionths = BigInt(capacity);
  const fraction = (millionths % HOUR).toString().padStart(6, "0").replace(/0+$/, "");
  return `${(millionths / HOUR).toLocaleString("en")}${fraction && `.${fraction}`} CH`;
}
