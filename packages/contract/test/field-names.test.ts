import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SEED_NAMES, type SeedName } from "../src/seed-names.js";

const PACKAGES = join(import.meta.dirname, "..", "..");
const FOLDERS: Readonly<Record<keyof SeedName["here"], string>> = {
  contract: "contract",
  sentinel: "sentinel",
  dqsn: "dqsn",
  adn: "adn",
  wallet_guardian: "wallet-guardian",
  quantum_wallet_guard: "quantum-wallet-guard",
  adaptive_bridge: "adaptive-bridge",
};

/** Words of the sources of a layer; what crosses layers is declared in `contract/src/schemas`. */
function wordsOf(...folders: string[]): Set<string> {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(folder, file), "utf8")),
  );
  return new Set(files.flatMap((text) => text.match(/\w+/g) ?? []));
}

const names = ({ seeds, here }: SeedName): string[] => [
  ...Object.values(seeds).flat(),
  ...Object.values(here),
];
const namedHere = (word: string): SeedName["here"][] =>
  SEED_NAMES.filter(({ here }) => Object.values(here).includes(word)).map(({ here }) => here);

describe("SEED_NAMES", () => {
  it("has the pairs that the design names", () => {
    expect(namedHere("tx_amount")).toEqual([
      { wallet_guardian: "amount", quantum_wallet_guard: "tx_amount" },
    ]);
    expect(namedHere("reason_id")).toEqual([
      {
        contract: "reason_codes",
        dqsn: "reason_codes",
        wallet_guardian: "reason_codes",
        quantum_wallet_guard: "reason_id",
      },
    ]);
  });

  it("names each thing once, and only things with more than one name", () => {
    expect(new Set(SEED_NAMES.map(({ thing }) => thing)).size).toBe(SEED_NAMES.length);
    for (const row of SEED_NAMES) expect(new Set(names(row)).size, row.thing).toBeGreaterThan(1);
  });

  it("cannot be changed", () => {
    for (const row of SEED_NAMES) {
      const parts = [row, row.seeds, row.here, ...Object.values(row.seeds)];
      expect(
        parts.every((part) => Object.isFrozen(part)),
        row.thing,
      ).toBe(true);
    }
    expect(Object.isFrozen(SEED_NAMES)).toBe(true);
  });

  it.each(Object.entries(FOLDERS))("gives %s the names that its sources have", (layer, folder) => {
    const words = wordsOf(
      layer === "contract" ? join(PACKAGES, "contract/src/schemas") : join(PACKAGES, folder, "src"),
    );
    const given = SEED_NAMES.flatMap(({ here }) => here[layer as keyof SeedName["here"]] ?? []);
    const unknown = given.flatMap((name) => name.split(".")).filter((word) => !words.has(word));
    expect(given).not.toEqual([]);
    expect(unknown).toEqual([]);
  });
});
