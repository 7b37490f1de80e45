/** No sequence of readings hides an alarm (design, section 3: time). */
import { ADVISORY_LEVELS, type SignalV2, type TimeReading } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { createNetworkState, type NetworkState } from "../../src/index.js";
import { report } from "../support/signals.js";

const START = 1_782_664_805_000;
const RUNS = Number(process.env["READINGS"] ?? runs(200, 500));

/** True time passes; what the clock gives may be anything. */
const step = fc.record({
  passMs: fc.constantFrom(0, 1, 700, 5_000, 40_000, 250_000),
  /** How far the wall clock is off. */
  offMs: fc.oneof<fc.MaybeWeightedArbitrary<number>[]>(
    { weight: 3, arbitrary: fc.constant(0) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(-3_000, 3_000, -60_000, 60_000, -7_200_000, 7_200_000, 3e10),
    },
  ),
  form: fc.constantFrom("number", "both", "seconds", "NaN", "no monotonic"),
  call: fc.constantFrom("view", "calm", "mute", "snapshot"),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function readingOf({ form, offMs }: Step, trueMs: number): TimeReading {
  const now_ms = trueMs + offMs;
  if (form === "number") return now_ms;
  if (form === "seconds") return Math.floor(now_ms / 1_000);
  if (form === "NaN") return NaN;
  if (form === "no monotonic") return { now_ms } as never;
  return { now_ms, monotonic_ms: trueMs - START };
}

const attempt = (run: () => unknown): void => {
  try {
    run();
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_time" });
  }
};

/** A call with a reading that may be wrong; it reports nothing bad. */
function call(network: NetworkState, taken: Step, trueMs: number): void {
  const reading = readingOf(taken, trueMs);
  if (taken.call === "view") attempt(() => network.view(reading));
  if (taken.call === "calm") network.ingest(calmAt(trueMs), reading);
  if (taken.call === "mute") attempt(() => network.mute({ node_id: "nobody" }, reading));
  if (taken.call === "snapshot") network.snapshot();
}

const calmAt = (observed_at: number): SignalV2 =>
  report({ node_id: "calm", severity: 0, observed_at });

const alarm = (node_id: string, observed_at: number): SignalV2 =>
  report({ node_id, operator: node_id, severity: 1, observed_at });

/** What a right process reads. */
const bothAt = (trueMs: number): TimeReading => ({ now_ms: trueMs, monotonic_ms: trueMs - START });

const rank = (level: (typeof ADVISORY_LEVELS)[number]): number => ADVISORY_LEVELS.indexOf(level);

describe("any readings", () => {
  it("make no alarm that is dated now too old, and hide none that has come", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.boolean(), (steps, isBoth) => {
        const network = createNetworkState();
        let trueMs = START;
        for (const taken of steps) {
          trueMs += taken.passMs;
          call(network, taken, trueMs);
        }
        const reading = isBoth ? bothAt(trueMs) : trueMs;
        for (const id of ["a", "b"]) {
          expect(network.ingest(alarm(id, trueMs), reading)).toEqual({ accepted: true });
        }
        expect(network.view(reading)).toMatchObject({
          level: "CRITICAL_GLOBAL",
          critical_operators: ["a", "b"],
        });
      }),
      { numRuns: RUNS },
    );
  });

  it("make no level milder than it is without the wrong ones", () => {
    const severity = fc.constantFrom(0, 0.3, 0.9);
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        severity,
        severity,
        fc.boolean(),
        (steps, one, two, isBoth) => {
          // What a clock within the permitted skew ends too early, a hold of that skew covers.
          const right = createNetworkState({ hold_ms: 0 });
          const wrong = createNetworkState({ hold_ms: 5_000 });
          const readingAt = (trueMs: number) => (isBoth ? bothAt(trueMs) : trueMs);
          for (const network of [right, wrong]) {
            const reading = network === right ? bothAt(START) : readingAt(START);
            network.ingest(report({ node_id: "a", severity: one }), reading);
            network.ingest(report({ node_id: "b", severity: two }), reading);
          }
          let trueMs = START;
          for (const taken of steps) {
            trueMs += taken.passMs;
            // Without a monotonic clock a clock that is late, but not before the last change, passes for right.
            const offMs = isBoth ? taken.offMs : Math.abs(taken.offMs);
            call(wrong, { ...taken, offMs, form: formFor(taken, isBoth) }, trueMs);
            if (taken.call === "calm" && !["seconds", "NaN", "no monotonic"].includes(taken.form)) {
              right.ingest(calmAt(trueMs), bothAt(trueMs));
            }
            const is = wrong.view(readingAt(trueMs));
            const should = right.view(bothAt(trueMs));
            expect(rank(is.level)).toBeGreaterThanOrEqual(rank(should.level));
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});

/** A process has a monotonic clock or has none. */
const formFor = ({ form }: Step, isBoth: boolean): Step["form"] =>
  form === "number" || form === "both" ? (isBoth ? "both" : "number") : form;
