import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const PACKAGES = join(import.meta.dirname, "..", "..");
const FOLDERS = {
  contract: "contract",
  sentinel: "sentinel",
  dqsn: "dqsn",
  adn: "adn",
  wallet_guardian: "wallet-guardian",
  quantum_wallet_guard: "quantum-wallet-guard",
  adaptive_bridge: "adaptive-bridge",
} as const;

type Row = Readonly<{ thing: string; names: readonly string[]; here: ReadonlyMap<string, string> }>;

const ROWS: readonly Row[] = readFileSync(
  join(import.meta.dirname, "../docs/field-names.md"),
  "utf8",
)
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line) => {
    const [, thing = "", specified = "", here = ""] = line.split("|").map((cell) => cell.trim());
    const pairs = here.split("; ").map((pair) => pair.replaceAll("`", "").split(": "));
    const names = [...specified.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    return { thing, names, here: new Map(pairs.map(([layer = "", name = ""]) => [layer, name])) };
  });

/** Words of the sources of a layer; what crosses layers is declared in `contract/src/schemas`. */
function wordsOf(folder: string): Set<string> {
  const texts = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, file), "utf8"));
  return new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []));
}

describe("docs/field-names.md", () => {
  it("has each thing once, and only things with more than one name", () => {
    expect(ROWS).toHaveLength(21);
    expect(new Set(ROWS.map(({ thing }) => thing)).size).toBe(ROWS.length);
    for (const { thing, names, here } of ROWS) {
      expect(new Set([...names, ...here.values()]).size, thing).toBeGreaterThan(1);
    }
  });

  it.each(Object.entries(FOLDERS))("gives %s the names that its sources have", (layer, folder) => {
    const inside = layer === "contract" ? "contract/src/schemas" : join(folder, "src");
    const words = wordsOf(join(PACKAGES, inside));
    const given = ROWS.flatMap(({ here }) => here.get(layer) ?? []);
    const unknown = given.flatMap((name) => name.split(".")).filter((word) => !words.has(word));
    expect(given).not.toEqual([]);
    expect(unknown).toEqual([]);
  });
});
