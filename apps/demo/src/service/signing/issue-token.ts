/** Issues the token of a claim: a compact JWS, and the keys that verify it. */
import { randomBytes } from "node:crypto";
import {
  MAX_TOKEN_MS,
  type PaymentTerms,
  type PaymentToken,
  TOKEN_TYPE,
  tokenSchema,
} from "@dgb-shield/client";
import { canonicalize } from "@dgb-shield/contract";
import type { TokenSigner } from "./token-signer.js";

/** What a token is made of. */
export type TokenDraft = Readonly<{
  terms: PaymentTerms;
  signer_id: string;
  record_hash: string;
  transaction: string | null;
  approvals: PaymentToken["approvals"];
  now_ms: number;
  /** How long the claim holds, in milliseconds. */
  valid_for_ms: number;
}>;

/**
 * Issues a token, valid as long as the claim and at most a minute.
 *
 * @throws Error where the key does not sign
 */
export async function issueToken(
  { terms, now_ms, valid_for_ms, ...rest }: TokenDraft,
  signer: TokenSigner,
): Promise<string> {
  const token = tokenSchema.parse({
    ...terms,
    ...rest,
    token_version: 1,
    token_id: randomBytes(16).toString("hex"),
    issued_at_ms: now_ms,
    expires_at_ms: now_ms + Math.min(MAX_TOKEN_MS, valid_for_ms),
  });
  const header = { alg: "EdDSA", kid: signer.key_id, typ: TOKEN_TYPE };
  const signed = `${encoded(header)}.${encoded(token)}`;
  const signature = await signer.sign(new TextEncoder().encode(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

const encoded = (value: object): string => Buffer.from(canonicalize(value)).toString("base64url");

/** A public key as JWKS has it (RFC 8037). */
export type Jwk = Readonly<{
  kty: "OKP";
  crv: "Ed25519";
  x: string;
  kid: string;
  use: "sig";
  alg: "EdDSA";
}>;

/** A key as JWKS has it. */
export const jwkOf = (kid: string, x: string): Jwk => ({
  ...{ kty: "OKP", crv: "Ed25519", x, kid, use: "sig", alg: "EdDSA" },
});
