/** What is published, as an integrator gets it: packed, installed in an empty project, used from there. */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEnvelope } from "../../src/index.js";
import { open } from "../support/package/browser.js";
import { importsOf, typeImportsOf } from "../support/package/imports.js";
import {
  createProject,
  filesIn,
  PACKAGE,
  type Project,
  readJson,
  run,
  WORKSPACE,
} from "../support/package/project.js";

const TSC = join(PACKAGE, "node_modules", "typescript", "bin", "tsc");
const SHIPPED = /^(?:(?:bin|dist|vectors)\/.*|package\.json|README\.md|LICENSE)$/;
const PEER = "@noble/post-quantum";

type Targets = Record<string, string | Record<string, string>>;

let project: Project;
beforeAll(() => {
  project = createProject();
}, 120_000);
afterAll(() => project.remove());

const manifest = (): Record<string, unknown> => readJson(join(project.installed, "package.json"));

/** Type-checks a program as an integrator would, and runs what comes out. */
function compileAndRun(name: string): unknown {
  const config = {
    files: [`${name}.ts`],
    compilerOptions: {
      target: "es2022",
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      skipLibCheck: false,
      types: [],
      outDir: "out",
      rootDir: ".",
    },
  };
  writeFileSync(join(project.folder, "tsconfig.json"), JSON.stringify(config));
  const program = join(import.meta.dirname, "../support/package/programs", `${name}.ts`);
  copyFileSync(program, join(project.folder, `${name}.ts`));
  expect(run(process.execPath, [TSC, "-p", "."], project.folder)).toEqual({
    status: 0,
    output: "",
  });
  const ran = run(process.execPath, [join("out", `${name}.js`)], project.folder);
  expect(ran.status, ran.output).toBe(0);
  return JSON.parse(ran.output);
}

describe("the packed files", () => {
  it("are the build, the vectors, the manifest, the README and the licence", () => {
    const files = filesIn(project.installed);
    expect(files.filter((file) => !SHIPPED.test(file))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(["LICENSE", "README.md", "dist/index.js"]));
  });

  it("name no folder of the machine that built them", () => {
    const told = filesIn(project.installed).filter((file) => {
      const text = readFileSync(join(project.installed, file), "utf8");
      return [WORKSPACE, homedir()].some((folder) => text.includes(`${folder}/`));
    });
    expect(told).toEqual([]);
  });

  it("have every file that the manifest points to", () => {
    const { bin, exports } = manifest() as { bin: Record<string, string>; exports: Targets };
    const targets = [...Object.values(bin), ...Object.values(exports).flatMap(targetsOf)];
    const missing = targets.filter(
      (target) => !filesIn(project.installed).includes(target.replace("./", "")),
    );
    expect(targets.length).toBeGreaterThan(Object.keys(exports).length);
    expect(missing).toEqual([]);
  });

  it("have a manifest without the workspace's condition, protocols and scripts of its own", () => {
    const text = JSON.stringify(manifest());
    for (const word of ["@dgb-shield/source", "workspace:", "catalog:"]) {
      expect(text).not.toContain(word);
    }
    expect(manifest()["dependencies"]).toEqual({ zod: expect.stringMatching(/^\^4\./) });
  });
});

describe("imports", () => {
  // Each entry point, and everything from outside that it needs: an auditor's list.
  it.each([
    ["dist/index.js", ["node:crypto", "zod"]],
    ["dist/schemas.js", ["zod"]],
    ["dist/signing.js", [PEER, "node:crypto", "zod"]],
  ])("of %s are %j", async (entry, expected) => {
    expect(await importsOf(project.installed, entry)).toEqual(expected);
  });

  it("are dependencies, optional peers or Node builtins, in every entry point and in the types", async () => {
    const { dependencies, peerDependencies, exports, bin } = manifest() as Record<
      "dependencies" | "peerDependencies" | "bin",
      Record<string, string>
    > & { exports: Targets };
    const entries = [...Object.values(bin), ...Object.values(exports).flatMap(targetsOf)];
    const scripts = [...new Set(entries)].filter((file) => file.endsWith(".js"));
    const imports = await Promise.all(scripts.map((file) => importsOf(project.installed, file)));
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    const undeclared = imports
      .flat()
      .filter((name) => !name.startsWith("node:") && !declared.includes(name));
    expect(undeclared).toEqual([]);
    expect(typeImportsOf(project.installed)).toEqual(["zod"]);
  });
});

describe("a TypeScript program", () => {
  it("uses the core and the schemas with zod alone beside them", () => {
    expect(compileAndRun("core")).toEqual({
      valid: true,
      refused: true,
      units: "150000000",
      hash: 64,
      schema: "object",
    });
  });

  it("uses signing once the optional peer is there, and fails with its name before", () => {
    const code = 'await import("@dgb-shield/contract/signing");';
    const args = ["--input-type=module", "--eval", code];
    const before = run(process.execPath, args, project.folder);
    expect(before.status).toBe(1);
    expect(before.output).toContain(PEER);
    project.add(PEER);
    expect(compileAndRun("signing")).toMatchObject({ accepted: true, key_id: "k" });
  });
});

describe("the schemas in a browser", () => {
  const envelope = createEnvelope({
    component: "sentinel",
    request_id: "r-1",
    decision: "ALLOW",
    score: 0,
    reason_codes: ["SENTINEL_OK"],
    evidence: {},
  });

  it.each([
    // zod tries `new Function` once, and compiles an object schema where it may.
    { strings: true, jitless: false, tried: true },
    { strings: false, jitless: false, tried: true },
    { strings: false, jitless: true, tried: false },
  ])("check an envelope: $strings for code from strings, jitless $jitless", async (setting) => {
    const { probes, ...found } = await open(project, setting, envelope);
    expect(found).toEqual({ valid: true, offence: ["decision"] });
    expect(probes > 0).toBe(setting.tried);
  });
});

const targetsOf = (target: string | Record<string, string>): string[] =>
  typeof target === "string" ? [target] : Object.values(target);
