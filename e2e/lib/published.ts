/** Outputs of benchmarks that others published. They are not part of this repository. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readOutputs, type ReadOutput } from "./agent.js";
import type { Kind } from "./evidence.js";

const FOLDER = fileURLToPath(new URL("../../../shared/data/bench/", import.meta.url));
/** Where there are outputs of which benchmark. What was edited for somebody's parser is nobody's result. */
const FOLDERS: [Kind, string][] = [
  ["hpl", "hpl"],
  ["hpcg", "hpcg"],
  ["stream", "stream"],
  ["mlperf", "mlperf/logs_v5.1"],
];
const ROWS = "mlperf/inference_v5.1_summary_results.json";

/** Rows of the results summary that are served as well, by what tells them apart, and with how many devices. */
const ROWS_SHOWN: [name: string, is: Partial<Row>, devices: number][] = [
  [
    "Llama 2 70B, eight B200, power measured",
    { UsedModel: "llama2-70b-99.9", Scenario: "Offline", has_power: true },
    8,
  ],
  ["SDXL, eight B200, power measured", { UsedModel: "stable-diffusion-xl", Scenario: "Offline", has_power: true }, 8],
  ["Llama 2 70B, eight MI300X", { UsedModel: "llama2-70b-99", Scenario: "Offline", ID: "5.1-0001" }, 8],
  ["Llama 2 70B, served", { UsedModel: "llama2-70b-99", Scenario: "Server", ID: "5.1-0001" }, 8],
  ["Llama 2 70B, open division", { UsedModel: "llama2-70b-99", Scenario: "Offline", Category: "open" }, 8],
];

interface Row {
  ID: string;
  Category: string;
  UsedModel: string;
  Scenario: string;
  has_power: boolean;
}

/** An output, and what the agent makes of it. */
export interface Published {
  /** Its path, or of a row its number. */
  name: string;
  kind: Kind;
  text: string;
  devices: number;
  read: ReadOutput;
}

/** All of them; nothing where they are not. */
export async function publishedOutputs(): Promise<Published[] | undefined> {
  if (!existsSync(FOLDER)) return undefined;
  const outputs = FOLDERS.flatMap(([kind, folder]) =>
    readdirSync(join(FOLDER, folder))
      .filter((file) => !file.endsWith("LICENSE"))
      .sort()
      .map((file) => ({ name: `${folder}/${file}`, kind, file: join(FOLDER, folder, file), devices: 1 })),
  );
  const scratch = mkdtempSync(join(tmpdir(), "gcx-rows-"));
  try {
    const rows = JSON.parse(readFileSync(join(FOLDER, ROWS), "utf8")) as Row[];
    for (const [name, is, devices] of ROWS_SHOWN) {
      const wanted = Object.entries(is) as [keyof Row, unknown][];
      const row = rows.find((row) => wanted.every(([field, value]) => row[field] === value));
      if (!row) throw new Error(`${ROWS} has no row of ${name}`);
      const file = join(scratch, `mlperf-row-${outputs.length}.json`);
      writeFileSync(file, JSON.stringify(row));
      outputs.push({ name: `row ${row.ID}: ${name}`, kind: "mlperf", file, devices });
    }
    const read = await readOutputs(outputs.map(({ file }) => file));
    return outputs.map(({ name, kind, file, devices }, place) => ({
      name,
      kind,
      text: readFileSync(file, "utf8"),
      devices,
      read: read[place]!,
    }));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
