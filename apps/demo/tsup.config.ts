import { defineConfig } from "tsup";

const pipeline = "src/pipeline/index.ts";

export default defineConfig({
  entry: { cli: "src/cli/main.ts", pipeline },
  format: ["esm"],
  target: "node20",
  dts: { entry: { pipeline } },
  clean: true,
  sourcemap: true,
  silent: true,
  removeNodeProtocol: false,
});
