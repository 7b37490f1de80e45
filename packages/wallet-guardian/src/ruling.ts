/** All rules on one request: the Guardian's ruling before anything is written (Wallet Guardian v2, section 4.1). */
import {
  formatAmount,
  type GuardianDecision,
  type GuardianDecisionName,
} from "@dgb-shield/contract";
import { causeOf } from "./causes.js";
import type { GuardianCode } from "./codes.js";
import { draftDecision } from "./draft.js";
import { combine, type Finding, found, type RuleResult, SILENT, worstOf } from "./finding.js";
import type { CompiledPolicy } from "./limits.js";
import type { FreezeKind, LedgerSnapshot, ScopeSnapshot, StoredFreeze } from "./ports.js";
import { evaluateAmountLimits } from "./rules/evaluate-amount-limits.js";
import { evaluateCooldown } from "./rules/evaluate-cooldown.js";
import { evaluateDailyVolume } from "./rules/evaluate-daily-volume.js";
import { evaluateDestinations } from "./rules/evaluate-destinations.js";
import { evaluateFreeze } from "./rules/evaluate-freeze.js";
import { evaluatePersistentAttempts, isAttempt } from "./rules/evaluate-persistent-attempts.js";
import { evaluateRisk } from "./rules/evaluate-risk.js";
import { type Scope, scopeKey } from "./scopes.js";
import { isSpike } from "./spike.js";
import type { Request } from "./withdrawal.js";

/** What the rules say, and what follows from it for the ledger. */
export type Ruling = Readonly<{
  decision: GuardianDecision;
  /** Freezes that this request causes, new ones or not. */
  freezes: readonly StoredFreeze[];
  /** Freezes that LOW lifts. */
  lifts: readonly Readonly<{ scope: Scope; kinds: readonly FreezeKind[] }>[];
  /** Scopes that were not frozen before: earlier attempts belong to an earlier freeze. */
  new_series: readonly Scope[];
  /** Frozen scopes of which this request was refused. */
  attempts: readonly Scope[];
  /** Whether the wallet is asked unusually often. */
  is_spike: boolean;
}>;

/** Why an id is refused, whatever the limits say. */
export type RefusedId = Readonly<{
  code: "content_changed" | "already_committed";
  /** Transaction that paid it. */
  txid: string | null;
}>;

/** What a request is ruled on. */
export type Case = Readonly<{
  compiled: CompiledPolicy;
  request: Request;
  snapshot: LedgerSnapshot;
  /** The true clock, by which an ALLOW is valid; the snapshot's time may be ahead of it by the skew. */
  clockMs: number;
  /** Why the id itself is refused, if it is: then no limit is asked, but risk and freezes are. */
  refused: RefusedId | null;
}>;

const LIFTED_AT_LOW = { risk: ["risk"], all: ["risk", "limit"], none: [] } as const;

/** Applies every rule; the worst finding decides, and all codes are reported. */
export function rule(asked: Case): Ruling {
  const lifts = liftsAtLow(asked);
  const given = { ...asked, snapshot: afterLifts(asked.snapshot, lifts) };
  const { request, snapshot } = given;
  const frozen = snapshot.scopes.filter(({ frozen_by }) => frozen_by.length > 0);
  const first = combine([...requestRules(given, frozen.length > 0), ...limitRules(given)]);
  const verdict = worstOf(first.findings.map(({ decision }) => decision));
  const newlyFrozen = first.findings.flatMap(({ freezes }) => (freezes ? [freezes.scope] : []));
  const affected = snapshot.scopes.filter(
    (scope) => frozen.includes(scope) || includesScope(newlyFrozen, scope.scope),
  );
  const fresh = affected.filter((scope) => !frozen.includes(scope));
  const attempts = affected.map((scope) =>
    attemptRule(given, fresh.includes(scope) ? 0 : scope.attempts, verdict),
  );
  const all = combine([first, ...attempts]);
  const decision = decisionOf(given, all);
  return {
    decision,
    freezes: freezesOf(all.findings, request, snapshot.now_ms),
    lifts,
    new_series: fresh.map(({ scope }) => scope),
    attempts: isAttempt(decision.decision) ? affected.map(({ scope }) => scope) : [],
    is_spike: given.refused === null && isSpike(given.compiled, snapshot),
  };
}

function requestRules({ compiled, request, refused }: Case, frozen: boolean): RuleResult[] {
  const { withdrawal, risk } = request;
  const wallet: Scope = { type: "wallet", id: withdrawal.wallet_id };
  return [
    // [REJECT] the id was paid, or stands for something else
    refused === null ? SILENT : found({ code: refused.code, decision: "REJECT" }),
    evaluateDestinations(withdrawal, compiled),
    evaluateFreeze(frozen, risk, compiled.policy.table),
    evaluateRisk(risk, wallet, compiled.policy),
  ];
}

function limitRules(given: Case): RuleResult[] {
  if (given.refused !== null) return [];
  const results = given.snapshot.scopes.map((scope) => scopeRules(given, scope));
  return [
    ...results.map(({ amount }) => amount),
    ...results.flatMap(({ windows }) => windows),
    ...results.map(({ cooldown }) => cooldown),
  ];
}

