/** A roll-call of three providers: two compute, and one commits to what it did not compute. */

import type { ApiPromise } from "@polkadot/api";
import type { Network } from "./network.js";
import { account, freshAccount } from "../lib/accounts.js";
import { type Agent, startAgent } from "../lib/agent.js";
import { compute, endow, registerResources, resourceView } from "../lib/compute.js";
import { gcx } from "../lib/money.js";
import { succeed } from "../lib/polkadotjs.js";
import { nextRollCall, passageOf, proof } from "../lib/proof.js";
import { CLASSES } from "../lib/reporting.js";

/** Keys of the agents. Everybody has them: they are worth nothing but here. */
const AGENTS = ["//Prover//one", "//Prover//two"];
const BOND = gcx(10_000n);

export async function cheatIsFound(network: Network, api: ApiPromise): Promise<string> {
  const witness = network.nodes[0]!;
  const providers = [freshAccount(), freshAccount(), freshAccount()];
  const keys = [...AGENTS.map(account), providers[2]!];
  const all = new Set([...providers, ...keys].map(({ address }) => address));
  await endow(api, account("//Alice//stash"), [...all], gcx(20_000n));
  const resources = await Promise.all(
    providers.map(async (provider, index) => {
      await succeed(compute(api)["registerProvider"]!(BOND), provider);
      const terms = { class: CLASSES.gemmInt8, agent: keys[index]!.address };
      return (await registerResources(api, provider, [terms]))[0]!;
    }),
  );
  const agents: Agent[] = [];
  try {
    for (const [index, key] of AGENTS.entries()) {
      const resource = resources[index]!;
      agents.push(await startAgent({ node: witness.ws, resources: [resource], key, proveThreads: 1 }));
    }
    const cheating = resources[2]!;
    const { rollCall } = await nextRollCall(witness.http, cheating, 4);
    await succeed(proof(api)["commit"]!(rollCall, cheating, 2, `0x${"ab".repeat(32)}`), keys[2]!);
    const proven = await Promise.all(
      resources.slice(0, 2).map((resource) => passageOf(witness.http, resource, "proven", 400)),
    );
    await passageOf(witness.http, cheating, "unshown", 400);
    for (const { name, http } of network.nodes) {
      const { state, reputation } = await resourceView(http, cheating);
      if (state !== "jailed" || BigInt(reputation.slashed) !== BOND / 4n) {
        throw new Error(`on ${name} the cheat is ${state} and was slashed by ${reputation.slashed}`);
      }
    }
    const rates = proven.map(({ operations }) => `${(operations! / 1e12).toFixed(4)} TOPS`);
    return `two have proven ${rates.join(" and ")}; the third is in jail on every node, and 2,500 GCX of its bond are gone`;
  } finally {
    await Promise.all(agents.map((agent) => agent.end()));
  }
}
