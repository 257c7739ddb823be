import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: "tests/node.setup.ts",
    // The files share one chain and run at the same time: each signs with accounts of its own.
    maxWorkers: 2,
    // A transaction takes about nine seconds until it is final, and a rule may need several.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
