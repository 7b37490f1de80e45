/**
 * Writes the types of the HTTP client from the service's OpenAPI document: `pnpm --filter @dgb-shield/client generate`.
 * With `--check` it writes nothing, and fails where the file is not current.
 */
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../docs/openapi.json", import.meta.url);
const TYPES = new URL("src/adapters/http/generated/openapi.ts", import.meta.url);
const HEADER = `/** Types of the service's HTTP interface, made by generate.mjs from docs/openapi.json: do not edit. */
/* eslint-disable */
`;

const text =
  HEADER + astToString(await openapiTS(DOCUMENT, { immutable: true, emptyObjectsUnknown: true }));

if (process.argv.includes("--check")) {
  if (readFileSync(TYPES, "utf8") !== text) {
    process.stderr.write(
      "The types are not those of docs/openapi.json: run the script generate.\n",
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(TYPES, text);
}
