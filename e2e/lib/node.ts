/** The node under test. */

import { execFile } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts, start, tail } from "./process.js";
import { height } from "./rpc.js";
import { Hopeless, until } from "./wait.js";

export interface Node {
  /** Serves JSON-RPC over both. */
  readonly http: string;
  readonly ws: string;
  /** Where Prometheus finds the metrics. */
  readonly metrics: string;
  readonly log: string;
  /** The exit code or signal, once the process has ended. */
  ended(): string | undefined;
  end(): Promise<void>;
}

export interface Wanted {
  /** Ports on loopback for the node to use; any free ones where they are left out. */
  rpc?: number;
  metrics?: number;
  /** A file with the development chain; the node works it out where it is left out. */
  chain?: string;
  /** Where its attestors read results. */
  gateway?: string;
}

/** The path in `GCX_NODE`, which `scripts/lib.sh` sets. */
export function nodeBinary(): string {
  const path = process.env["GCX_NODE"];
  if (!path) throw new Error("GCX_NODE is not set: it names the gcx-node to test (scripts/test sets it)");
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`GCX_NODE names ${path}, which is no executable: build the node first (scripts/test does)`);
  }
  return path;
}

/** Writes the development chain to a file: nodes that are given it start in a third of the time. */
export async function exportDevelopmentChain(file: string): Promise<void> {
  const args = ["export-chain-spec", "--chain=dev", "--raw", `--output=${file}`];
  await promisify(execFile)(nodeBinary(), args, { timeout: 180_000 });
}

/** Starts a development chain of one validator with a database of its own, and waits for its first block. */
export async function startDevelopmentNode(wanted: Wanted = {}): Promise<Node> {
  const program = nodeBinary();
  const folder = mkdtempSync(join(tmpdir(), "gcx-e2e-"));
  const [freeRpc, freeMetrics, peerPort] = await freePorts(3);
  const { rpc: rpcPort = freeRpc, metrics: metricsPort = freeMetrics, chain, gateway } = wanted;
  const process = await start(
    program,
    [
      "--dev",
      ...(chain === undefined ? [] : [`--chain=${chain}`]),
      ...(gateway === undefined ? [] : [`--benchmark-gateway=${gateway}`]),
      `--base-path=${join(folder, "data")}`,
      `--rpc-port=${rpcPort}`,
      `--listen-addr=/ip4/127.0.0.1/tcp/${peerPort}`,
      `--prometheus-port=${metricsPort}`,
      "--no-telemetry",
      "--no-mdns",
    ],
    { log: join(folder, "node.log") },
  );
  const http = `http://127.0.0.1:${rpcPort}`;
  try {
    await until("the node's first block", 180, async () => {
      if (process.ended() !== undefined) throw new Hopeless(`the node ended with ${process.ended()}`);
      return (await height(http)) > 0;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await process.end();
    throw new Error(`${reason}. The end of ${process.log}:\n${tail(process.log)}`);
  }
  return {
    http,
    ws: `ws://127.0.0.1:${rpcPort}`,
    metrics: `http://127.0.0.1:${metricsPort}/metrics`,
    log: process.log,
    ended: process.ended,
    end: async () => {
      await process.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
