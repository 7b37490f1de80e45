import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ruleTagFaults } from "../src/rule-tags.js";

const scratch = mkdtempSync(join(tmpdir(), "rule-tags-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const SOUND: Record<string, string | null> = {
  "docs/design.md": "REJECT `too_late`. The answer is `DELAY too_soon`; `a.b-c`.\n",
  "packages/x/src/rules/late.ts": "  // [REJECT too_late] the time is past\n  if (late) return;\n",
  "packages/x/src/rules/soon.ts": "if (soon) // [DELAY|REJECT too_soon] the time is not yet\n",
  "packages/x/src/dots.ts": "// [DELAY, REJECT a.b-c] dots and dashes\n",
  "packages/x/test/late.test.ts": 'expect(code).toBe("too_late");\n',
  "packages/x/vectors/soon.json": '{ "reasons": ["too_soon", "a.b-c"] }\n',
};
const CODES = ["too_late", "too_soon", "a.b-c"];

/** The faults of a package that is sound but for `changes`; null removes a file. */
function faults(
  name: string,
  changes: Record<string, string | null> = {},
  options: Partial<Parameters<typeof ruleTagFaults>[0]> = {},
): string[] {
  const folder = join(scratch, name);
  for (const [file, text] of Object.entries({ ...SOUND, ...changes })) {
    if (text === null) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return ruleTagFaults({ root: join(folder, "packages", "x"), codes: CODES, ...options });
}

describe("ruleTagFaults", () => {
  it("finds nothing in a sound package", () => {
    expect(faults("sound")).toEqual([]);
  });

  it("reads several codes of one tag", () => {
    const changes = {
      "packages/x/src/rules/late.ts": "// [REJECT too_late, too_soon] either\n",
      "packages/x/src/rules/soon.ts": null,
    };
    expect(faults("several", changes)).toEqual([]);
  });

  it("reports a code without a tag", () => {
    expect(faults("untagged", { "packages/x/src/rules/late.ts": "" })).toEqual([
      "too_late: no tag in src",
    ]);
  });

  it("reports every place of a code with two tags", () => {
    const changes = { "packages/x/src/again.ts": "\n// [REJECT too_late] a second time\n" };
    expect(faults("twice", changes)).toEqual([
      "too_late: 2 tags: src/again.ts:2, src/rules/late.ts:1",
    ]);
  });

  it("reports a tag whose code is unknown", () => {
    const changes = { "packages/x/src/unknown.ts": "// [REJECT to_late] a spelling mistake\n" };
    expect(faults("unknown", changes)).toEqual([
      "to_late: tagged at src/unknown.ts:1, but not one of the codes",
    ]);
  });

  it.each([
    ["plain", "REJECT too_late. `too_soon` `a.b-c`"],
    ["part", "`too_late_indeed` `too_soon` `a.b-c`"],
  ])("reports a code that design.md names without backticks, or not at all: %s", (name, text) => {
    expect(faults(`design-${name}`, { "docs/design.md": text })).toEqual([
      "too_late: not in backticks in docs/design.md",
    ]);
  });

  it("reports a code without a test or vector", () => {
    const changes = { "packages/x/test/late.test.ts": 'expect(code).toBe("too_late_indeed");' };
    expect(faults("untested", changes)).toEqual(["too_late: in no test and no vector"]);
  });

  it("takes a package without vectors, and other folders of tests", () => {
    const changes = { "packages/x/vectors/soon.json": null, "cases/all.txt": CODES.join(" ") };
    const tests = [join(scratch, "elsewhere", "cases"), join(scratch, "elsewhere", "missing")];
    expect(faults("elsewhere", changes, { tests })).toEqual([]);
  });

  it("reads another design document", () => {
    const design = join(scratch, "other.md");
    writeFileSync(design, "`too_late` `too_soon`");
    expect(faults("other-design", {}, { design })).toEqual([
      "a.b-c: not in backticks in docs/design.md",
    ]);
  });

  it("ignores comments that are no tags", () => {
    const changes = {
      "packages/x/src/plain.ts": [
        "// [REJECT] a verdict without a code",
        "// [Row, number] a type",
        "/* [REJECT not_a_code] in a block comment */",
        "const pattern = /[A-Z x]/;",
      ].join("\n"),
    };
    expect(faults("plain", changes)).toEqual([]);
  });

  it("throws where no folder above has a design document", () => {
    expect(() => faults("no-design", { "docs/design.md": null })).toThrow(/docs\/design\.md/);
  });
});
