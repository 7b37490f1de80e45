/**
 * Runs the code of Markdown files: every `ts` block is a test. Where a line ends in
 * `console.log(value); // text`, the value must print as the text. A block that begins with the path of a source
 * file, `// packages/…/x.ts`, runs as if it were that file.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;
const PRINTED = /console\.log\((.*)\);[ \t]*\/\/[ \t]*(.+)$/gm;

/** Compares what a line prints with its comment; called by the code of the examples. */
const PRINTS = "__readmePrints";

function comparePrinted(value: unknown, expected: string): void {
  const printed =
    typeof value === "string"
      ? value
      : inspect(value, { breakLength: Infinity, depth: null, compact: true });
  expect(printed).toBe(expected);
}

const withChecks = (code: string): string =>
  code.replace(
    PRINTED,
    (_, value: string, expected: string) =>
      `globalThis.${PRINTS}((${value}), ${JSON.stringify(expected.trim())});`,
  );

const AS_FILE = /^\/\/ ((?:packages|apps|tooling)\/\S+\.ts)\n/;
const RELATIVE = /(from ")(\.\.?\/[^"]+)(")/g;

/** Resolves the relative imports of a block that stands for a source file. */
function placed(code: string, root: string): string {
  const file = AS_FILE.exec(code)?.[1];
  if (file === undefined) return code;
  return code.replace(
    RELATIVE,
    (_, before: string, path: string, after: string) =>
      before + join(root, dirname(file), path) + after,
  );
}

const blocksOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(BLOCK)].map(([, code = ""]) => code);

/**
 * Declares one test for each `ts` block of a Markdown file; none where it has no block.
 *
 * @param folder the package from which the code imports; its `.readme-test` holds the examples while they run
 * @param file the Markdown file
 * @param root where the paths of source files begin
 */
export function describeMarkdown(folder: string, file: string, root = folder): void {
  const blocks = blocksOf(file);
  if (blocks.length === 0) return;
  const name = basename(file, ".md");
  const scratch = join(folder, ".readme-test", name);
  mkdirSync(scratch, { recursive: true });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  Object.assign(globalThis, { [PRINTS]: comparePrinted });
  describe(basename(file), () => {
    blocks.forEach((code, index) => {
      it(`runs example ${index + 1} as printed`, async () => {
        const example = join(scratch, `example-${index + 1}.ts`);
        writeFileSync(example, withChecks(placed(code, root)));
        await import(/* @vite-ignore */ example);
      });
    });
  });
}

/**
 * Declares one test for each `ts` block of a package's `README.md`, which must have one.
 *
 * @param folder the package's folder
 */
export function describeReadme(folder: string): void {
  const readme = join(folder, "README.md");
  it("README.md has code to run", () => expect(blocksOf(readme).length).toBeGreaterThan(0));
  describeMarkdown(folder, readme);
}
