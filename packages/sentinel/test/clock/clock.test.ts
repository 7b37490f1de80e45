/** What a wrong clock must not do: hide an attack, age what is held, or throw evidence away (design, section 5: time). */
import { isWorseLevel, sentinelReportSchema, type SentinelReport } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { runs } from "@dgb-shield/testkit/runs";
import {
  createSentinel,
  type Observation,
  type Sentinel,
  toEnvelope,
  toSignals,
} from "../../src/index.js";
import { type BlockHeader } from "../../src/observation/observation.js";
import { NODE } from "../support/chain.js";

const START_MS = 1_790_000_000_000;
const FROM = 23_800_000;
const BITS = [0, 2, 6, 8, 14];
const HOUR_MS = 3_600_000;
const POLL_S = 15;

const hashOf = (height: number, branch = "a"): string =>
  branch + height.toString(16).padStart(62, "0") + branch;
const headerAt = (height: number, seconds: number, fields: Partial<BlockHeader> = {}) => ({
  hash: hashOf(height),
  previous_hash: hashOf(height - 1),
  height,
  version: 0x20000002 | ((BITS[height % 5] ?? 0) << 8),
  time_s: START_MS / 1_000 + seconds,
  ...fields,
});

/** What happens to the node at a true time, in seconds since the start: it is the same whatever a clock reads. */
type Event = Readonly<{ seconds: number; observation: Omit<Observation, "at_ms"> }>;

const answers = (tip: BlockHeader, blocks: BlockHeader[]): Event["observation"] => ({
  node_id: NODE,
  syncing: false,
  reachable: true,
  tip,
  blocks,
  tips: [],
  mempool: null,
});

/** A block at each poll until an attack begins, then what the attack shows. */
function course(
  polls: number,
  attackAt: number,
  attack: (i: number) => Event["observation"],
): Event[] {
  return Array.from({ length: polls }, (_, i) => {
    const seconds = i * POLL_S;
    if (i >= attackAt) return { seconds, observation: attack(i) };
    const tip = headerAt(FROM + i, seconds);
    return { seconds, observation: answers(tip, [tip]) };
  });
}

const goOn = (i: number): Event["observation"] => {
  const tip = headerAt(FROM + i, i * POLL_S);
  return answers(tip, [tip]);
};

const ATTACKS = {
  /** No block from then on. */
  stall: (polls: number, at: number) =>
    course(polls, at, () => answers(headerAt(FROM + at - 1, (at - 1) * POLL_S), [])),
  /** No answer from then on. */
  unreachable: (polls: number, at: number) =>
    course(polls, at, () => ({
      ...answers(headerAt(FROM, 0), []),
      reachable: false,
      tip: null,
    })),
  /** Six blocks are replaced, and the chain goes on. */
  reorg: (polls: number, at: number) =>
    course(polls, at, (i) => {
      const low = FROM + at - 6;
      const seconds = i * POLL_S;
      const blocks = Array.from({ length: i === at ? 7 : 1 }, (_, k) => {
        const height = i === at ? low + k : FROM + i;
        const on = height === low ? "a" : "b";
        return headerAt(height, seconds, {
          hash: hashOf(height, "b"),
          previous_hash: hashOf(height - 1, on),
        });
      });
      return answers(blocks.at(-1)!, blocks);
    }),
  /** Groestl once, and the chain goes on. */
  retired: (polls: number, at: number) =>
    course(polls, at, (i) => {
      const { tip } = goOn(i);
      const header = { ...tip!, version: i === at ? 0x20000402 : tip!.version };
      return answers(header, [header]);
    }),
} as const;

/** Readings of the observer's clocks at a true time. */
type Clocks = Readonly<{ wall_ms: number; monotonic_ms?: number }>;

function watch(
  sentinel: Sentinel,
  events: readonly Event[],
  clocks: (i: number, seconds: number) => Clocks,
) {
  return events.map(({ seconds, observation }, i) => {
    const { wall_ms, monotonic_ms } = clocks(i, seconds);
    const times = { at_ms: wall_ms, ...(monotonic_ms === undefined ? {} : { monotonic_ms }) };
    return sentinel.observe({ ...observation, ...times });
  });
}

