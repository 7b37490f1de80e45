/** Applies all rules to one request, before anything is written (Wallet Guardian v2, section 4.1). */
import {
  formatAmount,
  type GuardianDecision,
  type GuardianDecisionName,
} from "@dgb-shield/contract";
import { freezeCauseId } from "./freeze-cause-id.js";
import type { GuardianCode } from "../codes.js";
import { knownDestinations } from "./track-destinations.js";
import { defaultDeny } from "./default-deny.js";
import {
  combine,
  type Finding,
  found,
  type RuleResult,
  NO_FINDING,
  worstOf,
} from "../rules/finding.js";
import { endedFreezes } from "./ended-freezes.js";
import type { CompiledPolicy, Limits } from "../policy/compile.js";
import type { FreezeKind, LedgerSnapshot, NewFreeze, ScopeSnapshot } from "../ports.js";
import type { Request } from "../request/read-request.js";
import { evaluateAmountLimits } from "../rules/evaluate-amount-limits.js";
import { evaluateCooldown } from "../rules/evaluate-cooldown.js";
import { evaluateDailyVolume } from "../rules/evaluate-daily-volume.js";
import { evaluateDestinations } from "../rules/evaluate-destinations.js";
import { evaluateFee } from "../rules/evaluate-fee.js";
import { evaluateFreeze } from "../rules/evaluate-freeze.js";
import { evaluateNewDestinations } from "../rules/evaluate-new-destinations.js";
import { evaluatePersistentAttempts, isAttempt } from "../rules/evaluate-persistent-attempts.js";
import { evaluateRisk } from "../rules/evaluate-risk.js";
import { type Scope, scopeKey } from "../scopes.js";
import { includesScope, type Share } from "../request/shares.js";
import { isSpike } from "../rules/request-spike.js";

/** The rules' decision, and what follows from it for the ledger. */
export type RulesResult = Readonly<{
  decision: GuardianDecision;
  /** Freezes that this request causes, new ones or not. */
  freezes: readonly NewFreeze[];
  /** Freezes that have ended. */
  lifts: readonly Readonly<{ scope: Scope; kinds: readonly FreezeKind[] }>[];
  /** Scopes that were not frozen before: earlier attempts belong to an earlier freeze. */
  resetsAttempts: readonly Scope[];
  /** Frozen scopes of which this request was rejected. */
  attempts: readonly Scope[];
  /** Accounts that were not frozen by a limit before. */
  account_freezes: readonly Readonly<{ wallet_id: string; account_id: string }>[];
  /** Whether the wallet has an unusual number of requests. */
  is_spike: boolean;
}>;

/** Why an id is rejected, whatever the limits are. */
export type RejectedId = Readonly<{
  code: "content_changed" | "already_committed" | "in_other_payment" | "claim_unsettled";
  /** Transaction that paid it. */
  txid: string | null;
}>;

/** The input of the rules. */
export type RulesInput = Readonly<{
  compiled: CompiledPolicy;
  request: Request;
  snapshot: LedgerSnapshot;
  /** The true clock, by which an ALLOW is valid; the snapshot's time may be ahead of it by the skew. */
  clockMs: number;
  /** Why the id itself is rejected, if it is: limits are skipped then, risk and freezes are not. */
  rejected: RejectedId | null;
  /** Before this time the payment is not reserved again; 0: at once. */
  waitUntilMs: number;
}>;

/** Applies every rule; the worst finding decides, and all codes are reported. */
export function applyRules(input: RulesInput): RulesResult {
  const lifts = endedFreezes(input.compiled.policy, input.request.risk, input.snapshot);
  const given = { ...input, snapshot: afterLifts(input.snapshot, lifts) };
  const { payment } = given.request;
  const { snapshot } = given;
  const frozen = snapshot.scopes.filter(({ frozen_by }) => frozen_by.length > 0);
  const limits = limitRules(given);
  const first = combine([
    withAccounts(given, [
      ...requestRules(given, frozen.length > 0),
      ...limits.amounts,
      ...limits.windows,
    ]),
    ...limits.cooldowns,
  ]);
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
    freezes: freezesOf(all.findings, payment.payment_id, snapshot.now_ms),
    lifts,
    resetsAttempts: fresh.map(({ scope }) => scope),
    attempts: isAttempt(decision.decision) ? affected.map(({ scope }) => scope) : [],
    account_freezes: newAccounts(given, first.findings),
    is_spike: given.rejected === null && isSpike(given.compiled, snapshot, payment.payouts.length),
  };
}

function requestRules(given: RulesInput, frozen: boolean): RuleResult[] {
  const { compiled, request, rejected } = given;
  const { payment, risk } = request;
  const wallet: Scope = { type: "wallet", id: payment.wallet_id };
  return [
    rejected === null ? NO_FINDING : found({ code: rejected.code, decision: "REJECT" }),
    evaluateDestinations(payment, compiled.destinations),
    evaluateFee(payment, compiled.destinations),
    rejected === null
      ? evaluateNewDestinations(
          knownDestinations(given),
          compiled.destinations,
          given.snapshot.now_ms,
        )
      : NO_FINDING,
    evaluateFreeze(frozen, risk.level, compiled.policy.table),
    evaluateRisk(risk.level, wallet, compiled.policy),
  ];
}

