import type { ApiPromise } from "@polkadot/api";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { account, freshAccount } from "../lib/accounts.js";
import { type Agent, PaperAgent, startAgent } from "../lib/agent.js";
import {
  commitFinding,
  commitmentTo,
  type Finding,
  keep,
  llamaFinding,
  revealFinding,
  signedCommitment,
} from "../lib/attestor.js";
import {
  attestation,
  attestorOf,
  ATTESTORS,
  Chronicle,
  classView,
  compute,
  estimate,
  insertAttestorKey,
  registerResource,
  registerResources,
  resourceView,
  type Round,
  roundOf,
} from "../lib/compute.js";
import { contentOf, digestOf, LLAMA_SYSTEM, llamaRow, signatureOf, signed } from "../lib/evidence.js";
import { Gateway, honest } from "../lib/gateways.js";
import { fund } from "../lib/guarantor.js";
import { falseSolve, honestAnswer } from "../lib/hostile.js";
import { gcx } from "../lib/money.js";
import { type Node, startDevelopmentNode } from "../lib/node.js";
import { all, connect, type Outcome, submit, succeed } from "../lib/polkadotjs.js";
import { CLASSES } from "../lib/reporting.js";
import { hex } from "../lib/rpc.js";
import { until } from "../lib/wait.js";

// A chain of its own: its node has the keys of attestors. Rounds of all resources run at the same time, in the background;
// each test waits for what it is about.
let node: Node;
let api: ApiPromise;
let gateway: Gateway;
let agent: Agent;
let paper: PaperAgent;
let chronicle: Chronicle;

const { hpcFp64, aiInfer } = CLASSES;
const [provider, cheat, stranger] = [freshAccount(), freshAccount(), freshAccount()];
/** The key of the real agent. Everybody has it: it is worth nothing but on this chain. */
const AGENT = "//Provider//agent";
const paperKey = freshAccount();
/** The attestor that has no worker until its own tests are over, and who bonded it. */
const [dave, daveStash] = [account("//Dave"), account("//Dave//stash")];
const [BOND, FEE] = [gcx(50_000n), gcx(1n)];
/** What an attestor of genesis has bonded, and what it loses that commits and does not reveal. */
const [ATTESTOR_BOND, SILENCE] = [gcx(10_000n), gcx(100n)];
/** Order of the real agent's solve, and milliseconds of a slot. */
const [ORDER, SLOT] = [1_024, 3_000];

/** Resources: of the real agent; of paper agents, one for each story. */
let [measured, byHand, mute, falselySolved, doubleSigned] = [0, 0, 0, 0, 0];
/** What was committed to of systems that were never solved, by round. */
const lies: ReturnType<typeof falseSolve>[] = [];

beforeAll(async () => {
  gateway = await Gateway.open(
    honest((asked) => (asked.resource === measured ? agent.source(asked) : paper.source(asked))),
  );
  node = await startDevelopmentNode({ chain: inject("chain"), gateway: gateway.url });
  api = await connect(node.ws, "in a block");
  chronicle = await Chronicle.begin(api);
  paper = PaperAgent.start(api, paperKey);
  for (const path of ATTESTORS.slice(0, 3)) await insertAttestorKey(node.http, path);
  const agentKey = account(AGENT);
  const funded = [provider, cheat, stranger, paperKey, agentKey];
  await fund(api, account("//Alice//stash"), account("//Alice"), funded);
  await Promise.all([provider, cheat].map((who) => succeed(compute(api)["registerProvider"]!(BOND), who)));
  const inference = { class: aiInfer, agent: paperKey.address, devices: LLAMA_SYSTEM.devices };
  const solving = { class: hpcFp64, agent: paperKey.address };
  const [honestly, falsely] = await Promise.all([
    registerResources(api, provider, [{ ...solving, agent: agentKey.address }, inference, inference]),
    registerResources(api, cheat, [solving, inference]),
  ]);
  [measured, byHand, mute] = honestly as [number, number, number];
  [falselySolved, doubleSigned] = falsely as [number, number];
  for (const resource of [byHand, mute, doubleSigned]) {
    const scene = { api, agent: paperKey, resource, source: paper.source };
    paper.answerFor(resource, (round) => honestAnswer(scene, round));
  }
  paper.answerFor(falselySolved, (round) => {
    const lie = (lies[round] = falseSolve());
    const content = contentOf(api, falselySolved, round, { solve: lie.solve });
    return { solve: lie.commitment, document: signed(content, paperKey, lie.opened) };
  });
  agent = await startAgent({
    node: node.ws,
    resources: [measured],
    key: AGENT,
    order: ORDER,
    streamBytes: 16 * 1024 * 1024,
  });
  committing = commitByHand();
  revealing = committing.then(revealByHand);
  muting = muteByHand();
  for (const story of [committing, revealing, muting]) story.catch(() => undefined);
}, 300_000);

