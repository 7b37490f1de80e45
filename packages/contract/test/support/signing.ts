/** Keys, a keyring and a batch that is accepted; each test changes one thing. */
import { createEnvelope } from "../../src/index.js";
import {
  type BatchDraft,
  createLocalSigner,
  createMemorySequenceStore,
  type DsseEnvelope,
  generateKeyPair,
  type KeyringFile,
  parseKeyring,
  preAuthEncoding,
  signBatch,
  SIGNALS_PAYLOAD_TYPE,
  type Verification,
  verifyBatch,
  type VerifyOptions,
} from "../../src/adapters/signing/index.js";

export const NOW = 1_782_664_805_000;
export const HOUR = 3_600_000;

const pairFrom = (keyId: string, byte: number) =>
  generateKeyPair(keyId, (length) => new Uint8Array(length).fill(byte++));

export const ALPHA = pairFrom("alpha", 1);
export const BETA = pairFrom("beta", 11);
export const alphaSigner = createLocalSigner(ALPHA.secret_keys);

export type KeyEntry = KeyringFile["keys"][number];

export const alphaEntry = (change: Partial<KeyEntry> = {}): KeyEntry => ({
  key_id: "alpha",
  components: ["sentinel", "wallet_guardian"],
  sources: ["sentinel"],
  operator: "acme",
  node_ids: ["acme-1"],
  wallet_ids: ["hot-1"],
  public_keys: ALPHA.public_keys,
  not_before_ms: NOW - HOUR,
  not_after_ms: NOW + HOUR,
  revoked: false,
  ...change,
});

export const betaEntry = (): KeyEntry =>
  alphaEntry({ key_id: "beta", public_keys: BETA.public_keys });

export const keyringOf = (...keys: KeyEntry[]) => parseKeyring({ keyring_version: 1, keys });

export const v3 = (evidence: Record<string, string | number> = {}, component = "sentinel") =>
  createEnvelope({
    component,
    request_id: "r-1",
    decision: "BLOCK",
    score: 0.95,
    reason_codes: ["SENTINEL_RETIRED_ALGORITHM"],
    evidence,
  });

/** A v2 signal that names no operator: it is the key's operator's. */
export const ownOperator = {
  node_id: "acme-1",
  source: "sentinel",
  type: "retired_algorithm",
  severity: 0.95,
} as const;

export const v2 = { ...ownOperator, operator: "acme" } as const;

export const draft = (change: Partial<BatchDraft> = {}): BatchDraft => ({
  signals: [v3({ node_id: "acme-1" }), v2],
  issued_at_ms: NOW,
  expires_at_ms: NOW + 60_000,
  sequence: 7,
  ...change,
});

export const signed = (change: Partial<BatchDraft> = {}): Promise<DsseEnvelope> =>
  signBatch(draft(change), alphaSigner);

export const options = (change: Partial<VerifyOptions> = {}): VerifyOptions => ({
  keyring: keyringOf(alphaEntry(), betaEntry()),
  nowMs: NOW,
  store: createMemorySequenceStore(),
  ...change,
});

export const said = (answer: Verification): string =>
  answer.accepted ? "accepted" : `${answer.code} ${answer.path}`.trim();

export const verdict = async (
  input: unknown,
  change: Partial<VerifyOptions> = {},
): Promise<string> => said(await verifyBatch(input, options(change)));

/** An envelope over any text, signed by alpha in good faith. */
export async function signedText(
  text: string,
  payloadType: string = SIGNALS_PAYLOAD_TYPE,
): Promise<DsseEnvelope> {
  const payload = new TextEncoder().encode(text);
  const pair = await alphaSigner.sign(preAuthEncoding(payloadType, payload));
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return {
    payloadType,
    payload: base64(payload),
    signatures: [
      { keyid: "alpha#ed25519", sig: base64(pair.ed25519) },
      { keyid: "alpha#ml-dsa-65", sig: base64(pair.ml_dsa_65) },
    ],
  };
}

/** An accepted envelope and its two signatures. */
export async function goodEnvelope() {
  const good = await signed();
  const [ed, ml] = good.signatures;
  return { good, ed: ed!, ml: ml! };
}
