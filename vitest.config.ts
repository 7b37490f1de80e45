import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
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
