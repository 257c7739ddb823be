/**
 * Results of benchmarks as an agent signs and serves them, made here: for what an agent that is honest would never sign.
 */

import type { ApiPromise } from "@polkadot/api";
import type { KeyringPair } from "@polkadot/keyring/types";
import { blake2AsHex, blake2AsU8a, randomAsHex } from "@polkadot/util-crypto";
import { bytesOf, hex } from "./rpc.js";

/** Benchmarks in the order of the chain's enumeration. */
const KINDS = ["hpl", "hpcg", "stream", "mlperf"] as const;
export type Kind = (typeof KINDS)[number];

/** A benchmark's raw output, and the figure that is claimed of it: of all devices, in the metric's unit. */
export interface Benchmark {
  kind: Kind;
  claimed: number;
  raw: string;
}

/** What is signed about a run. Times are milliseconds since the Unix epoch, hashes hexadecimal with 0x. */
export interface Content {
  genesis: string;
  resource: number;
  round: number;
  run: string;
  startedAt: number;
  endedAt: number;
  devices: number;
  power: { milliwatts: number; source: string } | null;
  solve: { order: number; solutions: string[] } | null;
  benchmarks: Benchmark[];
}

/** What is served. A solution is base64 of its unknowns, `i64` each, little endian, in units of 2⁻⁴⁰. */
export interface Document {
  format: number;
  content: Content;
  opened: { device: number; solution: string }[];
  signature: string;
}

/** Results of a run that began and ended just now, on one device, without any figure. */
export function contentOf(api: ApiPromise, resource: number, round: number, rest: Partial<Content> = {}): Content {
  const now = Date.now();
  return {
    genesis: api.genesisHash.toHex(),
    resource,
    round,
    run: randomAsHex(32),
    startedAt: now,
    endedAt: now,
    devices: 1,
    power: null,
    solve: null,
    benchmarks: [],
    ...rest,
  };
}

// SCALE, as the chain's side of this format encodes it.

const integer = (value: number, bytes: 1 | 4 | 8): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer.subarray(0, bytes);
};

/** A length is in one, two or four bytes, and the lowest two bits say in how many. */
function length(of: number): Buffer {
  if (of < 2 ** 6) return Buffer.from([4 * of]);
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(4 * of + (of < 2 ** 14 ? 1 : 2));
  return buffer.subarray(0, of < 2 ** 14 ? 2 : 4);
}

const text = (value: string): Buffer => Buffer.concat([length(Buffer.byteLength(value)), Buffer.from(value)]);

const list = (items: Buffer[]): Buffer => Buffer.concat([length(items.length), ...items]);

const optional = (item: Buffer | null): Buffer => Buffer.concat(item ? [Buffer.from([1]), item] : [Buffer.from([0])]);

/** BLAKE2b-256 of the content in SCALE: what the chain knows results by. */
export function digestOf(content: Content): Uint8Array {
  const { genesis, resource, round, run, startedAt, endedAt, devices, power, solve, benchmarks } = content;
  const encoded = [
    text(genesis),
    integer(resource, 4),
    integer(round, 4),
    text(run),
    integer(startedAt, 8),
    integer(endedAt, 8),
    integer(devices, 4),
    optional(power && Buffer.concat([integer(power.milliwatts, 8), text(power.source)])),
    optional(solve && Buffer.concat([integer(solve.order, 4), list(solve.solutions.map(text))])),
    list(
      benchmarks.map(({ kind, claimed, raw }) =>
        Buffer.concat([integer(KINDS.indexOf(kind), 1), integer(claimed, 8), text(raw)]),
      ),
    ),
  ];
  return blake2AsU8a(Buffer.concat(encoded));
}

/** The signature of an agent over results, with its scheme in front. */
export function signatureOf(content: Content, agent: KeyringPair): Uint8Array {
  const { genesis, resource, round } = content;
  const subject = [integer(resource, 4), integer(round, 4)];
  const payload = [Buffer.from("gcx/evidence/1"), bytesOf(genesis), ...subject, digestOf(content)];
  return agent.sign(Buffer.concat(payload), { withType: true });
}

/** Results with an agent's signature, as they are served. */
export const signed = (content: Content, agent: KeyringPair, opened: Document["opened"] = []): Document => ({
  format: 1,
  content,
  opened,
  signature: hex(signatureOf(content, agent)),
});

/** A solve that is committed to on the chain. */
export interface SolveCommitment {
  order: number;
  commitment: string;
}

/** What an agent that has the solutions of all devices commits to, signs and opens. */
export function solveWith(
  order: number,
  solutions: Uint8Array[],
): {
  commitment: SolveCommitment;
  solve: NonNullable<Content["solve"]>;
  opened: Document["opened"];
  hashes: string[];
} {
  const hashes = solutions.map((solution) => blake2AsU8a(solution));
  const committed = Buffer.concat([Buffer.from("gcx/solve/commitment/1"), list(hashes.map((it) => Buffer.from(it)))]);
  const asHex = hashes.map(hex);
  return {
    commitment: { order, commitment: blake2AsHex(committed) },
    solve: { order, solutions: asHex },
    opened: solutions.map((solution, device) => ({ device, solution: Buffer.from(solution).toString("base64") })),
    hashes: asHex,
  };
}

/**
 * A row of the results of MLPerf Inference v5.1 (datacenter, closed, id 5.1-0061: eight B200 of a Lenovo SR680a V3, Llama 2
 * 70B offline; mlcommons/inference_results_v5.1 @ 965182b0), less what nobody reads.
 */
export const LLAMA_ROW = {
  Category: "closed",
  UsedModel: "llama2-70b-99.9",
  Model: "llama2-70b-99.9",
  Scenario: "Offline",
  compliance: 1,
  errors: 0,
  inferred: 0,
  Performance_Result: 102_909,
  Performance_Units: "Tokens/s",
  has_power: true,
  Power_Result: 10_400.999,
  Power_Units: "Watts",
};
/** Devices of that system, what they come to together in thousandths of a token per second, and their power. */
export const LLAMA_SYSTEM = { devices: 8, claimed: 102_909_000, milliwatts: 10_400_999 };

/** The row as a benchmark's raw output, perhaps with other fields. */
export const llamaRow = (other: Partial<Record<keyof typeof LLAMA_ROW, unknown>> = {}): Benchmark => ({
  kind: "mlperf",
  claimed: LLAMA_SYSTEM.claimed,
  raw: JSON.stringify({ ...LLAMA_ROW, ...other }),
});
