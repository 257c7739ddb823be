import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { type Agent, PaperAgent, startAgent } from "../lib/agent.js";
import {
  ATTESTORS,
  Chronicle,
  compute,
  endow,
  insertAttestorKey,
  reasonName,
  registerResources,
  resourceView,
  type ResourceTerms,
} from "../lib/compute.js";
import { contentOf, signed } from "../lib/evidence.js";
import { Gateway, honest } from "../lib/gateways.js";
import { fund } from "../lib/guarantor.js";
import { gcx } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { connect, succeed } from "../lib/polkadotjs.js";
import { type Published, publishedOutputs } from "../lib/published.js";
import { CLASSES } from "../lib/reporting.js";

// Every genuine output goes the whole way: agent, HTTP, worker, chain, grade. What the agent itself would not declare is
// signed by one that has no scruples: then attestors have to refuse it, for the same reason.
const outputs = await publishedOutputs();
if (!outputs) console.log("published.test.ts skips: there are no published outputs in ../shared/data/bench");

/** What became of an output. */
interface Result {
  grade?: string;
  /** The rate that it declares, or why no rate follows from it. */
  declared?: string;
  /** Why attestors refused it. */
  refused?: string;
}

describe.skipIf(!outputs)("a published output", () => {
  let node: Node;
  let api: ApiPromise;
  let gateway: Gateway;
  let paper: PaperAgent;
  let chronicle: Chronicle;
  const agents = new Map<number, Agent>();
  const results = new Map<string, Result>();

  const { hpcFp64, aiInfer } = CLASSES;
  /** The key of the agent of a resource. Everybody has it: it is worth nothing but on this chain. */
  const keyOf = (resource: number): string => `//Provider//published//${resource}`;
  const unscrupulous = freshAccount();

  const termsOf = ({ read, kind, devices }: Published, resource: number): ResourceTerms =>
    read.refused
      ? { class: aiInfer, agent: unscrupulous.address }
      : { class: kind === "mlperf" ? aiInfer : hpcFp64, agent: account(keyOf(resource)).address, devices };

  beforeAll(async () => {
    gateway = await Gateway.open(honest((asked) => (agents.get(asked.resource)?.source ?? paper.source)(asked)));
    node = await startDevelopmentNode({ chain: inject("chain"), gateway: gateway.url });
    api = await connect(node.ws, "in a block");
    chronicle = await Chronicle.begin(api);
    paper = PaperAgent.start(api, unscrupulous);
    for (const path of ATTESTORS) await insertAttestorKey(node.http, path);
    const providers = [freshAccount(), freshAccount(), freshAccount()];
    await fund(api, account("//Alice//stash"), account("//Alice"), [...providers, unscrupulous]);
    await Promise.all(providers.map((who) => succeed(compute(api)["registerProvider"]!(gcx(50_000n)), who)));
    // Agents are there before rounds are: the first resource of a chain has the number zero.
    const resources = outputs!.map((_, place) => place);
    const genuine = resources.filter((place) => !outputs![place]!.read.refused);
    await endow(
      api,
      unscrupulous,
      genuine.map((resource) => account(keyOf(resource)).address),
      gcx(100n),
    );
    await Promise.all(outputs!.map((output, place) => serve(output, place)));
    const share = Math.ceil(outputs!.length / providers.length);
    for (const [place, who] of providers.entries()) {
      const [from, to] = [place * share, (place + 1) * share];
      const terms = outputs!.slice(from, to).map((output, index) => termsOf(output, from + index));
      expect(await registerResources(api, who, terms)).toEqual(resources.slice(from, to));
    }
    outputs!.forEach((output, place) => {
      const result = resultOf(place);
      result.catch(() => undefined);
      pending.set(output.name, result);
    });
  }, 300_000);

  afterAll(async () => {
    paper?.stop();
    chronicle?.stop();
    await Promise.all([...agents.values()].map((agent) => agent.end()));
    await api?.disconnect();
    await node?.end();
    await gateway?.close();
  });

  const pending = new Map<string, Promise<Result>>();

  /** Has an agent answer for a resource with this output: the program if it would, one of paper if not. */
  async function serve({ kind, name, text, devices, read }: Published, resource: number): Promise<void> {
    if (read.refused) {
      paper.answerFor(resource, (round) => {
        const content = contentOf(api, resource, round, { benchmarks: [{ kind, claimed: 1, raw: text }] });
        return { document: signed(content, unscrupulous) };
      });
      return;
    }
    const file = name.split("/").at(-1)!.replaceAll(/\W+/g, "-");
    const agent = await startAgent({
      node: node.ws,
      resources: [resource],
      key: keyOf(resource),
      order: 256,
      devices,
      outputs: { [`${kind}-${file}`]: text },
      declareSolve: false,
    });
    agents.set(resource, agent);
  }

  /** Waits for a resource's first round, and says what it came to. */
  async function resultOf(resource: number): Promise<Result> {
    const { outcome, round } = await chronicle.closed(resource, 360);
    if ("refused" in outcome) return { refused: reasonName(outcome.refused.reason) };
    if (!("attested" in outcome)) throw new Error(`round ${round} of resource ${resource}: ${JSON.stringify(outcome)}`);
    const { grade, evidence } = await resourceView(node.http, resource);
    const [refused] = chronicle.all<{ reason: unknown }>("DeclaredRefused", resource, round);
    const rate = evidence.find(({ tier }) => tier === "declared")?.rate;
    return { grade: grade!.grade, declared: refused ? JSON.stringify(refused.reason) : Number(rate).toFixed(4) };
  }

  test("ends_in_a_grade_or_in_a_named_refusal", async () => {
    for (const { name } of outputs!) results.set(name, await pending.get(name)!);
    const rows = outputs!.map(({ name, read }) => {
      const { grade, declared, refused } = results.get(name)!;
      const figure = read.figure ? `${read.figure.metric} ${read.figure.value}` : "";
      return `${name} | ${figure} | ${refused ?? `${grade}, declared ${declared}`}`;
    });
    console.log(["file | figure | grade and declared rate, or reason", ...rows].join("\n"));
    for (const [name, { grade, refused }] of results) {
      expect([name, grade ?? refused]).toEqual([name, expect.stringMatching(/^([A-D][1-4][XYZ]|[a-z]+[A-Za-z]*)$/)]);
    }
  }, 480_000);

  test("is_refused_by_attestors_for_the_reason_that_the_agent_has", () => {
    const told = outputs!.map(({ name, read }) => [name, read.refused]);
    expect(told).toEqual(outputs!.map(({ name }) => [name, results.get(name)!.refused ?? null]));
  });

  test.each([
    ["hpl/824380210_run_linpack_on_socket_FAILED_residual.md", "runInvalid"],
    ["hpl/sc14_HPL_2014_08_28_0315_truncated.txt", "truncated"],
    ["hpl/kish29_hpl23_res_interrupted.txt", "truncated"],
    ["hpcg/a64fx_INVALID_1_fj017-1ranks-12threads_HPCG-Benchmark_3.0_2023-07-16_15-29-04.txt", "runInvalid"],
    ["hpcg/a64fx_VALID_but_under1800s_fj005-1ranks-12threads_HPCG-Benchmark_3.0_2023-08-03_03-19-58.txt", "tooShort"],
    ["row 5.1-0001: Llama 2 70B, served", "noMetric"],
  ])("%s_is_refused_as_%s", (name, reason) => {
    expect(results.get(name)!.refused).toBe(reason);
  });

  test.each([
    ["hpl/asc22_a100_80GB.out", /^D4Z$/],
    ["stream/superbench_streamResultZen.log", /^D4Z$/],
    // The reference system itself: neither better nor worse, at its own power.
    ["row 5.1-0061: Llama 2 70B, eight B200, power measured", /^D4Z$|^[CD]1[YZ]$/],
  ])("%s_is_graded", (name, grade) => {
    expect(results.get(name)!.grade).toMatch(grade);
  });
});
