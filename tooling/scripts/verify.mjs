/** `npm test`: installs, builds, and runs every check; fails when any of them does. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, install, requireNode, ROOT, step } from "./steps.mjs";

requireNode();
rmSync(join(ROOT, ".reports"), { recursive: true, force: true });
if (!install() || !build()) process.exit(1);

const passed = [
  step("Formatting", ["run", "format:check"]),
  step("Lint and types", [
    "exec",
    "turbo",
    "run",
    "lint",
    "typecheck",
    "--continue",
    "--concurrency=2",
    "--output-logs=errors-only",
  ]),
  step("Dependency rule", ["run", "check:deps"]),
  step("Unused code", ["run", "check:unused"]),
  step("Packed packages", ["run", "check:exports"]),
  step("Tests", ["run", "vitest"], { show: true }),
];
process.exit(passed.every(Boolean) ? 0 : 1);
