import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CONFIG_JSON, membersOf } from "../../../src/service/config/json-schema.js";
import { configTable } from "../../../src/service/config/config-table.js";
import { SETTINGS } from "../../../src/service/config/settings.js";
import { configTemplate } from "../../../src/service/config/template.js";
import { readText, SMALLEST, wrongIn } from "../../support/service-config.js";

describe("configTemplate", () => {
  const text = configTemplate(SMALLEST);

  it("is a configuration that can be used", () => {
    expect(wrongIn(readText(text))).toEqual([]);
  });

  it("has every field, set or as a comment", () => {
    for (const name of SETTINGS.map(({ path }) => path.at(-1) ?? "")) {
      expect(text).toMatch(new RegExp(`^[# ]*${name}:`, "m"));
    }
  });

  it("shows examples that can be used as they are", () => {
    for (const name of Object.keys(membersOf(CONFIG_JSON))) {
      const line = new RegExp(`^# (${name}: .+)$`, "m").exec(text)?.[1];
      if (line === undefined) continue;
      expect(wrongIn(readText(`${text}\n${line}\n`))).toEqual([]);
    }
  });
});

describe("docs/configuration.md", () => {
  it("has the table that the schema makes", () => {
    const path = join(import.meta.dirname, "../../../../../docs/configuration.md");
    expect(squeezed(readFileSync(path, "utf8"))).toContain(squeezed(configTable()));
  });

  it("gives each setting a variable of its own", () => {
    expect(new Set(SETTINGS.map(({ variable }) => variable)).size).toBe(SETTINGS.length);
  });
});

/** A table without what only aligns its columns. */
const squeezed = (text: string): string => text.replaceAll(/ +/g, " ").replaceAll(/-{3,}/g, "---");
