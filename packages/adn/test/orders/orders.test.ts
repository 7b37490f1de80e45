/** Row G1: an operator's order, or a release, hides no newer incident. */
import type {
  DefenseEvent,
  DqsnResponse,
  Finding,
  NetworkView,
  SentinelReport,
} from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  eventsFromDqsn,
  eventsFromNetwork,
  eventsFromSentinel,
  sentinelEventId,
} from "../../src/index.js";
import { event, node, T } from "../support/events.js";

const TTL = { event_ttl_ms: 90_000 };
const NONE = {
  kind: "lockdown",
  lockdown: "NONE",
  until_ms: T + 3_600_000,
  operator: "ann",
  reason: "planned",
};

const quiet = { score: 0, signals: 0 };
const consensus = { score: 0.95, signals: 4 };
const view = (change: Partial<NetworkView> = {}): NetworkView => ({
  as_of_ms: T,
  clock: "trusted",
  level: "CRITICAL_GLOBAL",
  score: 0.95,
  channels: { consensus, mempool: quiet, wallet: quiet, infra: quiet },
  live_operators: 4,
  critical_operators: ["b", "c"],
  critical_operators_count: 2,
  silent_reporters: [],
  silent_reporters_count: 0,
  quorum: 2,
  digest: "00".repeat(32),
  ...change,
});

/** Applies the first for a while, orders NONE, applies it again, and then what comes. */
function afterOrder(first: DefenseEvent[], next: DefenseEvent[]) {
  const defended = node({ event_ttl_ms: 60_000 });
  defended.apply(first, T);
  defended.override(NONE, T);
  const renewed = defended.apply(first, T + 1_000);
  return { renewed, state: defended.apply(next, T + 2_000), defended };
}

