/** Build of one package: ESM and types, one file an entry point. */
import { defineConfig } from "tsup";

/** @param {Record<string, string>} entry output name → source file */
export const packageBuild = (entry) =>
  defineConfig({
    entry,
    format: ["esm"],
    target: "node20",
    dts: true,
    clean: true,
    sourcemap: true,
    splitting: true,
    treeshake: true,
    removeNodeProtocol: false,
    silent: true,
  });
