/** Signed approvals and tokens of a service (design, section 13). */
import {
  approverName,
  approversNeeded,
  bindingOf,
  isInForce,
  type PaymentTerms,
  type PaymentToken,
  type SignedApproval,
} from "@dgb-shield/client";
import { isSignedBy } from "@dgb-shield/client/approve";
import { canonicalHash } from "@dgb-shield/contract";
import type { ServiceConfig } from "../config/service-config.js";
import { ServiceError } from "../runtime/errors.js";
import type { ApprovalStore } from "../runtime/approvals/store.js";
import type { ApprovalRefusal, PaymentApproval } from "../service.js";
import { issueToken, type Jwk, jwkOf } from "./issue-token.js";
import { createTerms } from "./terms.js";
import { commandSigner, fileSigner, type TokenSigner } from "./token-signer.js";

/** How long the service takes an approval for at most, in milliseconds: as long as it keeps one. */
const MAX_AHEAD_MS = 86_400_000;
/** By how much an approver's clock may differ, in milliseconds. */
const SKEW_MS = 60_000;

/** What is needed to issue a token for a claim. */
export type ClaimTerms = Readonly<{
  terms: PaymentTerms;
  record_hash: string;
  approvals: PaymentToken["approvals"];
  /** Who approved, one name each. */
  approvers: readonly string[];
}>;

/** Signed approvals and tokens. */
export type Signing = Readonly<{
  /** Whether approvals must be signed. */
  isSignedOnly(): Promise<boolean>;
  /** Whether a claim's answer carries a token. */
  issuesTokens: boolean;
  /** The terms of a request; null where it has none. */
  termsOf(withdrawal: unknown): PaymentTerms | null;
  /** Distinct approvers that terms need. */
  approversFor(terms: PaymentTerms): number;
  /** Checks a signed approval of a payment, for the store. */
  accept(
    paymentId: string,
    signed: SignedApproval,
    nowMs: number,
  ): PaymentApproval | ApprovalRefusal;
  /** Selects the stored approvals that count for terms, verified anew: what is stored is not trusted. */
  standing(
    terms: PaymentTerms,
    stored: readonly PaymentApproval[],
    nowMs: number,
  ): readonly PaymentApproval[];
  /** What the token of a recorded decision rests on; null where its terms are not known. */
  claimTerms(record: unknown, stored: readonly PaymentApproval[], nowMs: number): ClaimTerms | null;
  issue(
    claim: ClaimTerms,
    by: Readonly<{
      signer_id: string;
      transaction: string | null;
      now_ms: number;
      valid_for_ms: number;
    }>,
  ): Promise<string>;
  /** The keys that verify tokens. */
  jwks(nowMs: number): readonly Jwk[];
}>;

/**
 * Creates the signing of a deployment; where approvers are configured, only signed approvals count from now on.
 *
 * @throws ServiceError `bad_token_key`
 */
export async function createSigning(
  config: ServiceConfig,
  approvals: ApprovalStore,
): Promise<Signing> {
  const signer = signerOf(config);
  if (config.approvers.length > 0) await approvals.setSignedOnly();
  const { chain, approvers, thresholds, token } = config;
  const genesis = chain.genesis?.hash;
  const maker = genesis === undefined ? null : createTerms(config, chain, genesis);
  const keyOf = (keyId: string, nowMs: number) =>
    approvers.find((key) => key.key_id === keyId && isInForce(key, nowMs));
  const standing: Signing["standing"] = (terms, stored, nowMs) =>
    stored.filter(({ binds, signed, approver }) => {
      const key = signed && keyOf(signed.key_id, nowMs);
      if (signed === undefined || key === undefined || key.approver !== approver) return false;
      const { expires_at_ms, signature } = signed;
      const document = { ...terms, expires_at_ms };
      return binds === bindingOf(terms) && isSignedBy(document, signature, key.public_key);
    });
  const termsOf: Signing["termsOf"] = (withdrawal) => maker?.of(withdrawal) ?? null;
  return Object.freeze({
    isSignedOnly: approvals.isSignedOnly,
    issuesTokens: signer !== null,
    termsOf,
    approversFor: (terms) => approversNeeded(thresholds, terms),
    accept(paymentId, { approval, key_id, signature }, nowMs) {
      const { expires_at_ms, ...terms } = approval;
      const key = keyOf(key_id, nowMs);
      if (key === undefined) return refused("the key is not registered, or not in force");
      if (terms.payment_id !== paymentId) return refused("it is of another payment");
      if (terms.deployment_id !== config.deployment_id)
        return refused("it is of another deployment");
      if (terms.genesis !== genesis) return refused("it is of another chain");
      if (expires_at_ms <= nowMs) return refused("it has expired");
      if (expires_at_ms > nowMs + MAX_AHEAD_MS + SKEW_MS) {
        return refused("it would count for more than a day");
      }
      if (!isSignedBy(approval, signature, key.public_key)) {
        return refused("its signature is false");
      }
      return {
        ...{ payment_id: paymentId, approver: key.approver, approved_at_ms: nowMs },
        binds: bindingOf(terms),
        signed: { key_id, expires_at_ms, signature },
      };
    },
    standing,
    claimTerms(record, stored, nowMs) {
      const terms = termsOf((record as { withdrawal?: unknown } | null)?.withdrawal);
      if (terms === null) return null;
      const counted = standing(terms, stored, nowMs);
      return {
        ...{ terms, record_hash: canonicalHash(record) },
        approvals: counted.flatMap(({ signed }) => signed ?? []),
        approvers: [...new Set(counted.map(({ approver }) => approverName(approver)))],
      };
    },
    issue({ terms, record_hash, approvals: approved }, by) {
      if (signer === null) throw new Error("no key of tokens is configured");
      return issueToken({ terms, record_hash, approvals: approved, ...by }, signer);
    },
    jwks: (nowMs) => [
      ...(signer === null ? [] : [jwkOf(signer.key_id, signer.public_key)]),
      ...(token?.other_keys ?? [])
        .filter((key) => isInForce(key, nowMs))
        .map(({ key_id, public_key }) => jwkOf(key_id, public_key)),
    ],
  } satisfies Signing);
}

function signerOf({ token, approvers }: ServiceConfig): TokenSigner | null {
  if (token === null) return null;
  const { key_id, signer } = token;
  try {
    const made =
      signer.kind === "file"
        ? fileSigner(signer.path, key_id)
        : commandSigner({ key_id, ...signer });
    if (approvers.some(({ public_key }) => public_key === made.public_key)) {
      throw new Error("it is an approver's key: give the service one of its own");
    }
    return made;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ServiceError("bad_token_key", `cannot use the key of tokens: ${detail}`, error);
  }
}

const refused = (detail: string): ApprovalRefusal => ({ refused: "approval_refused", detail });
