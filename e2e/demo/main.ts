/** `scripts/demo`: a development chain at work, from its first block to a final transfer. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { account, freshAccount } from "../lib/accounts.js";
import { becomeCustomer, becomeGuarantor, BOND, cashOf, fund, HOUSE_FUNDS } from "../lib/guarantor.js";
import { gcx, TUSD, tusd } from "../lib/money.js";
import { startDevelopmentNode, type Node } from "../lib/node.js";
import { connect, submit, succeed } from "../lib/polkadotjs.js";
import { isFree, killAll } from "../lib/process.js";
import { CLASSES, fixPrice, indexState, quote, reporters } from "../lib/reporting.js";
import { finalizedHeight, height } from "../lib/rpc.js";
import { seconds, sleep, until } from "../lib/wait.js";

const RPC_PORT = 9944;
const METRICS_PORT = 9615;
/** Blocks to show before anything is sent. */
const BLOCKS_SHOWN = 3;

const checking = process.argv.includes("--check");
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => process.exit(130));
process.once("exit", killAll);

const line = (text: string): void => console.log(`    ${text}`);
const step = (text: string): void => console.log(`\n==> ${text}`);

/** An amount in its smallest unit as a decimal number, exactly. */
function amount(value: bigint, unit: bigint, symbol: string): string {
  const digits = unit.toString().length - 1;
  const fraction = (value % unit).toString().padStart(digits, "0").replace(/0+$/, "");
  return `${(value / unit).toLocaleString("en")}${fraction && `.${fraction}`} ${symbol}`;
}

async function run(): Promise<void> {
  step("A development chain of one validator, with a database that is deleted at the end");
  // The usual ports where they are free, so that tools find the node by themselves.
  const began = Date.now();
  const node = await startDevelopmentNode({
    ...((await isFree(RPC_PORT)) && { rpc: RPC_PORT }),
    ...((await isFree(METRICS_PORT)) && { metrics: METRICS_PORT }),
  });
  line(`its first block came ${seconds(Date.now() - began)} after the start`);

  await showBlocks(node);
  const api = await connect(node.ws);
  try {
    step("Transfers, signed here and submitted through JSON-RPC");
    const [from, to] = [account("//Bob"), freshAccount()];
    await showTransfer(api, from, to, "gcx", gcx(25n));
    await showTransfer(api, from, to, "settlement", tusd(1_250n));
    await showCustody(api);
    await showFix(api, node);
  } finally {
    await api.disconnect();
  }

  step("Endpoints");
  line(`JSON-RPC    ${node.http} and ${node.ws}`);
  line(`explorer    https://polkadot.js.org/apps/?rpc=${encodeURIComponent(node.ws)}#/explorer`);
  line(`metrics     ${node.metrics}`);
  line(`log         ${node.log}`);
  if (checking) {
    await node.end();
    step("All of it worked; the chain is stopped");
    process.exit(0);
  }
  step("The chain runs on. Ctrl-C stops it and deletes its database");
  while (node.ended() === undefined) await sleep(1_000);
  throw new Error(`the node ended with ${node.ended()}: its log is ${node.log}`);
}

async function showBlocks({ http }: Node): Promise<void> {
  step("Blocks, and how far they are final");
  let shown = await height(http);
  for (let count = 0; count < BLOCKS_SHOWN; count++) {
    const best = await until("the next block", 30, async () => {
      const best = await height(http);
      return best > shown && best;
    });
    shown = best;
    line(`best block ${best}, final up to ${await finalizedHeight(http)}`);
  }
  const final = await until("a final block", 60, async () => (await finalizedHeight(http)) || undefined);
  line(`block ${final} is final`);
}

/**
 * An hour of an NVIDIA H100 (SXM) on demand on 1 July 2026 at three venues, in millionths of a dollar: crusoe.ai,
 * lambda.ai, runpod.io (cherielilili/gpu-pricing-tracker @ 04891eb3).
 */
const H100_HOUR = [3_900_000, 4_190_000, 2_690_000];

