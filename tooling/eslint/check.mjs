/**
 * `pnpm check:code`: types and lint of every package from one TypeScript program, and one more for
 * what runs in a browser. Package by package (`pnpm typecheck`, `pnpm lint`) each process reads and types the shared sources again, which takes three times as long.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ESLint } from "eslint";
import ts from "typescript";

const ROOT = join(import.meta.dirname, "..", "..");

const packages = ["packages", "apps", "tooling"]
  .flatMap((top) => readdirSync(join(ROOT, top)).map((name) => join(ROOT, top, name)))
  .filter((folder) => existsSync(join(folder, "tsconfig.json")));

/** Prints diagnostics of the compiler, and returns whether there were none. */
function report(diagnostics) {
  const host = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => ROOT,
    getNewLine: () => "\n",
  };
  process.stdout.write(ts.formatDiagnostics(diagnostics, host));
  return diagnostics.length === 0;
}

/** Reads the `tsconfig.json` of a folder; a fault ends the process. */
function configOf(folder) {
  const file = join(folder, "tsconfig.json");
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (fault) => fail([fault]) };
  const config = ts.getParsedCommandLineOfConfigFile(file, {}, host);
  if (config.errors.length > 0) fail(config.errors);
  const { configFilePath: _, ...options } = config.options;
  return { file, options, fileNames: config.fileNames };
}

function fail(diagnostics) {
  report(diagnostics);
  process.exit(1);
}

/** One program for all packages whose compiler options are the same: those of Node, and that of the browser. */
function createPrograms() {
  const groups = [];
  for (const folder of packages) {
    const { options, fileNames } = configOf(folder);
    const same = groups.find((group) => isDeepStrictEqual(group.options, options));
    const group = same ?? { options, folders: [], fileNames: [] };
    if (same === undefined) groups.push(group);
    group.folders.push(folder);
    group.fileNames.push(...fileNames);
  }
  return groups.map(({ options, folders, fileNames }) => {
    // Names of types are looked for beside the configuration, where one package alone has it.
    const [folder, ...others] = folders;
    const own = others.length === 0 ? { configFilePath: join(folder, "tsconfig.json") } : {};
    const program = ts.createProgram({ rootNames: fileNames, options: { ...options, ...own } });
    return { folders, program };
  });
}

/** Lints one package by its own configuration, its types taken from the program. */
async function lint(folder, program) {
  const parserOptions = { projectService: false, programs: [program] };
  const eslint = new ESLint({
    cwd: folder,
    overrideConfig: [{ files: ["**/*.{ts,tsx}"], languageOptions: { parserOptions } }],
  });
  const results = await eslint.lintFiles(["."]);
  const { format } = await eslint.loadFormatter("stylish");
  process.stdout.write(await format(results));
  return results.every(({ messages }) => messages.length === 0);
}

const passed = [];
for (const { folders, program } of createPrograms()) {
  passed.push(report(ts.getPreEmitDiagnostics(program)));
  for (const folder of folders) passed.push(await lint(folder, program));
}
process.exitCode = passed.every(Boolean) ? 0 : 1;