afterAll(async () => {
  paper?.stop();
  chronicle?.stop();
  await agent?.end();
  await api?.disconnect();
  await node?.end();
  await gateway?.close();
});

/** The names of errors of attestation. */
const errors = async (outcomes: Promise<Outcome>[]): Promise<(string | undefined)[]> =>
  (await Promise.all(outcomes)).map(({ error }) => error?.replace("attestation.", ""));

/** Waits until the first round of a resource is in a window. */
const inStage = (resource: number, stage: Round["stage"]): Promise<Round> =>
  until(`the stage ${stage} of resource ${resource}`, 240, async () => {
    const round = await roundOf(api, resource);
    return round?.id === 1 && round.stage === stage && round;
  });

// What Dave does, who has no worker: when the chain's windows are open, so in the background.
let committing: ReturnType<typeof commitByHand>;
let revealing: Promise<(string | undefined)[]>;
let muting: Promise<(string | undefined)[]>;

async function commitByHand() {
  const { commit, answerDraw } = attestation(api);
  const round = await inStage(byHand, "Commit");
  const { content } = await paper.document({ resource: byHand, round: 1 });
  const kept = keep(byHand, round, dave, llamaFinding(content));
  const first = await commitFinding(api, kept);
  const refused = await errors([
    commitFinding(api, kept),
    revealFinding(api, kept),
    submit(commit!(byHand, 1, commitmentTo(api, kept)), stranger),
    submit(commit!(byHand, 2, commitmentTo(api, kept)), dave),
    submit(answerDraw!(byHand, 1, null), paperKey),
    submit(answerDraw!(byHand, 1, null), stranger),
  ]);
  return { first, kept, refused };
}

async function revealByHand({ kept }: Awaited<ReturnType<typeof commitByHand>>): Promise<(string | undefined)[]> {
  await inStage(byHand, "Reveal");
  // In this order, but at once: the time to reveal is short.
  return errors([
    revealFinding(api, { ...kept, finding: { Refused: "SolveFailed" } }),
    revealFinding(api, { ...kept, salt: new Uint8Array(32) }),
    revealFinding(api, { ...kept, attestor: stranger }),
    commitFinding(api, kept),
    revealFinding(api, kept),
    revealFinding(api, kept),
  ]);
}

/** Commits to a finding and keeps it for ever; elsewhere reveals what it did not commit to. */
async function muteByHand(): Promise<(string | undefined)[]> {
  const nothing: Finding = { Abstained: "Unreachable" };
  const keptFor = async (resource: number, stage: Round["stage"]) =>
    keep(resource, await inStage(resource, stage), dave, nothing);
  return errors([
    keptFor(mute, "Commit").then((kept) => commitFinding(api, kept)),
    keptFor(doubleSigned, "Reveal").then((kept) => revealFinding(api, kept)),
  ]);
}