const create = (state?: unknown) =>
  createSentinel({ node_id: NODE, chain: digibyte, ...(state === undefined ? {} : { state }) });
const trueMs = (seconds: number) => START_MS + seconds * 1_000;
const detectorsOf = ({ findings }: SentinelReport) => findings.map(({ detector }) => detector);
const monotonicAt = (seconds: number, isKnown: boolean) =>
  isKnown ? { monotonic_ms: seconds * 1_000 } : {};

describe.each([
  ["the wall clock alone", false],
  ["a monotonic clock beside it", true],
])("one observation with a wrong clock, %s", (_, isMonotonic) => {
  it.each([
    ["two hours ahead", 2 * HOUR_MS],
    ["a year ahead", 8_766 * HOUR_MS],
    ["a minute ahead", 60_000],
    ["two hours behind", -2 * HOUR_MS],
  ])("%s, hides no stall of half an hour", (_name, off) => {
    const sentinel = create();
    const reports = watch(sentinel, ATTACKS.stall(200, 80), (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i === 40 ? off : 0),
      ...monotonicAt(seconds, isMonotonic),
    }));
    expect(detectorsOf(reports.at(-1)!)).toContain("block_stall");
    expect(reports.at(-1)!.level).toBe("critical");
    for (const report of reports) expect(sentinelReportSchema.parse(report)).toEqual(report);
  });

  it.each(Object.keys(ATTACKS) as (keyof typeof ATTACKS)[])(
    "makes no level milder before, under or after it: %s",
    (attack) => {
      const events = ATTACKS[attack](120, 40);
      const right = watch(create(), events, (_i, seconds) => ({
        wall_ms: trueMs(seconds),
        ...monotonicAt(seconds, isMonotonic),
      }));
      for (const off of [2 * HOUR_MS, -2 * HOUR_MS, 200 * 24 * HOUR_MS]) {
        for (const wrongAt of [10, 39, 40, 41, 60]) {
          const wrong = watch(create(), events, (i, seconds) => ({
            wall_ms: trueMs(seconds) + (i === wrongAt ? off : 0),
            ...monotonicAt(seconds, isMonotonic),
          }));
          wrong.forEach((report, i) => {
            const before = right[i]!;
            expect(
              isWorseLevel(before.level, report.level),
              `${attack} ${off} ${wrongAt} ${i}`,
            ).toBe(false);
          });
        }
      }
    },
  );
});

