import { defineConfig } from "tsup";

export default defineConfig({
  entry: { cli: "src/cli/main.ts" },
  format: ["esm"],
  target: "node20",
  clean: true,
  sourcemap: true,
  silent: true,
  removeNodeProtocol: false,
});