describe("gcx_class and gcx_estimate", () => {
  test("class_says_what_a_compute_hour_is_an_hour_of", async () => {
    const { name, current, attestedBy, versions } = await classView(node.http, hpcFp64);
    expect({ name, current, attestedBy }).toEqual({ name: "HPC-FP64", current: 1, attestedBy: "hpl" });
    const weights = versions[0]!.system.metrics.map(({ weight }) => weight);
    expect(weights.reduce((sum, weight) => sum + weight)).toBe(1_000_000);
    expect((await classView(node.http, aiInfer)).attestedBy).toBeNull();
  });

  test("unknown_class_and_resource_are_refused_by_their_number", async () => {
    await expect(classView(node.http, 99)).rejects.toThrow("there is no compute class 99");
    await expect(resourceView(node.http, 9_999)).rejects.toThrow("there is no resource 9999");
  });

  test("estimate_says_how_many_devices_are_done_by_the_deadline", async () => {
    const { versions } = await classView(node.http, hpcFp64);
    const { value } = versions[0]!.system.metrics.find(({ metric }) => metric === "hpl")!;
    const work = { kind: "operations", count: `${BigInt(value) * 3n * 3_600n}` } as const;
    // Three hours of the reference device: two of them are done in two hours.
    const takes = { operations: work.count, capacity: "3000000", devices: 2 };
    expect(await estimate(node.http, hpcFp64, work, 2)).toEqual({ takes });
    expect(await estimate(node.http, hpcFp64, work)).toEqual({ takes: { ...takes, devices: null } });
    expect(await estimate(node.http, hpcFp64, work, 0)).toEqual({ refused: "noTime" });
    expect(await estimate(node.http, 99, work)).toEqual({ refused: "unknownClass" });
    expect(await estimate(node.http, aiInfer, work)).toEqual({ refused: "notInOperations" });
  });
});

describe("a provider", () => {
  test("is_refused_by_name", async () => {
    const { registerProvider, pledge, setDevices, unbond, prune, exitResource } = compute(api);
    const { day } = (await resourceView(node.http, byHand)).capacity;
    const on = (first: number, last: number) => ({ first, last });
    const terms = { class: hpcFp64, agent: stranger.address };
    const refusals: [string, Promise<Outcome>][] = [
      ["AlreadyProvider", submit(registerProvider!(BOND), provider)],
      ["BondTooSmall", submit(registerProvider!(1), stranger)],
      ["NotProvider", registerResource(api, stranger, terms)],
      ["UnknownClass", registerResource(api, provider, { ...terms, class: 99 })],
      ["UnknownVersion", registerResource(api, provider, { ...terms, version: 2 })],
      ["InvalidDevices", registerResource(api, provider, { ...terms, devices: 0 })],
      ["NotOwner", submit(setDevices!(byHand, 9), stranger)],
      ["HasResources", submit(unbond!(), provider)],
      ["UnknownResource", submit(exitResource!(9_999), provider)],
      ["NothingToPrune", submit(prune!(1), stranger)],
      ["InvalidDays", submit(pledge!(byHand, on(day + 1, day), 1), provider)],
      // Nothing of it is attested.
      ["CapacityExceeded", submit(pledge!(byHand, on(day + 1, day + 1), 1), provider)],
    ];
    const named = await Promise.all(refusals.map(async ([, outcome]) => (await outcome).error));
    expect(named).toEqual(refusals.map(([name]) => `compute.${name}`));
  });
});