describe("the report of a clock that is not trusted", () => {
  const quiet = course(60, 60, goOn);

  it("reports that the clock is behind, is at least elevated, and names the way out", () => {
    const reports = watch(create(), quiet, (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i < 20 ? 2 * HOUR_MS : 0),
    }));
    expect(reports[19]).toMatchObject({ clock: "trusted", level: "normal" });
    expect(reports[20]).toMatchObject({ clock: "behind", level: "elevated", status: "WATCHING" });
    expect(reports.at(-1)!.findings).toMatchObject([
      {
        detector: "clock_untrusted",
        severity: 0.25,
        summary: expect.stringMatching(
          /^the observer's clock went back: it is \d+ s behind .*; correct it, or accept it as an operator if it is right$/,
        ),
      },
    ]);
    expect(new Set(reports.slice(20).map(({ findings }) => findings[0]?.finding_id)).size).toBe(1);
  });

  it("reports that the clock is ahead where a monotonic clock shows it, and ends when it comes back", () => {
    const reports = watch(create(), quiet, (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i === 30 ? 2 * HOUR_MS : 0),
      monotonic_ms: seconds * 1_000,
    }));
    expect(reports[30]).toMatchObject({ clock: "ahead", level: "elevated" });
    expect(detectorsOf(reports[30]!)).toEqual(["clock_untrusted"]);
    expect(reports[31]).toMatchObject({ clock: "trusted", level: "normal" });
  });

  it("stays elevated, with its code, where an operator hides the finding", () => {
    const sentinel = create();
    const [, behind] = watch(sentinel, quiet.slice(0, 2), (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i === 0 ? 2 * HOUR_MS : 0),
    }));
    const order = { operator: "alice", reason: "being corrected" };
    sentinel.acknowledge(behind!.findings[0]!.finding_id, order, trueMs(16));
    const [report] = watch(sentinel, [quiet[2]!], (_i, seconds) => ({ wall_ms: trueMs(seconds) }));
    expect(report).toMatchObject({ clock: "behind", level: "elevated", findings: [] });
    expect(toEnvelope(report!, "r")).toMatchObject({
      decision: "WARN",
      reason_codes: ["SENTINEL_CLOCK_UNTRUSTED"],
    });
    expect(toSignals(report!).at(-1)).toMatchObject({
      type: "node_status",
      severity: 0.25,
      metadata: { status: "WATCHING", clock: "behind" },
    });
  });

  it("is a signal of the node's status alone, dated by the observation's own clock", () => {
    const reports = watch(create(), quiet.slice(0, 3), (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i === 1 ? 2 * HOUR_MS : 0),
    }));
    const signals = toSignals(reports[2]!);
    expect(signals.filter(({ severity }) => severity > 0).map(({ type }) => type)).toEqual([
      "node_status",
    ]);
    expect(signals.every(({ observed_at }) => observed_at === trueMs(2 * POLL_S))).toBe(true);
  });

  it("follows a slow drift, for two days", () => {
    const sentinel = create();
    for (let poll = 0; poll < 2 * 24 * 60; poll++) {
      const seconds = poll * 60;
      const tip = headerAt(FROM + poll, seconds);
      const drift = Math.round((seconds / 3_600) * 200);
      const at_ms = trueMs(seconds) + drift;
      const report = sentinel.observe({
        ...answers(tip, [tip]),
        at_ms,
        monotonic_ms: seconds * 1_000,
      });
      expect(report.clock).toBe("trusted");
    }
  });

  it("counts a pause of both clocks as no time, and one of the process alone as time", () => {
    const paused = watch(create(), ATTACKS.stall(60, 20), (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i >= 30 ? HOUR_MS : 0),
      monotonic_ms: seconds * 1_000 + (i >= 30 ? HOUR_MS : 0),
    }));
    expect(paused[30]).toMatchObject({ clock: "trusted", level: "critical" });
  });

  it("goes on over a restart", () => {
    const events = ATTACKS.reorg(120, 40);
    const clocks = (i: number, seconds: number): Clocks => ({
      wall_ms: trueMs(seconds) - (i >= 45 ? 2 * HOUR_MS : 0),
    });
    const whole = create();
    let restarted = create();
    events.forEach((event, i) => {
      restarted = create(JSON.parse(JSON.stringify(restarted.state())));
      const one = (sentinel: Sentinel) =>
        watch(sentinel, [event], () => clocks(i, event.seconds))[0];
      expect(one(restarted)).toEqual(one(whole));
    });
  });
});

describe("what is held", () => {
  it("does not run off while the clock is behind", () => {
    const reports = watch(create(), ATTACKS.reorg(160, 40), (i, seconds) => ({
      wall_ms: trueMs(seconds) - (i >= 45 ? 2 * HOUR_MS : 0),
    }));
    expect(detectorsOf(reports.at(-1)!)).toContain("reorg");
  });

  it("runs off by the monotonic clock while the wall clock is ahead", () => {
    const reports = watch(create(), ATTACKS.reorg(160, 40), (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i >= 45 ? 2 * HOUR_MS : 0),
      monotonic_ms: seconds * 1_000,
    }));
    const held = reports.filter((report) => detectorsOf(report).includes("reorg")).length;
    expect(held).toBe(40); // ten minutes of 15 s
    expect(reports.at(-1)).toMatchObject({ clock: "ahead", level: "elevated" });
  });

  it("runs off after a pause that the wall clock alone shows, ten minutes later", () => {
    const reports = watch(create(), ATTACKS.reorg(160, 40), (i, seconds) => ({
      wall_ms: trueMs(seconds) + (i >= 45 ? 2 * HOUR_MS : 0),
    }));
    const last = reports.findLastIndex((report) => detectorsOf(report).includes("reorg"));
    expect(last).toBeGreaterThan(45);
    expect(last).toBeLessThan(95);
  });
});

