/** A server's clock held against the process's clocks, to the millisecond (design, section 7: clocks). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  advanceServerClock,
  MAX_PAUSE_MS,
  type ServerClock,
} from "../../src/clock/server-clock.js";
import { HOUR, START_MS } from "../support/guardian.js";

const skewMs = 5_000;

type Step = Readonly<{ server: number; wall: number; steady: number; latency?: number }>;

/** The answer to the last of some readings, each by how far its clocks have moved since the start. */
function after(...steps: Step[]) {
  let server: ServerClock | undefined;
  const answers = steps.map(({ server: ahead, wall, steady, latency = 0 }) => {
    const end = { wall: START_MS + wall, steady };
    const start = { wall: START_MS + wall - latency, steady: steady - latency };
    const taken = advanceServerClock(server, {
      clock_ms: START_MS + ahead,
      local: { start, end },
      skewMs,
    });
    ({ server } = taken);
    return taken;
  });
  return answers.at(-1)!;
}

const together = (ms: number): Step => ({ server: ms, wall: ms, steady: ms });

describe("advanceServerClock", () => {
  it.each<[string, Step[], string, boolean]>([
    ["the first reading", [together(0)], "trusted", false],
    ["a later one", [together(0), together(HOUR)], "trusted", false],
    [
      "a jump within the skew",
      [together(0), { server: 5_000, wall: 0, steady: 0 }],
      "trusted",
      false,
    ],
    ["a jump beyond it", [together(0), { server: 5_001, wall: 0, steady: 0 }], "ahead", false],
    ["25 hours ahead", [together(0), { server: 25 * HOUR, wall: 1, steady: 1 }], "ahead", false],
    [
      "25 hours ahead together with the process's wall clock",
      [together(0), { server: 25 * HOUR, wall: 25 * HOUR, steady: 1 }],
      "ahead",
      false,
    ],
    [
      "a pause of 6 s",
      [together(0), { server: 7_000, wall: 7_000, steady: 1_000 }],
      "trusted",
      true,
    ],
    [
      "the longest pause",
      [together(0), { server: MAX_PAUSE_MS, wall: MAX_PAUSE_MS, steady: 0 }],
      "trusted",
      true,
    ],
    [
      "a longer one",
      [together(0), { server: MAX_PAUSE_MS + 1, wall: MAX_PAUSE_MS + 1, steady: 0 }],
      "ahead",
      false,
    ],
    [
      "a step back within the skew",
      [together(9_000), { server: 4_000, wall: 9_000, steady: 9_000 }],
      "trusted",
      false,
    ],
    [
      "a step back beyond it",
      [together(9_000), { server: 3_999, wall: 9_000, steady: 9_000 }],
      "behind",
      false,
    ],
    [
      "the process's wall clock an hour ahead",
      [together(0), { server: 1, wall: HOUR, steady: 1 }],
      "trusted",
      false,
    ],
    [
      "a slow answer, and a quick one",
      [together(0), { server: 1_000, wall: 6_000, steady: 6_000, latency: 5_500 }, together(7_000)],
      "trusted",
      false,
    ],
    [
      "an answer that was read late, and a quick one",
      [{ server: 0, wall: 9_000, steady: 9_000, latency: 9_000 }, together(10_000)],
      "trusted",
      false,
    ],
    [
      "a drift of 0.2 s an hour",
      Array.from({ length: 50 }, (_, n) => ({
        server: n * (HOUR + 200),
        wall: n * HOUR,
        steady: n * HOUR,
      })),
      "trusted",
      false,
    ],
  ])("answers %s", (_what, steps, status, isPaused) => {
    const { time, paused } = after(...steps);
    expect([time.status, paused !== undefined]).toEqual([status, isPaused]);
  });

  it("goes on without an end after a jump that is not accepted, and recovers when it is over", () => {
    const jumped = (ms: number): Step => ({ server: ms + 25 * HOUR, wall: ms, steady: ms });
    expect(after(together(0), jumped(1), jumped(60_000)).time).toMatchObject({
      status: "ahead",
      nowMs: START_MS + 60_000,
    });
    expect(after(together(0), jumped(1), together(60_000)).time.status).toBe("trusted");
  });

  it("is not led away by small jumps", () => {
    const steps = Array.from({ length: 20 }, (_, n) => ({ server: n * 4_900, wall: n, steady: n }));
    expect(after(...steps).time.status).toBe("ahead");
  });

  it("is never refused for latency alone, whatever it is", () => {
    const calls = fc.array(
      fc.record({
        wait: fc.integer({ min: 0, max: 60_000 }),
        before: fc.integer({ min: 0, max: 30_000 }),
        after: fc.integer({ min: 0, max: 30_000 }),
      }),
      { minLength: 1, maxLength: 30 },
    );
    fc.assert(
      fc.property(calls, (all) => {
        let server: ServerClock | undefined;
        let now = 0;
        for (const { wait, before, after: late } of all) {
          now += wait;
          const start = { wall: START_MS + now, steady: now };
          const read = now + before;
          now = read + late;
          const end = { wall: START_MS + now, steady: now };
          const clock_ms = START_MS + read;
          const taken = advanceServerClock(server, { clock_ms, local: { start, end }, skewMs });
          ({ server } = taken);
          expect(taken.time.status).toBe("trusted");
        }
      }),
    );
  });
});
