import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // vitest leaves one core free, which on two cores is half of the machine.
    maxWorkers: "100%",
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