describe("acceptClock", () => {
  const ORDER = { operator: "alice", reason: "the host's clock was two hours ahead" };
  const events = ATTACKS.reorg(160, 40);

  it("makes the wall clock right in both directions, is recorded, and survives a restart", () => {
    for (const off of [2 * HOUR_MS, -2 * HOUR_MS]) {
      const sentinel = create();
      const clocks = (i: number, seconds: number) => ({
        wall_ms: trueMs(seconds) + (i < 42 ? 0 : off),
        monotonic_ms: seconds * 1_000,
      });
      const before = watch(sentinel, events.slice(0, 50), clocks).at(-1)!;
      expect(before.clock).toBe(off > 0 ? "ahead" : "behind");
      const now = { now_ms: trueMs(49 * POLL_S) + off, monotonic_ms: 49 * POLL_S * 1_000 };
      expect(sentinel.acceptClock(ORDER, now)).toEqual({ accepted: true });
      const restarted = create(JSON.parse(JSON.stringify(sentinel.state())));
      expect(restarted.state().accepted_clocks).toEqual([
        {
          ...ORDER,
          accepted_at_ms: now.now_ms,
          time_before_ms: expect.any(Number),
          status_before: before.clock,
        },
      ]);
      const [after] = watch(restarted, [events[50]!], () => ({
        wall_ms: trueMs(50 * POLL_S) + off,
      }));
      expect(after).toMatchObject({ clock: "trusted", level: "critical" });
      expect(detectorsOf(after!)).toEqual(["reorg"]);
    }
  });

  it("ends nothing that is held, and lets it run off in its own time", () => {
    const sentinel = create();
    const back = (seconds: number) => ({ wall_ms: trueMs(seconds) - 2 * HOUR_MS });
    watch(sentinel, events.slice(0, 41), (_i, seconds) => ({ wall_ms: trueMs(seconds) }));
    sentinel.acceptClock(ORDER, back(41 * POLL_S).wall_ms);
    const reports = watch(sentinel, events.slice(41), (_i, seconds) => back(seconds));
    const held = reports.filter((report) => detectorsOf(report).includes("reorg")).length;
    expect(held).toBeGreaterThanOrEqual(38);
    expect(held).toBeLessThanOrEqual(41);
  });

  it("dates nothing in the future of the accepted clock", () => {
    const sentinel = create();
    watch(sentinel, events.slice(0, 42), (_i, seconds) => ({
      wall_ms: trueMs(seconds) + 2 * HOUR_MS,
    }));
    const now = trueMs(42 * POLL_S);
    sentinel.acceptClock(ORDER, now);
    const [report] = watch(sentinel, [events[42]!], (_i, seconds) => ({
      wall_ms: trueMs(seconds),
    }));
    expect(report!.findings[0]!.detected_at_ms).toBeLessThanOrEqual(now);
  });

  it.each([
    ["/reason", { operator: "alice", reason: "" }, START_MS],
    ["/operator", { reason: "x" }, START_MS],
    ["/now_ms", ORDER, START_MS / 1_000],
    ["/now_ms", ORDER, NaN],
  ])("refuses what is wrong at %s", (path, order, now) => {
    const sentinel = create();
    watch(sentinel, events.slice(0, 42), (_i, seconds) => ({ wall_ms: trueMs(seconds) }));
    const before = sentinel.state();
    expect(sentinel.acceptClock(order as never, now)).toMatchObject({
      accepted: false,
      code: "invalid_order",
      path,
      detail: expect.any(String),
    });
    expect(sentinel.state()).toEqual(before);
  });
});

