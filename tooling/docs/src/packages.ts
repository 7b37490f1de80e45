/** Finds the packages of the repository and what they export. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The repository's folder. */
export const ROOT = join(import.meta.dirname, "..", "..", "..");

const SOURCE = "@dgb-shield/source";

/** A package that is published: the name of its folder, and its public entry points. */
export type Package = Readonly<{
  name: string;
  folder: string;
  entries: readonly Readonly<{ subpath: string; file: string }>[];
}>;

type Manifest = { exports?: Record<string, string | Record<string, string>> };

/** Every package below `packages/`, in the order of their names. */
export function packagesOf(root: string): Package[] {
  const packages = join(root, "packages");
  return readdirSync(packages)
    .sort()
    .filter((name) => existsSync(join(packages, name, "package.json")))
    .map((name) => {
      const folder = join(packages, name);
      const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
      const entries = Object.entries(manifest.exports ?? {}).flatMap(([subpath, target]) => {
        const source = typeof target === "string" ? undefined : target[SOURCE];
        return source?.endsWith(".ts") === true ? [{ subpath, file: join(folder, source) }] : [];
      });
      return { name, folder, entries };
    });
}

/** The functions, classes and constants that an entry point exports. */
export async function exportsOf(file: string): Promise<string[]> {
  const url = pathToFileURL(file).href;
  return Object.keys((await import(/* @vite-ignore */ url)) as Record<string, unknown>).sort();
}
