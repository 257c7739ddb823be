/** `scripts/demo`: a development chain at work, from its first block to compute that is delivered, and compute that is not. */

import { account, freshAccount } from "../lib/accounts.js";
import { followBalances } from "../lib/indexer.js";
import { gcx, tusd } from "../lib/money.js";
import { startDevelopmentNode } from "../lib/node.js";
import { connect } from "../lib/polkadotjs.js";
import { isFree, killAll } from "../lib/process.js";
import { seconds, sleep } from "../lib/wait.js";
import { line, step } from "./print.js";
import { showAudit } from "./scenes/audit.js";
import { showCollapse, showPool, startPrices } from "./scenes/badday.js";
import { showBlocks, showTransfer } from "./scenes/chain.js";
import { openGateway, showGrade, startProvider } from "./scenes/compute.js";
import { leaveDelivery, showDelivery, showPhysical, startSellers } from "./scenes/delivery.js";
import {
  buyerAddress,
  showBooks,
  showCustody,
  showFix,
  showRuns,
  showTrade,
  startReporters,
} from "./scenes/exchange.js";
import { showMonth, startMonth } from "./scenes/month.js";
import { leaveProof, showProof, startProving } from "./scenes/proof.js";
import { showRewards, showToken } from "./scenes/token.js";

const RPC_PORT = 9944;
const METRICS_PORT = 9615;

const checking = process.argv.includes("--check");
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => process.exit(130));
process.once("exit", killAll);

async function run(): Promise<void> {
  step("A development chain of one validator, with a database that is deleted at the end");
  // The usual ports where they are free, so that tools find the node by themselves.
  const began = Date.now();
  const gateway = await openGateway();
  const node = await startDevelopmentNode({
    gateway: gateway.url,
    ...((await isFree(RPC_PORT)) && { rpc: RPC_PORT }),
    ...((await isFree(METRICS_PORT)) && { metrics: METRICS_PORT }),
  });
  line(`its first block came ${seconds(Date.now() - began)} after the start`);

  await showBlocks(node);
  const api = await connect(node.ws);
  const indexer = followBalances(api);
  step("Transfers, signed here and submitted through JSON-RPC");
  const [from, to] = [account("//Bob"), freshAccount()];
  await showTransfer(api, from, to, "gcx", gcx(25n));
  await showTransfer(api, from, to, "settlement", tusd(1_250n));
  const agent = await startProvider(api, node);
  await startProving(api, node);
  const reporting = startReporters(api, node);
  const prices = startPrices(api, node);
  await showCustody(api);
  startSellers(api, node, gateway);
  await showFix(node, reporting);
  await showTrade(api, node);
  await showRuns(api, node);
  await showBooks(api, node);
  await showToken(api, node);
  await showPhysical(api, node);
  await startMonth(api, node);
  const before = await showPool(api, node, prices);
  await showCollapse(api, node, before);
  await showMonth(api, node);
  await showGrade(api, node);
  await showProof(node);
  await showDelivery(node);
  await showRewards(api, node);
  await showAudit(api, indexer);

  step("Endpoints");
  line(`JSON-RPC    ${node.http} and ${node.ws}`);
  line(`explorer    https://polkadot.js.org/apps/?rpc=${encodeURIComponent(node.ws)}#/explorer`);
  line(`metrics     ${node.metrics}`);
  line(`results     ${agent.url}, and through the gateway ${gateway.url}`);
  line(`logs        ${node.log} and ${agent.log}`);
  line(`the buyer   gcx_account ["${buyerAddress()}"]`);
  if (checking) {
    reporting.stop();
    prices.stop();
    await leaveDelivery();
    await leaveProof();
    await agent.end();
    await api.disconnect();
    await node.end();
    step("All of it worked; the chain is stopped");
    process.exit(0);
  }
  step("The chain runs on, and the reporters with it. Ctrl-C stops it and deletes its database");
  while (node.ended() === undefined) await sleep(1_000);
  throw new Error(`the node ended with ${node.ended()}: its log is ${node.log}`);
}

run().catch((error: unknown) => {
  console.error(`\nerror: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
