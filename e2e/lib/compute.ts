/** Compute from a client's side: providers and their resources, rounds and what they came to, what JSON-RPC answers. */

import type { ApiPromise } from "@polkadot/api";
import type { SubmittableExtrinsic } from "@polkadot/api/types";
import type { KeyringPair } from "@polkadot/keyring/types";
import type { EventRecord } from "@polkadot/types/interfaces";
import { account } from "./accounts.js";
import { fields, type Outcome, submit, succeed } from "./polkadotjs.js";
import { hex, rpc } from "./rpc.js";
import { Hopeless, sleep, until } from "./wait.js";

/** Millionths of a Compute Hour, or an amount of money in its smallest unit, as a decimal string. */
type Amount = string;
/** A decimal fraction. */
type Fraction = string;

/** The answer of `gcx_class`. */
export interface ClassView {
  class: number;
  name: string;
  current: number;
  attestedBy: string | null;
  lossPerHour: Amount;
  versions: {
    version: number;
    system: { metrics: { metric: string; value: number; weight: number; floor: number }[]; milliwatts: number };
    resources: number;
    pins: number;
  }[];
}

/** What is known of a resource's speed by one tier. */
export interface EvidenceView {
  tier: "declared" | "attested" | "proven";
  rate: Fraction;
  age: number;
  isExpired: boolean;
  round: number;
  run: string;
  evidence: string;
  measurements: { metric: string; value: number }[];
}

/** The answer of `gcx_resource`. */
export interface ResourceView {
  resource: number;
  provider: string;
  agent: string;
  class: number;
  version: number;
  region: number;
  devices: number;
  since: number;
  state: string;
  passed: number;
  failures: number;
  grade: { grade: string; age: number } | null;
  tier: EvidenceView["tier"] | null;
  rate: Fraction | null;
  evidence: EvidenceView[];
  uptime: { answered: number; missed: number; uptime: Fraction };
  capacity: {
    day: number;
    capacity: Amount;
    nominated: Amount;
    pledged: Amount;
    sold: Amount;
    sellable: Amount;
    shortfall: Amount;
  };
  maintenance: { first: number; last: number }[];
  lastRound: { round: number; phase: string; reasons: { reason: string; members: number }[] } | null;
  reputation: {
    passed: number;
    refused: number;
    missed: number;
    offences: number;
    slashed: Amount;
    bond: Amount;
    atRisk: Amount;
  };
}

/** What is to be computed, for `gcx_estimate`. */
export type Work =
  | { kind: "operations"; count: string }
  | { kind: "outputs"; count: number }
  | { kind: "inference"; model: unknown; samples: number }
  | { kind: "training"; model: unknown; samples: number; batch: number; epochs: number };

/** The answer of `gcx_estimate`: what it takes, or why there is no estimate. */
export type Estimate =
  { takes: { operations: string | null; capacity: Amount; devices: number | null } } | { refused: unknown };

/** The answer of `gcx_attestation`, as far as tests need it. */
export interface AttestationView {
  attestors: { attestor: string; owner: string; bond: Amount; standing: number }[];
  rounds: { resource: number; round: number; phase: string }[];
  worker: {
    keys: string[];
    hasGateway: boolean;
    counters: { fetches: number; accepted: number; refusals: [reason: string, count: number][] };
  };
}

// Each at the block `at`, or at the best one.

export const classView = (http: string, of: number, at: string | null = null): Promise<ClassView> =>
  rpc(http, "gcx_class", [of, at]);

export const resourceView = (http: string, resource: number, at: string | null = null): Promise<ResourceView> =>
  rpc(http, "gcx_resource", [resource, at]);

/** What work takes of a class, and how many reference devices are done with it within so many hours. */
export const estimate = (http: string, of: number, work: Work, hours: number | null = null): Promise<Estimate> =>
  rpc(http, "gcx_estimate", [of, work, hours, null]);

export const attestationView = (http: string, at: string | null = null): Promise<AttestationView> =>
  rpc(http, "gcx_attestation", [at]);

