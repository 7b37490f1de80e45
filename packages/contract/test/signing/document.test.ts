import { describe, expect, it } from "vitest";
import {
  type DocumentTrust,
  SIGNALS_PAYLOAD_TYPE,
  signDocument,
  verifyDocument,
} from "../../src/adapters/signing/index.js";
import {
  alphaEntry,
  alphaSigner,
  goodEnvelope,
  keyringOf,
  NOW,
  signedText,
} from "../support/signing.js";

const TYPE = "application/vnd.dgb-shield.example.v1+json";
const trust = (change: Partial<DocumentTrust> = {}): DocumentTrust => ({
  keyring: keyringOf(alphaEntry()),
  nowMs: NOW,
  payload_type: TYPE,
  component: "sentinel",
  ...change,
});
const signed = () => signDocument({ payload_type: TYPE, document: { b: 1, a: "x" } }, alphaSigner);
const verdict = (input: unknown, change: Partial<DocumentTrust> = {}) => {
  const answer = verifyDocument(input, trust(change));
  return answer.accepted ? "accepted" : `${answer.code} ${answer.path}`.trim();
};

describe("verifyDocument", () => {
  it("gives the document and the key that vouches for it", async () => {
    const answer = verifyDocument(JSON.stringify(await signed()), trust());
    expect(answer).toMatchObject({
      accepted: true,
      document: { a: "x", b: 1 },
      key: { operator: "acme" },
    });
  });

  it.each([
    [{ component: "adn" }, "wrong_role /signatures/0/keyid"],
    [{ payload_type: `${TYPE}x` }, "unknown_payload_type /payloadType"],
    [{ payload_type: SIGNALS_PAYLOAD_TYPE }, "invalid_config /payload_type"],
    [{ nowMs: Number.NaN }, "invalid_config /nowMs"],
    [{ keyring: new Map() }, "unknown_key /signatures/0/keyid"],
    [{ keyring: keyringOf(alphaEntry({ revoked: true })) }, "revoked_key /signatures/0/keyid"],
    [{ nowMs: NOW + 2 * 3_600_000 }, "key_expired /signatures/0/keyid"],
    [{ keyring: undefined as never }, "invalid_config"],
  ])("refuses %j with %s", async (change, code) => {
    expect(verdict(await signed(), change)).toBe(code);
  });

  it.each([
    ["[1]", "invalid_envelope /payload"],
    ['{"a": 1}', "not_canonical /payload"],
    ['{"a":1,"a":2}', "duplicate_key /payload/a"],
  ])("refuses the signed text %s", async (text, code) => {
    expect(verdict(await signedText(text, TYPE))).toBe(code);
  });

  it("takes no batch for a document, and signs none as one", async () => {
    const { good } = await goodEnvelope();
    expect(verdict(good)).toBe("unknown_payload_type /payloadType");
    expect(verdict({ ...good, payloadType: TYPE })).toMatch(/^bad_signature/);
    const draft = { payload_type: SIGNALS_PAYLOAD_TYPE, document: {} };
    await expect(signDocument(draft, alphaSigner)).rejects.toMatchObject({
      code: "invalid_document",
    });
    const cyclic: Record<string, never> = {};
    cyclic["a"] = cyclic as never;
    await expect(
      signDocument({ payload_type: TYPE, document: cyclic }, alphaSigner),
    ).rejects.toMatchObject({ code: "invalid_document" });
  });
});
