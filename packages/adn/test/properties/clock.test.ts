/** The same calls with some readings of the clock wrong: nothing is lost, and no state is milder (design, section 3). */
import {
  DEFAULT_MAX_CLOCK_SKEW_MS,
  type DefenseState,
  LOCKDOWNS,
  type TimeReading,
} from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import type { DefenseNode } from "../../src/index.js";
import { event, node, T } from "../support/events.js";

const HOLD_MS = 300_000;
const HOUR_MS = 3_600_000;
const AT_MOST_MS = 400 * 24 * HOUR_MS;

type Alarm = Readonly<{ kind: "alarm"; id: string; severity: number; life_ms: number | null }>;
type Order = Readonly<{ kind: "order"; lockdown: string; for_ms: number }>;
type Act = Alarm | Order | Readonly<{ kind: "look" | "nothing" | "accept" | "release" }>;
/** What the wall clock shows: so much beside the truth, or no time at all. */
type Fault = Readonly<{ off_ms: number } | { shows: number }>;
type Step = Readonly<{ act: Act; wait_ms: number; fault: Fault | null }>;

const alarm: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant("alarm" as const),
  id: fc.constantFrom("a", "b", "c"),
  severity: fc.constantFrom(0.1, 0.3, 0.55, 0.8, 1),
  life_ms: fc.constantFrom(60_000, 600_000, 2 * HOUR_MS, null),
});
const order: fc.Arbitrary<Act> = fc.record({
  kind: fc.constant("order" as const),
  lockdown: fc.constantFrom(...LOCKDOWNS),
  for_ms: fc.constantFrom(60_000, HOUR_MS),
});
const force = order.map((each): Act => ({ ...each, lockdown: "FULL" }) as Order);
const other = (...kinds: ("look" | "nothing" | "accept" | "release")[]): fc.Arbitrary<Act> =>
  fc.constantFrom(...kinds).map((kind) => ({ kind }));
/**
 * Without a monotonic clock, a reading between the last one and the truth looks like a right one, nor
 * follows from a pause: such readings come with a monotonic clock alone.
 */
const faultsOf = (hasMonotonic: boolean): fc.Arbitrary<Fault> =>
  fc.oneof(
    fc.constantFrom(300, 4_000, 6_000, HOUR_MS).map((off_ms) => ({ off_ms })),
    fc.integer({ min: 0, max: AT_MOST_MS }).map((off_ms) => ({ off_ms })),
    fc.integer({ min: -AT_MOST_MS, max: -48 * HOUR_MS }).map((off_ms) => ({ off_ms })),
    fc.constantFrom(NaN, -5, 1_782_664_800, 1.78e15, Infinity, 0.5).map((shows) => ({ shows })),
    ...(hasMonotonic
      ? [fc.constantFrom(-2 * HOUR_MS, -6_000, -4_000).map((off_ms) => ({ off_ms }))]
      : []),
  );
const wait_ms = fc.constantFrom(0, 15_000, 61_000, 240_000, 700_000, 2 * HOUR_MS);
const stepsOf = (
  act: fc.Arbitrary<Act>,
  fault: fc.Arbitrary<Fault>,
  mayBeWrong: (act: Act) => boolean,
) =>
  fc.array(
    fc
      .record({ act, wait_ms, fault: fc.option(fault, { nil: null, freq: 2 }) })
      .map((step): Step => (mayBeWrong(step.act) ? step : { ...step, fault: null })),
    { minLength: 1, maxLength: 14 },
  );

type Site = Readonly<{ defended: DefenseNode; hasMonotonic: boolean }>;

function perform(
  { defended, hasMonotonic }: Site,
  act: Act,
  at: { wall: number; true_ms: number },
) {
  const { wall, true_ms } = at;
  const reading: TimeReading = hasMonotonic ? { now_ms: wall, monotonic_ms: true_ms - T } : wall;
  const by = { operator: "ann", reason: "r" };
  switch (act.kind) {
    case "alarm":
      return defended.apply([dated(act, wall, true_ms)], reading);
    case "order": {
      const { lockdown, for_ms } = act;
      return defended.override(
        { kind: "lockdown", lockdown, until_ms: wall + for_ms, ...by },
        reading,
      );
    }
    case "release":
      return defended.override({ kind: "release", event_id: "a", ...by }, reading);
    case "accept":
      return defended.acceptClock(by, reading);
    case "look":
      return defended.state(reading);
    case "nothing":
      return defended.apply([], reading);
  }
}

/** An alarm dated now by the clock of its reporter, which is the same one; the true one where that shows no time. */
function dated({ id, severity, life_ms }: Alarm, wall: number, trueMs: number) {
  const isTime = wall >= T - 2 * AT_MOST_MS && wall <= T + 3 * AT_MOST_MS;
  const nowMs = isTime ? wall : trueMs;
  return event({
    event_id: id,
    severity,
    observed_at_ms: nowMs,
    expires_at_ms: life_ms === null ? null : nowMs + life_ms,
  });
}

const shown = (wrong: Fault | null, trueMs: number): number => {
  if (wrong === null) return trueMs;
  return "shows" in wrong ? wrong.shows : trueMs + wrong.off_ms;
};

