/** What the client takes from its platform: nothing that a browser lacks. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "src", "adapters", "http");
const sources = readdirSync(FOLDER, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.startsWith("generated"))
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));

it("imports its own files and two small libraries alone", () => {
  const imported = sources.flatMap((text) =>
    [...text.matchAll(/from "([^"]+)"/g)].map(([, name = ""]) => name),
  );
  expect(imported.length).toBeGreaterThan(20);
  const others = imported.filter((name) => !/^\.\.?\//.test(name) || name.includes("../../"));
  expect([...new Set(others)].sort()).toEqual(["eventsource-parser", "openapi-fetch"]);
});

it("uses no global of Node", () => {
  for (const text of sources) expect(text).not.toMatch(/\b(?:process|Buffer|require|global)\b[.(]/);
});
