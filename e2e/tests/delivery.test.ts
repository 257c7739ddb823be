import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { type Agent, startAgent } from "../lib/agent.js";
import { type Buyer, startBuyer } from "../lib/buyer.js";
import { accountView, allBooks, discrepancies, instrumentViews } from "../lib/clearing.js";
import { ATTESTORS, compute, insertAttestorKey, registerResources, resourceView } from "../lib/compute.js";
import { admitVintage, dealsOf, deliveryViews, delivery, type DeliveryView, VINTAGE } from "../lib/delivery.js";
import { Gateway, honest } from "../lib/gateways.js";
import { becomeCustomers, becomeGuarantors, fund } from "../lib/guarantor.js";
import { gcx, tusd } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { all, connect, submit, succeed } from "../lib/polkadotjs.js";
import { indexState, nextDay, quote, reportEveryDay, reporters, type Reporting } from "../lib/reporting.js";
import { height } from "../lib/rpc.js";
import { listContract, physicalDays, signOrder, take } from "../lib/trading.js";
import { until } from "../lib/wait.js";

// These tests have a chain of their own: they wait for days and settlement runs. They build on each other.
let node: Node;
let api: ApiPromise;
let gateway: Gateway;
let agent: Agent;
let buyer: Buyer;
let reporting: Reporting;

const REGION = 276;
const sudo = account("//Alice");
/** Keys of the real agent and of the real buyer. Everybody has them: they are worth nothing but on this chain. */
const [AGENT, BUYER] = ["//Delivery//agent", "//Delivery//buyer"];
const bought = account(BUYER);
const [first, second] = [freshAccount(), freshAccount()];
/** One sells what its machine can do, the other what it does not have. */
const [honestSeller, emptyHanded] = [freshAccount(), freshAccount()];
const PAID_IN = tusd(5_000n);
const [LISTED_AT, DEAR] = [2_500_000, 3_000_000];
/** Lots of each seller, and Compute Hours a lot. */
const [LOTS, MULTIPLIER] = [10, 24];
const HOURS = BigInt(LOTS * MULTIPLIER);
/** What reporters say. */
let price = LISTED_AT;
let resource = 0;
let contract = 0;
/** What each has once its position was handed over. */
let handedOver: { bought: bigint; honest: bigint; empty: bigint };

const cash = async (of: { address: string }): Promise<bigint> =>
  BigInt((await accountView(node.http, of.address)).cash);

/** The delivery once something is true of it. */
const deliveryOnce = (what: string, seconds: number, isSo: (view: DeliveryView) => boolean): Promise<DeliveryView> =>
  until(what, seconds, async () => {
    const [view] = await deliveryViews(node.http);
    return view && isSo(view) && view;
  });

beforeAll(async () => {
  gateway = await Gateway.open(honest((asked) => agent.source(asked)));
  node = await startDevelopmentNode({ chain: inject("chain"), gateway: gateway.url });
  api = await connect(node.ws);
  for (const path of ATTESTORS) await insertAttestorKey(node.http, path);
  const parties = [bought, honestSeller, emptyHanded];
  await fund(api, account("//Alice//stash"), sudo, [first, second, ...parties, account(AGENT)]);
  await succeed(api.tx["sudo"]!["sudo"]!(admitVintage(api)), sudo);
  reporting = reportEveryDay(api, node.http, VINTAGE, () => reporters().map((reporter) => quote(reporter, price)));
  await Promise.all([
    becomeGuarantors(api, sudo, [first, second]),
    succeed(compute(api)["registerProvider"]!(gcx(50_000n)), honestSeller),
  ]);
  [resource] = (await registerResources(api, honestSeller, [
    { class: VINTAGE, agent: account(AGENT).address, region: REGION },
  ])) as [number];
  agent = await startAgent({ node: node.ws, resources: [resource], key: AGENT, order: 512 });
  buyer = await startBuyer(node.ws, BUYER);
  await Promise.all([becomeCustomers(api, first, [bought]), becomeCustomers(api, second, [honestSeller, emptyHanded])]);
  await Promise.all(parties.map((who) => succeed(api.tx["clearing"]!["deposit"]!(0, PAID_IN), who)));
  await reporting.next();
}, 400_000);

afterAll(async () => {
  reporting?.stop();
  await buyer?.end();
  await agent?.end();
  await api?.disconnect();
  await node?.end();
  await gateway?.close();
});