describe("a time that is none", () => {
  it.each([
    ["seconds", START_MS / 1_000, /^the observation is refused at \/at_ms: .* seconds were given/],
    ["microseconds", START_MS * 1_000, /microseconds were given where milliseconds are expected/],
    ["a fraction", START_MS + 0.5, /not a whole number of milliseconds/],
  ])("is refused with that text, never normal: %s", (_, at_ms, text) => {
    const sentinel = create();
    const report = sentinel.observe({ ...goOn(0), at_ms });
    expect(report).toMatchObject({ level: "elevated", status: "UNREACHABLE" });
    expect(report.findings).toMatchObject([
      {
        detector: "observation_invalid",
        evidence: { path: "/at_ms" },
        summary: expect.stringMatching(text),
      },
    ]);
  });

  it("moves no clock and hides no stall of two hours", () => {
    const sentinel = create();
    const events = ATTACKS.stall(200, 20);
    for (const [i, { seconds, observation }] of events.entries()) {
      if (i === 30) {
        for (const at_ms of [trueMs(seconds) / 1_000, trueMs(seconds) * 1_000, NaN]) {
          const before = sentinel.state().clock;
          sentinel.observe({ ...observation, at_ms });
          expect(sentinel.state().clock).toEqual(before);
        }
      }
      sentinel.observe({ ...observation, at_ms: trueMs(seconds) });
    }
    const report = sentinel.observe({ ...events.at(-1)!.observation, at_ms: trueMs(7_200) });
    expect(report).toMatchObject({ clock: "trusted", level: "critical" });
  });

  it("of an observation that is refused for another reason moves no clock either", () => {
    const sentinel = create();
    sentinel.observe({ ...goOn(0), at_ms: trueMs(0) });
    const report = sentinel.observe({ ...goOn(1), node_id: "other", at_ms: trueMs(8_000_000) });
    expect(report.findings).toMatchObject([{ detector: "observation_invalid" }]);
    // The block of the refused observation was not shown.
    expect(sentinel.observe({ ...goOn(2), at_ms: trueMs(30) })).toMatchObject({
      clock: "trusted",
      findings: [{ finding_id: "evidence_unavailable:block:gap" }],
    });
  });
});

describe("acknowledge with a wrong time", () => {
  const ORDER = { operator: "alice", reason: "seen" };
  const id = `retired_algorithm:${FROM + 40}`;
  const watched = () => {
    const sentinel = create();
    watch(sentinel, ATTACKS.retired(45, 40), (_i, seconds) => ({ wall_ms: trueMs(seconds) }));
    return sentinel;
  };
  const levelAt = (sentinel: Sentinel, seconds: number) =>
    watch(sentinel, [{ seconds, observation: goOn(Math.round(seconds / POLL_S)) }], () => ({
      wall_ms: trueMs(seconds),
    }))[0]!.level;

  it.each([2 * HOUR_MS, -2 * HOUR_MS, 8_766 * HOUR_MS])("off by %d ms moves no clock", (off) => {
    const sentinel = watched();
    const { clock } = sentinel.state();
    sentinel.acknowledge(id, ORDER, trueMs(700) + off);
    expect(sentinel.state().clock).toEqual(clock);
  });

  it("lasts as long as it was to last, not until a date of the wrong clock", () => {
    for (const off of [2 * HOUR_MS, -2 * HOUR_MS]) {
      const sentinel = watched();
      const now = trueMs(661) + off;
      sentinel.acknowledge(id, { ...ORDER, until_ms: now + 60_000 }, now);
      expect(levelAt(sentinel, 675)).toBe("normal");
      expect(levelAt(sentinel, 661 + 60 + 66)).toBe("critical");
    }
  });

  it("does not hide longer where the clock goes back", () => {
    const sentinel = watched();
    sentinel.acknowledge(id, { ...ORDER, until_ms: trueMs(660 + 600) }, trueMs(660));
    const reports = watch(
      sentinel,
      Array.from({ length: 60 }, (_, i) => ({
        seconds: 675 + i * POLL_S,
        observation: goOn(45 + i),
      })),
      (_i, seconds) => ({ wall_ms: trueMs(seconds) - 2 * HOUR_MS }),
    );
    expect(reports[0]!.level).toBe("elevated");
    expect(reports.at(-1)!.level).toBe("critical");
  });

  it("is refused in seconds, and until a date in microseconds", () => {
    const sentinel = watched();
    expect(sentinel.acknowledge(id, ORDER, START_MS / 1_000)).toMatchObject({
      accepted: false,
      path: "/now_ms",
      detail: expect.stringContaining("seconds were given"),
    });
    const order = { ...ORDER, until_ms: START_MS * 1_000 };
    expect(sentinel.acknowledge(id, order, trueMs(700))).toMatchObject({
      accepted: false,
      path: "/until_ms",
    });
  });
});

