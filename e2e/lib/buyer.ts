/** The buyer's program: it says where lots are wanted, meters what comes, and signs for it. */

import { execFile } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts, start } from "./process.js";

/** The path in `GCX_BUYER`, which `scripts/lib.sh` sets. */
function buyerBinary(): string {
  const path = process.env["GCX_BUYER"];
  if (!path) throw new Error("GCX_BUYER is not set: it names the gcx-buyer to test (scripts/test sets it)");
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`GCX_BUYER names ${path}, which is no executable: build it first (scripts/test does)`);
  }
  return path;
}

/** A buyer that runs. */
export interface Buyer {
  /** Where it answers the sellers' agents. */
  readonly endpoint: string;
  readonly log: string;
  /** Says where it wants the lots of a contract. */
  request(contract: number, region: number): Promise<string>;
  /** What it prints about its deals. */
  status(): Promise<string>;
  ended(): string | undefined;
  end(): Promise<void>;
}

/** Starts a buyer of the account with this path, such as `//Alice//buyer`, whose own key signs its vouchers. */
export async function startBuyer(node: string, key: string): Promise<Buyer> {
  const folder = mkdtempSync(join(tmpdir(), "gcx-buyer-"));
  const [port] = await freePorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const [state, log] = [join(folder, "state"), join(folder, "buyer.log")];
  const ofAccount = ["--node", node, "--key", key];
  const listen = ["--listen", `127.0.0.1:${port}`, "--state", state];
  const running = await start(buyerBinary(), ["run", ...ofAccount, ...listen], { log });
  const ask = async (command: string, ...more: string[]): Promise<string> =>
    (await promisify(execFile)(buyerBinary(), [command, ...ofAccount, ...more], { timeout: 60_000 })).stdout;
  return {
    endpoint,
    log,
    request: (contract, region) =>
      ask("request", "--contract", `${contract}`, "--region", `${region}`, "--endpoint", endpoint),
    status: () => ask("status", "--state", state),
    ended: running.ended,
    end: async () => {
      await running.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
