/** Proof of compute: this machine's own rate, which the chain itself checks. */

import type { ApiPromise } from "@polkadot/api";
import { account, freshAccount } from "../../lib/accounts.js";
import { type Agent, startAgent } from "../../lib/agent.js";
import { classView, compute, endow, registerResources, resourceView } from "../../lib/compute.js";
import { gcx } from "../../lib/money.js";
import type { Node } from "../../lib/node.js";
import { succeed } from "../../lib/polkadotjs.js";
import { passageOf, proofView } from "../../lib/proof.js";
import { CLASSES } from "../../lib/reporting.js";
import { line, step } from "../print.js";

/** The key of the agent. Everybody has it: it is worth nothing but on this chain. */
const AGENT = "//Prover//demo";
const BOND = gcx(10_000n);

const provider = freshAccount();
let agent: Agent;
let resource: number;

/** Registers this machine in the class of integer products. Its agent answers roll-calls while the exchange goes on. */
export async function startProving(api: ApiPromise, { ws }: Node): Promise<void> {
  await endow(api, account("//Bob"), [provider.address, account(AGENT).address], gcx(20_000n));
  await succeed(compute(api)["registerProvider"]!(BOND), provider);
  const terms = { class: CLASSES.gemmInt8, agent: account(AGENT).address };
  [resource] = (await registerResources(api, provider, [terms])) as [number];
  // One thread: this machine has other things to do.
  agent = await startAgent({ node: ws, resources: [resource], key: AGENT, proveThreads: 1 });
}

/** What the roll-calls came to. */
export async function showProof({ http }: Node): Promise<void> {
  step("The machine proves its rate in the class of integer products: the chain itself has checked it");
  const { operations, rollCall } = await passageOf(http, resource, "proven");
  const { history } = await proofView(http, resource);
  const { name, versions } = await classView(http, CLASSES.gemmInt8);
  const reference = versions.at(-1)!.system.metrics.find(({ metric }) => metric === "int8Operations")!;
  line(`roll-call ${rollCall} called the class ${name} in an epoch's first block: a nonce that nobody knew before`);
  line("  the agent multiplied matrices that follow from it, round after round, until it was time to commit");
  line(
    "  sixteen cells were drawn when it could no longer change anything, and the chain computed each of them itself",
  );
  line(
    `proven by one thread beside a whole exchange: ${(operations! / 1e12).toFixed(4)} TOPS, ` +
      `${(operations! / reference.value).toExponential(2)} of the reference`,
  );
  line(`its roll-calls so far: ${history.map(({ outcome }) => outcome).join(", ")}`);
  const { tier, evidence } = await resourceView(http, resource);
  if (tier !== "proven") throw new Error(`what is known of it is ${tier}: ${JSON.stringify(evidence)}`);
}

/** Ends the agent. */
export const leaveProof = (): Promise<void> => agent.end();
