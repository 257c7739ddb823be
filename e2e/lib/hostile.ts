/**
 * What an agent and a gateway can do to attestors: each case is a way to answer a draw, a way to serve what was signed, and
 * the name of the reason that it has to end in.
 */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { blake2AsHex, randomAsHex, randomAsU8a } from "@polkadot/util-crypto";
import { freshAccount } from "./accounts.js";
import type { Answer } from "./agent.js";
import { type Content, contentOf, LLAMA_SYSTEM, llamaRow, signed, solveWith } from "./evidence.js";
import {
  altered,
  type Behaviour,
  dripping,
  edited,
  endless,
  flattering,
  hangingUp,
  redirecting,
  saying,
  silent,
  type Source,
  withStatus,
} from "./gateways.js";
import { CLASSES } from "./reporting.js";

/** What is needed to make a case. */
export interface Scene {
  api: ApiPromise;
  /** Whose signature counts. */
  agent: KeyringPair;
  resource: number;
  /** What the agent signed. */
  source: Source;
}

export interface Case {
  /** The rule: who does what. */
  name: string;
  /** The reason that is counted, as JSON names it. */
  reason: string;
  class: number;
  devices: number;
  answer(scene: Scene, round: number): Answer;
  /** How the gateway serves it; as it is, where this is left out. */
  serve?(scene: Scene): Behaviour;
}

const { hpcFp64, aiInfer } = CLASSES;
const HOUR = 3_600_000;
/** Order of the systems that are claimed to be solved. */
const ORDER = 256;

/** What an agent that is honest signs about eight devices of a published system. */
const honestly = ({ api, resource }: Scene, round: number, other: Partial<Content> = {}): Content =>
  contentOf(api, resource, round, { devices: LLAMA_SYSTEM.devices, benchmarks: [llamaRow()], ...other });

/** The agent signs this instead. */
const signing =
  (content: (scene: Scene, round: number) => Content): Case["answer"] =>
  (scene, round) => ({ document: signed(content(scene, round), scene.agent) });

/** What an agent that is honest answers a draw with. */
export const honestAnswer: Case["answer"] = signing(honestly);

/** What an agent answers every draw with that ran once. */
export function replayedAnswer(scene: Scene, round: number): Answer {
  const run = blake2AsHex(scene.agent.publicKey);
  return { document: signed(honestly(scene, round, { run }), scene.agent) };
}

/** A case of inference, in which the agent is honest unless it says otherwise. */
const inference = (name: string, reason: string, rest: Partial<Pick<Case, "answer" | "serve">>): Case => ({
  name,
  reason,
  class: aiInfer,
  devices: LLAMA_SYSTEM.devices,
  answer: honestAnswer,
  ...rest,
});

/** A gateway that does this, whatever the agent signed. */
const gateway = (name: string, reason: string, serve: Case["serve"]): Case =>
  inference(name, reason, { serve: serve! });

/** A gateway that replaces a part of the text. */
const replacing = (name: string, part: string | RegExp, by: string): Case =>
  gateway(name, "malformed", ({ source }) =>
    edited(source, (body) => {
      const other = body.replace(part, by);
      if (other === body) throw new Error(`there is no ${String(part)} to replace`);
      return other;
    }),
  );

/** An agent that signs this. */
const agent = (name: string, reason: string, other: (scene: Scene, round: number) => Partial<Content>): Case =>
  inference(name, reason, { answer: signing((scene, round) => honestly(scene, round, other(scene, round))) });

/** An agent that signs another benchmark. */
const declaring = (name: string, reason: string, other: Parameters<typeof llamaRow>[0]): Case =>
  agent(name, reason, () => ({ benchmarks: [llamaRow(other)] }));

/** What an agent says to have solved that drew numbers instead. */
export const falseSolve = () => solveWith(ORDER, [randomAsU8a(8 * ORDER)]);

