/** Tests of one package: they run on the sources, so that no build is needed first. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { hasNodeSqlite, hasSqlite } from "./sqlite.js";

/** Export condition under which a workspace package is its own `src/`. */
const SOURCE_CONDITION = "@dgb-shield/source";

/** Random tests draw from a seed that is known. */
const SEEDED = { find: /^fast-check$/, replacement: join(import.meta.dirname, "fast-check.js") };

/** Longest that a test may take; the long forms (`FULL=1`) repeat up to ten times as much. */
const TIMEOUT_MS = process.env["FULL"] === "1" ? 900_000 : 60_000;

/**
 * The test configuration of the package in `folder`.
 *
 * @param {string} folder the package's folder (`import.meta.dirname` of its configuration)
 * @param {{ isolate?: boolean }} options `isolate: false` where files leave globals as they found them: they then share
 *   a process and the modules loaded in it, which spares half a second of computing a file
 */
export const packageTests = (folder, { isolate = true } = {}) =>
  defineConfig({
    root: folder,
    resolve: { alias: [...selfReferences(folder), SEEDED, ...standIns()] },
    ssr: { resolve: { conditions: [SOURCE_CONDITION, "module", "node", "default"] } },
    test: {
      include: ["test/**/*.test.ts"],
      isolate,
      testTimeout: TIMEOUT_MS,
      hookTimeout: 60_000,
    },
  });

/** A package's own name stands for its sources, so that its README's code runs in its tests. */
function selfReferences(folder) {
  const { name, exports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.entries(exports)
    .filter(([, target]) => target[SOURCE_CONDITION] !== undefined)
    .map(([subpath, target]) => ({
      find: new RegExp(`^${name}${subpath.slice(1)}$`),
      replacement: join(folder, target[SOURCE_CONDITION]),
    }));
}

function standIns() {
  const by = (file) => [{ find: /^better-sqlite3$/, replacement: join(import.meta.dirname, file) }];
  if (hasNodeSqlite) return by("node-sqlite.js");
  if (hasSqlite) return [];
  console.warn("no SQLite (Node 24, or better-sqlite3): skipping what needs it (see the README)");
  return by("no-sqlite.js");
}
