/**
 * Four validators are the attestors, and each reads from a gateway of its own. One of the gateways lies, one is dead: what
 * the quorum finds is right all the same, and nobody pays for another's fault.
 */

import type { Event } from "@polkadot/types/interfaces";
import type { ApiPromise } from "@polkadot/api";
import type { Network, NetworkNode } from "./network.js";
import { account, freshAccount } from "../lib/accounts.js";
import { startAgent } from "../lib/agent.js";
import {
  type Attestor,
  attestorOf,
  ATTESTORS,
  type Closed,
  compute,
  endow,
  registerResources,
  resourceView,
} from "../lib/compute.js";
import { flattering, Gateway, honest, type Source } from "../lib/gateways.js";
import { gcx } from "../lib/money.js";
import { all, finalBlocks, succeed } from "../lib/polkadotjs.js";
import { CLASSES } from "../lib/reporting.js";
import { height } from "../lib/rpc.js";
import { until, within } from "../lib/wait.js";

/** Where the definition of the network has the attestors' gateways: of two that are honest, and of the liar. Nobody opens the fourth. */
const [FIRST, SECOND, LIAR] = [9750, 9751, 9752] as const;
/** The key of the agent. Everybody has it: it is worth nothing but here. */
const AGENT = "//Provider//testnet";
const ORDER = 1_024;
/** What a round costs, and what an outlier loses of its standing, in parts per million. */
const [FEE, STANDING_LOST] = [gcx(1n), 200_000];

/** The names of the attestors, in the order of their gateways. */
const [alice, bob, charlie, dave] = ATTESTORS.map((path) => account(path).address) as [string, string, string, string];

export async function attestorsAgree(network: Network, api: ApiPromise): Promise<string> {
  const witness = network.nodes[0]!;
  const provider = freshAccount();
  await endow(api, account("//Alice//stash"), [provider.address, account(AGENT).address], gcx(20_000n));
  await succeed(compute(api)["registerProvider"]!(gcx(10_000n)), provider);
  const before = await standings(api);
  const from = await height(witness.http);
  const [resource] = await registerResources(api, provider, [
    { class: CLASSES.hpcFp64, agent: account(AGENT).address },
  ]);
  const agent = await startAgent({ node: witness.ws, resources: [resource!], key: AGENT, order: ORDER });
  const gateways = await openGateways(agent.source);
  try {
    const told = await within("the round to be closed", 300, () => untilClosed(api, from, resource!));
    await check(api, told, before);
    const grades = await Promise.all(network.nodes.map((node) => gradeAt(node, resource!)));
    if (grades.some((grade) => grade !== "D4Z")) throw new Error(`the grade is ${grades.join(", ")} and not D4Z`);
    return (
      `grade D4Z on every node; of a fee of 1 GCX alice and bob have a quarter each and nobody the rest; ` +
      `charlie lost ${STANDING_LOST / 10_000} % of its standing, dave nothing, neither any of its bond`
    );
  } finally {
    await Promise.all([agent.end(), ...gateways.map((gateway) => gateway.close())]);
  }
}

function openGateways(source: Source): Promise<Gateway[]> {
  return Promise.all([
    Gateway.open(honest(source), FIRST),
    Gateway.open(honest(source), SECOND),
    Gateway.open(flattering(source), LIAR),
  ]);
}

const standings = async (api: ApiPromise): Promise<Map<string, Attestor>> =>
  new Map(
    await Promise.all([alice, bob, charlie, dave].map(async (who) => [who, await attestorOf(api, who)] as const)),
  );

/** Everything that final blocks tell, up to the one in which the resource's first round that was answered is closed. */
async function untilClosed(api: ApiPromise, from: number, resource: number): Promise<Event[]> {
  const told: Event[] = [];
  for await (const { events } of finalBlocks(api, from)) {
    told.push(...events);
    const closed = all<Closed>(events, "attestation", "Closed").find((it) => it.resource === resource);
    if (closed && !("missed" in closed.outcome)) return told;
  }
  throw new Error("final blocks have come to an end");
}

async function check(api: ApiPromise, told: Event[], before: Map<string, Attestor>): Promise<void> {
  const closed = all<Closed>(told, "attestation", "Closed").at(-1)!;
  const { outcome } = closed;
  if (!("attested" in outcome)) throw new Error(`the round came to ${JSON.stringify(outcome)}`);
  const { agreed, outliers } = outcome.attested;
  if (agreed !== 2 || outliers !== 1) throw new Error(`${agreed} attestors agreed, and ${outliers} were outliers`);

  const paid = all<{ attestor: string; paid: number }>(told, "attestation", "Agreed");
  const shares = new Map(paid.map(({ attestor, paid }) => [attestor, BigInt(paid)]));
  const share = FEE / 4n;
  if (shares.size !== 2 || shares.get(alice) !== share || shares.get(bob) !== share) {
    throw new Error(`alice and bob should have a quarter of the fee each: ${JSON.stringify(paid)}`);
  }
  const money = [closed.fee, closed.paid, closed.unpaid].map(BigInt);
  if (money.join() !== [FEE, 2n * share, FEE - 2n * share].join()) throw new Error(`the fee was split as ${money}`);
  const [outlier, ...others] = all<{ attestor: string }>(told, "attestation", "Outlier");
  if (outlier?.attestor !== charlie || others.length > 0) throw new Error("charlie should be the only outlier");
  if (all(told, "attestation", "Slashed").length > 0) throw new Error("an attestor was slashed");

  const after = await standings(api);
  for (const [who, name, lost] of [
    [charlie, "charlie", STANDING_LOST],
    [dave, "dave", 0],
  ] as const) {
    const [had, has] = [before.get(who)!, after.get(who)!];
    if (had.standing - has.standing !== lost) throw new Error(`${name} has a standing of ${has.standing}`);
    if (had.bond !== has.bond) throw new Error(`${name} had a bond of ${had.bond} and has ${has.bond}`);
  }
  const { undecided } = after.get(dave)!.record;
  if (undecided !== before.get(dave)!.record.undecided + 1) throw new Error("dave's abstention was not counted");
}

/** The grade that a node says, once it is as far. */
const gradeAt = (node: NetworkNode, resource: number): Promise<string> =>
  until(`the grade on ${node.name}`, 60, async () => (await resourceView(node.http, resource)).grade?.grade);
