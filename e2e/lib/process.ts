/** Processes that we start, and end by their own id. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { until } from "./wait.js";

export interface Started {
  readonly pid: number;
  readonly log: string;
  /** The exit code or signal, once it has ended. */
  ended(): string | undefined;
  /** Asks the process to end, and makes it end when it does not within a few seconds. */
  end(): Promise<void>;
}

export interface StartOptions {
  log: string;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Leads a process group of its own: all that it starts ends with us, too. */
  leadsGroup?: boolean;
}

const running: { pid: number; child: ChildProcess; group: boolean }[] = [];

/** Ends all that was started here and still runs, at once. Happens by itself when we exit. */
export function killAll(): void {
  for (const { pid, child, group } of running.splice(0)) {
    if (group) signal(-pid, "SIGKILL");
    else if (ended(child) === undefined) signal(pid, "SIGKILL");
  }
}
process.once("exit", killAll);

/** Starts a program whose output is appended to a log file. It does not outlive us. */
export async function start(program: string, args: readonly string[], options: StartOptions): Promise<Started> {
  const log = openSync(options.log, "a");
  const child = spawn(program, args, {
    stdio: ["ignore", log, log],
    detached: options.leadsGroup ?? false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(new Error(`cannot start ${program}: ${error.message}`)));
  });
  const pid = child.pid as number;
  running.push({ pid, child, group: options.leadsGroup ?? false });
  return { pid, log: options.log, ended: () => ended(child), end: () => end(child) };
}

function ended(child: ChildProcess): string | undefined {
  return child.exitCode?.toString() ?? child.signalCode ?? undefined;
}

async function end(child: ChildProcess): Promise<void> {
  if (ended(child) !== undefined) return;
  child.kill("SIGTERM");
  const limit = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await until(`process ${child.pid} to end`, 20, () => ended(child), 50);
  clearTimeout(limit);
}

/** Sends a signal to a process that we started through another; one that is gone already is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether a process runs. One that has ended but that its parent has not yet noticed does not. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

/** The last lines of a log, for error messages. */
export function tail(log: string, lines = 20): string {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}

/** Whether a port on loopback is free now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Ports on loopback that are free now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
