/** Signs and verifies statements "which tip" (design, section 5), by the signing of `contract`. */
import { checkTimeMs, type TipStatement, type TipStatementCode } from "@dgb-shield/contract";
import type { ChainParameters } from "@dgb-shield/chain";
import {
  DEFAULT_CLOCK_SKEW_MS,
  type DsseEnvelope,
  type Keyring,
  signDocument,
  type Signer,
  type SigningRejection,
  type SigningRejectionCode,
  verifyDocument,
} from "@dgb-shield/contract/signing";
import { ownMembers } from "../../internal/own.js";
import { readTipStatement } from "../../fleet/tip-statement.js";

/** Payload type of a signed statement. */
export const TIP_STATEMENT_TYPE = "application/vnd.dgb-shield.tip.v1+json";

/** The role that a key needs, among its `components`. */
export const TIP_STATEMENT_ROLE = "tip_statement";

/** How old a statement may be unless another age is given: an hour, in milliseconds. */
export const DEFAULT_MAX_STATEMENT_AGE_MS = 3_600_000;

/**
 * Signs a statement with both algorithms of the key.
 *
 * @throws RangeError for what is no statement; SigningError `signer_failed`
 * @returns the envelope, to be published as its JSON text
 */
export async function signTipStatement(
  statement: TipStatement,
  signer: Signer,
): Promise<DsseEnvelope> {
  const read = readTipStatement(statement);
  if (!read.ok) throw new RangeError(`no statement: invalid at ${read.path}`);
  return signDocument({ payload_type: TIP_STATEMENT_TYPE, document: read.value }, signer);
}

/** What a statement is checked against. */
export type TipStatementTrust = Readonly<{
  /** The keys that are trusted, by `parseKeyring`. */
  keys: Keyring;
  /** Now, in milliseconds since 1970. */
  now_ms: number;
  /** 1 or more; default 3,600,000. */
  max_age_ms?: number;
  /** The chain that it must be of; absent: whichever it names. */
  chain?: ChainParameters;
}>;

/** The answer: the statement and whose it is, or why not. */
export type TipStatementVerification =
  | Readonly<{ accepted: true; statement: TipStatement; key_id: string; age_ms: number }>
  | Readonly<{
      accepted: false;
      code: TipStatementCode;
      /** JSON Pointer into the envelope; below `/payload` it goes on inside the statement. */
      path: string;
      /** In English, for people. */
      detail: string;
    }>;

type Refusal = Extract<TipStatementVerification, { accepted: false }>;

const refusal = (code: TipStatementCode, path: string, detail: string): Refusal => ({
  ...{ accepted: false, code, path, detail },
});

/**
 * Decides, without any connection, whether a signed statement is accepted: both signatures of one live key with the
 * role `tip_statement` verify, the operator is that of the key, and it is of the chain and not too old.
 *
 * @param input the envelope: JSON text, or its UTF-8 bytes
 * @returns the statement, or a refusal; never throws
 * @example
 * const answer = verifyTipStatement(text, { keys: parseKeyring(file), now_ms: Date.now(), chain: digibyte });
 * if (answer.accepted) console.log(answer.statement.tip.hash);
 */
export function verifyTipStatement(
  input: string | Uint8Array,
  trust: TipStatementTrust,
): TipStatementVerification {
  const options = optionsOf(trust);
  // [REJECT invalid_options] comparisons with what is no time would let every statement pass as timely
  if (options === undefined)
    return refusal("invalid_options", "", "time, age or keys are unusable");
  const { keys, now_ms, max_age_ms, chain } = options;
  const answer = verifyDocument(input, {
    ...{ keyring: keys, nowMs: now_ms },
    ...{ payload_type: TIP_STATEMENT_TYPE, component: TIP_STATEMENT_ROLE },
  });
  if (!answer.accepted) return refusalOf(answer);
  const read = readTipStatement(answer.document);
  if (!read.ok) return malformed(`/payload${read.path}`, "not a statement of this version");
  const { value: statement } = read;
  const { operator, key_id } = answer.key;
  // [REJECT other_operator] a key speaks for its own operator alone
  if (statement.operator !== operator) {
    return refusal("other_operator", "/payload/operator", `the key is of ${operator}`);
  }
  // [REJECT other_chain] another chain, or another one of the same name
  if (chain !== undefined && !isOf(statement, chain)) {
    return refusal("other_chain", "/payload/chain", `it is of ${statement.chain}`);
  }
  const age_ms = now_ms - statement.stated_at_ms;
  const at = "/payload/stated_at_ms";
  // [REJECT dated_in_future] later than now and the clock skew of a signer
  if (age_ms < -DEFAULT_CLOCK_SKEW_MS) {
    return refusal("dated_in_future", at, `${-age_ms} ms ahead of this clock`);
  }
  // [REJECT stale] the nodes may follow another tip since
  if (age_ms > max_age_ms) return refusal("stale", at, `${age_ms} ms old, not ${max_age_ms}`);
  return { accepted: true, statement, key_id, age_ms };
}

// [REJECT malformed] no envelope, no canonical text, or no statement
const malformed = (path: string, detail: string): Refusal => refusal("malformed", path, detail);

const KEY_CODES: ReadonlySet<SigningRejectionCode> = new Set<SigningRejectionCode>([
  ...(["revoked_key", "key_expired", "key_not_yet_valid", "wrong_role"] as const),
]);

/** A refusal of signing, in the codes of a statement. */
function refusalOf({ code, path, detail = code }: SigningRejection): Refusal {
  // [REJECT unknown_key] not among the keys
  if (code === "unknown_key") return refusal("unknown_key", path, detail);
  // [REJECT bad_signature] one of the two does not verify
  if (code === "bad_signature") return refusal("bad_signature", path, detail);
  // [REJECT key_not_allowed] a key that may not sign this, or not now
  if (KEY_CODES.has(code)) return refusal("key_not_allowed", path, detail);
  if (code === "invalid_config") return refusal("invalid_options", path, detail);
  return malformed(path, detail);
}

type Options = Readonly<{
  keys: Keyring;
  now_ms: number;
  max_age_ms: number;
  chain: ChainParameters | undefined;
}>;

function optionsOf(trust: TipStatementTrust): Options | undefined {
  const { keys, now_ms, max_age_ms = DEFAULT_MAX_STATEMENT_AGE_MS, chain } = ownMembers(trust);
  if (checkTimeMs(now_ms) !== undefined || !(keys instanceof Map)) return undefined;
  if (!Number.isFinite(max_age_ms) || max_age_ms < 1) return undefined;
  return { keys, now_ms, max_age_ms, chain };
}

const isOf = ({ chain, genesis_hash }: TipStatement, { name, genesis }: ChainParameters): boolean =>
  chain === name && genesis_hash === (genesis?.hash ?? null);