/** Rules of one kind over all scopes. */
type LimitResults = Readonly<Record<"amounts" | "windows" | "cooldowns", readonly RuleResult[]>>;
const NO_RESULTS: LimitResults = Object.freeze({ amounts: [], windows: [], cooldowns: [] });

function limitRules(given: RulesInput): LimitResults {
  if (given.rejected !== null) return NO_RESULTS;
  const { shares } = given.request.payment;
  const results = given.snapshot.scopes.map((state, index) => {
    const share = shares[index];
    const limits = given.compiled.limits[state.scope.type];
    return share === undefined || limits === null
      ? NO_LIMITS
      : scopeRules(given, { state, share, limits });
  });
  return {
    amounts: results.map(({ amount }) => amount),
    windows: results.flatMap(({ windows }) => windows),
    cooldowns: [...results.map(({ cooldown }) => cooldown), lapseRule(given)],
  };
}

const NO_LIMITS = Object.freeze({
  amount: NO_FINDING,
  windows: [] as RuleResult[],
  cooldown: NO_FINDING,
});

type ScopeInput = Readonly<{ state: ScopeSnapshot; share: Share; limits: Limits }>;

function scopeRules(
  { compiled, request, snapshot }: RulesInput,
  { state, share, limits }: ScopeInput,
) {
  const { scope } = state;
  const verdictOn = (code: LimitCode) =>
    contained(compiled, scope, compiled.policy.table[code][request.risk.level]);
  const { maxPerTx, cooldown } = limits;
  return {
    amount:
      maxPerTx === null
        ? NO_FINDING
        : evaluateAmountLimits(share.largest, maxPerTx.units, {
            scope,
            decision: verdictOn("per_tx_limit"),
            id: maxPerTx.id,
          }),
    windows: limits.windows.map((limit, index) => {
      const usage = state.usages[index];
      if (usage === undefined) return unread(limit.code);
      const { payouts } = share;
      const decision = verdictOn(limit.code);
      return evaluateDailyVolume(share.amount, { scope, limit, usage, decision, payouts });
    }),
    cooldown: evaluateCooldown({
      now_ms: snapshot.now_ms,
      last_allow_ms: state.last_allow_ms,
      cooldown_ms: cooldown.ms,
      decision: verdictOn("cooldown_breach"),
      limit: { scope, id: cooldown.id },
    }),
  };
}

type LimitCode = "per_tx_limit" | "daily_limit" | "window_limit" | "cooldown_breach";

/** Turns FREEZE into DELAY for a limit shared by accounts, where the policy freezes accounts. */
const contained = (
  { policy }: CompiledPolicy,
  { type }: Scope,
  decision: GuardianDecisionName,
): GuardianDecisionName =>
  policy.freeze_scope === "account" && type !== "account" && decision === "FREEZE"
    ? "DELAY"
    : decision;

/** Rejects where the ledger left a window unanswered. */
const unread = (code: GuardianCode): RuleResult => found({ code, decision: "REJECT" });

function lapseRule({ snapshot, waitUntilMs }: RulesInput): RuleResult {
  // [DELAY reservation_lapsed] a reservation of this payment was not claimed in time
  return snapshot.now_ms < waitUntilMs
    ? found({ code: "reservation_lapsed", decision: "DELAY", retry_at_ms: waitUntilMs })
    : NO_FINDING;
}

/** Adds the freeze of the wallet where this request freezes one account too many. */
function withAccounts(given: RulesInput, results: readonly RuleResult[]): RuleResult {
  const all = combine(results);
  const { policy } = given.compiled;
  const fresh = newAccounts(given, all.findings);
  const count = given.snapshot.account_freezes + fresh.length;
  if (fresh.length === 0 || count < policy.accounts_frozen.count) return all;
  const scope: Scope = { type: "wallet", id: given.request.payment.wallet_id };
  // [FREEZE accounts_frozen] too many accounts of the wallet were frozen within the policy's time
  const finding = found({
    code: "accounts_frozen",
    decision: "FREEZE",
    breach: { scope, limit: "accounts_frozen" },
    freezes: { scope, kind: "limit" },
  });
  return combine([all, finding]);
}

/** Accounts that a limit freezes now, and that were not frozen before. */
function newAccounts({ compiled, request, snapshot }: RulesInput, findings: readonly Finding[]) {
  if (compiled.policy.freeze_scope !== "account") return [];
  const { wallet_id } = request.payment;
  const ids = findings.flatMap(({ freezes }) =>
    freezes?.scope.type === "account" && isUnfrozen(snapshot, freezes.scope)
      ? [freezes.scope.id]
      : [],
  );
  return [...new Set(ids)].map((account_id) => ({ wallet_id, account_id }));
}

function attemptRule(
  { compiled, request }: RulesInput,
  attempts: number,
  decision: GuardianDecisionName,
): RuleResult {
  const { persistent_attempts, table } = compiled.policy;
  const { count } = persistent_attempts;
  const risk = request.risk.level;
  return evaluatePersistentAttempts({ attempts, count, decision, risk, table });
}

