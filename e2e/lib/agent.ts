/** The provider agent: the program itself, and one of paper that signs whatever a test has it sign. */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { execFile } from "node:child_process";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { attestation, roundOf } from "./compute.js";
import type { Document, Kind } from "./evidence.js";
import { agentAt, type Asked, type Source } from "./gateways.js";
import { submit } from "./polkadotjs.js";
import { freePorts, signal, start, tail } from "./process.js";
import { Hopeless, sleep, until } from "./wait.js";

/** The path in `GCX_PROVIDER`, which `scripts/lib.sh` sets. */
export function agentBinary(): string {
  const path = process.env["GCX_PROVIDER"];
  if (!path) throw new Error("GCX_PROVIDER is not set: it names the gcx-provider to test (scripts/test sets it)");
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`GCX_PROVIDER names ${path}, which is no executable: build it first (scripts/test does)`);
  }
  return path;
}

/** What an agent is told. */
export interface AgentTerms {
  /** The node's WebSocket. */
  node: string;
  resources: number[];
  /** The path of its key, such as `//Alice//agent`. */
  key: string;
  /** Order of the seeded solve. */
  order?: number;
  devices?: number;
  /** Bytes of each of STREAM's arrays; it does not run STREAM where this is left out. */
  streamBytes?: number;
  /** Raw outputs to declare, by the name of their files. */
  outputs?: Record<string, string>;
  /** Whether it declares its solve as a result of HPL. */
  declareSolve?: boolean;
  /** Per cent of its devices that it says to have on delivery days. */
  available?: number;
  /** Threads that prove compute; all there are where it is left out. */
  proveThreads?: number;
}

/** An agent that runs. */
export interface Agent {
  readonly url: string;
  readonly log: string;
  /** What it serves. */
  readonly source: Source;
  ended(): string | undefined;
  /** Halts it where it is, as a machine that stalls does. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  end(): Promise<void>;
}

/** Starts an agent with a folder of its own, and waits until it serves. */
export async function startAgent(terms: AgentTerms): Promise<Agent> {
  const folder = mkdtempSync(join(tmpdir(), "gcx-agent-"));
  const [port] = await freePorts(1);
  const {
    node,
    resources,
    key,
    order = 1_024,
    devices = 1,
    streamBytes,
    outputs,
    declareSolve = true,
    available = 100,
    proveThreads,
  } = terms;
  const folderOfOutputs = join(folder, "outputs");
  if (outputs) {
    mkdirSync(folderOfOutputs);
    for (const [name, text] of Object.entries(outputs)) writeFileSync(join(folderOfOutputs, name), text);
  }
  const config = join(folder, "agent.toml");
  const lines = [
    `node = ${JSON.stringify(node)}`,
    `resources = ${JSON.stringify(resources)}`,
    `key = ${JSON.stringify(key)}`,
    `state = ${JSON.stringify(join(folder, "state"))}`,
    `listen = "127.0.0.1:${port}"`,
    "[solve]",
    `order = ${order}`,
    `devices = ${devices}`,
    `declare = ${declareSolve}`,
    "[stream]",
    `run = ${streamBytes !== undefined}`,
    ...(streamBytes === undefined ? [] : [`bytes = ${streamBytes}`]),
    "[declare]",
    ...(outputs ? [`outputs = ${JSON.stringify(folderOfOutputs)}`] : []),
    "[prove]",
    ...(proveThreads === undefined ? [] : [`threads = ${proveThreads}`]),
    "[meter]",
    `available = ${available}`,
    "every = 1",
    // Buyers of test networks answer on this machine.
    "allow_private_endpoints = true",
    "",
  ];
  writeFileSync(config, lines.join("\n"));
  const process = await start(agentBinary(), ["run", "--config", config], { log: join(folder, "agent.log") });
  const url = `http://127.0.0.1:${port}`;
  try {
    await until("the agent to see the chain", 60, async () => {
      if (process.ended() !== undefined) throw new Hopeless(`the agent ended with ${process.ended()}`);
      const health = await fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(2_000) });
      return ((await health.json()) as { block: number | null }).block !== null;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await process.end();
    throw new Error(`${reason}. The end of ${process.log}:\n${tail(process.log)}`);
  }
  return {
    url,
    log: process.log,
    source: agentAt(url),
    ended: process.ended,
    freeze: () => signal(process.pid, "SIGSTOP"),
    thaw: () => signal(process.pid, "SIGCONT"),
    end: async () => {
      await process.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the agent says about a file with raw output. */
export interface ReadOutput {
  file: string;
  kind: Kind | null;
  figure: { metric: string; value: number; unit: string } | null;
  /** Why it would not declare it. */
  refused: string | null;
}

/** Has the agent read files, without a chain. */
export async function readOutputs(files: string[]): Promise<ReadOutput[]> {
  const run = promisify(execFile)(agentBinary(), ["check", "--json", ...files], { timeout: 60_000 });
  // It fails if it refuses one: what it says stands.
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return JSON.parse(stdout) as ReadOutput[];
}

/** What an agent of paper answers a draw with: what it commits to on the chain, and what it serves. */
export interface Answer {
  solve?: { order: number; commitment: string };
  document: Document;
}

/** Answers the draws of its resources as soon as it sees them, with whatever it is told to sign. */
export class PaperAgent {
  private readonly resources = new Map<number, (round: number) => Answer>();
  private readonly documents = new Map<string, string>();
  private stopped = false;

  private constructor(
    private readonly api: ApiPromise,
    readonly key: KeyringPair,
  ) {}

  static start(api: ApiPromise, key: KeyringPair): PaperAgent {
    const agent = new PaperAgent(api, key);
    void agent.work();
    return agent;
  }

  /** Answers for a resource from now on. */
  answerFor(resource: number, answer: (round: number) => Answer): void {
    this.resources.set(resource, answer);
  }

  /** What it serves, of this round and of those before. */
  readonly source: Source = ({ resource, round }) => {
    const found = this.documents.get(`${resource}/${round}`);
    return found === undefined ? Promise.reject(new Error("nothing was signed")) : Promise.resolve(found);
  };

  /** The results that it signed, if it did. */
  async document(asked: Asked): Promise<Document> {
    return JSON.parse(await this.source(asked)) as Document;
  }

  stop(): void {
    this.stopped = true;
  }

  private async work(): Promise<void> {
    while (!this.stopped) {
      const looks = [...this.resources].map(([resource, answer]) => this.look(resource, answer).catch(() => undefined));
      await Promise.all(looks);
      await sleep(500);
    }
  }

  private async look(resource: number, answer: (round: number) => Answer): Promise<void> {
    const round = await roundOf(this.api, resource);
    if (round?.stage !== "Answer" || round.answer || this.documents.has(`${resource}/${round.id}`)) return;
    const { solve, document } = answer(round.id);
    this.documents.set(`${resource}/${round.id}`, JSON.stringify(document));
    // What is not accepted shows in the round: it is missed.
    submit(attestation(this.api)["answerDraw"]!(resource, round.id, solve ?? null), this.key).catch(() => undefined);
  }
}
