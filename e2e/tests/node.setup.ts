import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { generateDescriptors } from "../lib/descriptors.js";
import { exportDevelopmentChain, startDevelopmentNode } from "../lib/node.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** Addresses of the node under test. */
    http: string;
    ws: string;
    /** A file with its chain, for files that start a node of their own. */
    chain: string;
  }
}

/** Starts the node that all tests share, and generates the typed client from it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const node = await startDevelopmentNode();
  const folder = mkdtempSync(join(tmpdir(), "gcx-e2e-"));
  const chain = join(folder, "chain.json");
  const end = async (): Promise<void> => {
    rmSync(folder, { recursive: true, force: true });
    await node.end();
  };
  try {
    await Promise.all([generateDescriptors(node.ws), exportDevelopmentChain(chain)]);
  } catch (error) {
    await end();
    throw error;
  }
  project.provide("http", node.http);
  project.provide("ws", node.ws);
  project.provide("chain", chain);
  return end;
}
