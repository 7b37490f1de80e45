/** Verifies a token's signature by node:crypto alone: one algorithm, one spelling, no parameter that leads elsewhere. */
import { canonicalize, parseOwn, parseStrictJson } from "@dgb-shield/contract";
import { verifyEd25519 } from "@dgb-shield/contract/ed25519";
import { z } from "zod";
import { keyIdSchema } from "../../approval.js";
import { MAX_PAYOUTS } from "../../payment-terms.js";
import { isInForce, type Pins } from "../../pins.js";
import { type PaymentToken, TOKEN_TYPE, tokenSchema } from "../../token.js";
import { fromBase64url } from "../approve/base64url.js";
import { Refusal } from "./codes.js";

/** Characters of a token at most: a payload of 500,000 bytes. */
const MAX_TOKEN = 700_000;
const BOUNDS = { maxDepth: 5, maxEntries: MAX_PAYOUTS };

/** Exactly these members: `crit`, `jwk`, `jku`, `x5u` and any other one is refused. */
const headerSchema = z.strictObject({
  alg: z.literal("EdDSA"),
  kid: keyIdSchema,
  typ: z.literal(TOKEN_TYPE),
});

/**
 * Reads a token whose signature is by a pinned key that is in force.
 *
 * @throws Refusal
 */
export function readToken(
  given: unknown,
  { service_keys }: Pick<Pins, "service_keys">,
  nowMs: number,
): PaymentToken {
  const [head, body, tail] = partsOf(given);
  const header = parseOwn(headerSchema, jsonOf(head.bytes), BOUNDS);
  // [REFUSE token_header] another algorithm, a parameter that is not known, a key from the token itself
  if (!header.ok) throw new Refusal("token_header", `/header${header.path}`);
  const { kid } = header.value;
  const key = service_keys.find(({ key_id }) => key_id === kid);
  // [REFUSE token_key_unknown] not pinned, not yet, or no longer
  if (key === undefined || !isInForce(key, nowMs)) throw new Refusal("token_key_unknown");
  const publicKey = fromBase64url(key.public_key);
  const message = new TextEncoder().encode(`${head.text}.${body.text}`);
  // [REFUSE token_signature] by another key, or of other bytes
  if (publicKey === undefined || !verifyEd25519(publicKey, message, tail.bytes)) {
    throw new Refusal("token_signature");
  }
  const claims = jsonOf(body.bytes);
  const token = parseOwn(tokenSchema, claims, BOUNDS);
  if (!token.ok) throw malformed(`/payload${token.path}`);
  if (canonicalize(claims) !== new TextDecoder().decode(body.bytes)) throw malformed("/payload");
  return token.value;
}

// [REFUSE token_malformed] not three parts of canonical base64url, no strict JSON, another form than a token's
const malformed = (path = "") => new Refusal("token_malformed", path);

type Part = Readonly<{ text: string; bytes: Uint8Array }>;

function partsOf(given: unknown): readonly [Part, Part, Part] {
  if (typeof given !== "string" || given.length > MAX_TOKEN) throw malformed();
  const parts = given.split(".", 4).map((text) => {
    const bytes = text === "" ? undefined : fromBase64url(text);
    if (bytes === undefined) throw malformed();
    return { text, bytes };
  });
  const [head, body, tail] = parts;
  if (head === undefined || body === undefined || tail === undefined || parts.length !== 3) {
    throw malformed();
  }
  return [head, body, tail];
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes);
  } catch {
    throw malformed();
  }
}
