/** What built files import from outside the package, followed from an entry point as Node would. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { filesIn } from "./project.js";

const NAME = /^(?:@[^/]+\/)?[^/]+/;
const TYPE_IMPORT = /(?:\bfrom|\bimport\(|\bimport)\s*["']([^."'][^"']*)["']/g;

/** Packages and Node builtins that an entry point needs at run time, its own files followed. */
export async function importsOf(installed: string, entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(installed, entry)],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  return namesOf(imports.filter(({ external }) => external).map(({ path }) => path));
}

/** Packages and Node builtins that the declarations of types name. */
export function typeImportsOf(installed: string): string[] {
  const declarations = filesIn(installed).filter((file) => file.endsWith(".d.ts"));
  const found = declarations.flatMap((file) => {
    const text = readFileSync(join(installed, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
    return [...text.matchAll(TYPE_IMPORT)].map(([, specifier = ""]) => specifier);
  });
  return namesOf(found);
}

function namesOf(specifiers: readonly string[]): string[] {
  const names = specifiers.map((path) =>
    path.startsWith("node:") ? path : (NAME.exec(path)?.[0] ?? path),
  );
  return [...new Set(names)].sort();
}
