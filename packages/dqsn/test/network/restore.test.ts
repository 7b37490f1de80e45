import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import {
  createNetworkState,
  type NetworkConfig,
  type NetworkSnapshot,
  restoreNetworkState,
} from "../../src/index.js";
import { checksumOf } from "../../src/network/snapshot.js";
import { history, live } from "../support/histories.js";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;
const CONFIG: NetworkConfig = { ttl_ms: 1_000, hold_ms: 500, expected_reporters: ["b"] };

function sample(): NetworkSnapshot {
  const network = createNetworkState(CONFIG);
  network.ingest(report({ severity: 0.9, metadata: { height: 7 } }), NOW);
  network.ingest(report({ node_id: "b", observed_at: NOW + 5 }), NOW + 20);
  network.ingest(report({ severity: 0 }), NOW + 30);
  network.mute({ operator: "loud" });
  network.mute({ node_id: "b" });
  network.mute({ node_id: "c", operator: "loud" });
  return JSON.parse(JSON.stringify(network.snapshot())) as NetworkSnapshot;
}

const refusal = (code: string, path: string) => ({
  restored: false,
  code,
  path,
});

/** A forger that computes checksums. */
const sealed = (snapshot: NetworkSnapshot): NetworkSnapshot => ({
  ...snapshot,
  seal: checksumOf(
    snapshot,
    snapshot.signals.map(({ time_ms, date_ms }) => [time_ms, date_ms] as const),
  ),
});