type Call = SubmittableExtrinsic<"promise">;
type Calls = Record<string, (...args: unknown[]) => Call>;

/** The calls of providers. Amounts are in the smallest unit of GCX. */
export const compute = (api: ApiPromise): Calls => api.tx["compute"] as unknown as Calls;

/** The calls of attestors, agents, and who shows what they did. */
export const attestation = (api: ApiPromise): Calls => api.tx["attestation"] as unknown as Calls;

/** The attestors of test chains by the paths of their keys. Their owners are `//Alice//stash` and so on. */
export const ATTESTORS = ["//Alice", "//Bob", "//Charlie", "//Dave"];

/** Puts an attestor's key into the node's keystore. Nodes take this on loopback only. */
export const insertAttestorKey = (http: string, path: string): Promise<null> =>
  rpc(http, "author_insertKey", ["atst", path, hex(account(path).publicKey)]);

/** What a resource is registered with. */
export interface ResourceTerms {
  class: number;
  agent: string;
  devices?: number;
  /** By its number in UN M49: Germany where it is left out. */
  region?: number;
  version?: number;
}

/** Registers a resource of a provider. */
export const registerResource = (
  api: ApiPromise,
  provider: KeyringPair,
  { class: of, agent, devices = 1, region = 276, version }: ResourceTerms,
): Promise<Outcome> => submit(compute(api)["registerResource"]!(of, region, devices, agent, version ?? null), provider);

/** Registers resources of a provider in one transaction. Gives their numbers. */
export async function registerResources(
  api: ApiPromise,
  provider: KeyringPair,
  terms: ResourceTerms[],
): Promise<number[]> {
  const { registerResource } = compute(api);
  const calls = terms.map(({ class: of, agent, devices = 1, region = 276, version }) =>
    registerResource!(of, region, devices, agent, version ?? null),
  );
  const { events } = await succeed(api.tx["utility"]!["batchAll"]!(calls), provider);
  return events
    .filter(({ section, method }) => section === "compute" && method === "ResourceRegistered")
    .map((event) => fields<{ resource: number }>(event).resource);
}

/** Gives each account so much GCX: an agent pays nothing for an answer, but has to be able to. */
export async function endow(api: ApiPromise, from: KeyringPair, to: string[], amount: bigint): Promise<void> {
  const { balances, utility } = api.tx;
  await succeed(utility!["batchAll"]!(to.map((who) => balances!["transferKeepAlive"]!(who, amount))), from);
}

/** A reason for which results were not accepted, as JSON names it. */
export const reasonName = (reason: string): string => reason.charAt(0).toLowerCase() + reason.slice(1);

/** What a round came to. */
export type RoundOutcome =
  | {
      attested: {
        run: string;
        evidence: string;
        solved: number | string | null;
        declared: { metric: string; value: number | string }[];
        milliwatts: number | string | null;
        agreed: number;
        outliers: number;
      };
    }
  | { refused: { reason: string; agreed: number; outliers: number } }
  | { noQuorum: { counted: number; owners: number } }
  | { missed: null }
  | { noPanel: { attestors: number; owners: number } }
  | { stoodStill: null };

/** A resource's round, as storage has it. Slots are counted from the Unix epoch. */
export interface Round {
  id: number;
  nonce: string;
  version: number;
  solves: boolean;
  openedSlot: number;
  openedAt: number;
  stage: "Answer" | "Commit" | "Reveal" | "Closed";
  answerUntil: number;
  commitUntil: number;
  revealUntil: number;
  answer: { slot: number; solve: { order: number; commitment: string } | null; fee: number | string } | null;
  draw: { rows: string; devices: number[]; panel: string[] } | null;
  outcome: RoundOutcome | null;
}

/** The round that a resource is in, or was in last. */
export async function roundOf(api: ApiPromise, resource: number): Promise<Round | undefined> {
  const entry = await api.query["attestation"]!["rounds"]!(resource);
  return (entry.toPrimitive() as Round | null) ?? undefined;
}

