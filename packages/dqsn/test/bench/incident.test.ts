import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildPrograms } from "@dgb-shield/tsup-config/programs";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, ".bench/incident-test");

it("streams an incident that 20,000 operators see to 30 clients, 5 of which read nothing, in a small heap", async () => {
  await buildPrograms(
    ["incident", "incident-server"].map((name) => join(ROOT, `bench/${name}.ts`)),
    FOLDER,
  );
  const sizes = { OPERATORS: "20000", CLIENTS: "30", STALLED: "5", CHANGES: "200" };
  const output = execFileSync(process.execPath, [join(FOLDER, "incident.js")], {
    env: { ...process.env, ...sizes, HEAP_MB: "160" },
    encoding: "utf8",
  });
  expect(output).toMatch(/changes delivered\W+5000\b/);
});
