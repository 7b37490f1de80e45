import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "tsup";

/** Sources by which the results of a long measurement are kept: those of other ones are of no use. */
const SOURCES = ["../../packages/chain/src", "../../packages/sentinel/src", "src/simulation"];

function fingerprint(): string {
  const hash = createHash("sha256").update(readFileSync("src/quality/live-run.ts"));
  for (const folder of SOURCES) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      if (name.endsWith(".ts")) hash.update(name).update(readFileSync(join(folder, name)));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

/** Bundles the workspace's sources, so that no package has to be built first. */
export default defineConfig({
  entry: {
    cli: "src/cli/cli.ts",
    "ten-years": "bench/ten-years.ts",
    "live-node": "bench/live-node.ts",
    against: "bench/against.ts",
    fleet: "bench/fleet.ts",
  },
  format: ["esm"],
  target: "node20",
  clean: true,
  silent: true,
  noExternal: [/.*/],
  env: { SENTINEL_LAB_SOURCES: fingerprint() },
  esbuildOptions(options) {
    options.conditions = ["@dgb-shield/source"];
  },
});
