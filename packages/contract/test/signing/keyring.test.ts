import { describe, expect, it } from "vitest";
import { parseKeyring, SigningError } from "../../src/adapters/signing/index.js";
import { ALPHA, alphaEntry, BETA, betaEntry, NOW } from "../support/signing.js";

function fault(input: unknown): string {
  try {
    parseKeyring(input);
    return "accepted";
  } catch (error) {
    if (!(error instanceof SigningError)) throw error;
    return `${error.code} ${error.path}`.trim();
  }
}

const file = (...keys: unknown[]) => ({ keyring_version: 1, keys });
const without = (...fields: string[]) =>
  Object.fromEntries(Object.entries(alphaEntry()).filter(([field]) => !fields.includes(field)));
const twin = (field: "ed25519" | "ml_dsa_65") => ({
  ...betaEntry(),
  public_keys: { ...BETA.public_keys, [field]: ALPHA.public_keys[field] },
});

describe("parseKeyring", () => {
  it("reads text, bytes and objects alike", () => {
    const text = JSON.stringify(file(alphaEntry(), betaEntry()));
    const expected = parseKeyring(text);
    expect([...expected.keys()]).toEqual(["alpha", "beta"]);
    expect(parseKeyring(new TextEncoder().encode(text))).toEqual(expected);
    expect(parseKeyring(JSON.parse(text))).toEqual(expected);
  });

  it("takes names that are left out as none", () => {
    expect(
      parseKeyring(file(without("node_ids", "wallet_ids", "sources"))).get("alpha"),
    ).toMatchObject({
      node_ids: [],
      wallet_ids: [],
      sources: [],
    });
  });

  it.each([
    ["no keys", file(), "/keys"],
    ["another version", { ...file(alphaEntry()), keyring_version: 2 }, "/keyring_version"],
    ["an unknown field", file({ ...alphaEntry(), nodeIds: [] }), "/keys/0/nodeIds"],
    ["no word on revocation", file(without("revoked")), "/keys/0/revoked"],
    [
      "a key without a role",
      file(alphaEntry({ components: [], sources: [] })),
      "/keys/0/components",
    ],
    ["a # in a key id", file(alphaEntry({ key_id: "a#ed25519" })), "/keys/0/key_id"],
    [
      "no time of validity",
      file(alphaEntry({ not_after_ms: NOW, not_before_ms: NOW })),
      "/keys/0/not_after_ms",
    ],
    [
      "a short public key",
      file(alphaEntry({ public_keys: { ...ALPHA.public_keys, ed25519: "AQID" } })),
      "/keys/0/public_keys/ed25519",
    ],
    ["a key id twice", file(alphaEntry(), { ...betaEntry(), key_id: "alpha" }), "/keys/1/key_id"],
    [
      "one Ed25519 key under two ids",
      file(alphaEntry(), twin("ed25519")),
      "/keys/1/public_keys/ed25519",
    ],
    [
      "one ML-DSA key under two ids",
      file(alphaEntry(), twin("ml_dsa_65")),
      "/keys/1/public_keys/ml_dsa_65",
    ],
    ["a duplicate field", '{"keyring_version":1,"keyring_version":1}', "/keyring_version"],
    ["no JSON", "keys:", ""],
    ["nothing", undefined, ""],
  ])("refuses %s", (_name, input, path) => {
    expect(fault(input)).toBe(`invalid_keyring ${path}`.trim());
  });
});
