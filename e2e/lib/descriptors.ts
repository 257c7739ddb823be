/** Generates the typed client's descriptors into `.papi/`, from the metadata of a running node. */

import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

export async function generateDescriptors(ws: string): Promise<void> {
  const settings = {
    version: 0,
    descriptorPath: ".papi/descriptors",
    // Imported by path: a package that is generated could not be in the lock file.
    options: { noDescriptorsPackage: true },
    entries: { gcx: { wsUrl: ws } },
  };
  mkdirSync(join(ROOT, ".papi"), { recursive: true });
  writeFileSync(join(ROOT, ".papi", "polkadot-api.json"), JSON.stringify(settings, undefined, 2));
  const papi = join(ROOT, "node_modules", ".bin", "papi");
  await promisify(execFile)(papi, ["generate"], {
    cwd: ROOT,
    timeout: 180_000,
    // The generator uses the global WebSocket, which Node.js 20 hides behind this flag.
    env: { ...process.env, NODE_OPTIONS: "--experimental-websocket" },
  });
}
