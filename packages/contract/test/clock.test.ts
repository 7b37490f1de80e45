import fc from "fast-check";
import { hidden, onObjects, polluted } from "./support/pollution.js";
import { describe, expect, it } from "vitest";
import {
  acceptedClock,
  advanceClock,
  checkTimeMs,
  type CheckedTime,
  type CoreClock,
  type InvalidTime,
  type TimeReading,
} from "../src/index.js";

const T = 1_782_664_800_000;
const HOUR = 3_600_000;

/** The answer to the last of some readings; each changes the clock. */
function after(...readings: TimeReading[]): CheckedTime {
  let clock: CoreClock | undefined;
  let last: CheckedTime | InvalidTime | undefined;
  for (const reading of readings) {
    last = advanceClock(clock, reading);
    if (last.ok) clock = last.clock;
  }
  if (last?.ok !== true) throw new Error("the last reading gives no time");
  return last;
}

const both = (now_ms: number, monotonic_ms: number): TimeReading => ({ now_ms, monotonic_ms });

describe("checkTimeMs", () => {
  it.each([
    [T, undefined],
    [1_230_768_000_000, undefined],
    [4_133_980_799_999, undefined],
    [
      1_782_664_800,
      "1782664800 is before 2009: seconds were given where milliseconds are expected",
    ],
    [
      T * 1_000,
      "1782664800000000 is after 2100: microseconds were given where milliseconds are expected",
    ],
    [0, "0 is before 2009: milliseconds since 1970 are expected"],
    [4_133_980_800_000, "4133980800000 is after 2100: milliseconds since 1970 are expected"],
    [NaN, "NaN is not a whole number of milliseconds since 1970"],
    [T + 0.5, `${T + 0.5} is not a whole number of milliseconds since 1970`],
    ["1782664800000", "string is not a whole number of milliseconds since 1970"],
    [undefined, "undefined is not a whole number of milliseconds since 1970"],
    [null, "null is not a whole number of milliseconds since 1970"],
  ])("gives for %s what is wrong", (value, detail) => {
    expect(checkTimeMs(value)?.detail).toBe(detail);
  });
});

describe("advanceClock", () => {
  it.each([
    ["the first reading", [T], "trusted", T],
    ["a later reading", [T, T + 15_000], "trusted", T + 15_000],
    ["a step back within the skew", [T, T - 5_000], "trusted", T],
    ["a step back beyond the skew", [T, T - 5_001], "behind", T],
    ["a clock that catches up", [T, T - HOUR, T + 1], "trusted", T + 1],
    ["a step forward of the wall clock alone", [T, T + HOUR], "trusted", T + HOUR],
    ["a step forward within the skew", [both(T, 0), both(T + 6_000, 1_000)], "trusted", T + 6_000],
    ["a step forward beyond it", [both(T, 0), both(T + 6_001, 1_000)], "ahead", T + 1_000],
    ["a long pause of the process", [both(T, 0), both(T + HOUR, HOUR)], "trusted", T + HOUR],
    ["a pause of the machine", [both(T, 0), both(T + 7_000, 1_000)], "ahead", T + 1_000],
    [
      "a clock that stays ahead",
      [both(T, 0), both(T + HOUR, 1), both(T + HOUR + 9, 10)],
      "ahead",
      T + 10,
    ],
    [
      "a clock that comes back",
      [both(T, 0), both(T + HOUR, 1), both(T + 10, 10)],
      "trusted",
      T + 10,
    ],
    [
      "a monotonic clock that begins anew",
      [both(T, 9_999), both(T + 60_000, 1)],
      "trusted",
      T + 60_000,
    ],
  ] as const)("answers %s", (_, readings, status, time_ms) => {
    expect(after(...readings)).toMatchObject({
      status,
      time_ms,
      wall_ms: wallOf(readings.at(-1)!),
    });
  });

  it("follows a drift of 0.2 s an hour for a year, and is not led away by small steps", () => {
    let clock: CoreClock | undefined;
    for (let hour = 0; hour < 8_766; hour++) {
      const now = advanceClock(clock, both(T + hour * (HOUR + 200), hour * HOUR));
      expect(now).toMatchObject({ status: "trusted" });
      if (now.ok) clock = now.clock;
    }
    const statuses = Array.from({ length: 10 }, (_, step) => step).map(
      (step, _, steps) =>
        after(...steps.slice(0, step + 1).map((n) => both(T + n * 4_900, n))).status,
    );
    expect(statuses).toEqual(["trusted", "trusted", ...Array<string>(8).fill("ahead")]);
  });

  it("follows the drift of 48 hours without a reading, and no step that is larger", () => {
    const passed = 48 * HOUR;
    // 0.2 s an hour for 48 hours is 9.6 s; 500 ppm of 48 hours is 86.4 s, and the skew 5 s
    expect(after(both(T, 0), both(T + passed + 9_600, passed)).status).toBe("trusted");
    expect(after(both(T, 0), both(T + passed + 91_400, passed)).status).toBe("trusted");
    expect(after(both(T, 0), both(T + passed + 91_401, passed)).status).toBe("ahead");
  });

  it.each([NaN, 0, 1_782_664_800, Infinity, "x", null, undefined, {}, { now_ms: T }, [T]])(
    "refuses %s, which gives no time",
    (reading) => {
      expect(advanceClock({ time_ms: T }, reading as TimeReading)).toMatchObject({ ok: false });
    },
  );

  it("reads own properties only", () => {
    const inherited = Object.create({ now_ms: T, monotonic_ms: 0 }) as TimeReading;
    expect(advanceClock(undefined, inherited)).toMatchObject({ ok: false, code: "time_invalid" });
  });

  const readings = fc.array(
    fc.record({
      elapsed: fc.integer({ min: 0, max: 100_000 }),
      wrong: fc.oneof(
        { weight: 3, arbitrary: fc.constant(0) },
        fc.integer({ min: -HOUR * 24 * 365, max: HOUR * 24 * 365 }),
      ),
      hasMonotonic: fc.boolean(),
    }),
    { maxLength: 40 },
  );

  it("never goes back, whatever the readings", () => {
    fc.assert(
      fc.property(readings, (steps) => {
        let clock: CoreClock | undefined;
        let trueMs = 0;
        let before = 0;
        for (const { elapsed, wrong, hasMonotonic } of steps) {
          trueMs += elapsed;
          const wall = T + trueMs + wrong;
          const now = advanceClock(clock, hasMonotonic ? both(wall, trueMs) : wall);
          if (!now.ok) throw new Error(now.detail);
          expect(now.time_ms).toBeGreaterThanOrEqual(before);
          expect(now.time_ms).toBe(now.clock.time_ms);
          if (now.status === "trusted") expect(now.time_ms).toBeGreaterThanOrEqual(now.wall_ms);
          before = now.time_ms;
          clock = now.clock;
        }
      }),
    );
  });

  it("is not moved by a clock that is ahead, where both clocks are known", () => {
    fc.assert(
      fc.property(readings, (steps) => {
        let clock = after(both(T, 0)).clock;
        let trueMs = 0;
        for (const { elapsed, wrong } of steps) {
          trueMs += elapsed;
          const now = advanceClock(clock, both(T + trueMs + wrong, trueMs));
          if (now.ok) clock = now.clock;
          // Each small step adds the skew at most once, and drift 500 ppm.
          expect(clock.time_ms).toBeLessThanOrEqual(T + trueMs * (1 + 500e-6) + 5_000);
        }
      }),
    );
  });
});

