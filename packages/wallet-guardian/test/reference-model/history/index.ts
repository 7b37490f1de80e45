/** Random histories for the model and the engine: small numbers, so that everything meets. */
import fc from "fast-check";
import { areRequired } from "../rules/destinations.js";
import {
  type AskStep,
  askOf,
  by,
  habits,
  type Habits,
  IDS,
  of,
  one,
  PLACES,
  type RawAsk,
  rawAsk,
  risk,
} from "./request.js";
import { maybe, policies } from "./policy.js";
import type { PlaceAsk } from "../model.js";
import type { CommitAsk, ReleaseAsk } from "../rules/settle.js";
import { type ClaimAsk, type ModelPolicy, RISKS } from "../types.js";

/** One step of a history; `by` is the process that takes it. */
export type Step =
  | AskStep
  | Readonly<{ do: "claim"; by: number; ask: ClaimAsk }>
  | Readonly<{ do: "commit"; by: number; ask: CommitAsk }>
  | Readonly<{ do: "release"; by: number; ask: ReleaseAsk }>
  | Readonly<{ do: "register" | "approve"; ask: PlaceAsk }>
  | Readonly<{ do: "freeze" | "unfreeze"; scope: string }>
  | Readonly<{ do: "lift"; cause: string }>
  | Readonly<{ do: "tick"; wall: number; steady: number }>
  | Readonly<{ do: "acceptClock" }>;

/** Policies of the processes on one ledger, and what happens. */
export type History = Readonly<{
  policies: readonly ModelPolicy[];
  hasSteadyClock: boolean;
  hasScripts: boolean;
  steps: readonly Step[];
}>;

const SCOPES = ["account:x", "account:y", "wallet:hot", "wallet:cold", "global"];
const SIGNERS = ["s1", "s2"];
const INPUTS = [`${"11".repeat(32)}:0`, `${"22".repeat(32)}:1`, `${"33".repeat(32)}:2`];
const TXIDS = ["aa".repeat(32), "bb".repeat(32), "cc".repeat(32)];
const DAY_MS = 86_400_000;

const settled = of(...IDS, ...IDS, "p", "p", "q", "r", "s", "z");
const inputs = maybe(fc.subarray(INPUTS, { minLength: 1 }), 3);

const span = of(0, 1, 999, 1_000, 2_000, 4_999, 5_000, 5_001, 6_000, 30_000, 60_000, DAY_MS);
const tick = fc
  .record({
    by: span,
    how: fc.oneof(
      { weight: 12, arbitrary: of("both" as const) },
      { weight: 1, arbitrary: of("wall" as const, "back" as const) },
    ),
  })
  .map(({ by: ms, how }): Step => {
    if (how === "both") return { do: "tick", wall: ms, steady: ms };
    return { do: "tick", wall: how === "back" ? -ms : ms, steady: 0 };
  });

const cause = fc.oneof(
  of("risk"),
  of(...IDS, "p", "q").map((name) => `breach:${name}`),
  of(...SCOPES).map((scope) => `operator:${scope}`),
);
const claimAsk: fc.Arbitrary<ClaimAsk> = fc.record({
  id: settled,
  signer: of("s1", "s1", "s1", "s2"),
  inputs,
  risk,
  finalize: of(...(["none", "none", "none", "none", "allow", "refuse", "throw"] as const)),
});
const commitAsk: fc.Arbitrary<CommitAsk> = fc.record({
  id: settled,
  txid: of(...TXIDS),
  fee: maybe(of(0, 1, 2, 5), 1),
  inputs,
});
const releaseAsk: fc.Arbitrary<ReleaseAsk> = fc.record({
  id: settled,
  isOperator: fc.boolean(),
  signer: maybe(of(...SIGNERS), 1),
  isNotExecuted: one(4).map((isNot) => !isNot),
});
const place: fc.Arbitrary<PlaceAsk> = fc.record({
  owner: of("account:x", "account:y", "wallet:hot", "wallet:cold"),
  address: of(...PLACES),
});

type Raw = Readonly<{ do: "raw"; raw: RawAsk }> | Step;
const step: fc.Arbitrary<Raw> = fc.oneof(
  { weight: 24, arbitrary: rawAsk.map((raw): Raw => ({ do: "raw", raw })) },
  { weight: 10, arbitrary: tick },
  { weight: 8, arbitrary: fc.record({ do: of("claim" as const), by, ask: claimAsk }) },
  { weight: 5, arbitrary: fc.record({ do: of("commit" as const), by, ask: commitAsk }) },
  { weight: 4, arbitrary: fc.record({ do: of("release" as const), by, ask: releaseAsk }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: of("register" as const, "approve" as const), ask: place }),
  },
  { weight: 1, arbitrary: fc.record({ do: of("freeze" as const), scope: of(...SCOPES) }) },
  { weight: 2, arbitrary: fc.record({ do: of("unfreeze" as const), scope: of(...SCOPES) }) },
  { weight: 1, arbitrary: fc.record({ do: of("lift" as const), cause }) },
  { weight: 2, arbitrary: of({ do: "acceptClock" } as const) },
);

const drawn = fc.record({
  policy: policies,
  hasSteadyClock: fc.boolean(),
  hasScripts: fc.boolean(),
  habit: habits,
  hasSecond: one(5),
  steps: fc.array(step, { minLength: 4, maxLength: 28, size: "max" }),
  last: rawAsk,
});

/** Callers mostly write what the policy requires. */
const writtenFor = (policy: ModelPolicy, { isCareless, ...habit }: Habits): Habits => ({
  isCareless,
  givesFees:
    habit.givesFees ||
    (!isCareless &&
      (policy.destinations.maxFee !== null || policy.destinations.maxFeeRatio1e8 !== null)),
  namesPlaces: habit.namesPlaces || (!isCareless && areRequired(policy)),
});

/** Most of what is settled or claimed is one of the payments that were requested last. */
function onKnownPayments(steps: readonly Step[]): Step[] {
  const asked: string[] = [];
  return steps.map((one, index): Step => {
    if (one.do === "ask") asked.push(one.ask.id);
    if (one.do !== "claim" && one.do !== "commit" && one.do !== "release") return one;
    const known = asked.at(-1 - ((index * 7) % 3)) ?? asked.at(-1);
    return index % 5 === 0 || known === undefined
      ? one
      : ({ ...one, ask: { ...one.ask, id: known } } as Step);
  });
}

/** A history, ending with a question whose hints can be tried out. */
export const histories: fc.Arbitrary<History> = drawn.map((raw) => {
  const { policy, hasScripts, habit, hasSecond, steps, last } = raw;
  const written = writtenFor(policy, habit);
  const asked = steps.map((one): Step => (one.do === "raw" ? askOf(one.raw, written) : one));
  const all = onKnownPayments([...asked, { ...askOf(last, written), by: 0 }]);
  // A second process has a policy of its own; how it reads an accepted clock is another test's.
  const second = { ...policy, attempts: { ...policy.attempts, count: policy.attempts.count + 1 } };
  return hasSecond
    ? {
        policies: [policy, second],
        hasSteadyClock: false,
        hasScripts,
        steps: all.filter((one) => one.do !== "acceptClock"),
      }
    : {
        policies: [policy],
        hasSteadyClock: raw.hasSteadyClock,
        hasScripts,
        steps: all.map((one) => ("by" in one ? { ...one, by: 0 } : one)),
      };
});

export const KNOWN_RISKS: readonly string[] = RISKS;
