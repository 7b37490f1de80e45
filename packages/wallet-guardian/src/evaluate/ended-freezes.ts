/** Ends automatic freezes: after risk has been LOW for long enough, or after their time (Wallet Guardian v2, section 3.4). */
import type { GuardianPolicy } from "../policy/policy.js";
import type { FreezeKind, FrozenBy, LedgerSnapshot } from "../ports.js";
import type { Risk } from "../request/read-request.js";
import type { Scope } from "../scopes.js";

const ENDED_AT_LOW = { risk: ["risk"], all: ["risk", "limit"], none: [] } as const;

/** Lists the automatic freezes of a request's scopes that have ended. */
export function endedFreezes(
  policy: GuardianPolicy,
  risk: Risk,
  { now_ms, scopes }: Pick<LedgerSnapshot, "now_ms" | "scopes">,
): Readonly<{ scope: Scope; kinds: readonly FreezeKind[] }>[] {
  const has = (frozen: FrozenBy) =>
    endedAtLow(policy, frozen, { risk, now_ms }) || endedByTime(policy, frozen, now_ms);
  return scopes.flatMap(({ scope, frozen_by }) => {
    const kinds = frozen_by.filter(has).map(({ kind }) => kind);
    return kinds.length === 0 ? [] : [{ scope, kinds }];
  });
}

/** Risk has been LOW since after the freeze, and for as long as the policy requires. */
function endedAtLow(
  { release_freeze_at_low, lift_after_low_seconds }: GuardianPolicy,
  { kind, last_at_ms }: FrozenBy,
  { risk, now_ms }: Readonly<{ risk: Risk; now_ms: number }>,
): boolean {
  const { level, low_since_ms } = risk;
  const kinds: readonly FreezeKind[] = ENDED_AT_LOW[release_freeze_at_low];
  return (
    level === "LOW" &&
    kinds.includes(kind) &&
    low_since_ms !== null &&
    low_since_ms > last_at_ms &&
    now_ms - low_since_ms >= lift_after_low_seconds * 1_000
  );
}

const endedByTime = (
  { freeze_seconds }: GuardianPolicy,
  { kind, last_at_ms }: FrozenBy,
  nowMs: number,
): boolean =>
  freeze_seconds !== null && kind !== "operator" && nowMs - last_at_ms >= freeze_seconds * 1_000;

/** Checks whether any scope is frozen by what has not ended by its time. */
export const isFrozen = (
  policy: GuardianPolicy,
  { now_ms, scopes }: Pick<LedgerSnapshot, "now_ms" | "scopes">,
): boolean =>
  scopes.some(({ frozen_by }) => frozen_by.some((one) => !endedByTime(policy, one, now_ms)));
