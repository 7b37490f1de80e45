/** Reads the vector files of this package. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { z } from "zod";
import {
  type ClauseFile,
  clauseFileSchema,
  type SuiteName,
  type VectorFile,
  vectorFileSchema,
} from "../../vectors/format.js";

const { resolve } = createRequire(import.meta.url);

/** Where the vector files are, for tools that read them themselves. */
export const vectorsFolder = (): string =>
  join(dirname(resolve("@dgb-shield/contract/package.json")), "vectors");

/**
 * The vectors of a suite.
 *
 * @throws when the installed file cannot be read or does not have the form of vectors
 * @example loadVectors("amounts").cases[0]?.title // "reads "0" as 0 base units"
 */
export const loadVectors = (suite: SuiteName): VectorFile => load(suite, vectorFileSchema);

/** The clauses that vectors name; throws as `loadVectors` does. */
export const loadClauses = (): ClauseFile => load("clauses", clauseFileSchema);

function load<S extends z.ZodType>(name: string, schema: S): z.output<S> {
  const text = readFileSync(join(vectorsFolder(), `${name}.json`), "utf8");
  return schema.parse(JSON.parse(text));
}
