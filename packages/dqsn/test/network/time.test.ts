/** What readings of the clock do to the network state (design, section 3: time; section 4.2). */
import type { SignalV2 } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createNetworkState, type NetworkConfig, restoreNetworkState } from "../../src/index.js";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;
const REASON = { operator: "night-shift", reason: "NTP was wrong" };

const alarm = (node_id: string, observed_at?: number): SignalV2 =>
  report({
    node_id,
    operator: node_id,
    severity: 1,
    ...(observed_at === undefined ? {} : { observed_at }),
  });

/** Both clocks, as a process reads them. */
const both = (nowMs: number, passedMs = nowMs - NOW) => ({
  now_ms: nowMs,
  monotonic_ms: 5_000 + passedMs,
});

function alarmed(config: NetworkConfig = {}) {
  const network = createNetworkState({ expected_reporters: ["a", "b"], ...config });
  for (const id of ["a", "b"]) network.ingest(alarm(id, NOW), both(NOW));
  return network;
}

const restored = (network: ReturnType<typeof createNetworkState>, config: NetworkConfig = {}) => {
  const result = restoreNetworkState(JSON.parse(JSON.stringify(network.snapshot())), config);
  if (!result.restored) throw new Error(`${result.code} ${result.path}`);
  return result.network;
};

describe("a view at a wrong time", () => {
  it.each([2 * HOUR, YEAR])("that is %i ms ahead changes no later answer, nor a snapshot", (by) => {
    for (const wrong of [NOW + by, both(NOW + by, 1)]) {
      const network = alarmed();
      const before = network.snapshot();
      network.view(wrong);
      expect(network.snapshot()).toEqual(before);
      expect(network.view(NOW + 1_000)).toEqual(alarmed().view(NOW + 1_000));
      expect(network.ingest(alarm("a", NOW + 2_000), NOW + 2_000)).toEqual({ accepted: true });
      expect(network.view(NOW + 2_000)).toMatchObject({
        level: "CRITICAL_GLOBAL",
        clock: "trusted",
        as_of_ms: NOW + 2_000,
      });
      expect(restored(network).ingest(alarm("b", NOW + HOUR), NOW + HOUR).accepted).toBe(true);
    }
  });

  it("answers by the monotonic clock where both are known", () => {
    const view = alarmed().view(both(NOW + 2 * HOUR, 1_000));
    expect(view).toMatchObject({ clock: "ahead", level: "CRITICAL_GLOBAL", as_of_ms: NOW + 1_000 });
  });
});

describe("a clock that ran ahead", () => {
  it("without a monotonic clock is followed, and when it comes back no alarm is too old", () => {
    const network = createNetworkState();
    network.ingest(report({ node_id: "z", severity: 0 }), NOW + HOUR);
    for (const id of ["a", "b"]) {
      expect(network.ingest(alarm(id, NOW), NOW)).toEqual({ accepted: true });
    }
    expect(network.view(NOW)).toMatchObject({ clock: "behind", level: "CRITICAL_GLOBAL" });
    const later = restored(network);
    expect(later.ingest(alarm("a", NOW + 5), NOW + 5)).toEqual({ accepted: true });
    expect(later.view(NOW + 5)).toMatchObject({ clock: "behind", level: "CRITICAL_GLOBAL" });
  });

  it("without a monotonic clock leaves the level in force that its step ended", () => {
    const network = alarmed();
    network.ingest(report({ node_id: "z", severity: 0 }), NOW + 2 * HOUR);
    expect(network.view(NOW + 1_000)).toMatchObject({ clock: "behind", level: "CRITICAL_GLOBAL" });
  });

  it("with a monotonic clock makes nothing expire, and is UNKNOWN at least", () => {
    const network = createNetworkState({ hold_ms: 0 });
    network.ingest(report({ node_id: "a", severity: 0 }), both(NOW));
    const wrong = both(NOW + HOUR, 1_000);
    expect(network.ingest(alarm("b", NOW + 1_000), wrong)).toEqual({ accepted: true });
    expect(network.view(wrong)).toMatchObject({
      clock: "ahead",
      level: "CRITICAL_LOCAL",
      live_operators: 2,
    });
    const calm = createNetworkState({ hold_ms: 0 });
    calm.ingest(report({ node_id: "a", severity: 0 }), both(NOW));
    expect(calm.view(wrong)).toMatchObject({ clock: "ahead", level: "UNKNOWN", score: 0.25 });
  });

  it("is followed where it drifts slowly", () => {
    const network = createNetworkState({ hold_ms: 0 });
    // 0.2 s an hour, reported every five minutes for two days
    for (let k = 0; k <= 2 * 24 * 12; k++) {
      const passedMs = k * 300_000;
      const reading = both(NOW + passedMs + Math.round(passedMs / 18_000), passedMs);
      expect(network.ingest(report({ severity: 0 }), reading)).toEqual({ accepted: true });
      expect(network.view(reading)).toMatchObject({ clock: "trusted", level: "NORMAL" });
    }
  });
});

