/** Arguments and answer of `claim` (design, section 7: life of a payment). */
import type { GuardianDecisionName, JsonObject } from "@dgb-shield/contract";
import {
  idSchema,
  firstErrorPath,
  withoutPrototypes,
  boundedPointer,
  pointer,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { ClaimCode } from "../codes.js";
import { explainIssue, boundedDetail } from "../request/explain.js";
import { type Finalize, readFinalize } from "../evaluate/finalize.js";
import { has } from "../internal/own.js";
import { ownMembers, safeParse } from "../internal/parse.js";
import { readRisk, type Risk, type RiskInput } from "../request/read-request.js";

/** Inputs of one transaction at most. */
const MAX_INPUTS = 2_000;

/** An input of a transaction: `txid:vout`, the id of the transaction that it spends and the number of the output. */
const inputSchema = z.string().regex(/^[0-9a-f]{64}:(0|[1-9]\d{0,9})$/);

/** The inputs of a transaction, each once. */
export const inputsSchema = z
  .array(inputSchema)
  .min(1)
  .max(MAX_INPUTS)
  .refine((inputs) => new Set(inputs).size === inputs.length);

/** The options of `claim`. */
export type ClaimOptions = Readonly<{
  /** The signer: a name that no other one has. */
  signer_id: string;
  /** The risk as it is now. */
  risk: RiskInput;
  /** The transaction that is to be signed, if already built. A later claim needs it. */
  transaction?: Readonly<{ inputs: readonly string[] }>;
  /** The caller's own check, called inside the transaction. */
  finalize?: Finalize;
}>;

/** The answer to `claim`. */
export type ClaimAnswer = Readonly<{
  /** Only ALLOW permits signing, and only to this signer. */
  decision: Exclude<GuardianDecisionName, "FREEZE">;
  reason_codes: readonly ClaimCode[];
  withdrawal_id: string;
  signer_id: string;
  decided_at_ms: number;
  /** Until when the payment may be signed, by the guardian's clock. */
  claimed_until_ms?: number;
  /** How long it may be signed from this answer on, whatever the signer's clock shows. */
  valid_for_ms?: number;
  /** Present where the same signer has the same claim already. */
  repeated?: true;
  /** Milliseconds until another claim could pass. */
  retry_after_ms?: number;
  txid?: string;
  path?: string;
  detail?: string;
  /** The record that `finalize` made. */
  record?: JsonObject;
}>;

/** A claim that was read. */
export type ClaimRequest = Readonly<{
  withdrawal_id: string;
  signer_id: string;
  risk: Risk;
  inputs: readonly string[] | null;
  finalize: Finalize | undefined;
}>;

const claimSchema = z.strictObject({
  withdrawal_id: idSchema,
  signer_id: idSchema,
  transaction: z.strictObject({ inputs: inputsSchema }).optional(),
});

/**
 * Reads the arguments of `claim`, own properties alone.
 *
 * @returns the claim, or the first offending field and what to do; never throws
 */
export function readClaim(
  withdrawalId: unknown,
  options: unknown,
): ClaimRequest | Readonly<{ path: string; detail: string }> {
  try {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      return offence("", "the options: no object; give { signer_id, risk }");
    }
    const own = ownMembers(options);
    if (has(own, "accessor")) {
      const path = pointer([own.accessor]);
      return offence(path, `${path}: an accessor; give a plain value`);
    }
    return readMembers(withdrawalId, own.members);
  } catch {
    return offence("", "the options: cannot be read; give a plain object");
  }
}

function readMembers(withdrawal_id: unknown, members: Record<string, unknown>) {
  const { risk, finalize, ...rest } = members;
  // without a prototype, so that no signer is inherited
  const given: unknown = Object.assign(Object.create(null) as object, rest, { withdrawal_id });
  const parsed = safeParse(claimSchema, given);
  if (!parsed.success) {
    const path = firstErrorPath(parsed.error);
    return offence(path, explainIssue(parsed.error, path, given));
  }
  const level = readRisk(risk);
  if (level === null)
    return offence("/risk", "/risk: none of the known levels; give LOW, MEDIUM or HIGH");
  const hook = readFinalize(finalize === undefined ? undefined : { finalize });
  if (hook.fault !== null) return offence("/finalize", hook.fault);
  const { signer_id, transaction, ...id } = withoutPrototypes(parsed.data);
  return {
    ...id,
    signer_id,
    risk: level,
    inputs: transaction?.inputs ?? null,
    finalize: hook.finalize,
  };
}

const offence = (path: string, detail: string) => ({
  path: boundedPointer(path),
  detail: boundedDetail(detail),
});
