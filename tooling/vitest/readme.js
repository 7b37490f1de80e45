/**
 * README code runs in tests: every `ts` block of a package's README is a test. Where a line ends in
 * `console.log(value); // text`, the value must print as the text.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;
const PRINTED = /console\.log\((.*)\);[ \t]*\/\/[ \t]*(.+)$/gm;

/**
 * Declares one test for each `ts` block of `README.md`.
 *
 * @param {string} folder the package's folder
 */
export function describeReadme(folder) {
  const text = readFileSync(join(folder, "README.md"), "utf8");
  const scratch = join(folder, ".readme-test");
  mkdirSync(scratch, { recursive: true });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  globalThis.__readmePrints = (value, expected) => {
    const printed =
      typeof value === "string"
        ? value
        : inspect(value, { breakLength: Infinity, depth: null, compact: true });
    expect(printed).toBe(expected);
  };
  describe("README.md", () => {
    const blocks = [...text.matchAll(BLOCK)].map(([, code]) => code);
    it("has code to run", () => expect(blocks.length).toBeGreaterThan(0));
    blocks.forEach((code, index) => {
      it(`runs example ${index + 1} as printed`, async () => {
        const file = join(scratch, `example-${index + 1}.ts`);
        const checked = code.replace(
          PRINTED,
          (_, value, expected) =>
            `globalThis.__readmePrints((${value}), ${JSON.stringify(expected.trim())});`,
        );
        writeFileSync(file, checked);
        await import(/* @vite-ignore */ file);
      });
    });
  });
}
