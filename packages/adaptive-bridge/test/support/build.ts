/** Builds a script of this package for a process of its own. */
import { join } from "node:path";
import { build } from "tsup";

/** Builds `source` (relative to the package) into `folder`; returns the script's path. */
export async function buildScript(source: string, folder: string): Promise<string> {
  await build({
    entry: { script: join(import.meta.dirname, "../..", source) },
    format: ["esm"],
    target: "node20",
    outDir: folder,
    config: false,
    silent: true,
    clean: false,
    outExtension: () => ({ js: ".mjs" }),
    noExternal: [/./],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    esbuildOptions: (options) => {
      options.conditions = ["@dgb-shield/source"];
    },
  });
  return join(folder, "script.mjs");
}
