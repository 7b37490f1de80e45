import { describe, expect, it } from "vitest";
import {
  createLocalSigner,
  generateKeyPair,
  publicKeysOf,
  signBatch,
  type Signer,
  SIGNALS_PAYLOAD_TYPE,
  SigningError,
} from "../../src/adapters/signing/index.js";
import { canonicalize, LIMITS } from "../../src/index.js";
import { ALPHA, alphaSigner, draft, signed, v2, v3, verdict } from "../support/signing.js";

const codeOf = (action: () => unknown): Promise<string> =>
  Promise.resolve()
    .then(action)
    .then(
      () => "done",
      (error: unknown) => {
        if (!(error instanceof SigningError)) throw error;
        return `${error.code} ${error.path}`.trim();
      },
    );

const nested = (depth: number): unknown => (depth === 1 ? {} : { inner: nested(depth - 1) });

describe("signBatch", () => {
  it("signs the canonical form of the batch, in a DSSE envelope with two signatures", async () => {
    const { payloadType, payload, signatures } = await signed();
    expect(payloadType).toBe(SIGNALS_PAYLOAD_TYPE);
    expect(Buffer.from(payload, "base64").toString()).toBe(
      canonicalize({ ...draft(), key_id: "alpha" }),
    );
    expect(signatures.map(({ keyid }) => keyid)).toEqual(["alpha#ed25519", "alpha#ml-dsa-65"]);
    expect(signatures.map(({ sig }) => Buffer.from(sig, "base64").length)).toEqual([64, 3_309]);
  });

  it.each([
    ["no signal", draft({ signals: [] }), "/signals"],
    ["65 signals", draft({ signals: Array.from({ length: 65 }, () => v2) }), "/signals"],
    [
      "an invalid v2 signal",
      draft({ signals: [v2, { ...v2, severity: 2 }] }),
      "/signals/1/severity",
    ],
    [
      "an invalid v3 envelope",
      draft({ signals: [{ ...v3(), risk: { score: 2, tier: "LOW" } }] }),
      "/signals/0/risk/score",
    ],
    ["an unknown field", { ...draft(), note: "" }, "/note"],
    [
      "a batch that expires as it is issued",
      draft({ expires_at_ms: draft().issued_at_ms }),
      "/expires_at_ms",
    ],
    ["half a sequence", draft({ sequence: 0.5 }), "/sequence"],
    ["a negative sequence", draft({ sequence: -1 }), "/sequence"],
  ])("refuses %s", async (_, batch, path) => {
    expect(await codeOf(() => signBatch(batch, alphaSigner))).toBe(`invalid_batch ${path}`);
  });

  it("signs an envelope of depth 30 and refuses one of 31", async () => {
    const deep = (depth: number) =>
      draft({ signals: [{ ...v3(), evidence: nested(depth - 1) as Record<string, never> }] });
    expect(await verdict(await signBatch(deep(30), alphaSigner))).toBe("accepted");
    expect(await codeOf(() => signBatch(deep(31), alphaSigner))).toMatch(
      /^invalid_batch \/signals/,
    );
  });

  it("refuses what is too large as an envelope, though not as a payload", async () => {
    const bytes = Math.ceil(LIMITS.maxPayloadBytes * 0.8);
    const batch = draft({ signals: [v3({ text: "a".repeat(bytes) })] });
    expect(await codeOf(() => signBatch(batch, alphaSigner))).toBe("invalid_batch");
  });

  it.each<[string, Signer["sign"]]>([
    ["rejects", () => Promise.reject(new Error("HSM is gone"))],
    [
      "throws",
      () => {
        throw new Error("HSM is gone");
      },
    ],
    ["gives nothing", () => Promise.resolve(undefined as never)],
    [
      "gives one signature twice",
      async (message) => {
        const { ed25519 } = await alphaSigner.sign(message);
        return { ed25519, ml_dsa_65: ed25519 };
      },
    ],
  ])("fails where the signer %s", async (_, sign) => {
    expect(await codeOf(() => signBatch(draft(), { key_id: "alpha", sign }))).toBe("signer_failed");
  });
});

describe("createLocalSigner", () => {
  it.each([
    ["a short seed", { ...ALPHA.secret_keys, ml_dsa_65: "AQID" }, "/ml_dsa_65"],
    ["no base64", { ...ALPHA.secret_keys, ed25519: "secret" }, "/ed25519"],
    ["an id with #", { ...ALPHA.secret_keys, key_id: "a#b" }, "/key_id"],
  ])("refuses %s", async (_, keys, path) => {
    expect(await codeOf(() => createLocalSigner(keys))).toBe(`invalid_key ${path}`);
  });

  it("shows no secret when it is printed", () => {
    expect(JSON.stringify(alphaSigner)).toBe('{"key_id":"alpha"}');
  });
});

describe("generateKeyPair", () => {
  it("gives new secrets each time, and their public half", () => {
    const [one, other] = [generateKeyPair("k"), generateKeyPair("k")];
    expect(one.secret_keys.ed25519).not.toBe(other.secret_keys.ed25519);
    expect(one.secret_keys.ml_dsa_65).not.toBe(other.secret_keys.ml_dsa_65);
    expect(publicKeysOf(one.secret_keys)).toEqual(one.public_keys);
  });

  it("refuses a source that gives too little", async () => {
    expect(await codeOf(() => generateKeyPair("k", () => new Uint8Array(8)))).toBe(
      "invalid_key /ed25519",
    );
  });
});
