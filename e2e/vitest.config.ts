import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: "tests/node.setup.ts",
    // Files run at the same time: those that share a chain sign with accounts of their own. Most of the time they wait for
    // the next block, so more of them run than there are cores.
    maxWorkers: 6,
    // A transaction takes about nine seconds until it is final, and a rule may need several.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
