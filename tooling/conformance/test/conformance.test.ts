/** Regenerates the conformance vectors in Python and compares them with those that are shipped. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const folder = join(import.meta.dirname, "..");
const PACKAGES = ["contract", "quantum-wallet-guard", "wallet-guardian"];
const VERSION_CHECK = "import sys; sys.exit(sys.version_info < (3, 11))";

const hasPython = spawnSync("python3", ["-c", VERSION_CHECK]).status === 0;
if (!hasPython) {
  const line =
    "python3 3.11 or later is not installed (apt-get install python3): not regenerating the vectors";
  if (process.env["REQUIRE_SERVICES"] === "1") throw new Error(line);
  console.warn(line);
}

const run = (...args: string[]) =>
  spawnSync("python3", ["-B", "-W", "error", "-m", "shield_conformance", ...args], {
    cwd: folder,
    encoding: "utf8",
  });

const vectorsOf = (name: string): string[] =>
  readdirSync(join(folder, "..", "..", "packages", name, "vectors"))
    .filter((file) => file.endsWith(".json"))
    .map((file) => `${name}/${file.slice(0, -".json".length)}`);

describe.skipIf(!hasPython)("shield_conformance check", () => {
  it.each(PACKAGES)("finds every shipped vector file of %s the same", (name) => {
    const { status, stdout, stderr } = run("check", name);
    expect(stderr).toBe("");
    const lines = stdout.trim().split("\n");
    expect(lines.filter((line) => !line.endsWith(" the same"))).toEqual([]);
    expect(lines.map((line) => line.split(":")[0]).sort()).toEqual(vectorsOf(name).sort());
    expect(status).toBe(0);
  });

  it("refuses a package without vectors", () => {
    const { status, stderr } = run("check", "dqsn");
    expect(stderr).toContain("unknown package: dqsn");
    expect(status).toBe(2);
  });
});
