import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { type Agent, startAgent } from "../lib/agent.js";
import { compute, endow, registerResources, resourceView } from "../lib/compute.js";
import { gcx } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { connect, submit, succeed } from "../lib/polkadotjs.js";
import { nextRollCall, passageOf, proof, proofView, rollCallViews } from "../lib/proof.js";
import { CLASSES } from "../lib/reporting.js";
import { rpc } from "../lib/rpc.js";

// These tests have a chain of their own: they wait for epochs. They build on each other.
let node: Node;
let api: ApiPromise;
let agent: Agent;

/** The key of the real agent. Everybody has it: it is worth nothing but on this chain. */
const AGENT = "//Proof//agent";
const BOND = gcx(10_000n);
/** One computes; the other commits to anything and shows nothing. */
const [honest, cheat, stranger] = [freshAccount(), freshAccount(), freshAccount()];
let [proving, cheating] = [0, 0];

beforeAll(async () => {
  node = await startDevelopmentNode({ chain: inject("chain") });
  api = await connect(node.ws);
  const all = [honest, cheat, stranger, account(AGENT)].map(({ address }) => address);
  await endow(api, account("//Bob"), all, gcx(20_000n));
  await Promise.all([honest, cheat].map((who) => succeed(compute(api)["registerProvider"]!(BOND), who)));
  const terms = { class: CLASSES.gemmInt8, devices: 2, agent: account(AGENT).address };
  [proving] = (await registerResources(api, honest, [terms])) as [number];
  [cheating] = (await registerResources(api, cheat, [{ ...terms, agent: cheat.address }])) as [number];
  // One thread: the node has work to do as well.
  agent = await startAgent({ node: node.ws, resources: [proving], key: AGENT, devices: 2, proveThreads: 1 });
}, 200_000);

afterAll(async () => {
  await agent?.end();
  await api?.disconnect();
  await node?.end();
});

describe("proof of compute", () => {
  test("a_commitment_that_cannot_be_is_refused_by_name", async () => {
    const { commit, open } = proof(api);
    const root = `0x${"07".repeat(32)}`;
    expect((await submit(commit!(9_999, cheating, 1, root), cheat)).error).toBe("proof.UnknownRollCall");
    expect((await submit(open!(9_999, cheating, []), cheat)).error).toBe("proof.UnknownRollCall");
    const { rollCall } = await nextRollCall(node.http, cheating, 4);
    const [foreign, none, committed] = await Promise.all([
      submit(commit!(rollCall, cheating, 1, root), stranger),
      submit(commit!(rollCall, 9_999, 1, root), stranger),
      // The last one that is accepted: what it says it did, it did not.
      submit(commit!(rollCall, cheating, 3, root), cheat),
    ]);
    expect(foreign.error).toBe("proof.NotProvider");
    expect(none.error).toBe("proof.UnknownResource");
    expect([committed.error, committed.fee]).toEqual([undefined, 0n]);
  }, 300_000);

  test("who_commits_and_shows_nothing_is_slashed_and_jailed", async () => {
    await passageOf(node.http, cheating, "unshown");
    const { state, reputation } = await resourceView(node.http, cheating);
    expect([state, reputation.offences]).toEqual(["jailed", 1]);
    // A quarter of the bond.
    expect([BigInt(reputation.slashed), BigInt(reputation.bond)]).toEqual([BOND / 4n, (BOND * 3n) / 4n]);
  }, 300_000);

  test("who_computes_has_a_rate_that_the_chain_has_checked", async () => {
    const { operations } = await passageOf(node.http, proving, "proven");
    const { state, tier, evidence, capacity } = await resourceView(node.http, proving);
    expect([state, tier]).toEqual(["active", "proven"]);
    const proven = evidence.find(({ tier }) => tier === "proven")!;
    expect(proven.measurements).toEqual([{ metric: "int8Operations", value: expect.any(Number) as number }]);
    expect(operations).toBeGreaterThan(1e9);
    // What is sold is of this rate: operations by those of the reference, 24 hours a day, on two devices.
    const rate = Number(proven.rate);
    expect(Number(capacity.capacity)).toBeCloseTo(Math.floor(rate * 24e6) * 2, -1);
  }, 300_000);

  test("roll_calls_and_what_they_came_to_are_told_over_json_rpc", async () => {
    const view = await proofView(node.http, proving);
    expect(view).toMatchObject({
      resource: proving,
      class: CLASSES.gemmInt8,
      devices: 2,
      exempt: false,
      slotMillis: 3_000,
    });
    expect((await proofView(node.http, cheating)).exempt).toBe(true);
    for (const called of await rollCallViews(node.http)) expect(called.class).toBe(CLASSES.gemmInt8);
    await expect(rpc(node.http, "gcx_proof", [9_999, null])).rejects.toThrow("there is no resource 9999");
  });

  test("outcomes_are_counted_for_prometheus", async () => {
    const text = await (await fetch(node.metrics)).text();
    const count = (outcome: string): number =>
      Number(new RegExp(`^gcx_proof_resources_total\\{.*outcome="${outcome}".*\\} (\\d+)$`, "m").exec(text)?.[1]);
    expect(count("proven")).toBeGreaterThan(0);
    expect(count("unshown")).toBe(1);
    expect(text).toMatch(/^gcx_proof_roll_calls_total.* [1-9]\d*$/m);
  });

  test("who_is_away_is_suspect_and_sells_nothing", async () => {
    await agent.end();
    await passageOf(node.http, proving, "absent");
    const { state, tier, capacity } = await resourceView(node.http, proving);
    expect([state, tier, capacity.sellable]).toEqual(["suspect", null, "0"]);
  }, 400_000);
});
