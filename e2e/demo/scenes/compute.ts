/** Compute: the agent measures this machine, attestors examine what it says, and the chain grades it. */

import type { ApiPromise } from "@polkadot/api";
import { account, freshAccount } from "../../lib/accounts.js";
import { type Agent, startAgent } from "../../lib/agent.js";
import {
  ATTESTORS,
  Chronicle,
  classView,
  compute,
  endow,
  insertAttestorKey,
  registerResources,
  resourceView,
  type Round,
  type RoundOutcome,
} from "../../lib/compute.js";
import { Gateway, honest } from "../../lib/gateways.js";
import { gcx } from "../../lib/money.js";
import type { Node } from "../../lib/node.js";
import { succeed } from "../../lib/polkadotjs.js";
import { CLASSES } from "../../lib/reporting.js";
import { until } from "../../lib/wait.js";
import { inGcx, line, step } from "../print.js";

/** The key of the agent. Everybody has it: it is worth nothing but on this chain. */
const AGENT = "//Provider//demo";
const BOND = gcx(10_000n);
/** Order of the solve, and bytes of each of STREAM's arrays: small, because this machine has other things to do. */
const [ORDER, STREAM_BYTES] = [2_048, 64 * 1024 * 1024];
/** Millionths of a Compute Hour. */
const inHours = (capacity: string): string => `${(Number(capacity) / 1_000_000).toFixed(6)} CH`;

const provider = freshAccount();
let agent: Agent;
let chronicle: Chronicle;
let resource: number;

/** Where the attestors of the node read: it passes on what the agent serves. */
export const openGateway = (): Promise<Gateway> => Gateway.open(honest((asked) => agent.source(asked)));

/** Registers this machine and starts its agent, which works while the exchange goes on. */
export async function startProvider(api: ApiPromise, { http, ws }: Node): Promise<Agent> {
  step("A provider registers this machine; an agent beside it answers the chain's draws while the exchange goes on");
  chronicle = await Chronicle.begin(api);
  await endow(api, account("//Bob"), [provider.address, account(AGENT).address], gcx(20_000n));
  await succeed(compute(api)["registerProvider"]!(BOND), provider);
  const terms = { class: CLASSES.hpcFp64, agent: account(AGENT).address };
  [resource] = (await registerResources(api, provider, [terms])) as [number];
  for (const path of ATTESTORS) await insertAttestorKey(http, path);
  agent = await startAgent({
    node: ws,
    resources: [resource],
    key: AGENT,
    order: ORDER,
    streamBytes: STREAM_BYTES,
  });
  const { name } = await classView(http, CLASSES.hpcFp64);
  line(`it bonds ${inGcx(BOND)} and offers one device in the class ${name}`);
  line(`four attestors of four owners work in this node; they read results from a gateway on this machine`);
  return agent;
}

/** What the rounds came to meanwhile. */
export async function showGrade(api: ApiPromise, { http }: Node): Promise<void> {
  step("The agent measured this machine, and the chain grades it");
  const active = await until("the resource to have passed its rounds", 300, async () => {
    const view = await resourceView(http, resource);
    return view.state === "active" && view;
  });
  await showRound(api);
  const { measurements } = active.evidence.find(({ tier }) => tier === "attested")!;
  const { versions } = await classView(http, CLASSES.hpcFp64);
  const reference = versions.at(-1)!.system.metrics.find(({ metric }) => metric === "hpl")!;
  const share = measurements[0]!.value / reference.value;
  line(
    `attested by its solves: ${inRate(measurements[0]!.value, "Flop/s")}, ${share.toExponential(2)} of the reference`,
  );
  line(`grade ${active.grade!.grade} after ${active.passed} rounds: ${meaning(active.grade!.grade)}`);
  line(`it can sell ${inHours(active.capacity.capacity)} a day, and not a millionth more`);
  if (active.capacity.sellable !== active.capacity.capacity) throw new Error("it cannot sell what it has");
  chronicle.stop();
}

/** The story of the first round that was answered, by the chain's events. */
async function showRound(api: ApiPromise): Promise<void> {
  const { round, outcome, fee, paid, unpaid } = await chronicle.closed(resource, 60);
  const one = <T>(name: string): T => chronicle.all<T>(name, resource, round)[0]!;
  const { nonce } = one<{ nonce: string }>("Opened");
  line(`round ${round}: drawn by the chain, with the nonce ${nonce.slice(0, 18)}…, known to nobody before`);
  const { solve } = one<{ solve: NonNullable<NonNullable<Round["answer"]>["solve"]> }>("Answered");
  line(
    `  the agent solves ${solve.order} equations that follow from it, and commits to ${solve.commitment.slice(0, 18)}…`,
  );
  const { panel } = one<{ panel: string[] }>("Drawn");
  line(`  then ${panel.length} attestors are drawn, and the rows that they check`);
  const [committed, revealed] = ["Committed", "Revealed"].map((name) => chronicle.all(name, resource, round).length);
  line(`  ${committed} commit to what they find, and ${revealed} reveal it`);
  const { attested } = outcome as Extract<RoundOutcome, { attested: unknown }>;
  if (!attested) throw new Error(`the round came to ${JSON.stringify(outcome)}`);
  const declared = new Map(attested.declared.map(({ metric, value }) => [metric, Number(value)]));
  line(`  declared: by the agent's own clock the solve ran at ${inRate(declared.get("Hpl")!, "Flop/s")}`);
  line(`            STREAM's triad at ${inRate(declared.get("StreamTriad")!, "B/s")}`);
  line(`  attested: by the chain's clock, in whole slots: ${inRate(Number(attested.solved), "Flop/s")}`);
  const names = new Map(ATTESTORS.map((path) => [account(path).address, path]));
  for (const { attestor, paid } of chronicle.all<{ attestor: string; paid: number }>("Agreed", resource, round)) {
    line(`  ${names.get(attestor)} agreed: its owner is paid ${inGcx(BigInt(paid))}`);
  }
  line(
    `  of the fee of ${inGcx(BigInt(fee))}, ${inGcx(BigInt(paid))} is paid and ${inGcx(BigInt(unpaid))} is nobody's`,
  );
  if (BigInt(fee) !== BigInt(paid) + BigInt(unpaid)) throw new Error("the fee is not what was paid of it");
  const held = (await api.query["balances"]!["holds"]!(provider.address)).toPrimitive() as {
    amount: number | string;
  }[];
  const bonded = held.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  if (bonded < BOND) throw new Error("the bond is not held");
}

const inRate = (perSecond: number, unit: string): string => `${(perSecond / 1e9).toFixed(2)} G${unit}`;

/** What the letters of a grade say, of those that a machine like this gets. */
function meaning(grade: string): string {
  const [performance, reliability, energy] = grade;
  const speed = `${performance === "D" ? "less" : "no less"} than nine tenths of the reference`;
  const uptime = reliability === "4" ? "draws answered, and not enough yet for more" : "enough draws answered";
  return `${speed}; ${uptime}; power ${energy === "Z" ? "not measured" : "measured"}`;
}
