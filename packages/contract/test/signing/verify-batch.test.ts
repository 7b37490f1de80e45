import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  createLocalSigner,
  createMemorySequenceStore,
  type DsseEnvelope,
  signBatch,
  SIGNALS_PAYLOAD_TYPE,
  SIGNING_REJECTION_CODES,
  verifyBatch,
  verifyBatchWith,
} from "../../src/adapters/signing/index.js";
import { canonicalize } from "../../src/index.js";
import {
  ALPHA,
  alphaEntry,
  BETA,
  betaEntry,
  draft,
  goodEnvelope,
  HOUR,
  keyringOf,
  NOW,
  options,
  said,
  signed,
  signedText,
  v2,
  v3,
  verdict,
} from "../support/signing.js";

const { good, ed, ml } = await goodEnvelope();
const byBeta = await signBatch(draft(), createLocalSigner(BETA.secret_keys));
const [betaEd = ed, betaMl = ml] = byBeta.signatures;

const withSignatures = (...signatures: DsseEnvelope["signatures"]) => ({ ...good, signatures });
const onlyAlpha = (change: Parameters<typeof alphaEntry>[0]) => ({
  keyring: keyringOf(alphaEntry(change)),
});
const asSignals = (envelope: DsseEnvelope) => ({ ...envelope, payloadType: SIGNALS_PAYLOAD_TYPE });

const batchText = (change: object = {}) => canonicalize({ ...draft(), key_id: "alpha", ...change });
const otherPayload = Buffer.from(batchText({ sequence: 8 })).toString("base64");
const looseText = JSON.stringify(JSON.parse(batchText()), undefined, 1);