describe("an attestor by hand", () => {
  test("commits_once_to_what_it_found_and_pays_nothing_for_it", async () => {
    const { first, refused } = await committing;
    expect([first.error, first.fee]).toEqual([undefined, 0n]);
    const strangers = ["NotOnPanel", "UnknownRound", "AlreadyAnswered", "NotProvider"];
    expect(refused).toEqual(["AlreadyCommitted", "NotRevealing", ...strangers]);
  }, 300_000);

  test("reveals_nothing_but_that_and_once", async () => {
    const refused = ["WrongReveal", "WrongReveal", "NotOnPanel", "NotCommitting"];
    expect(await revealing).toEqual([...refused, undefined, "AlreadyRevealed"]);
  }, 300_000);

  test("is_paid_its_share_when_it_agrees_and_the_fee_is_split_to_the_unit", async () => {
    const closed = await chronicle.closed(byHand, 240, 1);
    const [declared] = [{ metric: "MlperfLlama2Offline", value: LLAMA_SYSTEM.claimed / LLAMA_SYSTEM.devices }];
    expect(closed.outcome).toMatchObject({
      attested: { agreed: 4, outliers: 0, declared: [declared], milliwatts: LLAMA_SYSTEM.milliwatts },
    });
    const agreed = chronicle.all<{ attestor: string; paid: number }>("Agreed", byHand, 1);
    const panel = ATTESTORS.map((path) => account(path).address).sort();
    expect(agreed.map(({ attestor }) => attestor).sort()).toEqual(panel);
    expect(agreed.map(({ paid }) => BigInt(paid))).toEqual(agreed.map(() => FEE / 4n));
    expect([closed.fee, closed.paid, closed.unpaid].map(BigInt)).toEqual([FEE, FEE, 0n]);
  }, 300_000);

  test("cannot_reveal_without_a_commitment_and_is_slashed_when_it_does_not_reveal", async () => {
    expect(await muting).toEqual([undefined, "NotCommitted"]);
    const closed = await chronicle.closed(mute, 240, 1);
    expect(closed.outcome).toMatchObject({ attested: { agreed: 3, outliers: 0 } });
    // What would have been its share is nobody's.
    expect([closed.fee, closed.paid, closed.unpaid].map(BigInt)).toEqual([FEE, (FEE / 4n) * 3n, FEE / 4n]);
    expect((await attestorOf(api, dave.address)).bond).toBe(ATTESTOR_BOND - SILENCE);
    await chronicle.closed(doubleSigned, 240, 1);
    expect((await attestorOf(api, dave.address)).record).toMatchObject({ agreed: 1, outlier: 0, silent: 1 });
  }, 300_000);

  test("that_signs_two_commitments_loses_its_bond_to_who_shows_it", async () => {
    const { reportEquivocation } = attestation(api);
    const statements = await Promise.all(
      [1, 2].map((byte) => signedCommitment(api, byHand, dave, hex(new Uint8Array(32).fill(byte)))),
    );
    const [one, other] = statements as [(typeof statements)[0], (typeof statements)[0]];
    const report = (first: typeof one, second: typeof one) =>
      submit(reportEquivocation!({ Commitments: [first, second] }), stranger);
    const forged = [other[0], one[1]] as const;
    expect(await errors([report(one, one), report(one, forged)])).toEqual(["NoContradiction", "BadSignature"]);
    const { error, events } = await report(one, other);
    expect(error).toBeUndefined();
    const [slashed] = all<Record<string, string | number>>(events, "attestation", "Slashed");
    expect(slashed).toMatchObject({ attestor: dave.address, offence: "Equivocation", left: 0 });
    expect(BigInt(slashed!["amount"]!)).toBe(ATTESTOR_BOND - SILENCE);
    expect(BigInt(slashed!["reward"]!)).toBe((ATTESTOR_BOND - SILENCE) / 10n);
    expect(await errors([report(one, other)])).toEqual(["AlreadyPunished"]);
    // Its owner bonds it anew, and from now on a worker does what it did.
    await succeed(attestation(api)["bondExtra"]!(dave.address, ATTESTOR_BOND), daveStash);
    await insertAttestorKey(node.http, "//Dave");
  }, 300_000);
});

describe("a provider that cheats", () => {
  test("is_slashed_for_two_results_of_one_round", async () => {
    const { content } = await paper.document({ resource: doubleSigned, round: 1 });
    const { reportDoubleSigning } = attestation(api);
    const other = { ...content, benchmarks: [llamaRow({ Performance_Result: 1 })] };
    const by = (key: typeof paperKey, what: typeof content) => [hex(digestOf(what)), signatureOf(what, key)] as const;
    const report = (first: unknown, second: unknown, round = 1) =>
      submit(reportDoubleSigning!(doubleSigned, round, first, second), stranger);
    const [one, two] = [by(paperKey, content), by(paperKey, other)];
    expect(await errors([report(one, one), report(one, by(stranger, other)), report(one, two, 7)])).toEqual([
      "NoContradiction",
      "BadSignature",
      "UnknownRound",
    ]);
    const { error, events } = await report(one, two);
    expect(error).toBeUndefined();
    const [slashed] = all<Record<string, string | number>>(events, "compute", "Slashed");
    expect(slashed).toMatchObject({ provider: cheat.address, resource: doubleSigned, offence: "DoubleSigned" });
    expect([slashed!["taken"], slashed!["reward"]].map((it) => BigInt(it!))).toEqual([BOND / 2n, BOND / 20n]);
    expect((await resourceView(node.http, doubleSigned)).state).toBe("jailed");
    expect(await errors([report(one, two)])).toEqual(["AlreadyEstablished"]);
  }, 300_000);

  test("is_slashed_for_a_solution_that_the_chain_finds_false", async () => {
    const closed = await chronicle.closed(falselySolved, 240);
    expect(closed.outcome).toMatchObject({ refused: { reason: "SolveFailed", outliers: 0 } });
    const { hashes, opened } = lies[closed.round]!;
    const solution = hex(Buffer.from(opened[0]!.solution, "base64"));
    const { disputeSolve } = attestation(api);
    const dispute = (device: number, hash: string[], shown: string) =>
      submit(disputeSolve!(falselySolved, closed.round, hash, device, shown), stranger);
    expect(
      await errors([dispute(1, hashes, solution), dispute(0, [], solution), dispute(0, hashes, `${solution}00`)]),
    ).toEqual(["NotDrawn", "WrongHashes", "WrongSolution"]);
    const had = BigInt((await resourceView(node.http, falselySolved)).reputation.bond);
    const { error, events } = await dispute(0, hashes, solution);
    expect(error).toBeUndefined();
    expect(all(events, "attestation", "SolveExamined")).toMatchObject([{ device: 0, solves: false }]);
    // Who refused it was right.
    expect(all(events, "attestation", "Slashed")).toEqual([]);
    const [slashed] = all<Record<string, string | number>>(events, "compute", "Slashed");
    expect(slashed).toMatchObject({ provider: cheat.address, offence: "FalseSolve", reporter: stranger.address });
    expect(BigInt(slashed!["taken"]!)).toBe(had / 4n);
    const { state, reputation } = await resourceView(node.http, falselySolved);
    expect([state, reputation.offences, reputation.bond]).toEqual(["jailed", 2, `${had - had / 4n}`]);
  }, 300_000);
});

