/**
 * No more than the limit can be signed in any window (design, section 7: life of a payment). Signers sign at any
 * moment of what was permitted to them, the last one too, and late by what their clocks are wrong.
 *
 * Time is the true one. The guardian's clock is ahead of it by 0 to `aheadMs`, and a signer is late by at most
 * `lateMs`; both together are not more than the policy's skew. Now and then the guardian's clock is hours off, until
 * it is right again or an operator accepts it.
 */
import { formatAmount } from "@dgb-shield/contract";
import { createGuardian, type Guardian, type Ledger } from "../../src/index.js";
import type { SigningHistory, SigningPolicy, SigningStep } from "./history/signing-history.js";

const START_MS = 1_782_664_805_000;
const ORDER = { operator: "op", reason: "r" };

/** When a payment may have been signed: from a moment to before another one, by the true clock. */
type Permission = Readonly<{ fromMs: number; untilMs: number }>;

type Paid = Readonly<{ account: string; units: number }>;

/** What was permitted of one payment. */
type Permitted = { readonly payouts: readonly Paid[]; permissions: Permission[] };

type Play = Readonly<{
  guardian: Guardian;
  history: SigningHistory;
  time: { trueMs: number; offMs: number };
  payments: Map<string, Permitted>;
  delayed: { last: (AskStep & Readonly<{ waitMs: number }>) | null };
}>;

type AskStep = Extract<SigningStep, { do: "ask" }>;

/** What a history came to. */
export type Signed = Readonly<{
  permissions: number;
  payments: number;
  /** Commits of what was never permitted: no fault of the guardian. */
  unpermitted: number;
  /** The worst windows: what can be signed in them, of what may be. */
  breaches: readonly string[];
}>;

/** Plays a history and finds the window in which most can be signed. */
export async function playSigning(history: SigningHistory, ledger: Ledger): Promise<Signed> {
  const time = { trueMs: START_MS, offMs: 0 };
  const guardian = createGuardian({
    policy: policyOf(history.policy),
    ledger,
    clock: () => time.trueMs + time.offMs,
    monotonic: () => time.trueMs - START_MS,
  });
  const play: Play = { guardian, history, time, payments: new Map(), delayed: { last: null } };
  let unpermitted = 0;
  for (const step of history.steps) if (await take(play, step)) unpermitted += 1;
  const permitted = [...play.payments.values()].filter((one) => one.permissions.length > 0);
  return {
    permissions: permitted.reduce((sum, one) => sum + one.permissions.length, 0),
    payments: permitted.length,
    unpermitted,
    breaches: breachesOf(history.policy, permitted),
  };
}

/** Takes one step; true where money moved that was never permitted. */
async function take(play: Play, step: SigningStep): Promise<boolean> {
  const { guardian, time, payments } = play;
  switch (step.do) {
    case "ask":
      await ask(play, step);
      return false;
    case "claim":
      await claim(play, step);
      return false;
    case "commit": {
      const { id, txid } = step;
      const { accepted } = await guardian.commit(id, { txid });
      return accepted && payments.get(id)?.permissions.length === 0;
    }
    case "release":
      await release(play, step);
      return false;
    case "tick":
      time.trueMs += step.ms;
      time.offMs = Math.min(step.offMs, play.history.aheadMs);
      return false;
    case "retry":
      await retry(play, step.offMs);
      return false;
    case "jump":
      time.offMs = step.offMs;
      return false;
    case "acceptClock":
      time.offMs = Math.min(step.offMs, play.history.aheadMs);
      await guardian.acceptClock(ORDER);
      return false;
  }
}

async function claim(
  play: Play,
  { id, signer, inputs }: Pick<Extract<SigningStep, { do: "claim" }>, "id" | "signer" | "inputs">,
): Promise<void> {
  const transaction = inputs === null ? {} : { transaction: { inputs: [...inputs] } };
  const order = { signer_id: signer, ...transaction, risk: "LOW" as const };
  const answer = await play.guardian.claim(id, order);
  if (answer.decision === "ALLOW") permit(play, id, answer.valid_for_ms);
}

async function retry(play: Play, offMs: number): Promise<void> {
  const { last } = play.delayed;
  if (last === null) return;
  const { time, history } = play;
  const nextMs = Math.min(offMs, history.aheadMs);
  time.trueMs += Math.max(0, last.waitMs - (nextMs - time.offMs));
  time.offMs = nextMs;
  await ask(play, last);
  await claim(play, { id: last.id, signer: "s1", inputs: [`${"11".repeat(32)}:0`] });
}

