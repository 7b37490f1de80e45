import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inputBytes, judge } from "@dgb-shield/contract/vectors";
import { describe, expect, it } from "vitest";
import { answer, loadClauses, loadVectors, QWG_SUITES } from "../src/adapters/vectors.js";
import { REASON_IDS } from "../src/index.js";

const files = QWG_SUITES.map(loadVectors);
const cases = files.flatMap((file) => file.cases);

describe.each(QWG_SUITES)("vectors of %s", (suite) => {
  it.each(loadVectors(suite).cases.map((vector) => ({ ...vector })))("$id: $title", (vector) => {
    expect(judge(vector, answer(suite, inputBytes(vector.input)))).toBeUndefined();
  });
});

describe("the vectors", () => {
  it("cover every clause, and name no other", () => {
    const used = new Set(cases.map(({ clause }) => clause));
    expect([...used].sort()).toEqual(
      loadClauses()
        .clauses.map(({ id }) => id)
        .sort(),
    );
  });

  it("cover every reason id", () => {
    const seen = new Set(cases.map(({ expect: said }) => said["reason_id"]));
    expect(REASON_IDS.filter((id) => !seen.has(id))).toEqual([]);
  });

  it("have ids of their own", () => {
    for (const file of files) {
      expect(new Set(file.cases.map(({ id }) => id)).size).toBe(file.cases.length);
    }
  });

  it("fail an implementation that is wrong", () => {
    const wrong = cases.filter((vector) => judge(vector, { decision: "allow" }) !== undefined);
    expect(wrong).toHaveLength(cases.length);
  });
});

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) {
  const line = "python3 is not installed (apt-get install python3): not regenerating the vectors";
  if (process.env["REQUIRE_SERVICES"] === "1") throw new Error(line);
  console.warn(line);
}

describe.skipIf(!python)("vectors/tools/generate.py", () => {
  it("gives the vectors that are shipped, from exact fractions", () => {
    const folder = join(import.meta.dirname, "..", "vectors");
    const generator = join(folder, "tools", "generate.py");
    expect(existsSync(generator)).toBe(true);
    const run = spawnSync("python3", [generator, "--print"], { encoding: "utf8", maxBuffer: 1e8 });
    expect(run.stderr).toBe("");
    const made = JSON.parse(run.stdout) as Record<string, unknown>;
    for (const [name, document] of Object.entries(made)) {
      expect(JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"))).toEqual(document);
    }
    expect(Object.keys(made)).toEqual([...QWG_SUITES, "clauses"]);
  });
});
