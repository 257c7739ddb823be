/** A cash contract to its end: two days' fixes, their mean, and what it is paid out at. */

import type { ApiPromise } from "@polkadot/api";
import { account, freshAccount } from "../../lib/accounts.js";
import { accountView, instrumentViews } from "../../lib/clearing.js";
import { becomeCustomers, fund } from "../../lib/guarantor.js";
import { tusd } from "../../lib/money.js";
import type { Node } from "../../lib/node.js";
import { succeed } from "../../lib/polkadotjs.js";
import { CLASSES, indexState } from "../../lib/reporting.js";
import { height } from "../../lib/rpc.js";
import { listContract, MULTIPLIER, shortMonth, signOrder, take } from "../../lib/trading.js";
import { until } from "../../lib/wait.js";
import { inDollars, inTusd, line, step } from "../print.js";
import { guarantors } from "./exchange.js";

const sudo = account("//Alice");
const [long, short] = [freshAccount(), freshAccount()];
const PAID_IN = tusd(5_000n);
const LOTS = 5;
/** Days whose fixes are averaged. */
const DAYS = 2;

/** What was agreed. */
let agreed: { contract: number; first: number; last: number; price: number; cash: [bigint, bigint] };

/** Lists a contract of two days, and two customers trade it. */
export async function startMonth(api: ApiPromise, { http }: Node): Promise<void> {
  step("A cash contract of two days: its end will be paid out at the mean of their fixes");
  await fund(api, account("//Alice//stash"), sudo, [long, short]);
  const [first, second] = guarantors();
  await Promise.all([becomeCustomers(api, first, [long]), becomeCustomers(api, second, [short])]);
  await Promise.all([long, short].map((who) => succeed(api.tx["clearing"]!["deposit"]!(0, PAID_IN), who)));
  const { now, latest } = await indexState(http, CLASSES.aiInfer);
  const terms = shortMonth(CLASSES.aiInfer, now, DAYS);
  const contract = await listContract(api, sudo, terms, latest!.price);
  const view = (await instrumentViews(http)).find(({ instrument }) => instrument === contract)!;
  const price = view.mark ?? latest!.price;
  const expires = (await height(http)) + 100;
  const order = { instrument: contract, lots: LOTS, limit: price, maxFeePerLot: tusd(1n), expires, salt: 1 };
  const { error, block } = await take(api, long, signOrder(api, short, { ...order, side: "Sell" }), LOTS, tusd(10n));
  if (error) throw new Error(`the order was not taken: ${error}`);
  // Of the block of the trade: a settlement run may follow at once.
  const cash = async ({ address }: { address: string }) => BigInt((await accountView(http, address, block)).cash);
  agreed = { contract, ...terms.delivery, price, cash: [await cash(long), await cash(short)] };
  line(`contract ${contract} is about the days ${agreed.first} and ${agreed.last}, and trades until the last begins`);
  line(`a signed order is taken: ${LOTS} lots at ${inDollars(price)}; each side has paid its fee`);
}

/** Waits for the end and checks it to the unit. */
export async function showMonth(api: ApiPromise, { http }: Node): Promise<void> {
  step("The cash contract's end");
  const { contract, first, last, price, cash } = agreed;
  await until("the contract to be settled", 300, async () =>
    (await instrumentViews(http)).every(({ instrument }) => instrument !== contract),
  );
  const fixes = (await indexState(http, CLASSES.aiInfer)).fixes.filter(({ day }) => day >= first && day <= last);
  for (const fix of fixes) line(`day ${fix.day} was fixed at ${inDollars(fix.price)}`);
  if (fixes.length !== DAYS) throw new Error("a day has no fix: the window grew");
  const mean = Math.floor(fixes.reduce((sum, fix) => sum + fix.price, 0) / DAYS + 0.5);
  const moved = BigInt(LOTS * MULTIPLIER) * BigInt(mean - price);
  const hash = (await api.rpc.chain.getBlockHash()).toHex();
  const after = async ({ address }: { address: string }) => BigInt((await accountView(http, address, hash)).cash);
  const [ofLong, ofShort] = [await after(long), await after(short)];
  line(`the final price is their mean, ${inDollars(mean)}; nobody holds the contract any more, and it is forgotten`);
  line(`  cash of the long   ${inTusd(cash[0])} -> ${inTusd(ofLong)}`);
  line(`  cash of the short  ${inTusd(cash[1])} -> ${inTusd(ofShort)}`);
  if (ofLong !== cash[0] + moved || ofShort !== cash[1] - moved) throw new Error("the mean was not what was paid");
  line("  reconciled to the unit");
}
