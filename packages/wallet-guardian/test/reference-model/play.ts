/** Plays one history on the model and on the engine and compares every answer. */
import { formatAmount } from "@dgb-shield/contract";
import { createGuardian, type Guardian, type Ledger } from "../../src/index.js";
import { ADDRESSES } from "./rules/destinations.js";
import {
  askEngine,
  causeId,
  claimEngine,
  commitEngine,
  placeEngine,
  releaseEngine,
  type Said,
  settled,
  target,
} from "./engine.js";
import type { History, Step } from "./history/index.js";
import { Model } from "./model.js";
import { policyInput } from "./history/policy-input.js";
import type { Ask, SettleExpected } from "./types.js";

const START_MS = 1_782_664_805_000;

/** A history that is being played. */
export type Play = Readonly<{
  model: Model;
  guardians: readonly Guardian[];
  time: { wall: number; steady: number };
  causes: Map<string, string>;
}>;

/** A model and an engine, both at the beginning. */
export function begin(history: History, ledger: Ledger): Play {
  const time = { wall: START_MS, steady: 500 };
  const { policies, hasSteadyClock, hasScripts } = history;
  const guardians = policies.map((policy) =>
    createGuardian({
      policy: policyInput(policy),
      ledger,
      clock: () => time.wall,
      ...(hasSteadyClock ? { monotonic: () => time.steady } : {}),
      ...(hasScripts ? { scriptOf: (address) => ADDRESSES[address]?.script ?? null } : {}),
    }),
  );
  const model = new Model(policies, time, { hasSteadyClock, hasScripts });
  return { model, guardians, time, causes: new Map() };
}

/** A request as it is made now. */
export const askNow = ({ time }: Play, { ask, lowForMs }: Extract<Step, { do: "ask" }>): Ask => ({
  ...ask,
  lowSince: lowForMs === null ? null : time.wall - lowForMs,
});

type Both = Readonly<{ model: Said; engine: Said }>;

const NOTHING: Both = { model: {}, engine: {} };

/** The guardian of a process. */
export function guardianOf({ guardians }: Play, by: number): Guardian {
  const guardian = guardians[by];
  if (guardian === undefined) throw new Error(`no process ${by}`);
  return guardian;
}

/** Takes one step on both; the two answers must be equal. */
export async function take(play: Play, step: Step): Promise<Both> {
  const { model, time } = play;
  switch (step.do) {
    case "ask": {
      const ask = askNow(play, step);
      const engine = await askEngine(guardianOf(play, step.by), ask);
      return { model: expectedBy(model, ask, step.by), engine };
    }
    case "claim": {
      const engine = await claimEngine(guardianOf(play, step.by), step.ask);
      const { codes, ...said } = model.claim(step.ask, step.by);
      return { model: { ...EMPTY_CLAIM, ...said, codes: codes.join(" ") }, engine };
    }
    case "commit":
      return {
        model: told(model.commit(step.ask, step.by)),
        engine: await commitEngine(guardianOf(play, step.by), step.ask),
      };
    case "release":
      return {
        model: told(model.release(step.ask, step.by)),
        engine: await releaseEngine(guardianOf(play, step.by), step.ask),
      };
    case "tick":
      time.wall += step.wall;
      time.steady += step.steady;
      return NOTHING;
    default:
      return order(play, step);
  }
}

const ORDER = { operator: "op", reason: "r" };

type OrderStep = Exclude<
  Step,
  { do: "ask" } | { do: "claim" } | { do: "commit" } | { do: "release" } | { do: "tick" }
>;

/** What operators and customers order. */
async function order(play: Play, step: OrderStep): Promise<Both> {
  const { model, causes } = play;
  const guardian = guardianOf(play, 0);
  switch (step.do) {
    case "register":
      return {
        model: told(model.register(step.ask)),
        engine: await placeEngine(guardian, step.ask, false),
      };
    case "approve":
      return {
        model: told(model.approve(step.ask)),
        engine: await placeEngine(guardian, step.ask, true),
      };
    case "freeze": {
      const cause = model.freezeScope(step.scope);
      const result = await guardian.freeze(...target(step.scope), ORDER);
      causes.set(`operator:${step.scope}`, cause);
      causes.set(cause, result.cause_id ?? "");
      return NOTHING;
    }
    case "unfreeze": {
      const engine = await settled(guardian.unfreeze(...target(step.scope), ORDER));
      return { model: told(model.unfreezeScope(step.scope)), engine };
    }
    case "lift": {
      const cause = causes.get(step.cause) ?? step.cause;
      const engine = await settled(guardian.unfreeze("cause", causeId(causes, cause), ORDER));
      return { model: told(model.unfreezeCause(cause)), engine };
    }
    case "acceptClock":
      model.acceptClock();
      await guardian.acceptClock(ORDER);
      return NOTHING;
  }
}

const EMPTY_CLAIM = {
  until: undefined,
  validFor: undefined,
  retryAfter: undefined,
  repeated: undefined,
};

const told = ({ accepted, codes, retryAfter, repeated }: SettleExpected): Said => ({
  accepted,
  codes: codes.join(" "),
  retryAfter,
  repeated,
});

/** What the model answers to a question. */
function expectedBy(model: Model, ask: Ask, by: number): Said {
  const { codes, allowedNow, newlyFrozen, breaches, decision, final, at, ...rest } = model.evaluate(
    ask,
    by,
  );
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
    breaches: breaches?.join("; "),
  };
}
