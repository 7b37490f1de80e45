/** Compiled and run against the packed package with the optional peer beside it. */
import { createEnvelope } from "@dgb-shield/contract";
import {
  createLocalSigner,
  createMemorySequenceStore,
  generateKeyPair,
  parseKeyring,
  signBatch,
  type Verification,
  verifyBatch,
} from "@dgb-shield/contract/signing";

declare const console: { log(text: string): void };

const nowMs = 1_782_664_805_000;
const { secret_keys, public_keys } = generateKeyPair("k");
const keyring = parseKeyring({
  keyring_version: 1,
  keys: [
    {
      key_id: "k",
      operator: "acme",
      components: ["sentinel"],
      node_ids: ["n"],
      public_keys,
      not_before_ms: nowMs,
      not_after_ms: nowMs + 1,
      revoked: false,
    },
  ],
});
const signal = createEnvelope({
  component: "sentinel",
  request_id: "r-1",
  decision: "ALLOW",
  score: 0,
  reason_codes: [],
  evidence: { node_id: "n" },
});
const batch = { signals: [signal], issued_at_ms: nowMs, expires_at_ms: nowMs + 1, sequence: 1 };
const signed = await signBatch(batch, createLocalSigner(secret_keys));
const verification: Verification = await verifyBatch(JSON.stringify(signed), {
  keyring,
  nowMs,
  store: createMemorySequenceStore(),
});
console.log(JSON.stringify(verification));
