import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Many tests wait for processes, servers and timers: three workers keep two cores busy.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      "packages/*",
      "apps/*",
      "tooling/bench-policy-engines",
      "tooling/conformance",
      "tooling/dependency-rule",
      "tooling/docs",
      "tooling/sentinel-lab",
      "tooling/testkit",
    ],
  },
});