describe("an order that lowers the state", () => {
  const known = eventsFromNetwork(view(), T, TTL);

  it("holds while the same network incident goes on, poll after poll", () => {
    const later = view({ as_of_ms: T + 2_000, digest: "11".repeat(32) });
    const { renewed, state } = afterOrder(known, eventsFromNetwork(later, T + 2_000, TTL));
    expect(renewed.lockdown).toBe("NONE");
    expect(state.lockdown).toBe("NONE");
  });

  it.each<[title: string, change: Partial<NetworkView>]>([
    [
      "further operators",
      { critical_operators: ["b", "c", "d", "e"], critical_operators_count: 4 },
    ],
    ["other operators", { critical_operators: ["d", "e"] }],
    ["operators beyond those that are named", { critical_operators_count: 40 }],
    [
      "another channel",
      { channels: { consensus: quiet, mempool: quiet, wallet: consensus, infra: quiet } },
    ],
    [
      "further channels",
      { channels: { consensus, mempool: consensus, wallet: quiet, infra: quiet } },
    ],
    [
      "further types of the same operators",
      {
        channels: {
          consensus: { score: 0.95, signals: 6 },
          mempool: quiet,
          wallet: quiet,
          infra: quiet,
        },
      },
    ],
    ["silence", { silent_reporters: ["n-2"], silent_reporters_count: 1 }],
    ["a clock that is behind", { clock: "behind" }],
  ])("hides no network incident with %s", (_title, change) => {
    const { renewed, state } = afterOrder(known, eventsFromNetwork(view(change), T + 2_000, TTL));
    expect(renewed.lockdown).toBe("NONE");
    expect(state.lockdown).toBe("FULL");
  });

  it("hides no other type of the same operators, where DQSN names the critical types", () => {
    const of = (names: string[], count = names.length) =>
      eventsFromNetwork(view(), T + 2_000, { ...TTL, critical_types: { names, count } });
    const stall = of(["block_stall"]);
    expect(afterOrder(stall, of(["block_stall"])).state.lockdown).toBe("NONE");
    for (const other of [
      of(["retired_algorithm"]),
      of(["block_stall", "x"]),
      of(["block_stall"], 2),
    ]) {
      expect(afterOrder(stall, other).state.lockdown).toBe("FULL");
    }
    const unreadable = { ...TTL, critical_types: { names: "block_stall", count: 1 } };
    const other = eventsFromNetwork(view(), T + 2_000, unreadable as never);
    expect(afterOrder(stall, other).state.lockdown).toBe("FULL");
  });

  it("stays undone once another incident was seen, also where the first comes back", () => {
    const other = eventsFromNetwork(view({ critical_operators: ["d", "e"] }), T, TTL);
    const { defended } = afterOrder(known, other);
    expect(defended.apply(known, T + 3_000).lockdown).toBe("FULL");
  });

  const response = (change: Partial<DqsnResponse> = {}): DqsnResponse => ({
    contract_version: 3,
    component: "dqsn",
    request_id: "r-1",
    context_hash: "00".repeat(32),
    decision: "BLOCK",
    risk: { score: 1, tier: "CRITICAL" },
    reason_codes: ["DQSN_BLOCK", "SENTINEL_BLOCK_STALL"],
    evidence: { signals: [signal("BLOCK", "SENTINEL_BLOCK_STALL")] },
    meta: { fail_closed: true },
    ...change,
  });
  const signal = (decision: string, code: string) => ({
    component: "sentinel",
    decision,
    reason_codes: [code],
  });

  it("holds while DQSN gives the same answer", () => {
    const first = eventsFromDqsn(response(), T, TTL);
    const same = response({ request_id: "r-2", context_hash: "11".repeat(32) });
    expect(afterOrder(first, eventsFromDqsn(same, T + 2_000, TTL)).state.lockdown).toBe("NONE");
  });

  it.each<[title: string, change: Partial<DqsnResponse>]>([
    ["another code", { reason_codes: ["DQSN_BLOCK", "SENTINEL_RETIRED_ALGORITHM"] }],
    [
      "a further code",
      { reason_codes: ["DQSN_BLOCK", "SENTINEL_BLOCK_STALL", "SENTINEL_RETIRED_ALGORITHM"] },
    ],
    ["another decision", { decision: "ERROR" }],
    [
      "a further signal of the same code",
      {
        evidence: {
          signals: [
            signal("BLOCK", "SENTINEL_BLOCK_STALL"),
            signal("BLOCK", "SENTINEL_BLOCK_STALL"),
          ],
        },
      },
    ],
  ])("hides no answer of DQSN with %s", (_title, change) => {
    const first = eventsFromDqsn(response(), T, TTL);
    const next = eventsFromDqsn(response(change), T + 2_000, TTL);
    expect(afterOrder(first, next).state.lockdown).toBe("FULL");
  });

  const finding = (change: Partial<Finding> = {}): Finding => ({
    finding_id: "f-1",
    detector: "block_stall",
    severity: 0.9,
    summary: "no block for 4 minutes",
    height: 1,
    detected_at_ms: T - 100,
    latched: false,
    evidence: {},
    ...change,
  });
  const report = (findings: Finding[], change: Partial<SentinelReport> = {}): SentinelReport => ({
    node_id: "node-1",
    chain: "digibyte",
    observed_at_ms: T,
    clock: "trusted",
    status: "WATCHING",
    tip: null,
    level: "critical",
    score: 0.9,
    findings,
    detectors: ["block_stall"],
    ...change,
  });
  const reported = (findings: Finding[], change: Partial<SentinelReport> = {}) =>
    eventsFromSentinel(report(findings, change), T + 2_000, TTL);

  it("holds while a finding lasts, also where its text changes", () => {
    const longer = reported([finding({ summary: "no block for 5 minutes" })]);
    expect(afterOrder(reported([finding()]), longer).state.lockdown).toBe("NONE");
  });

  it.each<[title: string, change: Partial<Finding>]>([
    ["detected anew under the same id", { detected_at_ms: T + 1_500 }],
    ["of another detector under the same id", { detector: "retired_algorithm" }],
    ["that latches", { latched: true }],
    ["that worsened", { severity: 0.91 }],
    ["of another id", { finding_id: "f-2" }],
  ])("hides no finding %s", (_title, change) => {
    const next = reported([finding(change)], { score: 0.95 });
    expect(afterOrder(reported([finding()]), next).state.lockdown).toBe("FULL");
  });

  it("hides no level that rests on other findings", () => {
    const mild = (finding_id: string) => finding({ finding_id, severity: 0.1 });
    const first = reported([mild("f-1")]);
    expect(afterOrder(first, reported([mild("f-1")])).state.lockdown).toBe("NONE");
    expect(afterOrder(first, reported([mild("f-1"), mild("f-2")])).state.lockdown).toBe("FULL");
  });

  const lasting = event({ expires_at_ms: T + 80_000 });
  it.each<[title: string, change: Partial<DefenseEvent>]>([
    ["type", { type: "key_theft" }],
    ["source", { source: "guardian" }],
    ["reach", { local: false }],
  ])("hides no event of the same id with another %s", (_title, change) => {
    const { renewed, state } = afterOrder([lasting], [{ ...lasting, ...change }]);
    expect(renewed.lockdown).toBe("NONE");
    expect(state.lockdown).toBe("FULL");
  });

  it("hides no event that was reported milder in between", () => {
    const defended = node();
    const latched = event({ expires_at_ms: null });
    defended.apply([latched], T);
    defended.apply([{ ...latched, severity: 0.1, observed_at_ms: T + 10 }], T + 10);
    defended.override(NONE, T + 20);
    expect(defended.apply([{ ...latched, observed_at_ms: T + 30 }], T + 30).lockdown).toBe("FULL");
  });

  it("hides no other malformed field", () => {
    const malformed = (field: string) => [{ ...event(), [field]: undefined }] as never;
    const { renewed, state } = afterOrder(malformed("severity"), malformed("type"));
    expect(renewed.lockdown).toBe("NONE");
    expect(state.lockdown).toBe("FULL");
  });

  it("lets FULL make no level milder", () => {
    const defended = node();
    defended.apply([event({ severity: 1 })], T);
    expect(defended.override({ ...NONE, lockdown: "FULL" }, T)).toMatchObject({
      level: "critical",
      score: 1,
    });
  });
});

