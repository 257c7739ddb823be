import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { PaperAgent } from "../lib/agent.js";
import {
  ATTESTORS,
  attestationView,
  attestorOf,
  Chronicle,
  compute,
  insertAttestorKey,
  reasonName,
  refusalMetrics,
  registerResources,
} from "../lib/compute.js";
import { Gateway, honest } from "../lib/gateways.js";
import { fund } from "../lib/guarantor.js";
import { CASES, honestAnswer, replayedAnswer } from "../lib/hostile.js";
import { gcx } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { connect, succeed } from "../lib/polkadotjs.js";
import { CLASSES } from "../lib/reporting.js";
import { height } from "../lib/rpc.js";
import { sleep, until } from "../lib/wait.js";

// A chain of its own, whose four attestors read from one gateway that serves each resource in another hostile way, or has
// an agent behind it that signs nonsense. All rounds run at the same time; each test waits for that of its case.
let node: Node;
let api: ApiPromise;
let gateway: Gateway;
let paper: PaperAgent;
let chronicle: Chronicle;
/** Resources: of the cases, in their order; one that is honest; one that answers every round with its first run. */
let resources: number[];
let [control, replayed] = [0, 0];
/** A block and a moment, from which on blocks are counted. */
let began: { height: number; time: number };

const agent = freshAccount();
const providers = [freshAccount(), freshAccount()];
const [BOND, SLOT] = [gcx(50_000n), 3_000];
/** Silence: who examines abstains, and there is no quorum. */
const SILENCES = ["unreachable", "timedOut", "httpStatus"];

beforeAll(async () => {
  gateway = await Gateway.open(honest((asked) => paper.source(asked)));
  node = await startDevelopmentNode({ chain: inject("chain"), gateway: gateway.url });
  api = await connect(node.ws, "in a block");
  chronicle = await Chronicle.begin(api);
  paper = PaperAgent.start(api, agent);
  for (const path of ATTESTORS) await insertAttestorKey(node.http, path);
  await fund(api, account("//Alice//stash"), account("//Alice"), [...providers, agent]);
  await Promise.all(providers.map((who) => succeed(compute(api)["registerProvider"]!(BOND), who)));
  const honestly = { class: CLASSES.aiInfer, devices: 8 };
  const terms = [...CASES, honestly, honestly].map(({ class: of, devices }) => ({
    class: of,
    devices,
    agent: agent.address,
  }));
  const half = Math.ceil(terms.length / 2);
  const registered = await Promise.all(
    providers.map((who, place) => registerResources(api, who, terms.slice(place * half, (place + 1) * half))),
  );
  const numbers = registered.flat();
  [control, replayed] = numbers.splice(CASES.length) as [number, number];
  resources = numbers;
  const sceneOf = (resource: number) => ({ api, agent, resource, source: paper.source });
  CASES.forEach(({ answer, serve }, place) => {
    const scene = sceneOf(resources[place]!);
    if (serve) gateway.behave(scene.resource, serve(scene));
    paper.answerFor(scene.resource, (round) => answer(scene, round));
  });
  paper.answerFor(control, (round) => honestAnswer(sceneOf(control), round));
  paper.answerFor(replayed, (round) => replayedAnswer(sceneOf(replayed), round));
  began = { height: await height(node.http), time: Date.now() };
}, 300_000);

afterAll(async () => {
  paper?.stop();
  chronicle?.stop();
  await api?.disconnect();
  await node?.end();
  await gateway?.close();
});

/** How often a reason was counted: by JSON-RPC, which Prometheus agrees with. */
async function counted(reason: string): Promise<number> {
  const { count } = await until(`the counters of ${reason} to agree`, 10, async () => {
    const [{ worker }, metrics] = await Promise.all([attestationView(node.http), refusalMetrics(node.metrics)]);
    const count = new Map(worker.counters.refusals).get(reason) ?? 0;
    return count === (metrics[reason] ?? 0) && { count };
  });
  return count;
}

describe("attestors", () => {
  test("accept_what_is_honest_while_everything_else_is_not", async () => {
    const { outcome } = await chronicle.closed(control, 300);
    expect(outcome).toMatchObject({ attested: { agreed: 4, outliers: 0 } });
  }, 320_000);

  test.each(CASES.map((hostile, place) => [hostile.name, hostile.reason, place] as const))(
    "refuse_%s_as_%s",
    async (_, reason, place) => {
      const { outcome } = await chronicle.closed(resources[place]!, 300);
      if (SILENCES.includes(reason)) expect(outcome).toMatchObject({ noQuorum: { counted: 0 } });
      else expect(outcome).toMatchObject({ refused: { reason: expect.anything(), agreed: 4, outliers: 0 } });
      if ("refused" in outcome) expect(reasonName(outcome.refused.reason)).toBe(reason);
      expect(await counted(reason)).toBeGreaterThanOrEqual(1);
    },
    320_000,
  );

  test("refuse_the_run_of_an_earlier_round", async () => {
    const first = await chronicle.closed(replayed, 300);
    expect(first.outcome).toMatchObject({ attested: { agreed: 4 } });
    const second = await chronicle.closed(replayed, 300, first.round + 1);
    expect(second.outcome).toMatchObject({ refused: { reason: "Replayed", agreed: 4 } });
    expect(await counted("replayed")).toBeGreaterThanOrEqual(1);
  }, 620_000);

  test("lose_nothing_by_it", async () => {
    for (const path of ATTESTORS) {
      const { bond, standing, record } = await attestorOf(api, account(path).address);
      expect([path, bond, standing]).toEqual([path, gcx(10_000n), 1_000_000]);
      expect(record).toMatchObject({ outlier: 0, silent: 0 });
    }
  });

  test("go_on_when_their_gateway_is_gone_and_when_it_is_back", async () => {
    await gateway.close();
    const before = await counted("unreachable");
    const more = async () => (await counted("unreachable")) > before;
    await until("attestors to miss their gateway", 200, more);
    await gateway.reopen();
    const asked = gateway.asked.length;
    await until("attestors to ask again", 200, () => gateway.asked.length > asked);
  }, 420_000);
});

describe("the chain", () => {
  test("has_a_block_in_every_slot_all_the_while", async () => {
    await sleep(SLOT);
    const slots = Math.floor((Date.now() - began.time) / SLOT);
    expect((await height(node.http)) - began.height).toBeGreaterThanOrEqual(slots * 0.9);
  });
});
