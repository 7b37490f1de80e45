/** The packages that a deployed application needs at run time, by the same way in which Node finds them. */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Packages that a bundle needs not: Node 24 brings SQLite. */
const LEFT_OUT = new Set(["better-sqlite3"]);

/**
 * One package: `path` from the application's folder, `manifest` its package.json, `needs` the paths of what it depends on.
 *
 * @typedef {{ path: string, manifest: any, needs: string[] }} Found
 */

/**
 * Finds all packages that an application needs, itself first.
 *
 * @param {string} app folder with package.json and node_modules
 * @returns {Found[]}
 * @throws Error where a dependency that must be there is missing
 */
export function closureOf(app) {
  const found = new Map();
  const open = [app];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const path = relative(app, folder);
    if (found.has(path)) continue;
    const manifest = readJson(join(folder, "package.json"));
    const needs = [];
    for (const [name, isOptional] of namesIn(manifest)) {
      const target = LEFT_OUT.has(name) ? undefined : resolved(folder, name, app);
      if (target !== undefined) {
        needs.push(relative(app, target));
        open.push(target);
      } else if (!isOptional && !LEFT_OUT.has(name)) {
        throw new Error(`${manifest.name} needs ${name}, which is not installed`);
      }
    }
    found.set(path, { path, manifest, needs: [...new Set(needs)].sort() });
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Names of what a package depends on, and whether it may be missing. */
function namesIn({
  dependencies = {},
  optionalDependencies = {},
  peerDependencies = {},
  peerDependenciesMeta = {},
}) {
  const isOptionalPeer = (name) => peerDependenciesMeta[name]?.optional === true;
  return [
    ...Object.keys(dependencies).map((name) => [name, Object.hasOwn(optionalDependencies, name)]),
    ...Object.keys(optionalDependencies).map((name) => [name, true]),
    ...Object.keys(peerDependencies).map((name) => [name, isOptionalPeer(name)]),
  ];
}

/** The folder in which Node finds a package from another one's folder. */
function resolved(from, name, app) {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, "node_modules", name);
    if (existsSync(join(path, "package.json"))) return path;
    if (folder === app) return undefined;
  }
}

/**
 * Removes the packages that are not needed.
 *
 * @param {string} app folder of the application
 * @param {Found[]} needed of `closureOf`
 */
export function pruneTo(app, needed) {
  const kept = new Set(needed.map(({ path }) => path));
  for (const path of packagesBelow(app, "node_modules")) {
    if (!kept.has(path) && ![...kept].some((one) => one.startsWith(`${path}/`))) {
      rmSync(join(app, path), { recursive: true });
    }
  }
}

/** Paths of the packages below a folder `node_modules`, those in scopes too. */
function packagesBelow(app, path) {
  return readdirSync(join(app, path), { withFileTypes: true }).flatMap(({ name }) => {
    const below = `${path}/${name}`;
    if (name.startsWith("@")) return packagesBelow(app, below);
    if (name.startsWith(".")) return [];
    const nested = existsSync(join(app, below, "node_modules"))
      ? packagesBelow(app, `${below}/node_modules`)
      : [];
    return [below, ...nested];
  });
}
