import { defineConfig } from "tsup";

/** Bundles the workspace's sources, so that no package has to be built first. */
export default defineConfig({
  entry: { cli: "src/cli/cli.ts", "ten-years": "bench/ten-years.ts" },
  format: ["esm"],
  target: "node20",
  clean: true,
  silent: true,
  noExternal: [/.*/],
  esbuildOptions(options) {
    options.conditions = ["@dgb-shield/source"];
  },
});