function scopeRules({ compiled, request, snapshot }: Case, state: ScopeSnapshot) {
  const limits = compiled.limits[state.scope.type];
  if (limits === null) return { amount: SILENT, windows: [], cooldown: SILENT };
  const { table } = compiled.policy;
  const { withdrawal, risk } = request;
  const { scope } = state;
  return {
    amount: evaluateAmountLimits(withdrawal.amount, limits.maxPerTx, {
      scope,
      decision: table.per_tx_limit[risk],
    }),
    windows: limits.windows.map((limit, index) => {
      const usage = state.usages[index];
      if (usage === undefined) return unread(limit.code);
      return evaluateDailyVolume(withdrawal.amount, {
        scope,
        limit,
        usage,
        decision: table[limit.code][risk],
      });
    }),
    cooldown: evaluateCooldown({
      now_ms: snapshot.now_ms,
      last_allow_ms: state.last_allow_ms,
      cooldown_ms: limits.cooldownMs,
      decision: table.cooldown_breach[risk],
    }),
  };
}

/** A ledger that left a window unanswered is not trusted. */
const unread = (code: GuardianCode): RuleResult => found({ code, decision: "REJECT" });

function attemptRule(
  { compiled, request }: Case,
  attempts: number,
  decision: GuardianDecisionName,
): RuleResult {
  const { persistent_attempts, table } = compiled.policy;
  const { count } = persistent_attempts;
  return evaluatePersistentAttempts({ attempts, count, decision, risk: request.risk, table });
}

function decisionOf(given: Case, { findings, room }: RuleResult): GuardianDecision {
  const { compiled, request, snapshot } = given;
  const decision = worstOf(findings.map((finding) => finding.decision));
  const codes = [...new Set(findings.map(({ code }) => code))];
  const wait = decision === "ALLOW" ? null : waitOf(findings, snapshot.now_ms);
  const freeze = freezeOf(given, findings);
  const txid = given.refused?.txid ?? null;
  const allowed = allowedNow(given, { findings, room });
  return {
    ...draftDecision(compiled, request, snapshot.now_ms),
    decision,
    reason_codes: codes.length === 0 ? ["within_limits"] : codes,
    ...(wait === null ? {} : { retry_after_ms: wait }),
    ...(allowed === null ? {} : { allowed_now: formatAmount(allowed) }),
    ...(decision === "ALLOW"
      ? { valid_until_ms: given.clockMs + compiled.policy.allow_valid_seconds * 1_000 }
      : {}),
    ...(freeze === null ? {} : { freeze }),
    ...(txid === null ? {} : { txid }),
  };
}

/** Largest amount that would pass now; null: nothing bounds it, or the id is refused at any amount. */
function allowedNow({ refused }: Case, { findings, room }: RuleResult): bigint | null {
  if (refused !== null) return null;
  // What this request has just frozen lets nothing pass, however small.
  return findings.some(({ freezes }) => freezes !== undefined) ? 0n : room;
}

/** Milliseconds until every finding that refuses has passed by itself; null: one never does. */
function waitOf(findings: readonly Finding[], nowMs: number): number | null {
  const refusing = findings.filter(({ decision }) => decision !== "ALLOW");
  if (refusing.some((f) => f.retry_at_ms === undefined || f.freezes !== undefined)) return null;
  return Math.max(...refusing.map(({ retry_at_ms = nowMs }) => retry_at_ms - nowMs));
}

/** What the request froze anew; a breach names its cause before risk does, since it lasts longer. */
function freezeOf({ request, snapshot }: Case, findings: readonly Finding[]) {
  const fresh = findings.flatMap(({ freezes }) =>
    freezes !== undefined && !hasKind(snapshot, freezes) ? [freezes] : [],
  );
  const leading = fresh.find(({ kind }) => kind === "limit") ?? fresh[0];
  if (leading === undefined) return null;
  return {
    cause_id: causeOf(leading.kind, request.withdrawal.withdrawal_id),
    scopes: [...new Set(fresh.map(({ scope }) => scopeKey(scope)))],
  };
}

function freezesOf(
  findings: readonly Finding[],
  { withdrawal }: Request,
  nowMs: number,
): StoredFreeze[] {
  return findings.flatMap(({ code, freezes }) =>
    freezes === undefined
      ? []
      : [
          {
            ...freezes,
            cause_id: causeOf(freezes.kind, withdrawal.withdrawal_id),
            frozen_at_ms: nowMs,
            operator: null,
            reason: code,
          },
        ],
  );
}

function liftsAtLow({ compiled, request, snapshot }: Case): Ruling["lifts"] {
  if (request.risk !== "LOW") return [];
  const lifted: readonly FreezeKind[] = LIFTED_AT_LOW[compiled.policy.release_freeze_at_low];
  return snapshot.scopes.flatMap(({ scope, frozen_by }) => {
    const kinds = frozen_by.filter((kind) => lifted.includes(kind));
    return kinds.length === 0 ? [] : [{ scope, kinds }];
  });
}

const afterLifts = (snapshot: LedgerSnapshot, lifts: Ruling["lifts"]): LedgerSnapshot => ({
  ...snapshot,
  scopes: snapshot.scopes.map((state) => {
    const lift = lifts.find(({ scope }) => scopeKey(scope) === scopeKey(state.scope));
    const standing = state.frozen_by.filter((kind) => lift?.kinds.includes(kind) !== true);
    return { ...state, frozen_by: standing };
  }),
});

const includesScope = (scopes: readonly Scope[], scope: Scope): boolean =>
  scopes.some((other) => scopeKey(other) === scopeKey(scope));

const hasKind = (
  { scopes }: LedgerSnapshot,
  { scope, kind }: Readonly<{ scope: Scope; kind: FreezeKind }>,
): boolean =>
  scopes.some((s) => scopeKey(s.scope) === scopeKey(scope) && s.frozen_by.includes(kind));
