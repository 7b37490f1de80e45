/**
 * `pnpm check:publish`: packs every package that is published, looks into the archive, and has npm publish it with `--dry-run`.
 * Nothing leaves the machine but npm's own question to the registry. Build first.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm, ROOT } from "./steps.mjs";

const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, {
    ...{ cwd: tmpdir(), encoding: "utf8", shell: process.platform === "win32" },
  });
  return { ok: status === 0, output: `${stdout ?? ""}${stderr ?? ""}` };
}

/** What must not be in what others install. */
function faultsOf(archive, { name, version }) {
  const manifest = JSON.parse(run("tar", ["-xzOf", archive, "package/package.json"]).output);
  const files = run("tar", ["-tzf", archive]).output.trim().split("\n");
  const ranges = ["dependencies", "peerDependencies", "optionalDependencies"].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}),
  );
  return [
    ...(manifest.name === name && manifest.version === version ? [] : ["it is another package"]),
    ...ranges.flatMap(([needs, range]) =>
      /^(?:workspace|catalog|file|link):/.test(range)
        ? [`${needs}: ${range} is of this repository alone`]
        : [],
    ),
    ...(JSON.stringify(manifest.exports).includes("./src/") ? ["exports name sources"] : []),
    ...(files.some((file) => file.startsWith("package/dist/")) ? [] : ["nothing is built"]),
    ...["package/README.md", "package/LICENSE"]
      .filter((file) => !files.includes(file))
      .map((file) => `${file} is missing`),
    ...(manifest.repository?.url === undefined ? ["provenance needs repository.url"] : []),
  ];
}

const packed = mkdtempSync(join(tmpdir(), "dgb-shield-publish-"));
try {
  const { status, stdout, stderr } = pnpm([
    ...["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", packed],
  ]);
  if (status !== 0) throw new Error(`packing failed: ${stdout}${stderr}`);
  const folders = readdirSync(join(ROOT, "packages"));
  for (const folder of folders) {
    const manifest = readJson(join(ROOT, "packages", folder, "package.json"));
    if (manifest.private === true) continue;
    const archive = join(
      packed,
      `${manifest.name.slice(1).replace("/", "-")}-${manifest.version}.tgz`,
    );
    const faults = faultsOf(archive, manifest);
    const { ok, output } = run("npm", [
      "publish",
      archive,
      "--dry-run",
      "--access",
      "public",
      "--ignore-scripts",
    ]);
    if (!ok) faults.push(output.trim());
    console.log(`${faults.length === 0 ? "ok  " : "FAIL"}  ${manifest.name}@${manifest.version}`);
    for (const fault of faults) console.log(`      ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(packed, { recursive: true, force: true });
}
