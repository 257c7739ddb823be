/** What nodes use: memory, by what the kernel says, and disk. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { figure } from "./figures.js";
import type { World } from "./world.js";
import type { NetworkNode } from "../testnet/network.js";

/** Seconds between two looks at memory. */
const EVERY = 5;
const MIB = 1_024 * 1_024;

interface Use {
  memoryAtStart: number;
  memoryPeak: number;
  memoryAtEnd: number;
  diskAtStart: number;
  diskAtEnd: number;
}

export class Measure {
  private readonly uses = new Map<string, Use>();
  private blocks = 0;

  constructor(private readonly world: World) {}

  /** Takes what is used now as the start. */
  begin(block: number): void {
    this.blocks = block;
    for (const node of this.world.network.nodes) {
      const [memory, disk] = [memoryOf(node), diskOf(node)];
      this.uses.set(node.name, {
        memoryAtStart: memory,
        memoryPeak: memory,
        memoryAtEnd: memory,
        diskAtStart: disk,
        diskAtEnd: disk,
      });
    }
    this.world.every("memory", [EVERY, EVERY], async () => this.look());
  }

  private look(): void {
    for (const node of this.world.network.nodes) {
      const [use, memory] = [this.uses.get(node.name)!, memoryOf(node)];
      use.memoryPeak = Math.max(use.memoryPeak, memory);
      // A node that is down at the end has none.
      if (memory > 0) use.memoryAtEnd = memory;
    }
  }

  /** The memory of all nodes now, in MiB. */
  get now(): number {
    return Math.round(this.world.network.nodes.reduce((sum, node) => sum + memoryOf(node), 0) / MIB);
  }

  end(block: number): void {
    this.look();
    this.blocks = block - this.blocks;
    for (const node of this.world.network.nodes) this.uses.get(node.name)!.diskAtEnd = diskOf(node);
  }

  lines(): string[] {
    const mib = (bytes: number): string => (bytes / MIB).toFixed(1);
    const each = [...this.uses].flatMap(([name, use]) => [
      figure(`memory.${name}.start`, mib(use.memoryAtStart), "MiB"),
      figure(`memory.${name}.end`, mib(use.memoryAtEnd), "MiB"),
      figure(`memory.${name}.peak`, mib(use.memoryPeak), "MiB"),
      figure(`database.${name}.start`, mib(use.diskAtStart), "MiB"),
      figure(`database.${name}.growth`, mib(use.diskAtEnd - use.diskAtStart), "MiB"),
    ]);
    return [figure("blocks.measured", this.blocks, "blocks"), ...each];
  }
}

/** Resident memory in bytes; none if the process is gone. */
function memoryOf({ processId }: NetworkNode): number {
  try {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"));
    return Number(found?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}

/** Bytes of all files of a node's database. */
function diskOf({ command: { args } }: NetworkNode): number {
  const at = args.findIndex((arg) => arg.startsWith("--base-path"));
  const folder = args[at]?.split("=")[1] ?? args[at + 1];
  return folder === undefined ? 0 : sizeOf(folder);
}

function sizeOf(folder: string): number {
  let size = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    try {
      // What is on the disk, not what a file that was reserved ahead claims to be.
      size += entry.isDirectory() ? sizeOf(path) : statSync(path).blocks * 512;
    } catch {
      // A database deletes files while it is looked at.
    }
  }
  return size;
}
