/** Decides whether a signed statement of the tip is accepted. */
import {
  checkTimeMs,
  parseOwn,
  TIP_STATEMENT_BOUNDS,
  type TipStatement,
  type TipStatementCode,
  tipStatementSchema,
} from "@dgb-shield/contract";
import {
  DEFAULT_CLOCK_SKEW_MS,
  type Keyring,
  type SigningRejection,
  verifyDocument,
} from "@dgb-shield/contract/signing";

/** Kind of what is signed, and the role that a key needs for it. */
const [TYPE, ROLE] = ["application/vnd.dgb-shield.tip.v1+json", "tip_statement"];
const DEFAULT_MAX_AGE_MS = 3_600_000;

/** What a statement is checked against. */
export type TipStatementTrust = Readonly<{
  /** The operator's public keys, by `parseKeyring` of `@dgb-shield/contract/signing`. */
  keys: Keyring;
  /** Now, in milliseconds since 1970. */
  now_ms: number;
  /** The chain that it must be of, and the hash of its first block; absent: whichever it names. */
  chain?: Readonly<{ name: string; genesis_hash: string | null }>;
  /** How old it may be, 1 or more. Default: 3,600,000, an hour. */
  max_age_ms?: number;
}>;

/** The answer: the statement, or why not. */
export type TipStatementVerification =
  | Readonly<{ accepted: true; statement: TipStatement; key_id: string; age_ms: number }>
  | Readonly<{ accepted: false; code: TipStatementCode; detail: string }>;

const refusal = (code: TipStatementCode, detail: string): TipStatementVerification => ({
  ...{ accepted: false, code, detail },
});

/**
 * Decides without any connection: both signatures of one key with the role `tip_statement` verify, the statement is of that
 * key's operator and of the chain, and it is not too old.
 *
 * @param input the answer of `GET /v1/chain/statement`: its text, or its UTF-8 bytes
 * @returns never throws
 * @example
 * const answer = verifyTipStatement(text, { keys: parseKeyring(file), now_ms: Date.now() });
 * if (answer.accepted) console.log(answer.statement.tip.height);
 */
export function verifyTipStatement(
  input: string | Uint8Array,
  { keys, now_ms, chain, max_age_ms = DEFAULT_MAX_AGE_MS }: TipStatementTrust,
): TipStatementVerification {
  const isUsable =
    checkTimeMs(now_ms) === undefined && keys instanceof Map && Number.isFinite(max_age_ms);
  // [REJECT invalid_options] what is no time or age would let every statement pass as timely
  if (!isUsable || max_age_ms < 1) return refusal("invalid_options", "time, age or keys");
  const answer = verifyDocument(input, {
    ...{ keyring: keys, nowMs: now_ms, payload_type: TYPE, component: ROLE },
  });
  if (!answer.accepted) return refusalOf(answer);
  const read = parseOwn(tipStatementSchema, answer.document, TIP_STATEMENT_BOUNDS);
  if (!read.ok) return malformed(`no statement of version 1: ${read.path}`);
  const { value: statement } = read;
  const { operator, key_id } = answer.key;
  // [REJECT other_operator] a key speaks for its own operator alone
  if (statement.operator !== operator)
    return refusal("other_operator", `the key is of ${operator}`);
  const isOfChain =
    chain === undefined ||
    (statement.chain === chain.name && statement.genesis_hash === chain.genesis_hash);
  // [REJECT other_chain] another chain, or another one of the same name
  if (!isOfChain) return refusal("other_chain", `it is of ${statement.chain}`);
  const age_ms = now_ms - statement.stated_at_ms;
  // [REJECT dated_in_future] later than now and the clock skew of a signer
  if (age_ms < -DEFAULT_CLOCK_SKEW_MS)
    return refusal("dated_in_future", `${-age_ms} ms ahead of this clock`);
  // [REJECT stale] the nodes may follow another tip since
  if (age_ms > max_age_ms) return refusal("stale", `${age_ms} ms old`);
  return { accepted: true, statement, key_id, age_ms };
}

// [REJECT malformed] no envelope, no canonical text, or no statement
const malformed = (detail: string): TipStatementVerification => refusal("malformed", detail);

const OF_KEY: ReadonlySet<string> = new Set([
  ...["revoked_key", "key_expired", "key_not_yet_valid", "wrong_role"],
]);

function refusalOf({ code, detail = code }: SigningRejection): TipStatementVerification {
  // [REJECT unknown_key] not among the keys
  if (code === "unknown_key") return refusal("unknown_key", detail);
  // [REJECT bad_signature] one of the two does not verify
  if (code === "bad_signature") return refusal("bad_signature", detail);
  // [REJECT key_not_allowed] a key that may not sign this, or not now
  if (OF_KEY.has(code)) return refusal("key_not_allowed", detail);
  return code === "invalid_config" ? refusal("invalid_options", detail) : malformed(detail);
}
