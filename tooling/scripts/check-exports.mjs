/**
 * `pnpm check:exports`: packs every package that is published and looks at what an integrator gets:
 * publint at the manifest, Are the Types Wrong? at each entry point, as ESM. Build first.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm, ROOT } from "./steps.mjs";

/** Entry points that have types: scripts and JSON; a recording is a file and nothing more. */
const TYPED = /\.(?:js|json)$/;

/** Subpaths of a package that are files without types. */
function dataFilesOf(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.keys(exports).filter(
    (subpath) => typeof exports[subpath] === "string" && !TYPED.test(exports[subpath]),
  );
}

function run(bin, args) {
  const { status, stdout, stderr } = spawnSync(join(ROOT, "node_modules", ".bin", bin), args, {
    shell: process.platform === "win32",
    encoding: "utf8",
  });
  if (status !== 0) console.error(`${bin} ${args.join(" ")}\n${stdout ?? ""}${stderr ?? ""}`);
  return status === 0;
}

function check(archive, folder) {
  const data = dataFilesOf(folder);
  const excluded = data.length === 0 ? [] : ["--exclude-entrypoints", ...data];
  const attw = [archive, "--profile", "esm-only", "--format", "ascii", "--no-emoji", "--no-color"];
  return [run("publint", [archive, "--strict"]), run("attw", [...attw, ...excluded])];
}

const packages = join(ROOT, "packages");
const packed = mkdtempSync(join(tmpdir(), "dgb-shield-exports-"));
try {
  const filter = ["--recursive", "--filter", "./packages/*"];
  const { status, stdout, stderr } = pnpm([...filter, "pack", "--pack-destination", packed]);
  const archives = readdirSync(packed);
  const folders = readdirSync(packages);
  if (status !== 0 || archives.length !== folders.length) {
    throw new Error(`packing failed: ${stdout}${stderr}`);
  }
  const results = folders.flatMap((name) => {
    const archive = archives.find((file) => file.startsWith(`dgb-shield-${name}-`));
    return check(join(packed, archive), join(packages, name));
  });
  process.exitCode = results.every(Boolean) ? 0 : 1;
} finally {
  rmSync(packed, { recursive: true, force: true });
}