describe("restoreNetworkState", () => {
  it("gives a view with the same views, digest and future", () => {
    fc.assert(
      fc.property(history, fc.nat(200), (lived, passMs) => {
        const network = live(lived, () => undefined);
        const snapshot = network.snapshot();
        const text = JSON.stringify(snapshot);
        const result = restoreNetworkState(JSON.parse(text), lived.config);
        if (!result.restored) throw new Error(result.path);
        const takenMs = snapshot.as_of_ms || NOW;
        const later = takenMs + passMs;
        const news = report({ node_id: "new", severity: 0.7 });
        for (const nowMs of [takenMs, later]) {
          expect(result.network.view(nowMs)).toEqual(network.view(nowMs));
          expect(result.network.ingest(news, nowMs)).toEqual(network.ingest(news, nowMs));
        }
        expect(result.network.snapshot()).toEqual(network.snapshot());
      }),
      { numRuns: runs(100, 500) },
    );
  });

  it("refuses every snapshot in which one value was changed, and never throws", () => {
    const whole = JSON.stringify(sample());
    expect(restoreNetworkState(JSON.parse(whole), CONFIG).restored).toBe(true);
    const changed = [...whole.matchAll(/[0-9a-zA-Z]/g)].map(({ index }) => {
      const unit = whole.charAt(index);
      return `${whole.slice(0, index)}${unit === "1" ? "2" : "1"}${whole.slice(index + 1)}`;
    });
    for (const text of changed) {
      const value = parsed(text);
      if (value === undefined) continue;
      const result = restoreNetworkState(value, CONFIG);
      expect(result, text).toMatchObject({ restored: false });
    }
  });

  it.each([
    ["nothing", () => null, "DQSN_ERROR_SNAPSHOT_INVALID", ""],
    ["a list", () => [], "DQSN_ERROR_SNAPSHOT_INVALID", "/version"],
    [
      "another version",
      (s: object) => ({ ...s, version: 1 }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/version",
    ],
    [
      "an unknown field",
      (s: object) => ({ ...s, more: 1 }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/more",
    ],
    [
      "another time",
      (s: object) => ({ ...s, as_of_ms: NOW + 1_000 }),
      "DQSN_ERROR_SNAPSHOT_CORRUPT",
      "/seal",
    ],
    [
      "no target muted",
      (s: object) => ({ ...s, muted: { node_ids: [], operators: [], operator_nodes: [] } }),
      "DQSN_ERROR_SNAPSHOT_CORRUPT",
      "/seal",
    ],
    [
      "a signal less",
      ({ signals, ...s }: NetworkSnapshot) => ({ ...s, signals: signals.slice(1) }),
      "DQSN_ERROR_SNAPSHOT_CORRUPT",
      "/seal",
    ],
    [
      "a throwing getter",
      (s: object) =>
        Object.defineProperty({ ...s }, "version", {
          get: () => {
            throw new Error("no");
          },
        }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "",
    ],
  ])("refuses a snapshot with %s", (_, change, code, path) => {
    expect(restoreNetworkState((change as (s: unknown) => unknown)(sample()), CONFIG)).toEqual(
      refusal(code, path),
    );
  });

  it.each([
    [
      "a signal that is not valid",
      (s: NetworkSnapshot) => withFirst(s, { signal: report({ severity: 2 }) }),
      "DQSN_ERROR_SIGNAL_INVALID",
      "/signals/0/signal/severity",
    ],
    [
      "another signal",
      (s: NetworkSnapshot) => withFirst(s, { signal: report({ type: "reorg" }), time_ms: NOW }),
      "DQSN_ERROR_SNAPSHOT_CORRUPT",
      "/digest",
    ],
    [
      "a date that its signal contradicts",
      (s: NetworkSnapshot) => withFirst(s, { signal: report({ observed_at: NOW - 5 }) }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/signals/0/date_ms",
    ],
    [
      "an arrival after the snapshot",
      (s: NetworkSnapshot) => withFirst(s, { signal: report(), time_ms: NOW + 31 }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/signals/0/time_ms",
    ],
    [
      "a date ahead that is not its signal's",
      (s: NetworkSnapshot) =>
        withFirst(s, { signal: report({ observed_at: NOW + 9_999 }), date_ms: NOW + 9_998 }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/signals/0/date_ms",
    ],
    [
      "a signal twice",
      (s: NetworkSnapshot) => ({ ...s, signals: [s.signals[0]!, s.signals[0]!] }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/signals/1/signal",
    ],
    [
      "a change after the snapshot",
      (s: NetworkSnapshot) => ({ ...s, changed_ms: NOW + 31 }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/changed_ms",
    ],
    [
      "signals before any change",
      (s: NetworkSnapshot) => ({ ...s, changed_ms: null }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/changed_ms",
    ],
    [
      "a level held into the future",
      (s: NetworkSnapshot) => ({ ...s, held_until_ms: { ...s.held_until_ms, ELEVATED: NOW + 31 } }),
      "DQSN_ERROR_SNAPSHOT_INVALID",
      "/held_until_ms/ELEVATED",
    ],
  ])("refuses a snapshot with %s, though its seal is right", (_, change, code, path) => {
    const forged = sealed(change(sample()));
    expect(restoreNetworkState(forged, CONFIG)).toEqual(refusal(code, path));
  });

  it("refuses what has no room under a new configuration", () => {
    const config = { ...CONFIG, max_live_signals: 1 };
    expect(restoreNetworkState(sample(), config)).toEqual(
      refusal("DQSN_ERROR_STATE_FULL", "/signals"),
    );
  });

  it("goes on under a new configuration", () => {
    const result = restoreNetworkState(sample(), { ...CONFIG, ttl_ms: 10, hold_ms: 0 });
    if (!result.restored) throw new Error(result.path);
    // node-a's calm report is from NOW + 30: live until NOW + 40; b's from NOW + 5 is not live any more
    expect(result.network.view(NOW + 39).channels.consensus.signals).toBe(1);
    expect(result.network.view(NOW + 40).level).toBe("UNKNOWN");
  });

  it("never throws for anything", () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(restoreNetworkState(value).restored).toBe(false);
      }),
    );
  });
});

function withFirst(
  snapshot: NetworkSnapshot,
  entry: Partial<NetworkSnapshot["signals"][number]>,
): NetworkSnapshot {
  const { signals } = snapshot;
  const at = signals.findIndex(
    ({ signal }) => (signal as { node_id: string }).node_id === "node-a",
  );
  return { ...snapshot, signals: [{ ...signals[at]!, ...entry }, ...signals.toSpliced(at, 1)] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