describe("a release", () => {
  const latched = event({ event_id: "x", severity: 0.9, expires_at_ms: null });
  const RELEASE = { kind: "release", event_id: "x", operator: "ann", reason: "seen" };
  const released = () => {
    const defended = node();
    defended.apply([latched], T);
    defended.override(RELEASE, T);
    return defended;
  };

  it("waives the very observation", () => {
    expect(released().apply([latched], T + 10).lockdown).toBe("NONE");
  });

  it.each<[title: string, change: Partial<DefenseEvent>]>([
    ["observed later", { observed_at_ms: T + 1 }],
    ["observed earlier, and not known then", { observed_at_ms: T - 1 }],
    ["dated in the future", { observed_at_ms: T + 10 ** 10 }],
    ["worse", { severity: 0.91 }],
    ["of another type", { type: "key_theft" }],
    ["of another source", { source: "guardian" }],
    ["that is not local", { local: false }],
  ])("hides no event of the same id that is %s", (_title, change) => {
    expect(released().apply([{ ...latched, ...change }], T + 20).lockdown).toBe("FULL");
  });

  it("hides no latch where what was released did not latch", () => {
    const defended = node();
    const passing = { ...latched, expires_at_ms: T + 600_000 };
    defended.apply([passing], T);
    defended.override(RELEASE, T);
    expect(defended.apply([passing], T + 10).lockdown).toBe("NONE");
    expect(defended.apply([latched], T + 10).lockdown).toBe("FULL");
  });

  it("finds what a finding caused by sentinelEventId, however long its ids are", () => {
    const ids = ["n".repeat(128), "f".repeat(128)] as const;
    expect(sentinelEventId(...ids)).toMatch(/^sentinel:[0-9a-f]{64}$/);
    expect(sentinelEventId("node-1", "f-1")).toBe("sentinel:node-1:f-1");
  });
});

describe("an event of another source", () => {
  it("with the same id neither ends nor softens what was there, nor makes it other than local", () => {
    const defended = node();
    defended.apply([event({ expires_at_ms: T + 80_000 })], T);
    const state = defended.apply(
      [event({ source: "guardian", severity: 0, local: false })],
      T + 10,
    );
    expect(state).toMatchObject({ lockdown: "FULL", score: 0.8 });
    expect(state.events).toHaveLength(2);
    expect(defended.state(T + 79_000).lockdown).toBe("FULL");
  });
});
