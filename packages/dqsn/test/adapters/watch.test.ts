import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLog } from "../../src/adapters/log.js";
import { type Change, createWatch, tapNetwork } from "../../src/adapters/watch.js";
import { createNetworkState } from "../../src/index.js";
import { pino } from "pino";
import { report } from "../signals.js";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("createWatch", () => {
  it("tells of the first look and of changes, not of looks", () => {
    const network = createNetworkState();
    const told: Change[] = [];
    const watch = createWatch({ network, listeners: [(change) => told.push(change)] });
    vi.advanceTimersByTime(5_000);
    network.ingest(report({ severity: 0.9 }), Date.now());
    vi.advanceTimersByTime(5_000);
    watch.close();
    vi.advanceTimersByTime(5_000);
    expect(told.map(({ previous, view }) => [previous?.level, view.level])).toEqual([
      [undefined, "UNKNOWN"],
      ["UNKNOWN", "CRITICAL_LOCAL"],
    ]);
    expect(watch.stats()).toMatchObject({ looks: 11, changes: 2 });
  });

  it("outlives listeners and clocks that fail, and counts them", () => {
    const clock = vi.fn(() => Date.now());
    const second = vi.fn();
    const broken = () => {
      throw new Error("down");
    };
    const watch = createWatch({
      network: createNetworkState(),
      clock,
      listeners: [broken, second],
    });
    clock.mockReturnValueOnce(NaN);
    watch.look();
    expect(second).toHaveBeenCalledTimes(1);
    expect(watch.stats()).toMatchObject({ failedLooks: 1, failedListeners: 1 });
    watch.close();
  });
});

describe("tapNetwork", () => {
  it("answers as the network does, whatever a listener does", () => {
    const network = tapNetwork(createNetworkState(), [
      () => {
        throw new Error("down");
      },
    ]);
    expect(network.ingest(report(), 1)).toEqual({ accepted: true });
    expect(network.ingest({}, 1)).toMatchObject({ accepted: false });
  });
});

describe("createLog", () => {
  const written = () => {
    const lines: string[] = [];
    return { lines, logger: pino({ base: null }, { write: (line: string) => lines.push(line) }) };
  };

  it("writes one line a change, and one a minute about refusals", () => {
    const { lines, logger } = written();
    const log = createLog({ logger });
    const network = tapNetwork(createNetworkState(), [log.onIngest]);
    const watch = createWatch({ network, listeners: [log.onChange] });
    for (let i = 0; i < 10_000; i++) network.ingest({}, Date.now());
    network.ingest(report({ severity: 0.9 }), Date.now());
    vi.advanceTimersByTime(61_000);
    watch.close();
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, event: "dqsn_picture_changed", previous_level: null },
      { level: 50, event: "dqsn_picture_changed", previous_level: "UNKNOWN" },
      { level: 40, event: "dqsn_signals_refused", refused: { DQSN_ERROR_SIGNAL_INVALID: 10_000 } },
    ]);
  });

  it("writes what has been counted when it is closed", () => {
    const { lines, logger } = written();
    const log = createLog({ logger });
    log.onIngest({ accepted: false, code: "DQSN_ERROR_STATE_FULL", path: "" }, 1);
    log.close();
    log.close();
    expect(lines).toHaveLength(1);
  });

  it("lets no name forge or turn a line", () => {
    const { lines, logger } = written();
    const hostile = 'op"}\u2028{"level":10,"x":"\u202e';
    const view = {
      ...createNetworkState().view(1),
      critical_operators: Array.from({ length: 100 }, () => hostile),
    };
    createLog({ logger }).onChange({ view });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[\u0020-\u007e]*\n$/);
    const line = JSON.parse(lines[0]!);
    expect([line.critical_operators, line.critical_operator_names.length]).toEqual([100, 16]);
  });
});
