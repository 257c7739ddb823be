import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const BOOK = new URL("../../docs/src/", import.meta.url);

/** What a page quotes: `From [file](path):` and a block of code. */
const QUOTE = /From \[`[^`]+`\]\(([^)]+)\):\n\n```\w+\n([\s\S]*?)```/g;

describe("the book", () => {
  test.each([["trading.md", 3]])("%s_quotes_code_as_it_is", (page, quotes) => {
    const text = readFileSync(fileURLToPath(new URL(page, BOOK)), "utf8");
    const found = [...text.matchAll(QUOTE)];
    expect(found).toHaveLength(quotes);
    for (const [, path, code] of found) {
      const source = readFileSync(fileURLToPath(new URL(path!, BOOK)), "utf8");
      expect(source).toContain(code!);
    }
  });
});
