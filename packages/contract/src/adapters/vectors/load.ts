/** Reads the vector files of this package. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { z } from "zod";
import { withoutPrototypes } from "../../internal/own.js";
import {
  type ClauseFile,
  clauseFileSchema,
  type SuiteName,
  type VectorFile,
  vectorFileSchema,
} from "../../vectors/format.js";

const { resolve } = createRequire(import.meta.url);

const CLAUSES = "clauses.json";

/** Where the vector files are, for tools that read them themselves. */
export const vectorsFolder = (): string =>
  join(dirname(resolve("@dgb-shield/contract/package.json")), "vectors");

/**
 * The vectors of a suite.
 *
 * @throws when the installed file cannot be read or does not have the form of vectors
 * @example loadVectors("amounts").cases[0]?.title // "reads "0" as 0 base units"
 */
export const loadVectors = (suite: SuiteName): VectorFile =>
  loadVectorFile(join(vectorsFolder(), `${suite}.json`));

/** The clauses that vectors name; throws as `loadVectors` does. */
export const loadClauses = (): ClauseFile => loadClauseFile(join(vectorsFolder(), CLAUSES));

/**
 * A file of vectors, of this package or another.
 *
 * @throws when it cannot be read or does not have the form of vectors
 */
export const loadVectorFile = (path: string): VectorFile => load(path, vectorFileSchema);

/** A file of clauses; throws as `loadVectorFile` does. */
export const loadClauseFile = (path: string): ClauseFile => load(path, clauseFileSchema);

/** The files of vectors in a folder, in the order of their names; of a file, itself. @throws as `node:fs` does */
export function vectorFilesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith(".json") && name !== CLAUSES);
  return names.sort().map((name) => join(path, name));
}

const load = <S extends z.ZodType>(path: string, schema: S): z.output<S> =>
  withoutPrototypes(schema.parse(JSON.parse(readFileSync(path, "utf8"))));