describe("a physical contract", () => {
  test("is_sold_by_who_has_a_machine_and_by_who_has_none", async () => {
    await until("the machine to be attested", 200, async () => {
      const { capacity } = await resourceView(node.http, resource);
      return BigInt(capacity.sellable) >= HOURS * 1_000_000n;
    });
    // From the beginning of a day: limits come down as the last ones go.
    await nextDay(node.http, VINTAGE);
    const { now } = await indexState(node.http, VINTAGE);
    contract = await listContract(api, sudo, physicalDays(VINTAGE, now, MULTIPLIER, 1), LISTED_AT);
    const expires = (await height(node.http)) + 50;
    const order = { instrument: contract, limit: LISTED_AT, maxFeePerLot: tusd(1n), expires, side: "Sell" } as const;
    const reducing = signOrder(api, emptyHanded, { ...order, lots: LOTS, salt: 2, reduceOnly: true });
    const refused = await take(api, bought, reducing, LOTS, tusd(10n));
    expect(refused.error).toBe("market.OrderReduceOnly");
    expect(all(refused.events, "market", "Filled")).toEqual([]);
    for (const seller of [honestSeller, emptyHanded]) {
      const offer = signOrder(api, seller, { ...order, lots: LOTS, salt: 1 });
      expect((await take(api, bought, offer, LOTS, tusd(10n))).error).toBeUndefined();
    }
    // Nobody covers what it cannot deliver.
    const cover = delivery(api)["cover"]!(0, contract, LOTS);
    await succeed(cover, honestSeller);
    expect((await submit(cover, emptyHanded)).error).toBe("compute.NotProvider");
  }, 300_000);

  test("ends_at_its_mark_and_its_money_goes_into_escrow", async () => {
    const view = await deliveryOnce(
      "everybody to be handed over",
      300,
      (it) => it.takenLong === 2 * LOTS && it.takenShort === 2 * LOTS,
    );
    expect(view).toMatchObject({
      instrument: contract,
      class: VINTAGE,
      openInterest: 2 * LOTS,
      multiplier: MULTIPLIER,
    });
    const value = HOURS * BigInt(view.price);
    // The buyer's whole price, and what the one who covered nothing sold.
    expect(BigInt(view.escrowed)).toBe(3n * value);
    handedOver = { bought: await cash(bought), honest: await cash(honestSeller), empty: await cash(emptyHanded) };
    await succeed(delivery(api)["nominate"]!(0, contract, resource, LOTS), honestSeller);
    await buyer.request(contract, REGION);
    const deals = await until("the deals", 240, async () => {
      const deals = await dealsOf(node.http, bought.address);
      return deals.length === 2 && deals;
    });
    // Compute is dear from now on.
    price = DEAR;
    const [withMachine, without] = deals as [(typeof deals)[0], (typeof deals)[0]];
    expect(withMachine).toMatchObject({
      backing: { backing: "resource", resource },
      endpoint: buyer.endpoint,
      lots: LOTS,
    });
    expect(without).toMatchObject({ backing: { backing: "deposit" }, lots: LOTS });
  }, 500_000);

  test("is_delivered_by_one_and_made_good_by_the_other_to_the_unit", async () => {
    const { price: agreed, days } = (await deliveryViews(node.http))[0]!;
    const [deal] = await dealsOf(node.http, bought.address);
    await until("a voucher on the chain, and what the agent posted", 200, async () => {
      const window = (await dealsOf(node.http, bought.address))
        .find((it) => it.deal === deal!.deal)
        ?.windows.find(({ day }) => day === days.first);
      return window?.available !== null && BigInt(window?.vouchered ?? 0) > 0n && window;
    });
    expect(await buyer.status()).toContain(`${deal!.deal}`);
    await until("the delivery to be over", 240, async () => (await deliveryViews(node.http)).length === 0);
    const { fixes } = await indexState(node.http, VINTAGE);
    const replaced = fixes.find(({ day }) => day === days.first)!.price;
    const value = HOURS * BigInt(agreed);
    const extra = HOURS * BigInt(Math.max(0, replaced - agreed));
    // Five per cent of what it did not earn, rounded up: it has no stake that could be slashed.
    const fine = (value * 50_000n + 999_999n) / 1_000_000n;
    expect(replaced).toBe(DEAR);
    expect(await cash(honestSeller)).toBe(handedOver.honest + value);
    expect(await cash(bought)).toBe(handedOver.bought + value + extra);
    expect(await cash(emptyHanded)).toBe(handedOver.empty + value - extra - fine);
    const { reputation } = await resourceView(node.http, resource);
    expect(reputation).toMatchObject({ delivered: `${HOURS * 1_000_000n}`, undelivered: "0" });
  }, 500_000);

  test("leaves_nothing_behind", async () => {
    await until("the contract to be forgotten", 120, async () => (await instrumentViews(node.http)).length === 0);
    const hash = (await api.rpc.chain.getBlockHash()).toHex();
    const books = await allBooks(api, node.http, hash);
    expect(books.every(({ escrow }) => escrow === 0n)).toBe(true);
    expect(discrepancies(books)).toEqual([]);
  }, 180_000);
});
