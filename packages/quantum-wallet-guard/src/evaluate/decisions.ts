/** What the guard answers: the decision and what would lift it (QWG whitepaper, section 4.4). */
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
  /** Seconds before it is worth asking again. */
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

const REFUSED = {
  may_broadcast: false,
  require_confirmation: false,
  require_second_factor: false,
} as const;

/** A refusal that no approval lifts. */
export const block = (why: Explanation, offence?: { path: string }): DecisionResult =>
  Object.freeze({ decision: "block", ...why, ...REFUSED, ...offence });

/** A refusal for the time being. */
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

/** A refusal that one approval lifts. */
export const warn = (why: Explanation, cooldown_seconds: number): DecisionResult =>
  Object.freeze({ decision: "warn", ...why, ...REFUSED, cooldown_seconds });

/** A refusal that one approval or a smaller amount lifts. Written out, as `delay` is: spreading takes longer than the rules. */
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

/** A refusal that strong approvals lift. */
export const requireExtraAuth = (why: Explanation): DecisionResult =>
  Object.freeze({
    decision: "require_extra_auth",
    ...why,
    may_broadcast: false,
    require_confirmation: true,
    require_second_factor: true,
  });

/** The only answer that may be broadcast. */
export const allow = (why: Explanation): DecisionResult =>
  Object.freeze({ decision: "allow", ...why, ...REFUSED, may_broadcast: true });