/** An agent that commits to a solve and signs or opens something about it. */
const solving = (
  name: string,
  reason: string,
  tell: (solved: ReturnType<typeof falseSolve>) => { content?: Partial<Content>; opened?: boolean },
): Case => ({
  name,
  reason,
  class: hpcFp64,
  devices: 1,
  answer: ({ api, agent, resource }, round) => {
    const solved = falseSolve();
    const { content = {}, opened = true } = tell(solved);
    const whole = contentOf(api, resource, round, { solve: solved.solve, ...content });
    return { solve: solved.commitment, document: signed(whole, agent, opened ? solved.opened : []) };
  },
});

const CLAIMED = `"claimed":${LLAMA_SYSTEM.claimed}`;

export const CASES: Case[] = [
  // Nothing is received: who examines abstains.
  gateway("a gateway that hangs up", "unreachable", () => hangingUp),
  gateway("a gateway that never answers", "timedOut", () => silent),
  gateway("a gateway that answers drop by drop", "timedOut", () => dripping(200)),
  gateway("a gateway that has a failure of its own", "httpStatus", () => withStatus(500)),
  gateway("a gateway that sends its reader to a port of the reader's machine", "httpStatus", () =>
    redirecting("http://127.0.0.1:9944/"),
  ),
  // Something is received, and it is no document.
  gateway("a gateway that sends without end", "tooLarge", () => endless()),
  gateway("a gateway that sends something else", "malformed", () => saying("<html>It works!</html>")),
  gateway("a gateway that sends half of it", "malformed", ({ source }) =>
    edited(source, (body) => body.slice(0, body.length / 2)),
  ),
  replacing("a figure that is no number", CLAIMED, '"claimed":NaN'),
  replacing("a figure of 1e308", CLAIMED, '"claimed":1e308'),
  replacing("a figure that no machine integer holds", CLAIMED, `"claimed":1${"0".repeat(400)}`),
  replacing("a figure of 2^64", CLAIMED, `"claimed":${2n ** 64n}`),
  replacing("a figure that is there twice", CLAIMED, `${CLAIMED},${CLAIMED}`),
  replacing("a field that the format does not have", '"devices":', '"note":"","devices":'),
  gateway("a format of the future", "unknownFormat", ({ source }) =>
    edited(source, (body) => body.replace('"format":1', '"format":2')),
  ),
  // It is a document, and not what the agent signed.
  gateway("a gateway that flatters", "badSignature", ({ source }) => flattering(source)),
  gateway("a gateway that signs by itself", "badSignature", ({ source }) =>
    altered(source, (document) => Object.assign(document, signed(document.content, freshAccount()))),
  ),
  // The agent signed it, and it is not about this round.
  agent("results of another chain", "wrongChain", () => ({ genesis: randomAsHex(32) })),
  agent("results of another resource", "wrongResource", ({ resource }) => ({ resource: resource + 1 })),
  agent("results of an older round", "wrongRound", (_, round) => ({ round: round - 1 })),
  agent("a run that is older than the round", "olderThanRound", () => ({ startedAt: Date.now() - HOUR })),
  agent("a run that ends in the future", "clockSkew", () => ({ endedAt: Date.now() + HOUR })),
  agent("results of fewer devices", "wrongDevices", () => ({ devices: LLAMA_SYSTEM.devices - 1 })),
  // It is, and does not hold together.
  agent("results without a figure", "nothingDeclared", () => ({ benchmarks: [] })),
  agent("a benchmark that is there twice", "declaredTwice", () => ({ benchmarks: [llamaRow(), llamaRow()] })),
  agent("a claim beyond the raw figure", "figureMismatch", () => ({
    benchmarks: [{ ...llamaRow(), claimed: Math.floor(LLAMA_SYSTEM.claimed * 1.1) }],
  })),
  declaring("a figure of nothing", "figureOutOfRange", { Performance_Result: 0 }),
  declaring("another scenario", "noMetric", { Scenario: "Server" }),
  declaring("a result that its rules refused", "runInvalid", { errors: 1 }),
  // The seeded solve.
  solving("a commitment without a solve", "wrongSolve", () => ({ content: { solve: null } })),
  solving("a solve that was not committed to", "wrongSolve", () => ({ content: { solve: falseSolve().solve } })),
  solving("a solution that is not shown", "solutionMissing", () => ({ opened: false })),
  solving("a solution of nothing", "solveFailed", () => ({})),
];
