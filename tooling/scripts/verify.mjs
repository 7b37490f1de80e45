/** `npm test`: installs, builds, and runs every check; fails when any of them does. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { beside, build, install, requireNode, ROOT, step } from "./steps.mjs";

requireNode();
rmSync(join(ROOT, ".reports"), { recursive: true, force: true });
if (!(await install()) || !(await build())) process.exit(1);

// Lint and types take one core for as long as the other checks together take the second one.
const passed = [
  await beside(
    [["Lint and types", ["run", "check:code"]]],
    [
      ["Formatting", ["run", "format:check"]],
      ["Dependency rule", ["run", "check:deps"]],
      ["Unused code", ["run", "check:unused"]],
      ["Packed packages", ["run", "check:exports"]],
    ],
  ),
  await step("Tests", ["run", "vitest"], { show: true }),
];
process.exit(passed.every(Boolean) ? 0 : 1);