describe("this machine", () => {
  test("is_graded_by_its_seeded_solve_and_not_by_what_it_declares", async () => {
    const { outcome, round } = await chronicle.closed(measured, 240);
    if (!("attested" in outcome)) throw new Error(`round ${round} came to ${JSON.stringify(outcome)}`);
    const { solved, declared, agreed } = outcome.attested;
    expect(agreed).toBeGreaterThanOrEqual(3);
    expect(declared.map(({ metric }) => metric).sort()).toEqual(["Hpl", "StreamTriad"]);
    const [answer] = chronicle.all<{ solve: { order: number } }>("Answered", measured, round);
    expect(answer!.solve.order).toBe(ORDER);
    // No faster than the chain's clock allows, in whole slots.
    const bound = (2n * BigInt(ORDER) ** 3n * 1_000n) / BigInt(3 * SLOT);
    expect([1n, 2n, 3n, 4n, 5n].map((slots) => bound / slots)).toContain(BigInt(solved!));
    const view = await resourceView(node.http, measured);
    expect(view.tier).toBe("attested");
    expect(view.grade!.grade).toBe("D4Z");
  }, 300_000);

  test("sells_after_its_warm_up_and_not_a_millionth_more_than_it_proved", async () => {
    const active = await until("the resource to be active", 300, async () => {
      const view = await resourceView(node.http, measured);
      return view.state === "active" && view;
    });
    const rate = Number(active.rate);
    const capacity = BigInt(active.capacity.capacity);
    expect(capacity).toBe(BigInt(Math.floor(rate * 24 * 1_000_000)));
    expect(active.capacity.sellable).toBe(active.capacity.capacity);
    const day = active.capacity.day + 2;
    const pledge = (amount: bigint) =>
      submit(compute(api)["pledge"]!(measured, { first: day, last: day }, amount), provider);
    expect((await pledge(capacity + 1n)).error).toBe("compute.CapacityExceeded");
    expect((await pledge(capacity)).error).toBeUndefined();
    expect((await pledge(1n)).error).toBe("compute.CapacityExceeded");
    const { events } = await succeed(
      compute(api)["unpledge"]!(measured, { first: day, last: day }, capacity),
      provider,
    );
    expect(all(events, "compute", "Unpledged")).toHaveLength(1);
  }, 320_000);

  test("is_attested_by_four_attestors_on_one_node", async () => {
    const closed = await chronicle.until<{ outcome: { attested?: { agreed: number } } }>(
      "Closed",
      measured,
      240,
      ({ outcome }) => outcome.attested?.agreed === 4,
    );
    expect(closed.outcome.attested).toMatchObject({ agreed: 4, outliers: 0 });
  }, 300_000);
});