const rankOf = ({ lockdown }: DefenseState): number => LOCKDOWNS.indexOf(lockdown);

/**
 * As strict as the node whose clock is right, or as that node is within the skew from now on: a reading no further
 * than the skew behind is trusted, so what was received at it is dated, and ends, by that much earlier.
 */
function expectAsStrict(state: DefenseState, right: DefenseState, { defended }: Site): void {
  if (state.score >= right.score && rankOf(state) >= rankOf(right)) return;
  const snapshot = JSON.parse(JSON.stringify(defended.snapshot())) as never;
  const soonMs = right.as_of_ms + DEFAULT_MAX_CLOCK_SKEW_MS;
  const soon = node({ hold_ms: HOLD_MS, snapshot }).state(soonMs);
  expect(state.score).toBeGreaterThanOrEqual(Math.min(right.score, soon.score));
  expect(rankOf(state)).toBeGreaterThanOrEqual(Math.min(rankOf(right), rankOf(soon)));
}

/** A node that has read the right time once: without a monotonic clock an early first reading looks like a pause. */
function siteOf(hasMonotonic: boolean): Site {
  const site = { defended: node({ hold_ms: HOLD_MS }), hasMonotonic };
  perform(site, { kind: "nothing" }, { wall: T, true_ms: T });
  return site;
}

describe.each([true, false])(
  "a node whose clock is sometimes wrong (monotonic clock: %s)",
  (hasMonotonic) => {
    it("rejects no alarm dated now because of an earlier reading", () => {
      fc.assert(
        fc.property(
          stepsOf(fc.oneof(alarm, other("look", "nothing")), faultsOf(hasMonotonic), () => true),
          (steps) => {
            const site = siteOf(hasMonotonic);
            let trueMs = T;
            for (const { act, wait_ms: passed, fault: wrong } of steps) {
              trueMs += passed;
              const state = perform(site, act, { wall: shown(wrong, trueMs), true_ms: trueMs });
              if (act.kind !== "alarm") continue;
              expect(state.score).toBeGreaterThanOrEqual(act.severity);
              if (state.clock !== "trusted") expect(state.level).not.toBe("normal");
            }
          },
        ),
        { numRuns: runs(100, 400) },
      );
    });

    it("is never milder, at a right reading, than the same node whose clock was always right", () => {
      const acts = fc.oneof(alarm, alarm, force, other("look", "nothing"));
      const steps = stepsOf(acts, faultsOf(hasMonotonic), (act) => act.kind !== "order");
      fc.assert(
        fc.property(steps, (list) => {
          const [wrongly, rightly] = [siteOf(hasMonotonic), siteOf(hasMonotonic)];
          let trueMs = T;
          for (const { act, wait_ms: passed, fault: wrong } of list) {
            trueMs += passed;
            const state = perform(wrongly, act, { wall: shown(wrong, trueMs), true_ms: trueMs });
            const right = perform(rightly, act, { wall: trueMs, true_ms: trueMs });
            if (wrong === null) expectAsStrict(state, right, rightly);
          }
        }),
        { numRuns: runs(200, 1_000) },
      );
    });

    it("is never milder after an operator accepted the right clock", () => {
      const acts = fc.oneof(alarm, alarm, force, other("look", "nothing", "accept"));
      const steps = stepsOf(
        acts,
        faultsOf(hasMonotonic),
        ({ kind }) => kind !== "order" && kind !== "accept",
      );
      fc.assert(
        fc.property(steps, (list) => {
          const [wrongly, rightly] = [siteOf(hasMonotonic), siteOf(hasMonotonic)];
          let trueMs = T;
          for (const { act, wait_ms: passed, fault: wrong } of list) {
            trueMs += passed;
            const state = perform(wrongly, act, { wall: shown(wrong, trueMs), true_ms: trueMs });
            const right = perform(rightly, act, { wall: trueMs, true_ms: trueMs });
            if (act.kind === "accept") expect(state.clock).toBe("trusted");
            if (wrong === null) expectAsStrict(state, right, rightly);
          }
        }),
        { numRuns: runs(200, 1_000) },
      );
    });

    it("shows the same after a restart at any moment, but for a step ahead that only a running process can see", () => {
      const steps = stepsOf(
        fc.oneof(alarm, order, other("look", "nothing", "accept", "release")),
        faultsOf(hasMonotonic),
        () => !hasMonotonic,
      );
      fc.assert(
        fc.property(steps, (list) => {
          const lasting = siteOf(hasMonotonic);
          let restarted = siteOf(hasMonotonic);
          let trueMs = T;
          for (const { act, wait_ms: passed, fault: wrong } of list) {
            trueMs += passed;
            const snapshot = JSON.parse(JSON.stringify(restarted.defended.snapshot())) as never;
            restarted = { hasMonotonic, defended: node({ hold_ms: HOLD_MS, snapshot }) };
            const at = { wall: shown(wrong, trueMs), true_ms: trueMs };
            expect(perform(restarted, act, at)).toEqual(perform(lasting, act, at));
          }
        }),
        { numRuns: runs(60, 300) },
      );
    });
  },
);
