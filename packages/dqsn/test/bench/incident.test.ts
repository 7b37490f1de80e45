import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { build } from "tsup";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, ".bench/incident-test");

it("streams an incident that 20,000 operators see to 30 clients, 5 of which read nothing, in a small heap", async () => {
  await build({
    config: false,
    entry: ["incident", "incident-server"].map((name) => join(ROOT, `bench/${name}.ts`)),
    format: "esm",
    target: "node20",
    outDir: FOLDER,
    silent: true,
    skipNodeModulesBundle: true,
    noExternal: [/@dgb-shield/],
    esbuildOptions: (options) => void (options.conditions = ["@dgb-shield/source"]),
  });
  const sizes = { OPERATORS: "20000", CLIENTS: "30", STALLED: "5", CHANGES: "200" };
  const output = execFileSync(process.execPath, [join(FOLDER, "incident.js")], {
    env: { ...process.env, ...sizes, HEAP_MB: "160" },
    encoding: "utf8",
  });
  expect(output).toMatch(/changes delivered\W+5000\b/);
});