function decisionOf(given: RulesInput, { findings, headroom }: RuleResult): GuardianDecision {
  const { compiled, request, snapshot } = given;
  const decision = worstOf(findings.map((finding) => finding.decision));
  const codes = [...new Set(findings.map(({ code }) => code))];
  const wait = decision === "ALLOW" ? null : waitOf(findings, snapshot.now_ms);
  const freeze = freezeOf(given, findings);
  const breaches = breachesOf(findings);
  const txid = given.rejected?.txid ?? null;
  const allowed = allowedNow(given, { findings, headroom });
  // [ALLOW within_limits] no rule has a finding
  const reason_codes = codes.length === 0 ? ["within_limits"] : codes;
  return {
    ...defaultDeny(compiled, request, snapshot.now_ms),
    decision,
    reason_codes,
    ...(wait === null ? {} : { retry_after_ms: wait }),
    ...(allowed === null ? {} : { allowed_now: formatAmount(allowed) }),
    ...(decision === "ALLOW"
      ? { valid_until_ms: given.clockMs + compiled.policy.allow_valid_seconds * 1_000 }
      : {}),
    ...(breaches.length === 0 ? {} : { breaches }),
    ...(freeze === null ? {} : { freeze }),
    ...(txid === null ? {} : { txid }),
  };
}

/** Largest number of breaches in a decision, so that it fits into a record. */
const MAX_BREACHES = 100;

const breachesOf = (findings: readonly Finding[]) =>
  findings
    .flatMap(({ code, breach }) =>
      breach === undefined ? [] : [{ code, scope: scopeKey(breach.scope), limit: breach.limit }],
    )
    .slice(0, MAX_BREACHES);

/**
 * Largest amount that would pass now; null: nothing bounds it, the id is rejected at any amount, or the amount
 * cannot change alone.
 */
function allowedNow(
  { rejected, request, compiled }: RulesInput,
  { findings, headroom }: RuleResult,
): bigint | null {
  if (rejected !== null || request.payment.payouts.length > 1) return null;
  if (compiled.requires.destinations) return null;
  // A scope that this request freezes lets no amount pass.
  return findings.some(({ freezes }) => freezes !== undefined) ? 0n : headroom;
}

/** Milliseconds until every finding that rejects has passed by itself; null: one never does. */
function waitOf(findings: readonly Finding[], nowMs: number): number | null {
  const rejecting = findings.filter(({ decision }) => decision !== "ALLOW");
  if (rejecting.some((f) => f.retry_at_ms === undefined || f.freezes !== undefined)) return null;
  return Math.max(...rejecting.map(({ retry_at_ms = nowMs }) => retry_at_ms - nowMs));
}

/** Names what the request froze anew; a breach names its cause before risk does, since it lasts longer. */
function freezeOf({ request, snapshot }: RulesInput, findings: readonly Finding[]) {
  const fresh = findings.flatMap(({ freezes }) =>
    freezes !== undefined && !hasKind(snapshot, freezes) ? [freezes] : [],
  );
  const leading = fresh.find(({ kind }) => kind === "limit") ?? fresh[0];
  if (leading === undefined) return null;
  return {
    cause_id: freezeCauseId(leading.kind, request.payment.payment_id),
    scopes: [...new Set(fresh.map(({ scope }) => scopeKey(scope)))],
  };
}

/** One freeze for each scope and kind, whatever number of findings causes it. */
function freezesOf(findings: readonly Finding[], paymentId: string, nowMs: number): NewFreeze[] {
  const freezes = new Map<string, NewFreeze>();
  for (const { code, freezes: caused } of findings) {
    if (caused === undefined) continue;
    const key = `${caused.kind}|${scopeKey(caused.scope)}`;
    if (freezes.has(key)) continue;
    freezes.set(key, {
      ...caused,
      cause_id: freezeCauseId(caused.kind, paymentId),
      frozen_at_ms: nowMs,
      operator: null,
      reason: code,
    });
  }
  return [...freezes.values()];
}

const afterLifts = (snapshot: LedgerSnapshot, lifts: RulesResult["lifts"]): LedgerSnapshot => ({
  ...snapshot,
  scopes: snapshot.scopes.map((state) => {
    const lift = lifts.find(({ scope }) => scopeKey(scope) === scopeKey(state.scope));
    const standing = state.frozen_by.filter(({ kind }) => lift?.kinds.includes(kind) !== true);
    return { ...state, frozen_by: standing };
  }),
});

const isUnfrozen = ({ scopes }: LedgerSnapshot, scope: Scope): boolean =>
  scopes.some((one) => scopeKey(one.scope) === scopeKey(scope) && one.frozen_by.length === 0);

const hasKind = (
  { scopes }: LedgerSnapshot,
  { scope, kind }: Readonly<{ scope: Scope; kind: FreezeKind }>,
): boolean =>
  scopes.some(
    (state) =>
      scopeKey(state.scope) === scopeKey(scope) &&
      state.frozen_by.some((frozen) => frozen.kind === kind),
  );