/** Two guarantors, each with a customer whose margin the chain holds: what went in and what came out, to the unit. */
async function showCustody(api: ApiPromise): Promise<void> {
  step("Two guarantors, two customers, and the chain's custody of their money");
  const [first, second, buyer, seller] = [freshAccount(), freshAccount(), freshAccount(), freshAccount()];
  await fund(api, account("//Alice//stash"), account("//Alice"), [first, second, buyer, seller]);
  const dollars = (value: bigint): string => amount(value, tusd(1n), "tUSD");
  for (const guarantor of [first, second]) await becomeGuarantor(api, account("//Alice"), guarantor);
  line(`each guarantor bonds ${amount(BOND, gcx(1n), "GCX")} and puts ${dollars(HOUSE_FUNDS)} into its house`);
  await Promise.all([becomeCustomer(api, buyer, first), becomeCustomer(api, seller, second)]);

  const [paidIn, paidOut] = [tusd(5_000n), tusd(750n)];
  for (const customer of [buyer, seller]) await succeed(api.tx["clearing"]!["deposit"]!(0, paidIn), customer);
  await succeed(api.tx["clearing"]!["withdraw"]!(0, paidOut), buyer);
  const held = [first, second, buyer, seller].map((owner) => cashOf(api, owner));
  const [ofFirst, ofSecond, ofBuyer, ofSeller] = (await Promise.all(held)) as [bigint, bigint, bigint, bigint];
  line(`a buyer under the first pays in ${dollars(paidIn)}, takes out ${dollars(paidOut)} and has ${dollars(ofBuyer)}`);
  line(`a seller under the second pays in ${dollars(paidIn)} and has ${dollars(ofSeller)}`);
  const custody = BigInt((await api.query["clearing"]!["totalCustody"]!()).toString());
  line(`all custody is ${dollars(custody)}`);
  if (custody !== ofFirst + ofSecond + ofBuyer + ofSeller || custody !== 2n * (HOUSE_FUNDS + paidIn) - paidOut) {
    throw new Error("the ledgers do not reconcile with custody");
  }
  line("  reconciled to the unit");
}

/** A day of the price index: three reporters commit, reveal, and come to one price. */
async function showFix(api: ApiPromise, { http }: Node): Promise<void> {
  step("A day of the price index, which is a minute on this chain");
  const dollars = (price: number): string => `${(price / 1_000_000).toFixed(2)} dollars`;
  const quotes = reporters().map((reporter, place) => quote(reporter, H100_HOUR[place]!));
  for (const { price } of quotes) line(`a reporter commits to ${dollars(price)}`);
  const fix = await fixPrice(api, http, CLASSES.aiInfer, quotes);
  const { age, statistics } = await indexState(http, CLASSES.aiInfer);
  line(`day ${fix.day} is fixed at ${dollars(fix.price)}: nobody disputed it`);
  line(`  its age is ${seconds(age ?? 0)}, counted from the end of reporting`);
  const prices = quotes.map(({ price }) => price);
  const among = fix.price >= Math.min(...prices) && fix.price <= Math.max(...prices);
  if (!among || statistics?.meanSize !== fix.price) throw new Error("the fix does not follow from the reports");
}

/** Sends `value`, shows what both have before and after, and fails if a unit is missing anywhere. */
async function showTransfer(
  api: ApiPromise,
  from: KeyringPair,
  to: KeyringPair,
  asset: "gcx" | "settlement",
  value: bigint,
): Promise<void> {
  const inGcx = asset === "gcx";
  const print = (value: bigint): string => (inGcx ? amount(value, gcx(1n), "GCX") : amount(value, tusd(1n), "tUSD"));
  const balance = async (who: KeyringPair): Promise<bigint> => {
    // The client learns the chain's types at run time.
    const entry = inGcx
      ? await api.query["system"]!["account"]!(who.address)
      : await api.query["assets"]!["account"]!(TUSD, who.address);
    const json = entry.toJSON() as { data?: { free: string | number }; balance?: string | number } | null;
    return BigInt(json?.data?.free ?? json?.balance ?? 0);
  };
  const call = inGcx
    ? api.tx["balances"]!["transferKeepAlive"]!(to.address, value)
    : api.tx["assets"]!["transferKeepAlive"]!(TUSD, to.address, value);

  const before = [await balance(from), await balance(to)] as const;
  const sent = Date.now();
  const { error, fee } = await submit(call, from);
  if (error) throw new Error(`the transfer of ${print(value)} failed: ${error}`);
  const after = [await balance(from), await balance(to)] as const;

  line(
    `${print(value)}, final ${seconds(Date.now() - sent)} after it was sent, for a fee of ${amount(fee, gcx(1n), "GCX")}`,
  );
  line(`  sender     ${print(before[0])} -> ${print(after[0])}`);
  line(`  recipient  ${print(before[1])} -> ${print(after[1])}`);
  const paid = value + (inGcx ? fee : 0n);
  if (before[0] - after[0] !== paid || after[1] - before[1] !== value) throw new Error("the balances do not reconcile");
  line("  reconciled to the unit");
}

run().catch((error: unknown) => {
  console.error(`\nerror: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
