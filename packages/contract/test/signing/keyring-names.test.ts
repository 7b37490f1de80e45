import { describe, expect, it } from "vitest";
import { parseKeyring, SigningError } from "../../src/adapters/signing/index.js";
import { hidden, onObjects, polluted } from "../support/pollution.js";
import { ALPHA, alphaEntry, BETA, betaEntry, type KeyEntry } from "../support/signing.js";

const fault = (...keys: unknown[]): string => {
  try {
    parseKeyring({ keyring_version: 1, keys });
    return "accepted";
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    return `${error.code} ${error.path}`;
  }
};
const beta = (change: Partial<KeyEntry>) => ({ ...betaEntry(), ...change });

describe("parseKeyring, a node", () => {
  it("of two operators is refused", () => {
    expect(fault(alphaEntry(), beta({ operator: "bob" }))).toBe(
      "invalid_keyring /keys/1/node_ids/0",
    );
    expect(fault(alphaEntry(), beta({ operator: "bob", node_ids: ["b", "acme-1"] }))).toBe(
      "invalid_keyring /keys/1/node_ids/1",
    );
  });

  it.each(["ACME-1", "Ａcme-1", "acme\u200b-1", "acme-1\u2060", "acme-\u00b9"])(
    "that looks like another operator's is refused: %j",
    (node) => {
      expect(fault(alphaEntry(), beta({ operator: "bob", node_ids: [node] }))).toBe(
        "invalid_keyring /keys/1/node_ids/0",
      );
      expect(fault(alphaEntry(), beta({ node_ids: [node] }))).toBe("accepted");
    },
  );

  it("of one operator may have several keys, for a rotation", () => {
    expect(fault(alphaEntry(), betaEntry())).toBe("accepted");
  });

  it("may have the name of an operator: they are two kinds of name", () => {
    expect(fault(alphaEntry(), beta({ operator: "bob", node_ids: ["acme"] }))).toBe("accepted");
    expect(fault(alphaEntry({ node_ids: ["acme"] }))).toBe("accepted");
  });
});

describe("parseKeyring, an operator", () => {
  it.each([
    ["case", "Acme"],
    ["full width", "ａｃｍｅ"],
    ["a joiner", "ac\u200dme"],
    ["a soft hyphen", "ac\u00adme"],
    ["the blank of Braille", "acme\u2800"],
    ["a mark of direction", "\u200eacme"],
    ["a mathematical letter", "𝐚cme"],
  ])("that looks like another is refused: %s", (_, operator) => {
    expect(fault(alphaEntry(), beta({ operator, node_ids: ["b-1"] }))).toBe(
      "invalid_keyring /keys/1/operator",
    );
  });

  it.each([
    ["STRASSE", "straße"],
    ["ΟΔΟΣ", "οδος"],
    ["ﬁsh", "FISH"],
    ["a b", "a\u00a0b"],
  ])("%s looks like %s", (one, other) => {
    expect(fault(alphaEntry({ operator: one }), beta({ operator: other, node_ids: ["b-1"] }))).toBe(
      "invalid_keyring /keys/1/operator",
    );
  });

  it("of another name is accepted, and keeps its name as it is written", () => {
    const keys = [alphaEntry({ operator: "Ａcme" }), beta({ operator: "bob", node_ids: ["b-1"] })];
    expect(parseKeyring({ keyring_version: 1, keys }).get("alpha")?.operator).toBe("Ａcme");
  });
});

describe("parseKeyring, own members alone", () => {
  it.each(Object.entries(alphaEntry()))("takes no missing %s from a prototype", (key, value) => {
    const rest = Object.fromEntries(Object.entries(alphaEntry()).filter(([name]) => name !== key));
    const clean = fault(rest);
    for (const pollution of [onObjects(key, value), hidden(onObjects(key, value))]) {
      expect(polluted(pollution, () => fault(rest))).toBe(clean);
      const names = polluted(pollution, () => {
        const keyring = parseKeyring({ keyring_version: 1, keys: [alphaEntry()] });
        return keyring.get("alpha");
      });
      expect(names).toEqual(alphaEntry());
    }
  });

  it("takes no key from a prototype, and gives keys that nothing changes", () => {
    const public_keys = { ml_dsa_65: ALPHA.public_keys.ml_dsa_65 };
    const path = "invalid_keyring /keys/0/public_keys/ed25519";
    const input = { ...alphaEntry(), public_keys };
    expect(
      polluted(hidden(onObjects("ed25519", BETA.public_keys.ed25519)), () => fault(input)),
    ).toBe(path);
    const key = parseKeyring({ keyring_version: 1, keys: [alphaEntry()] }).get("alpha")!;
    expect(() => Object.assign(key, { revoked: false })).toThrow(TypeError);
    expect(() => key.node_ids.push("x")).toThrow(TypeError);
  });
});
