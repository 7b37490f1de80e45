/** `npm test`: installs, builds, and runs every check; fails when any of them does. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, install, requireNode, ROOT, step } from "./steps.mjs";

requireNode();
rmSync(join(ROOT, ".reports"), { recursive: true, force: true });
if (!(await install()) || !(await build())) process.exit(1);

const passed = [
  await step("Formatting", ["run", "format:check"]),
  await step("Lint and types", [
    "exec",
    "turbo",
    "run",
    "lint",
    "typecheck",
    "--continue",
    "--concurrency=2",
    "--output-logs=errors-only",
  ]),
  await step("Dependency rule", ["run", "check:deps"]),
  await step("Unused code", ["run", "check:unused"]),
  await step("Packed packages", ["run", "check:exports"]),
  await step("Tests", ["run", "vitest"], { show: true }),
];
process.exit(passed.every(Boolean) ? 0 : 1);
