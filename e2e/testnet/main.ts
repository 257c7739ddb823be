/** `scripts/testnet`: starts the local network, and with `--check` proves that it works. */

import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKS } from "./checks.js";
import { Network } from "./network.js";
import { killAll } from "../lib/process.js";
import { seconds } from "../lib/wait.js";

/** Longer than all checks' own limits would ever be reached together. */
const LIMIT_MINUTES = 20;

const checking = process.argv.includes("--check");
const folder = mkdtempSync(join(tmpdir(), "gcx-testnet-"));

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => void finish(130));

/** Ends every process, and deletes their files unless something failed: then the logs may say why. */
async function finish(code: number): Promise<never> {
  killAll();
  if (code === 1) console.log(`The logs are in ${folder}`);
  // The processes may write for a moment longer.
  else await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  process.exit(code);
}

async function run(): Promise<void> {
  const began = Date.now();
  const network = await Network.start(folder);
  console.log(`Four validators are up in ${seconds(Date.now() - began)}. Their files are in ${folder}`);
  if (checking) await check(network);
  else await show(network);
}

/** Prints where to connect, and waits for Ctrl-C. */
async function show({ nodes }: Network): Promise<void> {
  for (const { name, ws, metrics, command } of nodes) {
    console.log(`
${name}
  JSON-RPC  ${ws}
  explorer  https://polkadot.js.org/apps/?rpc=${encodeURIComponent(ws)}#/explorer
  metrics   ${metrics}
  log       ${command.log}`);
  }
  console.log("\nCtrl-C ends the network and deletes its files.");
  await new Promise(() => setInterval(() => {}, 60_000));
}

/** Runs every check, even after one has failed, and prints a line for each. */
async function check(network: Network): Promise<void> {
  const began = Date.now();
  setTimeout(() => {
    console.log(`FAILED  not done after ${LIMIT_MINUTES} minutes`);
    void finish(1);
  }, LIMIT_MINUTES * 60_000);

  let failed = 0;
  for (const { name, run } of CHECKS) {
    const start = Date.now();
    try {
      const figures = await run(network);
      console.log(`ok      ${name}: ${figures} [${seconds(Date.now() - start)}]`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}: ${reason(error)}`);
    }
  }
  const verdict = failed === 0 ? "The network holds" : `The network failed ${failed} of ${CHECKS.length}`;
  console.log(`${verdict}, after ${seconds(Date.now() - began)}.`);
  await finish(failed === 0 ? 0 : 1);
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

run().catch((error: unknown) => {
  console.error(reason(error));
  return finish(1);
});
