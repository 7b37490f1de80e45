/** Programs of a package that its tests start as processes of their own. */
import { build } from "tsup";

/**
 * Builds programs for plain node from sources. The workspace's packages are in them; what else they import is found
 * from the folder that they are written to, which is therefore one of the package.
 *
 * @param {string[]} entry source files, each of which becomes `<its name>.js`
 * @param {string} outDir folder of the programs
 */
export const buildPrograms = (entry, outDir) =>
  build({
    config: false,
    entry,
    outDir,
    format: "esm",
    target: "node20",
    skipNodeModulesBundle: true,
    noExternal: [/@dgb-shield/],
    silent: true,
    esbuildOptions: (options) => {
      options.conditions = ["@dgb-shield/source"];
    },
  });