async function ask(play: Play, step: AskStep): Promise<void> {
  const { guardian, history, payments } = play;
  const { id, payouts } = step;
  if (!payments.has(id)) payments.set(id, { payouts, permissions: [] });
  const listed = payouts.map(({ account, units }, index) => ({
    withdrawal_id: `${id}-${index}`,
    account_id: account,
    amount: formatAmount(BigInt(units)),
  }));
  const answer = await guardian.evaluate(
    { payment_id: id, wallet_id: "hot", payouts: listed },
    step.risk,
  );
  const waitMs = answer.retry_after_ms;
  if (waitMs !== undefined) play.delayed.last = { ...step, waitMs };
  if (answer.final && history.policy.claim === "implicit") permit(play, id, answer.valid_for_ms);
}

function permit({ payments, time, history }: Play, id: string, validForMs = 0): void {
  const untilMs = time.trueMs + validForMs + history.lateMs;
  payments.get(id)?.permissions.push({ fromMs: time.trueMs, untilMs });
}

/** Releases with a true statement: where it is accepted, nothing was signed. */
async function release(
  { guardian, payments }: Play,
  { id, signer }: Extract<SigningStep, { do: "release" }>,
): Promise<void> {
  const by = signer === null ? { operator: "op" } : { signer_id: signer };
  const { accepted } = await guardian.release(id, { reason: "r", not_executed: true, ...by });
  const payment = payments.get(id);
  if (accepted && payment !== undefined) payment.permissions = [];
}

/** For every window of every scope the worst case: each payment is signed in it that can be. */
function breachesOf(policy: SigningPolicy, payments: readonly Permitted[]): string[] {
  const accounts = [...new Set(payments.flatMap(({ payouts }) => payouts.map((p) => p.account)))];
  const scopes = [
    ...accounts.map((account) => ({ name: account, limits: policy.account, account })),
    { name: "wallet", limits: policy.wallet, account: null },
    { name: "global", limits: policy.global, account: null },
  ];
  return scopes.flatMap(({ name, limits, account }) => {
    const parts = payments.map(({ payouts, permissions }) => {
      const own = payouts.filter((one) => account === null || one.account === account);
      return {
        permissions,
        units: own.reduce((sum, one) => sum + one.units, 0),
        count: own.length,
      };
    });
    return limits.flatMap((limit) => worstWindows(name, limit, parts));
  });
}

type Part = Readonly<{ permissions: readonly Permission[]; units: number; count: number }>;

function worstWindows(
  name: string,
  { seconds, maxUnits, maxCount }: SigningPolicy["wallet"][number],
  parts: readonly Part[],
): string[] {
  // A window begins with the last moment of a permission: any other one can be moved there and loses nothing.
  const begins = parts.flatMap((part) => part.permissions.map(({ untilMs }) => untilMs - 1));
  return begins.flatMap((begin) => {
    const end = begin + seconds * 1_000;
    const inside = parts.filter(({ permissions }) =>
      permissions.some(({ fromMs, untilMs }) => fromMs < end && untilMs > begin),
    );
    const units = inside.reduce((sum, part) => sum + part.units, 0);
    const count = inside.reduce((sum, part) => sum + part.count, 0);
    return units > (maxUnits ?? Infinity) || count > (maxCount ?? Infinity)
      ? [`${name}: ${units} in ${count} payouts within ${seconds} s`]
      : [];
  });
}

function policyOf(policy: SigningPolicy) {
  const windows = (limits: SigningPolicy["wallet"]) =>
    limits.map(({ seconds, maxUnits, maxCount }) => ({
      seconds,
      max_amount: maxUnits === null ? null : formatAmount(BigInt(maxUnits)),
      max_count: maxCount,
    }));
  return {
    claim: policy.claim,
    // What was only requested counts at MEDIUM, and nothing is frozen, so that histories go on.
    table: { window_limit: { LOW: "DELAY", MEDIUM: "DELAY", HIGH: "REJECT" } } as const,
    allow_valid_seconds: policy.validSeconds,
    max_clock_jump_ms: policy.skewMs,
    windows: windows(policy.wallet),
    limits: {
      account: { windows: windows(policy.account) },
      global: { windows: windows(policy.global) },
    },
  };
}