/** An attestor, as storage has it. Parts per million; amounts in the smallest unit. */
export interface Attestor {
  owner: string;
  bond: bigint;
  standing: number;
  duties: number;
  record: { agreed: number; outlier: number; undecided: number; silent: number; missed: number };
}

export async function attestorOf(api: ApiPromise, address: string, at?: string): Promise<Attestor> {
  const { query } = at === undefined ? api : await api.at(at);
  const entry = await query["attestation"]!["attestors"]!(address);
  const attestor = entry.toPrimitive() as (Omit<Attestor, "bond"> & { bond: number | string }) | null;
  if (!attestor) throw new Error(`${address} is no attestor`);
  return { ...attestor, bond: BigInt(attestor.bond) };
}

/** An event of a resource, and the block that it is in. */
export interface Told {
  block: string;
  method: string;
  fields: { resource?: number; round?: number };
}

/** Everything that blocks tell of rounds and resources, as it happens. */
export class Chronicle {
  private readonly told: Told[] = [];
  private readonly heads: string[] = [];
  private stopped = false;
  private failure: unknown;

  /** Follows the best blocks from now on. */
  static async begin(api: ApiPromise): Promise<Chronicle> {
    const chronicle = new Chronicle();
    await api.rpc.chain.subscribeNewHeads((header) => void chronicle.heads.push(header.hash.toHex()));
    chronicle.work(api).catch((error: unknown) => (chronicle.failure = error));
    return chronicle;
  }

  private async work(api: ApiPromise): Promise<void> {
    while (!this.stopped) {
      const block = this.heads.shift();
      if (block === undefined) await sleep(200);
      else await this.read(api, block);
    }
  }

  private async read(api: ApiPromise, block: string): Promise<void> {
    const at = await api.at(block);
    const records = (await at.query["system"]!["events"]!()) as unknown as EventRecord[];
    for (const { event } of records) {
      const { section, method } = event;
      if (["attestation", "compute"].includes(section)) this.told.push({ block, method, fields: fields(event) });
    }
  }

  /** What was told of a resource, of one of its rounds if that is named. */
  of(resource: number, round?: number): Told[] {
    return this.told.filter(
      ({ fields: about }) => about.resource === resource && (round === undefined || about.round === round),
    );
  }

  /** The fields of all events of a name about a resource, or one of its rounds. */
  all<T>(name: string, resource: number, round?: number): T[] {
    return this.of(resource, round)
      .filter(({ method }) => method === name)
      .map(({ fields }) => fields as T);
  }

  /** Waits until something is told of a resource. */
  async until<T>(name: string, resource: number, limit: number, is: (fields: T) => boolean = () => true): Promise<T> {
    return until(`${name} of resource ${resource}`, limit, () => {
      if (this.failure) throw new Hopeless(`events cannot be read: ${String(this.failure)}`);
      return this.all<T>(name, resource).find(is);
    });
  }

  /** Waits until a round of a resource is closed: the first one that was answered, or a certain one. */
  closed(resource: number, limit: number, round?: number): Promise<Closed> {
    const isIt = (closed: Closed) => (round === undefined ? !("missed" in closed.outcome) : closed.round === round);
    return this.until<Closed>("Closed", resource, limit, isIt);
  }

  stop(): void {
    this.stopped = true;
  }
}

/** The end of a round. Amounts are numbers, or strings where these are not exact enough. */
export interface Closed {
  resource: number;
  round: number;
  outcome: RoundOutcome;
  fee: number | string;
  paid: number | string;
  unpaid: number | string;
}

/** How often each reason was counted by the workers of a node, by what Prometheus reads. */
export async function refusalMetrics(metrics: string): Promise<Record<string, number>> {
  const text = await (await fetch(metrics)).text();
  const lines = text.matchAll(/^gcx_attestor_refusals_total\{[^}]*reason="(\w+)"[^}]*\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, reason, count]) => [reason!, Number(count)]));
}
