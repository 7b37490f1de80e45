import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLog } from "../../../src/adapters/log/index.js";
import { type Change, createWatch, tapNetwork } from "../../../src/adapters/watch/index.js";
import { createNetworkState } from "../../../src/index.js";
import { pino } from "pino";
import { report } from "../../support/signals.js";

const NOW = 1_782_664_805_000;
beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("createWatch", () => {
  it("reports the first look and changes, not each look", () => {
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
    expect(network.ingest(report(), NOW)).toEqual({ accepted: true });
    expect(network.ingest({}, NOW)).toMatchObject({ accepted: false });
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
      ...createNetworkState().view(NOW),
      critical_operators: Array.from({ length: 32 }, () => hostile),
      critical_operators_count: 100,
      silent_reporters: Array.from({ length: 32 }, () => hostile),
      silent_reporters_count: 200,
    };
    createLog({ logger }).onChange({ view });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[\u0020-\u007e]*\n$/);
    const line = JSON.parse(lines[0]!);
    expect([line.critical_operators, line.critical_operator_names.length]).toEqual([100, 16]);
    expect([line.silent_reporters, line.silent_reporter_names.length]).toEqual([200, 16]);
  });
});

describe("listeners", () => {
  it("that are asynchronous and fail do not end the process", async () => {
    const failing = async () => Promise.reject(new Error("down"));
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const network = tapNetwork(createNetworkState(), [failing]);
    const watch = createWatch({ network, listeners: [failing] });
    network.ingest(report(), NOW);
    watch.close();
    vi.useRealTimers();
    await new Promise((done) => setTimeout(done, 10));
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it("cannot change what another one, the watch or the caller gets", () => {
    const seen: unknown[] = [];
    const spoil = (change: Change) => {
      Object.assign(change.view, { level: "NORMAL", score: 0 });
      change.view.critical_operators.length = 0;
    };
    const network = tapNetwork(createNetworkState(), [
      (result) => void Object.assign(result, { accepted: true }),
    ]);
    network.ingest(report({ severity: 0.9 }), NOW);
    const watch = createWatch({
      network,
      listeners: [spoil, ({ view }) => seen.push(view.level, view.critical_operators)],
    });
    watch.look();
    watch.close();
    expect(seen).toEqual(["CRITICAL_LOCAL", ["node-a"]]);
    expect(network.ingest({}, NOW)).toMatchObject({ accepted: false });
  });

  it.each([0, NaN, 2 ** 31, "1"])("refuses an interval of %s", (value) => {
    const options = { network: createNetworkState(), listeners: [], intervalMs: value } as never;
    expect(() => createWatch(options)).toThrow(/intervalMs/);
    const log = { logger: pino({ level: "silent" }), refusalIntervalMs: value } as never;
    expect(() => createLog(log)).toThrow(/refusalIntervalMs/);
  });

  it("that write to a logger that throws disturb nothing, in a timer neither", () => {
    const logger = pino({ level: "silent" });
    const down = () => {
      throw new Error("down");
    };
    const log = createLog({ logger: { ...logger, info: down, warn: down, error: down } });
    log.onChange({ view: createNetworkState().view(NOW) });
    log.onIngest({ accepted: false, code: "DQSN_ERROR_STATE_FULL", path: "" }, NOW);
    expect(() => vi.advanceTimersByTime(61_000)).not.toThrow();
  });

  it("count no more than 64 codes apart", () => {
    const lines: string[] = [];
    const log = createLog({ logger: pino({}, { write: (line: string) => lines.push(line) }) });
    for (let i = 0; i < 1_000; i++) {
      log.onIngest({ accepted: false, code: `CODE_${i}`, path: "" } as never, NOW);
    }
    log.close();
    const { refused } = JSON.parse(lines[0]!);
    expect([Object.keys(refused).length, refused.OTHER]).toEqual([65, 936]);
  });

  it("write neither metadata nor anything else of a signal", () => {
    const lines: string[] = [];
    const log = createLog({ logger: pino({}, { write: (line: string) => lines.push(line) }) });
    const network = tapNetwork(createNetworkState(), [log.onIngest]);
    const url = "nats://user:secret@host";
    network.ingest(report({ severity: 1, metadata: { url } }), NOW);
    network.ingest({ ...report(), metadata: { url }, [url]: url }, NOW);
    createWatch({ network, listeners: [log.onChange] }).close();
    log.close();
    expect(lines).toHaveLength(2);
    expect(lines.join()).not.toContain("secret");
  });
});
