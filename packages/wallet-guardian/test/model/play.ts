/** Plays one history on the model and on the engine and compares every answer. */
import { canonicalHash, formatAmount } from "@dgb-shield/contract";
import {
  createGuardian,
  type Finalize,
  type Guardian,
  type GuardianPolicyInput,
  type Ledger,
} from "../../src/index.js";
import type { History, Step } from "./history.js";
import { type Ask, Model, type ModelLimits, type ModelPolicy } from "./model.js";

const START_MS = 1_782_664_805_000;

/** What an answer says, in one form for both. */
type Said = Readonly<Record<string, unknown>>;

/** A history that is being played. */
export type Play = Readonly<{
  model: Model;
  guardian: Guardian;
  time: { wall: number; steady: number };
  causes: Map<string, string>;
}>;

/** A model and an engine, both at the beginning. */
export function begin(history: History, ledger: Ledger): Play {
  const time = { wall: START_MS, steady: 500 };
  const guardian = createGuardian({
    policy: policyInput(history.policy),
    ledger,
    clock: () => time.wall,
    ...(history.hasSteadyClock ? { monotonic: () => time.steady } : {}),
  });
  const model = new Model(history.policy, time, history.hasSteadyClock);
  return { model, guardian, time, causes: new Map() };
}

/** Takes one step on both; the two answers must be equal. */
export async function take(
  play: Play,
  step: Step,
): Promise<Readonly<{ model: Said; engine: Said }>> {
  const { model, guardian, time } = play;
  const order = { operator: "op", reason: "r" };
  switch (step.do) {
    case "ask":
      return { model: expectedBy(model, step.ask), engine: await askEngine(guardian, step.ask) };
    case "commit":
      return settled(
        model.commit(step.id, step.txid),
        guardian.commit(step.id, { txid: step.txid }),
      );
    case "replace":
      return settled(
        model.replace(step.id, step.txid),
        guardian.replace(step.id, { txid: step.txid }),
      );
    case "release":
      return settled(model.release(step.id), guardian.release(step.id, { reason: "r" }));
    case "freeze": {
      const cause = model.freezeScope(step.scope);
      const result = await guardian.freeze(...target(step.scope), order);
      play.causes.set(`operator:${step.scope}`, cause);
      play.causes.set(cause, result.cause_id ?? "");
      return { model: {}, engine: {} };
    }
    case "unfreeze":
      return settled(
        model.unfreezeScope(step.scope),
        guardian.unfreeze(...target(step.scope), order),
      );
    case "lift": {
      const cause = play.causes.get(step.cause) ?? step.cause;
      return settled(
        model.unfreezeCause(cause),
        guardian.unfreeze("cause", causeId(play, cause), order),
      );
    }
    case "tick":
      time.wall += step.wall;
      time.steady += step.steady;
      return { model: {}, engine: {} };
    case "acceptClock":
      model.acceptClock();
      await guardian.acceptClock(order);
      return { model: {}, engine: {} };
  }
}

/** What the engine answers to a question, in the model's words; `units` in place of the question's own. */
export async function askEngine(
  guardian: Guardian,
  ask: Ask,
  units = BigInt(ask.units),
): Promise<Said> {
  const { id, wallet, account, destination } = ask;
  const amount = formatAmount(units);
  const answer = await guardian.evaluate(
    {
      withdrawal_id: id,
      wallet_id: wallet,
      ...(account === null ? {} : { account_id: account }),
      amount,
      ...(destination === null ? {} : { destinations: [{ address: destination, amount }] }),
    },
    ask.risk,
    ask.finalize === "none" ? undefined : { finalize: FINALIZE[ask.finalize] },
  );
  return {
    decision: answer.decision,
    codes: answer.reason_codes.join(" "),
    final: answer.final,
    at: answer.decided_at_ms,
    retryAfter: answer.retry_after_ms,
    allowedNow: answer.allowed_now,
    validUntil: answer.valid_until_ms,
    validFor: answer.valid_for_ms,
    repeated: answer.repeated,
    txid: answer.txid,
    newlyFrozen: answer.freeze?.scopes.join(" "),
  };
}

/** What the model answers to a question. */
function expectedBy(model: Model, ask: Ask): Said {
  const { codes, allowedNow, newlyFrozen, decision, final, at, ...rest } = model.evaluate(ask);
  return {
    decision,
    codes: codes.join(" "),
    final,
    at,
    retryAfter: rest.retryAfter,
    allowedNow: allowedNow === undefined ? undefined : formatAmount(BigInt(allowedNow)),
    validUntil: rest.validUntil,
    validFor: rest.validFor,
    repeated: rest.repeated,
    txid: rest.txid,
    newlyFrozen: newlyFrozen?.join(" "),
  };
}

const FINALIZE: Readonly<Record<"allow" | "refuse" | "throw", Finalize>> = {
  allow: () => ({ allow: true, record: {} }),
  refuse: () => ({ allow: false, record: {} }),
  throw: () => {
    throw new Error("no last word");
  },
};

async function settled(
  model: string,
  engine: ReturnType<Guardian["commit"]>,
): Promise<{ model: Said; engine: Said }> {
  const { accepted, reason_codes } = await engine;
  const said = [accepted ? "accepted" : "refused", ...reason_codes].join(" ");
  return { model: { said: model }, engine: { said } };
}

function target(scope: string): ["account" | "wallet" | "global", string] {
  const [type = "", id = "global"] = scope.split(":");
  return [type as "wallet", id];
}

/** The engine's name of a cause: the formulas of the design, or what an operator's freeze answered. */
function causeId({ causes }: Play, cause: string): string {
  if (cause === "risk") return "risk_high";
  if (cause.startsWith("breach:")) {
    return `breach-${canonicalHash(cause.slice("breach:".length)).slice(0, 32)}`;
  }
  return causes.get(cause) ?? "operator-none";
}

const amount = (units: number | null) => (units === null ? null : formatAmount(BigInt(units)));

const limitsInput = (limits: ModelLimits) => ({
  max_per_tx: amount(limits.maxPerTx),
  max_24h: amount(limits.max24h),
  windows: limits.windows.map(({ seconds, maxAmount, maxCount }) => ({
    seconds,
    max_amount: amount(maxAmount),
    max_count: maxCount,
  })),
  cooldown_seconds: limits.cooldownSeconds,
});

function policyInput(policy: ModelPolicy): GuardianPolicyInput {
  const { account, wallet, global } = policy.further;
  return {
    ...limitsInput(policy.plain),
    limits: {
      account: account && limitsInput(account),
      wallet: wallet && limitsInput(wallet),
      global: global && limitsInput(global),
    },
    high_risk_freeze: policy.highRiskFreeze,
    release_freeze_at_low: policy.releaseFreezeAtLow,
    persistent_attempts: policy.attempts,
    allow_valid_seconds: policy.allowValidSeconds,
    max_clock_jump_ms: policy.maxClockJumpMs,
    allow_destinations: policy.allowDestinations && [...policy.allowDestinations],
    deny_destinations: [...policy.denyDestinations],
    table: policy.table,
  };
}