describe("acceptedClock", () => {
  it("takes the wall clock for right, in both directions", () => {
    for (const wrong of [-HOUR, HOUR]) {
      const accepted = acceptedClock(both(T + wrong, 1));
      if (!accepted.ok) throw new Error(accepted.detail);
      const now = advanceClock(accepted.clock, both(T + wrong + 15_000, 15_001));
      expect(now).toMatchObject({ status: "trusted", time_ms: T + wrong + 15_000 });
    }
  });

  it("refuses a reading that gives no time", () => {
    expect(acceptedClock(NaN)).toMatchObject({ ok: false, code: "time_invalid" });
  });
});

const wallOf = (reading: TimeReading): number =>
  typeof reading === "number" ? reading : reading.now_ms;

describe("advanceClock, fail closed", () => {
  const trusted = { time_ms: T, anchor: undefined };

  it.each([NaN, -1, Infinity, -Infinity, "5000", null])(
    "gives no time for a skew of %s, which every clock would keep",
    (skew) => {
      expect(advanceClock(trusted, T - HOUR, skew as number)).toMatchObject({
        ok: false,
        code: "time_invalid",
      });
    },
  );

  it.each([NaN, 0, 1_782_664_800, undefined, "x"])(
    "gives no time for a core whose time is %s",
    (time_ms) => {
      expect(advanceClock({ time_ms } as never, T).ok).toBe(false);
    },
  );

  it("reads reading and clock by their own members alone", () => {
    const inherited = { now_ms: T, monotonic_ms: 1, anchor: { now_ms: 0, monotonic_ms: 0 } };
    for (const [key, value] of Object.entries({ ...inherited, time_ms: T, value: T })) {
      const answers = polluted(hidden(onObjects(key, value)), () => [
        advanceClock(undefined, {} as never).ok,
        advanceClock(undefined, { now_ms: T } as never).ok,
        advanceClock(undefined, Object.create(inherited) as never).ok,
        advanceClock({} as never, T).ok,
        advanceClock({ time_ms: T }, both(T + HOUR, 1)),
      ]);
      expect(answers.slice(0, 4)).toEqual([false, false, false, false]);
      expect(answers[4]).toMatchObject({ ok: true, status: "trusted", time_ms: T + HOUR });
    }
  });
});