describe("a signal whose date is ahead of the clock", () => {
  it.each([5_000, 20_000, YEAR])("by %i ms counts from its receipt", (aheadMs) => {
    const network = createNetworkState({ ttl_ms: 60_000, hold_ms: 0 });
    const said = aheadMs > 10_000 ? { accepted: true, ahead_ms: aheadMs } : { accepted: true };
    for (const id of ["a", "b"]) {
      expect(network.ingest(alarm(id, NOW + aheadMs), NOW)).toEqual(said);
    }
    expect(network.view(NOW).level).toBe("CRITICAL_GLOBAL");
    expect(network.view(NOW + 59_999).level).toBe("CRITICAL_GLOBAL");
    expect(network.view(NOW + 60_000).level).toBe("UNKNOWN");
  });

  it("keeps the order of its sender's dates, also when an older one comes again", () => {
    const network = createNetworkState({ hold_ms: 0 });
    const calm = report({ severity: 0, observed_at: NOW + 30_000 });
    network.ingest(calm, NOW);
    network.ingest(report({ severity: 1, observed_at: NOW + 31_000 }), NOW + 1_000);
    network.ingest(calm, NOW + 2_000);
    expect(network.view(NOW + 2_000).level).toBe("CRITICAL_LOCAL");
    network.ingest(report({ severity: 0, observed_at: NOW + 33_000 }), NOW + 3_000);
    expect(network.view(NOW + 3_000).level).toBe("NORMAL");
  });
});

describe("acceptClock", () => {
  it("ends a step back: what lay in the future counts from now, and no longer than anew", () => {
    const network = createNetworkState({ hold_ms: 60_000 });
    for (const id of ["a", "b"]) network.ingest(alarm(id), NOW + HOUR);
    expect(network.view(NOW).clock).toBe("behind");
    const record = network.acceptClock(REASON, NOW);
    expect(record).toEqual({ ...REASON, at_ms: NOW, from_ms: NOW + HOUR, clock: "behind" });
    const views = [network, restored(network)].map((each) => [
      each.view(NOW),
      each.view(NOW + 299_999),
      each.view(NOW + 359_999),
      each.view(NOW + 360_000),
    ]);
    expect(views[1]).toEqual(views[0]);
    expect(views[0]!.map(({ level }) => level)).toEqual([
      "CRITICAL_GLOBAL",
      "CRITICAL_GLOBAL",
      "CRITICAL_GLOBAL",
      "UNKNOWN",
    ]);
    expect(views[0]![0]).toMatchObject({ clock: "trusted", as_of_ms: NOW });
    expect(network.snapshot().clock_accepted).toEqual([record]);
  });

  it("ends a step forward: what came since counts, what is old goes, the level is held", () => {
    const network = alarmed({ expected_reporters: [] });
    const ahead = both(NOW + HOUR, 1_000);
    network.ingest(alarm("c", NOW + HOUR), ahead);
    expect(network.view(ahead).clock).toBe("ahead");
    network.acceptClock(REASON, ahead);
    expect(network.view(both(NOW + HOUR, 1_000))).toMatchObject({
      clock: "trusted",
      level: "CRITICAL_GLOBAL",
      critical_operators: ["c"],
    });
    expect(network.view(both(NOW + HOUR + 60_000, 61_000))).toMatchObject({
      clock: "trusted",
      level: "CRITICAL_LOCAL",
    });
  });

  it("brings back no level whose hold had passed", () => {
    const network = createNetworkState();
    network.ingest(alarm("a", NOW), NOW);
    network.ingest(report({ node_id: "a", operator: "a", severity: 0 }), NOW + 1);
    network.ingest(report({ node_id: "b", severity: 0 }), NOW + HOUR);
    network.ingest(report({ node_id: "b", severity: 0 }), NOW + HOUR + 61_000);
    network.acceptClock(REASON, NOW + HOUR / 2);
    expect(network.view(NOW + HOUR / 2)).toMatchObject({ clock: "trusted", level: "UNKNOWN" });
  });

  it.each([
    [{ operator: "", reason: "r" }, "/operator"],
    [{ operator: "o", reason: "" }, "/reason"],
    [{ operator: "o" }, "/reason"],
    [undefined, ""],
  ])("refuses the acceptance %j", (acceptance, path) => {
    const network = alarmed();
    const before = network.snapshot();
    expect(() => network.acceptClock(acceptance as never, NOW)).toThrow(
      expect.objectContaining({ code: "invalid_acceptance", path }),
    );
    expect(() => network.acceptClock(REASON, 1_782_664_805)).toThrow(
      expect.objectContaining({ code: "invalid_time" }),
    );
    expect(network.snapshot()).toEqual(before);
  });

  it("keeps the last 16 acceptances", () => {
    const network = createNetworkState();
    for (let i = 0; i < 20; i++) network.acceptClock({ ...REASON, reason: `r${i}` }, NOW + i);
    const { clock_accepted } = restored(network).snapshot();
    expect(clock_accepted.map(({ reason }) => reason).at(0)).toBe("r4");
    expect(clock_accepted).toHaveLength(16);
  });
});
