/** Finds what would be allowed: the largest amount now, and for this amount when or by whom (design, section 8). */
import { formatAmount, shareOf } from "@dgb-shield/contract";
import {
  ANY_APPROVAL,
  type ApprovalsNeeded,
  standingApprovals,
  STRONG_METHODS,
} from "../evaluate/approvals.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { DecisionResult } from "../evaluate/decisions.js";
import { decideUnder, evaluateTransaction } from "../evaluate/index.js";
import { ruleInputOf } from "../rules/rule-input.js";
import { bare } from "../internal/bare.js";
import { frozen } from "../internal/frozen.js";
import { plainContext, type ValidatedContext } from "../evaluate/validated-context.js";
import { readContext } from "../evaluate/parsed-context.js";
import { readPolicy } from "../policy/index.js";
import { HIGH, RANK, rankOfAdvisory } from "../policy/level-order.js";
import type { Approval, ApprovalMethod, RiskContext } from "../evaluate/risk-context.js";
import { FULL_BALANCE } from "../rules/block-balance-wipe.js";

const SECONDS_OF_DAY = 86_400;

/** Approvals that are still missing. */
export type MissingApprovals = Readonly<{
  /** Further people, none of those in `standing`. */
  people: number;
  methods: readonly ApprovalMethod[];
  /** What each must bind to; null: the context must have it first (`approvalBinding`). */
  binds: string | null;
  /** The approvals that count already, one for each person. */
  standing: readonly Approval[];
}>;

/** A way for the amount as it is: `{...context, ...change, approvals: [...standing, ...further]}` is allowed. */
export type Way = Readonly<{
  /** Seconds until the transaction can be allowed; 0: now. */
  after_seconds: number;
  /** What the context must have then: this is the worst that passes. */
  change: Partial<RiskContext>;
  /** Absent where no further approval is needed. */
  approvals?: MissingApprovals;
}>;

/** What would be allowed. */
export type Counterfactual = Readonly<{
  /** The decision as it is. */
  result: DecisionResult;
  /**
   * Largest amount, in coins, that is allowed now, everything else being as it is; null: none is. Approvals
   * bind to one amount, so that they count for the requested amount and for no other.
   */
  largest_amount: string | null;
  /** Ways for the requested amount, soonest first; none where it is allowed, and under rules 0, 1 and 3. */
  ways: readonly Way[];
}>;

/**
 * Finds what would have to be different for an ALLOW. Feeding an answer back gives ALLOW; one base unit more, one day
 * less, one person less, one level worse does not. Total and pure.
 *
 * @param context as `evaluateTransaction` takes it
 * @param policy as `evaluateTransaction` takes it
 * @returns the decision, the largest amount in coins, and ways for the requested amount, deeply frozen
 * @example counterfactual({ ...context, tx_amount: "600", wallet_balance: "1000" }).largest_amount // "500"
 */
export function counterfactual(context: unknown, policy?: unknown): Counterfactual {
  const read = readContext(context);
  const limits = readPolicy(policy);
  if (!read.ok || !limits.ok) {
    return frozen({ result: evaluateTransaction(context, policy), largest_amount: null, ways: [] });
  }
  const result = decideUnder(read.value, limits.value);
  const state = withoutFutureApprovals(plainContext(read.value.fields));
  const ways = result.decision === "allow" ? [] : waysFrom(state, limits.value);
  return frozen({
    result,
    largest_amount: largestAmount(read.value, limits.value, result),
    ways: ways.sort((a, b) => a.after_seconds - b.after_seconds),
  });
}

function largestAmount(
  context: ValidatedContext,
  limits: CompiledPolicy,
  { decision }: DecisionResult,
): string | null {
  const units = largestUnits(context, limits);
  const requested = BigInt(context.amount);
  if (decision === "allow" && requested >= units) return formatAmount(requested);
  const tx_amount = formatAmount(units);
  const unapproved = bare(plainContext(context.fields), { tx_amount, approvals: [] });
  const isAllowed = evaluateTransaction(unapproved, limits.policy).decision === "allow";
  return isAllowed ? tx_amount : decision === "allow" ? formatAmount(requested) : null;
}

/** Finds the largest amount, in base units, that the rules about amounts let pass without approvals. */
function largestUnits(context: ValidatedContext, limits: CompiledPolicy): bigint {
  const balance = BigInt(context.balance);
  const isHigh = ruleInputOf(context, limits).rank >= HIGH;
  const bounds = [
    balance,
    shareOf((isHigh ? limits.ratioHigh : limits.ratioNormal).exact, balance),
    BigInt(limits.extraAuth) - 1n,
    ...(limits.policy.block_full_balance_tx ? [belowFull(balance)] : []),
  ];
  return bounds.reduce((least, bound) => (bound < least ? bound : least));
}

/** The largest whole number of units below 99 % of the balance. */
function belowFull(balance: bigint): bigint {
  const { coefficient, scale } = FULL_BALANCE.exact;
  return (coefficient * balance - 1n) / 10n ** BigInt(scale);
}

