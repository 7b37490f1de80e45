import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportsOf, packagesOf, ROOT } from "../src/packages.js";
import { templateFaults, undocumentedExports } from "../src/readme.js";

describe("templateFaults", () => {
  it("accepts a subset in order", () => {
    expect(templateFaults("# x\n## Install\n### Other\n## Use\n## Bounds\n")).toEqual([]);
  });

  it.each([
    ["## Usage\n", ['"Usage" is not a heading of the template']],
    ["## Use\n## Install\n", ['"Install" stands after "Use"']],
    ["## Use\n## Use\n", ['"Use" occurs twice']],
  ])("refuses %j", (text, faults) => {
    expect(templateFaults(text)).toEqual(faults);
  });
});

describe("undocumentedExports", () => {
  it("lists what the API table does not name", () => {
    const text = "## API\n| a | b |\n|---|---|\n| `one(x)` | two |\n## Errors\n| `three` | x |\n";
    expect(undocumentedExports(text, ["one", "two", "three"])).toEqual(["two", "three"]);
  });
});

describe.each(packagesOf(ROOT))("the README of $name", ({ folder, entries }) => {
  const text = readFileSync(join(folder, "README.md"), "utf8");

  it("follows the template", () => expect(templateFaults(text)).toEqual([]));

  it.each(entries)("names every export of $subpath in its API table", async ({ file }) => {
    expect(undocumentedExports(text, await exportsOf(file))).toEqual([]);
  });
});