describe("verifyBatch", () => {
  it("accepts a batch as text, as bytes and as an object, its signatures in any order", async () => {
    const text = JSON.stringify(good);
    for (const input of [
      text,
      new TextEncoder().encode(text),
      Buffer.from(text),
      good,
      withSignatures(ml, ed),
    ]) {
      expect(await verifyBatch(input, options())).toEqual({
        accepted: true,
        key_id: "alpha",
        operator: "acme",
        batch: { ...draft(), key_id: "alpha" },
      });
    }
  });

  it("accepts a key and its successor while they overlap, each with its own sequence", async () => {
    const given = options();
    expect(said(await verifyBatch(good, given))).toBe("accepted");
    expect(said(await verifyBatch(byBeta, given))).toBe("accepted");
  });

  it.each<[string, unknown, string]>([
    ["a changed payload", { ...good, payload: otherPayload }, "bad_signature /signatures/0/sig"],
    [
      "a good Ed25519 and a bad ML-DSA signature",
      withSignatures(ed, { ...ml, sig: betaMl.sig }),
      "bad_signature /signatures/1/sig",
    ],
    [
      "a bad Ed25519 and a good ML-DSA signature",
      withSignatures({ ...ed, sig: betaEd.sig }, ml),
      "bad_signature /signatures/0/sig",
    ],
    [
      "a bad Ed25519 signature in second place",
      withSignatures(ml, { ...ed, sig: betaEd.sig }),
      "bad_signature /signatures/1/sig",
    ],
    [
      "the signatures of the other algorithm",
      withSignatures({ ...ed, sig: ml.sig }, { ...ml, sig: ed.sig }),
      "bad_signature /signatures/0/sig",
    ],
    [
      "an empty signature",
      withSignatures(ed, { ...ml, sig: "" }),
      "bad_signature /signatures/1/sig",
    ],
    ["no signature", withSignatures(), "missing_signature /signatures"],
    ["Ed25519 alone", withSignatures(ed), "missing_signature /signatures"],
    ["ML-DSA alone", withSignatures(ml), "missing_signature /signatures"],
    ["Ed25519 twice", withSignatures(ed, ed), "duplicate_signature /signatures/1/keyid"],
    [
      "a third signature that is the first again",
      withSignatures(ed, ml, ed),
      "duplicate_signature /signatures/2/keyid",
    ],
    [
      "signatures of two keys",
      withSignatures(ed, betaMl),
      "unexpected_signature /signatures/1/keyid",
    ],
    [
      "a second key's pair beside the first",
      withSignatures(ed, ml, betaEd, betaMl),
      "unexpected_signature /signatures/2/keyid",
    ],
    [
      "another algorithm",
      withSignatures({ ...ed, keyid: "alpha#rsa" }, ml),
      "unexpected_signature /signatures/0/keyid",
    ],
    [
      "a bare key id",
      withSignatures({ ...ed, keyid: "alpha" }, ml),
      "unexpected_signature /signatures/0/keyid",
    ],
    [
      "an algorithm in upper case",
      withSignatures(ed, { ...ml, keyid: "alpha#ML-DSA-65" }),
      "unexpected_signature /signatures/1/keyid",
    ],
    [
      "a signature without a key",
      withSignatures({ sig: ed.sig } as never, ml),
      "invalid_envelope /signatures/0/keyid",
    ],
    [
      "the name of another key",
      withSignatures({ ...ed, keyid: betaEd.keyid }, { ...ml, keyid: betaMl.keyid }),
      "bad_signature /signatures/0/sig",
    ],
    [
      "an unknown payload type",
      signedText(batchText(), "application/json"),
      "unknown_payload_type /payloadType",
    ],
    [
      "our payload type written over another",
      signedText(batchText(), "application/json").then(asSignals),
      "bad_signature /signatures/0/sig",
    ],
    [
      "white space in the payload",
      { ...good, payload: `${good.payload}\n` },
      "invalid_base64 /payload",
    ],
    [
      "white space in a signature",
      withSignatures(ed, { ...ml, sig: ` ${ml.sig}` }),
      "invalid_base64 /signatures/1/sig",
    ],
    ["an unknown field", { ...good, extra: 1 }, "invalid_envelope /extra"],
    [
      "an unknown field of a signature",
      withSignatures({ ...ed, cert: "" } as never, ml),
      "invalid_envelope /signatures/0/cert",
    ],
    [
      "a duplicate field",
      `{"payload":"",${JSON.stringify(good).slice(1)}`,
      "duplicate_key /payload",
    ],
    ["a payload with white space", signedText(looseText), "not_canonical /payload"],
    [
      "a payload with a duplicate key",
      signedText(batchText().replace("{", '{"sequence":9,')),
      "duplicate_key /payload/sequence",
    ],
    ["a payload that is no JSON", signedText("signals"), "invalid_json /payload"],
    ["a payload that is no batch", signedText("{}"), "invalid_batch /payload/signals"],
    [
      "a payload with an unknown field",
      signedText(batchText({ note: "" })),
      "invalid_batch /payload/note",
    ],
    ["a payload without a key", signedText(canonicalize(draft())), "invalid_batch /payload/key_id"],
    [
      "an invalid signal",
      signedText(batchText({ signals: [{ ...v3(), more: 1 }] })),
      "invalid_batch /payload/signals/0/more",
    ],
    [
      "a batch in the name of another key",
      signedText(batchText({ key_id: "beta" })),
      "key_mismatch /payload/key_id",
    ],
    [
      "a batch that expires now",
      signed({ issued_at_ms: NOW - 1, expires_at_ms: NOW }),
      "batch_expired /payload/expires_at_ms",
    ],
    [
      "a batch of the future",
      signed({ issued_at_ms: NOW + 2_001 }),
      "issued_in_future /payload/issued_at_ms",
    ],
    [
      "a batch from before its key",
      signed({ issued_at_ms: NOW - HOUR - 1, expires_at_ms: NOW - 1 }),
      "key_not_yet_valid /payload/issued_at_ms",
    ],
    [
      "a component that is not a role",
      signed({ signals: [v3({}, "adn")] }),
      "wrong_role /payload/signals/0/component",
    ],
    [
      "a source that is not a role",
      signed({ signals: [v2, { ...v2, source: "adn" }] }),
      "wrong_role /payload/signals/1/source",
    ],
    [
      "another's node, v3",
      signed({ signals: [v3({ node_id: "other-1" })] }),
      "name_not_allowed /payload/signals/0/evidence/node_id",
    ],
    [
      "another's wallet, v3",
      signed({ signals: [v3({ wallet_id: "hot-2" })] }),
      "name_not_allowed /payload/signals/0/evidence/wallet_id",
    ],
    [
      "another's operator, v3",
      signed({ signals: [v3({ operator: "other" })] }),
      "name_not_allowed /payload/signals/0/evidence/operator",
    ],
    [
      "a name that is no text",
      signed({ signals: [v3({ node_id: 1 })] }),
      "name_not_allowed /payload/signals/0/evidence/node_id",
    ],
    [
      "another's node, v2",
      signed({ signals: [{ ...v2, node_id: "other-1" }] }),
      "name_not_allowed /payload/signals/0/node_id",
    ],
    [
      "another's operator, v2",
      signed({ signals: [{ ...v2, operator: "other" }] }),
      "name_not_allowed /payload/signals/0/operator",
    ],
    [
      "another's wallet, v2",
      signed({ signals: [{ ...v2, metadata: { wallet_id: "hot-2" } }] }),
      "name_not_allowed /payload/signals/0/metadata/wallet_id",
    ],
  ])("refuses %s", async (_, input, expected) => {
    const store = createMemorySequenceStore();
    expect(await verdict(await input, { store })).toBe(expected);
    expect(await store.advance("alpha", 0)).toBe(true);
    expect(await store.advance("beta", 0)).toBe(true);
  });

  it.each([
    ["an unknown key", { keyring: keyringOf(betaEntry()) }, "unknown_key /signatures/0/keyid"],
    ["a revoked key", onlyAlpha({ revoked: true }), "revoked_key /signatures/0/keyid"],
    ["an expired key", onlyAlpha({ not_after_ms: NOW }), "key_expired /signatures/0/keyid"],
    [
      "a key before its time",
      onlyAlpha({ not_before_ms: NOW + 1 }),
      "key_not_yet_valid /signatures/0/keyid",
    ],
    [
      "a key with other public keys",
      onlyAlpha({ public_keys: BETA.public_keys }),
      "bad_signature /signatures/0/sig",
    ],
    [
      "a key whose ML-DSA half is another's",
      onlyAlpha({ public_keys: { ...ALPHA.public_keys, ml_dsa_65: BETA.public_keys.ml_dsa_65 } }),
      "bad_signature /signatures/1/sig",
    ],
    ["time that is no number", { nowMs: Number.NaN }, "invalid_config /nowMs"],
    ["an endless clock skew", { max_clock_skew_ms: Infinity }, "invalid_config /max_clock_skew_ms"],
    [
      "a clock skew of six minutes",
      { max_clock_skew_ms: 360_000 },
      "invalid_config /max_clock_skew_ms",
    ],
    ["no keyring", { keyring: undefined as never }, "invalid_config"],
    ["no store", { store: undefined as never }, "store_unavailable /payload/sequence"],
  ])("refuses with %s", async (_, change, expected) => {
    expect(await verdict(good, change)).toBe(expected);
  });

  it("allows for clocks that differ: 2,000 ms, or as many as the caller sets", async () => {
    const ahead = await signed({ issued_at_ms: NOW + 2_000 });
    expect(await verdict(ahead)).toBe("accepted");
    expect(await verdict(ahead, { max_clock_skew_ms: 1_999 })).toBe(
      "issued_in_future /payload/issued_at_ms",
    );
    expect(await verdict(ahead, { max_clock_skew_ms: 0, nowMs: NOW + 2_000 })).toBe("accepted");
  });

  it("accepts until the last millisecond of a batch and of a key", async () => {
    const lasting = await signed({ issued_at_ms: NOW + 1_001, expires_at_ms: NOW + HOUR + 1_001 });
    expect(await verdict(lasting, { nowMs: NOW + HOUR - 1 })).toBe("accepted");
    expect(await verdict(lasting, { nowMs: NOW + HOUR })).toBe("key_expired /signatures/0/keyid");
    expect(await verdict(good, { nowMs: NOW + 59_999 })).toBe("accepted");
  });

  it("refuses when a verifier throws, or answers with something that is only truthy", async () => {
    const yes = () => true;
    const thrown = () => {
      throw new Error("no device");
    };
    const truthy = (() => 1) as unknown as () => boolean;
    const ask = async (ml_dsa_65: () => boolean) =>
      said(await verifyBatchWith({ ed25519: yes, ml_dsa_65 }, good, options()));
    expect(await ask(yes)).toBe("accepted");
    expect(await ask(thrown)).toBe("verifier_failed /signatures/1/sig");
    expect(await ask(truthy)).toBe("bad_signature /signatures/1/sig");
  });

  it("gives no code that is not documented", () => {
    const docs = readFileSync(new URL("../../docs/signing.md", import.meta.url), "utf8");
    expect(SIGNING_REJECTION_CODES.filter((code) => !docs.includes(`\`${code}\``))).toEqual([]);
  });
});