type State = Readonly<{
  /** Without a prototype, so that an absent field is absent. */
  context: RiskContext;
  change: Partial<RiskContext>;
  after_seconds: number;
}>;

/** Drops approvals from the future: they do not count, and no way waits for them. */
function withoutFutureApprovals(context: RiskContext): State {
  const { approvals = [], created_at = Infinity } = context;
  const given = approvals.filter((approval) => approval.approved_at_ms <= created_at);
  const change = given.length < approvals.length ? { approvals: given } : {};
  return { context: bare(context, change), change, after_seconds: 0 };
}

/** Finds the ways from a state; each step evaluates again, so that several rules can be met one after another. */
function waysFrom(state: State, limits: CompiledPolicy): Way[] {
  const result = evaluateTransaction(state.context, limits.policy);
  switch (result.reason_id) {
    case "QWG_ALLOW":
      return [{ after_seconds: state.after_seconds, change: state.change }];
    case "QWG_POLICY_MAX_RISK_EXCEEDED":
    case "QWG_GUARDIAN_DELAY":
      return waitForCalm(state, limits);
    case "QWG_EXTRA_AUTH_THRESHOLD":
      return approve(state, limits, {
        people: limits.policy.required_approvals,
        methods: STRONG_METHODS,
      });
    case "QWG_RATIO_HIGH_RISK":
    case "QWG_RATIO_NORMAL":
    case "QWG_BEHAVIOUR_OR_DEVICE":
      return approve(state, limits, ANY_APPROVAL);
    case "QWG_NEW_ADDRESS":
      return [...approve(state, limits, ANY_APPROVAL), ...waitForAge(state, limits)];
    case "QWG_ERROR_INVALID_CONTEXT":
    case "QWG_ERROR_INVALID_POLICY":
    case "QWG_CRITICAL_CHAIN_OR_NODE_RISK":
    case "QWG_GUARDIAN_BLOCK":
    case "QWG_AMOUNT_EXCEEDS_BALANCE":
    case "QWG_FULL_BALANCE_WIPE":
      return [];
  }
}

function approve(state: State, { policy }: CompiledPolicy, needed: ApprovalsNeeded): Way[] {
  const { context, change, after_seconds } = state;
  const { approval_valid_seconds: valid } = policy;
  // Without the time of the context no approval can be shown to be valid still.
  if (valid > 0 && context.created_at === undefined) return [];
  const standing = standingApprovals(context, needed.methods, valid);
  const people = needed.people - standing.length;
  const { methods } = needed;
  const approvals = { people, methods, binds: context.binds ?? null, standing };
  return [{ after_seconds, change, approvals }];
}

/** Waits for the cooldown, for levels that the policy allows, and for Guardian's ALLOW. */
function waitForCalm(state: State, limits: CompiledPolicy): Way[] {
  const change = calmerEvidence(state.context, limits);
  const wait = limits.policy.cooldown_seconds_delay;
  return change === undefined ? [] : waysFrom(later(state, wait, change), limits);
}

function calmerEvidence(
  context: RiskContext,
  { maxRank, policy, scoreAboveMax }: CompiledPolicy,
): Partial<RiskContext> | undefined {
  const { max_allowed_risk } = policy;
  if (scoreAboveMax === 0) return undefined;
  const isAdvisoryAbove = rankOfAdvisory(context.dqs_advisory) > maxRank;
  return {
    ...(RANK[context.sentinel_level] > maxRank && { sentinel_level: max_allowed_risk }),
    ...(RANK[context.adn_level] > maxRank && { adn_level: max_allowed_risk }),
    ...(context.dqs_network_score >= scoreAboveMax && {
      dqs_network_score: nextBelow(scoreAboveMax),
    }),
    ...(isAdvisoryAbove && { dqs_advisory: maxRank === RANK.normal ? "NORMAL" : "CRITICAL_LOCAL" }),
    ...(context.guardian_decision === "DELAY" && { guardian_decision: "ALLOW" }),
  };
}

/** Waits until a destination of known age is old enough. */
function waitForAge(state: State, limits: CompiledPolicy): Way[] {
  const age = state.context.address_age_days ?? null;
  if (age === null) return [];
  const { min_address_age_days: address_age_days } = limits.policy;
  // A cooldown on the way is far shorter than a day, and runs meanwhile.
  const wait = (address_age_days - age) * SECONDS_OF_DAY - state.after_seconds;
  return waysFrom(later(state, Math.max(0, wait), { address_age_days }), limits);
}

function later(state: State, seconds: number, change: Partial<RiskContext>): State {
  const { created_at } = state.context;
  const moved = {
    ...change,
    ...(created_at !== undefined && { created_at: created_at + seconds * 1_000 }),
  };
  return {
    context: bare(state.context, moved),
    change: { ...state.change, ...moved },
    after_seconds: state.after_seconds + seconds,
  };
}

/** The largest double below a positive one. */
function nextBelow(value: number): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0] = (bits[0] ?? 0n) - 1n;
  return new Float64Array(bits.buffer)[0] ?? 0;
}
