import type { TestProject } from "vitest/node";
import { generateDescriptors } from "../lib/descriptors.js";
import { startDevelopmentNode } from "../lib/node.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** Addresses of the node under test. */
    http: string;
    ws: string;
  }
}

/** Starts the node that all tests share, and generates the typed client from it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const node = await startDevelopmentNode();
  try {
    await generateDescriptors(node.ws);
  } catch (error) {
    await node.end();
    throw error;
  }
  project.provide("http", node.http);
  project.provide("ws", node.ws);
  return node.end;
}
