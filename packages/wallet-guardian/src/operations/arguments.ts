/** Arguments and results of the calls other than `evaluate` (design: layer 4). */
import {
  hash256Schema,
  idSchema,
  isAmount,
  firstErrorPath,
  withoutPrototypes,
  boundedPointer,
  pointer,
} from "@dgb-shield/contract";
import { z } from "zod";
import { inputsSchema } from "../claim/arguments.js";
import type { OperationCode } from "../codes.js";
import { explainIssue, boundedDetail } from "../request/explain.js";
import { ownMembers, safeParse } from "../internal/parse.js";
import { MAX_LISTED_RECORDS, type WithdrawalStatus } from "../ports.js";
import { GLOBAL_SCOPE, type Scope, SCOPE_TYPES } from "../scopes.js";
import { has } from "../internal/own.js";

/** The outcome of `commit`, `release`, `freeze`, `unfreeze`, the destination calls and `acceptClock`. */
export type OperationResult = Readonly<{
  accepted: boolean;
  /** Empty when accepted without remark. */
  reason_codes: readonly OperationCode[];
  /** JSON Pointer of the first offending field, where an argument is malformed. */
  path?: string;
  /** Of a malformed argument or an untrusted clock: the rule, the kind of value, and what to do. */
  detail?: string;
  /** Status of the withdrawal after the call. */
  status?: WithdrawalStatus;
  /** Transaction that the withdrawal is committed with. */
  txid?: string;
  /** Present where the call was made before, and changed nothing now. */
  repeated?: true;
  /** Milliseconds until the call could be accepted. */
  retry_after_ms?: number;
  /** Cause under which a freeze was set; `unfreeze("cause", cause_id, …)` lifts it. */
  cause_id?: string;
}>;

/** A rejected call. */
export type OperationRejection = OperationResult & Readonly<{ accepted: false }>;

/** Targets of `freeze`, and of `unfreeze`, which also takes causes. */
export type FreezeTarget = Scope["type"];
/** What `unfreeze` lifts: the freezes of a scope, or the one of a cause. */
export type UnfreezeTarget = FreezeTarget | "cause";

/** Text that a canonical record can hold: no control characters, lone surrogates or noncharacters. */
const reasonSchema = z
  .string()
  .regex(/^(?!\s)[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]{1,512}(?<!\s)$/u);

/** Schemas of the arguments, each under the name that its path begins with. */
export const commitSchema = z.strictObject({
  withdrawal_id: idSchema,
  txid: hash256Schema,
  fee: z.string().refine(isAmount).optional(),
  inputs: inputsSchema.optional(),
});
export const releaseSchema = z.strictObject({
  withdrawal_id: idSchema,
  operator: idSchema.optional(),
  signer_id: idSchema.optional(),
  not_executed: z.literal(true).optional(),
  reason: reasonSchema,
});
export const operatorSchema = z.strictObject({ operator: idSchema, reason: reasonSchema });
export const scopeSchema = z.strictObject({ id: idSchema });
const pageFields = {
  after: z.string().max(512).optional(),
  limit: z.int().min(1).max(MAX_LISTED_RECORDS).optional(),
};
export const pageSchema = z.strictObject(pageFields);
export const paymentsSchema = z.strictObject({
  ...pageFields,
  status: z.enum(["reserved", "lapsed", "claimed", "unsettled"]).optional(),
});
export const destinationSchema = z
  .strictObject({
    account_id: idSchema.optional(),
    wallet_id: idSchema.optional(),
    address: idSchema,
  })
  .refine(hasOneOwner, { path: ["account_id"] });
export const freezeSchema = operatorSchema
  .extend({ scope: z.enum(SCOPE_TYPES), id: idSchema })
  .refine(isTarget, { path: ["id"] });
export const unfreezeSchema = operatorSchema
  .extend({ scope: z.enum([...SCOPE_TYPES, "cause"]), id: idSchema })
  .refine(isTarget, { path: ["id"] });

/** A destination belongs to an account, or to a wallet whose withdrawals have none. */
function hasOneOwner({
  account_id,
  wallet_id,
}: Readonly<{ account_id?: string | undefined; wallet_id?: string | undefined }>): boolean {
  return (account_id === undefined) !== (wallet_id === undefined);
}

function isTarget({ scope, id }: Readonly<{ scope: UnfreezeTarget; id: string }>): boolean {
  return scope !== "global" || id === GLOBAL_SCOPE.id;
}

/** Rejects a call. */
export const rejectOperation = (
  code: OperationCode,
  offence: Readonly<{ path?: string; detail?: string }> = {},
): OperationRejection => ({ accepted: false, reason_codes: [code], ...offence });

/**
 * Reads the arguments of a call, own properties alone; options that are no object are malformed as a whole.
 *
 * @returns the arguments, or a rejection with the first offending field and what to do; never throws
 */
export function readArguments<T>(
  schema: z.ZodType<T>,
  named: Readonly<Record<string, unknown>>,
  options: unknown = {},
): Readonly<{ value: T }> | Readonly<{ rejection: OperationRejection }> {
  try {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      return malformed("", "the options: no object; give one");
    }
    const own = ownMembers(options);
    if (has(own, "accessor")) {
      const path = pointer([own.accessor]);
      return malformed(path, `${path}: an accessor; give a plain value`);
    }
    const given = Object.assign(own.members, named);
    const parsed = safeParse(schema, given);
    if (parsed.success) return { value: withoutPrototypes(parsed.data) };
    const path = firstErrorPath(parsed.error);
    return malformed(path, explainIssue(parsed.error, path, given));
  } catch {
    return malformed("", "the options: cannot be read; give a plain object");
  }
}

// [REJECT invalid_operation] an argument is malformed
const malformed = (path: string, detail: string) => ({
  rejection: rejectOperation("invalid_operation", {
    path: boundedPointer(path),
    detail: boundedDetail(detail),
  }),
});
