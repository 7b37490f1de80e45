/** Unit, image and bundle say the same, and the bundle's list of materials is CycloneDX. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import { hasProgram } from "@dgb-shield/testkit/services";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const textOf = (...path: string[]) => readFileSync(join(ROOT, ...path), "utf8");
const scriptOf = async <T>(name: string) =>
  (await import(join(ROOT, "tooling", "scripts", "bundle", name))) as T;

const unit = textOf("deploy", "shield.service");
const container = textOf("deploy", "Containerfile");
const page = textOf("docs", "install.md");
const node = JSON.parse(textOf("deploy", "node.json")) as {
  version: string;
  sha256: Record<string, string>;
};

describe("deploy", () => {
  it("runs one Node everywhere: bundle, development and release", () => {
    const major = textOf(".nvmrc").trim();
    expect(node.version.split(".")[0]).toBe(major);
    expect(Object.values(node.sha256).every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    const release = parse(textOf(".github", "workflows", "release.yml")) as {
      jobs: Record<string, { steps: readonly { with?: Record<string, string> }[] }>;
    };
    const files = Object.values(release.jobs).flatMap(({ steps }) =>
      steps.flatMap((step) => step.with?.["node-version-file"] ?? []),
    );
    expect(files).toEqual([".nvmrc", ".nvmrc"]);
  });

  it("has the image copy the bundle, and nothing beside it", () => {
    expect([...container.matchAll(/^(?:COPY|ADD) .*$/gm)].flat()).toEqual([
      "COPY shield/ /opt/shield/",
    ]);
    expect(container).not.toMatch(/apt-get|curl|npm |node:/);
  });

  it("starts the same program in unit, image and page, with files in the same places", () => {
    expect(unit).toContain("\nExecStart=/opt/shield/bin/shield serve --config /etc/shield/");
    expect(container).toContain('ENTRYPOINT ["/opt/shield/bin/shield"]');
    for (const path of ["/opt/shield", "/var/lib/shield", "/etc/shield/shield.yaml"]) {
      expect(page).toContain(path);
    }
    const [debian = ""] = /(?<=^FROM docker\.io\/library\/debian:)[a-z]+/m.exec(container) ?? [];
    expect(textOf("tooling", "scripts", "bundle", "try-bundle.mjs")).toContain(
      `--variant=minbase ${debian}`,
    );
    const rows = textOf("docs", "configuration.md").split("\n");
    const defaults = ["http.port", "gateway.port"].map(
      (name) =>
        rows
          .find((row) => row.startsWith(`| \`${name}\``))
          ?.split("|")[4]
          ?.replaceAll(/[ `]/g, "") ?? "",
    );
    expect(container).toContain(`\nEXPOSE ${defaults.join(" ")}\n`);
  });

  it("permits publishing to the release's packages alone, with provenance", () => {
    const text = textOf(".github", "workflows", "release.yml");
    expect(text).toContain('NPM_CONFIG_PROVENANCE: "true"');
    expect(text).toContain("run check:publish");
    expect(text.match(/id-token: write/g)).toHaveLength(2);
    expect(text.indexOf("permissions:\n  contents: read")).toBeLessThan(text.indexOf("jobs:"));
  });
});

const HAS_SYSTEMD = hasProgram(["systemd-analyze", "--version"], "apt-get install systemd");

describe.skipIf(!HAS_SYSTEMD)("deploy/shield.service", () => {
  it("is exposed by at most 1.5 of 10, as systemd-analyze counts", () => {
    const path = join(ROOT, "deploy", "shield.service");
    const args = ["security", "--offline=true", "--threshold=15", "--no-pager", path];
    const { status, stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
    expect({ status, line: /exposure level for \S+ ([\d.]+)/.exec(stdout)?.[1] }).toMatchObject({
      status: 0,
    });
  });
});

type Closure = {
  closureOf: (app: string) => { path: string; manifest: object; needs: string[] }[];
  pruneTo: (app: string, needed: readonly object[]) => void;
};
type Sbom = {
  sbomOf: (packages: unknown, node: unknown, integrityOf: unknown, at: string) => object;
  integrityIn: (lockfile: string) => (name: string, version: string) => string | undefined;
};

describe("the bundle's packages", () => {
  const app = mkdtempSync(join(tmpdir(), "shield-bundle-test-"));
  afterAll(() => rmSync(app, { recursive: true, force: true }));
  const add = (path: string, manifest: object) => {
    mkdirSync(join(app, path), { recursive: true });
    writeFileSync(join(app, path, "package.json"), JSON.stringify(manifest));
  };
  const needs = (...names: string[]) => ({
    dependencies: Object.fromEntries(names.map((name) => [name, "*"])),
  });
  add("", { name: "app", version: "1.0.0", license: "MIT", ...needs("a", "@s/b", "pg") });
  add("node_modules/a", {
    name: "a",
    version: "1.0.0",
    license: "(MIT OR CC0-1.0)",
    ...needs("c"),
  });
  add("node_modules/a/node_modules/c", { name: "c", version: "1.0.0", license: "ISC" });
  add("node_modules/c", { name: "c", version: "2.0.0", license: "SEE LICENSE IN LICENSE" });
  add("node_modules/@s/b", {
    ...{ name: "@s/b", version: "3.1.0", license: "Apache-2.0" },
    peerDependencies: { "better-sqlite3": "*", missing: "*" },
    peerDependenciesMeta: { missing: { optional: true } },
  });
  add("node_modules/pg", { name: "pg", version: "8.0.0", license: "MIT" });
  add("node_modules/better-sqlite3", { name: "better-sqlite3", version: "12.0.0", ...needs("d") });
  add("node_modules/d", { name: "d", version: "1.0.0", license: "MIT" });

  it("are those that Node finds, without what Node itself brings", async () => {
    const { closureOf, pruneTo } = await scriptOf<Closure>("closure.mjs");
    const found = closureOf(app);
    expect(found.map(({ path }) => path)).toEqual([
      ...["", "node_modules/@s/b", "node_modules/a", "node_modules/a/node_modules/c"],
      "node_modules/pg",
    ]);
    pruneTo(app, found);
    for (const gone of ["better-sqlite3", "d", "c"]) {
      expect(existsSync(join(app, "node_modules", gone))).toBe(false);
    }
    expect(closureOf(app)).toEqual(found);
  });

  it("make a valid CycloneDX document, the same each time", async () => {
    const { closureOf } = await scriptOf<Closure>("closure.mjs");
    const { sbomOf, integrityIn } = await scriptOf<Sbom>("sbom.mjs");
    const lockfile = `packages:\n\n  '@s/b@3.1.0':\n    resolution: {integrity: sha512-${Buffer.alloc(64, 7).toString("base64")}}\n`;
    const make = () =>
      sbomOf(
        closureOf(app),
        { version: node.version, sha256: "ab".repeat(32) },
        integrityIn(lockfile),
        "2026-11-30T00:00:00.000Z",
      );
    const text = JSON.stringify(make());
    expect(JSON.stringify(make())).toBe(text);
    const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
    expect(await validator.validate(text)).toBeNull();
    expect(text).toContain('"purl":"pkg:npm/%40s/b@3.1.0"');
    expect(text).toContain(`"content":"${"07".repeat(64)}"`);
  });

  it("are never fewer than what is needed", async () => {
    const { closureOf } = await scriptOf<Closure>("closure.mjs");
    rmSync(join(app, "node_modules", "pg"), { recursive: true });
    expect(() => closureOf(app)).toThrow(/app needs pg, which is not installed/);
  });
});
