/** Makes results: the decision, its reason and its terms (QWG whitepaper, section 4.4). */
import type { QwgDecisionName } from "@dgb-shield/contract";
import type { ReasonId } from "../codes.js";

/** The decision on one transaction. */
export type DecisionResult = Readonly<{
  decision: QwgDecisionName;
  /** One English sentence for people; programs read `reason_id`. */
  reason: string;
  reason_id: ReasonId;
  /** True for `allow` alone. */
  may_broadcast: boolean;
  require_confirmation: boolean;
  require_second_factor: boolean;
  /** Seconds until the transaction can be evaluated again. */
  cooldown_seconds?: number;
  /** Largest amount, in coins, that the ratio limit lets pass; absent where that one is not allowed either. */
  suggested_limit?: string;
  /** JSON Pointer of the first offending field of a malformed context or policy. */
  path?: string;
}>;

/** A decision with the hash of everything that made it. */
export type HashedResult = DecisionResult &
  Readonly<{
    /** SHA-256 over context, policy version and outcome. */
    context_hash: string;
  }>;

type Explanation = Pick<DecisionResult, "reason_id" | "reason">;

const NOT_BROADCAST = {
  may_broadcast: false,
  require_confirmation: false,
  require_second_factor: false,
} as const;

/** Makes a block: no approval waives it. */
export const block = (why: Explanation, offence?: { path: string }): DecisionResult =>
  Object.freeze({ decision: "block", ...why, ...NOT_BROADCAST, ...offence });

/** Makes a delay: it ends when the risk does. */
export const delay = (why: Explanation, cooldown_seconds: number): DecisionResult =>
  Object.freeze({
    decision: "delay",
    reason_id: why.reason_id,
    reason: why.reason,
    may_broadcast: false,
    require_confirmation: false,
    require_second_factor: false,
    cooldown_seconds,
  });

/** Makes a warning: one approval waives it. */
export const warn = (why: Explanation, cooldown_seconds: number): DecisionResult =>
  Object.freeze({ decision: "warn", ...why, ...NOT_BROADCAST, cooldown_seconds });

/** Makes a warning that a smaller amount avoids, too. Written out, as `delay` is: spreading takes longer than the rules. */
export const warnAbove = (
  suggested_limit: string,
  why: Explanation,
  cooldown_seconds: number,
): DecisionResult =>
  Object.freeze({
    decision: "warn",
    reason_id: why.reason_id,
    reason: why.reason,
    may_broadcast: false,
    require_confirmation: false,
    require_second_factor: false,
    cooldown_seconds,
    suggested_limit,
  });

/** Makes a request for strong approvals: they waive it. */
export const requireExtraAuth = (why: Explanation): DecisionResult =>
  Object.freeze({
    decision: "require_extra_auth",
    ...why,
    may_broadcast: false,
    require_confirmation: true,
    require_second_factor: true,
  });

/** Makes an allow: the only result that may be broadcast. */
export const allow = (why: Explanation): DecisionResult =>
  Object.freeze({ decision: "allow", ...why, ...NOT_BROADCAST, may_broadcast: true });