describe("any sequence of readings", () => {
  const offset = fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    fc.constantFrom(-7_200_000, -600_000, -30_000, -6_000, 7_200_000, 86_400_000, 31_557_600_000),
    fc.integer({ min: -100_000_000, max: 100_000_000 }),
  );
  const offsets = fc.array(offset, { minLength: 1, maxLength: 100 });
  const attack = fc.constantFrom(...(Object.keys(ATTACKS) as (keyof typeof ATTACKS)[]));
  const POLLS = 110;

  /** Wrong readings come in stretches or alone; the last half hour of the course is read rightly. */
  const wallOf = (wrong: readonly number[], i: number, seconds: number): number =>
    trueMs(seconds) + (wrong[i] ?? 0);

  it("makes no level milder, with a monotonic clock", () => {
    fc.assert(
      fc.property(
        attack,
        fc.integer({ min: 8, max: 60 }),
        offsets,
        fc.nat(1e9),
        (name, at, wrong, base) => {
          const events = ATTACKS[name](POLLS, at);
          const monotonic = (seconds: number) => base + seconds * 1_000;
          const right = watch(create(), events, (_i, seconds) => ({
            wall_ms: trueMs(seconds),
            monotonic_ms: monotonic(seconds),
          }));
          const reports = watch(create(), events, (i, seconds) => ({
            // A first reading has nothing that it could be held against.
            wall_ms: i === 0 ? trueMs(0) : wallOf(wrong, i, seconds),
            monotonic_ms: monotonic(seconds),
          }));
          reports.forEach((report, i) => {
            expect(isWorseLevel(right[i]!.level, report.level)).toBe(false);
            if (report.clock !== "trusted") expect(report.level).not.toBe("normal");
          });
        },
      ),
      { numRuns: runs(40, 150) },
    );
  });

  it("hides no attack that goes on, with the wall clock alone", () => {
    fc.assert(
      fc.property(attack, fc.integer({ min: 8, max: 30 }), offsets, (name, at, wrong) => {
        const events = ATTACKS[name](160, at);
        const first = wrong.slice(0, 40);
        const reports = watch(create(), events, (i, seconds) => ({
          wall_ms: i === 0 ? trueMs(0) : wallOf(first, i, seconds),
        }));
        for (const report of reports) {
          if (report.clock !== "trusted") expect(report.level).not.toBe("normal");
        }
        const expected = {
          stall: "block_stall",
          unreachable: "node_unreachable",
          reorg: "reorg",
          retired: "retired_algorithm",
        }[name];
        expect(reports.some((report) => detectorsOf(report).includes(expected))).toBe(true);
        if (name === "stall" || name === "retired") expect(reports.at(-1)!.level).toBe("critical");
      }),
      { numRuns: runs(40, 150) },
    );
  });

  it("makes no level milder where one stretch is wrong, with the wall clock alone", () => {
    const stretch = fc.record({
      from: fc.integer({ min: 1, max: 90 }),
      length: fc.integer({ min: 1, max: 12 }),
      off: fc.constantFrom(
        -86_400_000,
        -7_200_000,
        -300_000,
        300_000,
        7_200_000,
        86_400_000,
        31_557_600_000,
      ),
    });
    fc.assert(
      fc.property(
        attack,
        fc.integer({ min: 8, max: 60 }),
        stretch,
        (name, at, { from, length, off }) => {
          const events = ATTACKS[name](POLLS, at);
          const right = watch(create(), events, (_i, seconds) => ({ wall_ms: trueMs(seconds) }));
          const reports = watch(create(), events, (i, seconds) => ({
            wall_ms: trueMs(seconds) + (i >= from && i < from + length ? off : 0),
          }));
          reports.forEach((report, i) => {
            expect(isWorseLevel(right[i]!.level, report.level)).toBe(false);
          });
        },
      ),
      { numRuns: runs(40, 150) },
    );
  });
});
