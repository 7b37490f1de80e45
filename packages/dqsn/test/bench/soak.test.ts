import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { buildPrograms } from "@dgb-shield/tsup-config/programs";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, ".bench/soak-test");

it("answers a few seconds of steady requests without an error, its heap bounded", async () => {
  await buildPrograms(
    ["main", "server"].map((name) => join(ROOT, `bench/soak/${name}.ts`)),
    FOLDER,
  );
  const env = { ...process.env, SECONDS: "1", RATE: "300" };
  const output = execFileSync(process.execPath, [join(FOLDER, "main.js")], {
    env,
    encoding: "utf8",
  });
  expect(output).toContain("POST /evaluate 200");
});
