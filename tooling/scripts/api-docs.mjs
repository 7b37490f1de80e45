/**
 * `pnpm docs:api`: writes the API reference of all packages to `.reports/api`. Fails on a broken link, and when
 * fewer than 98 of 100 exports have a docstring.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Application, ReflectionKind } from "typedoc";
import { ROOT } from "./steps.mjs";

const LEAST_DOCUMENTED = 0.98;
const SOURCE = "@dgb-shield/source";

/** The TypeScript sources of a package's public entry points. */
function entryPointsOf(name) {
  const folder = join(ROOT, "packages", name);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return Object.values(exports)
    .map((target) => target[SOURCE])
    .filter((source) => source?.endsWith(".ts"))
    .map((source) => join(folder, source));
}

/** What modules export, but not what they export once more from another one. */
const exportsOf = (project) =>
  project
    .getReflectionsByKind(ReflectionKind.SomeModule)
    .filter((module) => module.isProject() || module.kind === ReflectionKind.Module)
    .flatMap(({ children = [] }) => children)
    .filter(({ kind }) => kind !== ReflectionKind.Module && kind !== ReflectionKind.Reference);

/** A function's docstring is on its signatures; that of a function type on its type's. */
const isDocumented = (reflection) =>
  reflection.hasComment() ||
  [reflection.signatures, reflection.type?.declaration?.signatures].some((signatures) =>
    signatures?.some((signature) => signature.hasComment()),
  );

const placeOf = ({ name, sources }) =>
  `${name} (${relative(ROOT, sources?.[0]?.fullFileName ?? "")}:${sources?.[0]?.line ?? 0})`;

const app = await Application.bootstrap({
  name: "DigiByte Quantum Shield",
  entryPoints: readdirSync(join(ROOT, "packages")).flatMap(entryPointsOf),
  basePath: join(ROOT, "packages"),
  tsconfig: join(ROOT, "tooling", "scripts", "api-docs.tsconfig.json"),
  readme: "none",
  gitRevision: "main",
  sourceLinkTemplate: "https://github.com/dgb-shield/dgb-shield/blob/main/{path}#L{line}",
  excludePrivate: true,
  excludeInternal: true,
  validation: { invalidLink: true, invalidPath: true, notExported: false, notDocumented: false },
  logLevel: "Warn",
});

const project = await app.convert();
if (project === undefined) process.exit(1);
app.validate(project);
await app.generateDocs(project, join(ROOT, ".reports", "api"));

const exported = exportsOf(project);
const missing = exported.filter((reflection) => !isDocumented(reflection));
const share = 1 - missing.length / exported.length;
for (const reflection of missing) console.error(`no docstring: ${placeOf(reflection)}`);
console.log(
  `${exported.length - missing.length} of ${exported.length} exports documented (${(100 * share).toFixed(1)} %)`,
);
if (share < LEAST_DOCUMENTED) console.error(`fewer than ${100 * LEAST_DOCUMENTED} %`);
if (app.logger.hasErrors() || app.logger.hasWarnings()) console.error("see the warnings above");
process.exitCode =
  share < LEAST_DOCUMENTED || app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0;
