/** Rows E1 to E3: nothing is read through a prototype, no result shares anything, no table can be changed. */
import type { DefenseState, DqsnResponse, NetworkView, SentinelReport } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  ACTIONS,
  createDefenseNode,
  defenseNodeConfigSchema,
  eventsFromDqsn,
  eventsFromNetwork,
  eventsFromSentinel,
  operatorOrderSchema,
  createMethodPolicy,
  toEnvelope,
  toSignals,
} from "../src/index.js";
import { event, node, T, without } from "./support/events.js";
import { events as guardianEvents, rpc } from "./support/inputs.js";

function polluted<V>(key: string, value: unknown, run: () => V): V {
  Object.defineProperty(Object.prototype, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(Object.prototype, key);
  }
}

const channel = { score: 0.7, signals: 1 };
const view: NetworkView = {
  as_of_ms: T,
  clock: "trusted",
  level: "CRITICAL_GLOBAL",
  score: 0.9,
  channels: { consensus: channel, mempool: channel, wallet: channel, infra: channel },
  live_operators: 2,
  critical_operators: ["a", "b"],
  critical_operators_count: 2,
  silent_reporters: [],
  silent_reporters_count: 0,
  quorum: 2,
  digest: "00".repeat(32),
};
const response: DqsnResponse = {
  contract_version: 3,
  component: "dqsn",
  request_id: "r",
  context_hash: "00".repeat(32),
  decision: "BLOCK",
  risk: { score: 1, tier: "CRITICAL" },
  reason_codes: ["A"],
  evidence: { signals: [{ component: "sentinel", decision: "BLOCK", reason_codes: ["A"] }] },
  meta: { fail_closed: true },
};
const report: SentinelReport = {
  node_id: "node-1",
  chain: "digibyte",
  observed_at_ms: T,
  clock: "trusted",
  status: "WATCHING",
  tip: null,
  level: "critical",
  score: 0.95,
  findings: [],
  detectors: [],
};
const order = {
  kind: "lockdown",
  lockdown: "PARTIAL",
  until_ms: T + 60_000,
  operator: "ann",
  reason: "r",
};

const methodPolicy = createMethodPolicy({ methods: [{ name: "sendtoaddress", kind: "spend" }] });
const decideAt = (method: string, state: Pick<DefenseState, "lockdown">) =>
  methodPolicy.decide({ client: { role: "spender" }, method, ...state });

/** Everything public, once. */
function everything() {
  const defended = createDefenseNode({ node_id: "node-1" });
  const events = [
    ...eventsFromNetwork(view, T),
    ...eventsFromDqsn(response, T),
    ...eventsFromSentinel(report, T),
    event(),
  ];
  const applied = defended.apply(events, { now_ms: T, monotonic_ms: 0 });
  const ordered = defended.override(order, T + 1);
  const accepted = defended.acceptClock({ operator: "ann", reason: "r" }, T + 2);
  const spiked = defended.noteWithdrawals(guardianEvents("freeze", 3), T + 2);
  const abused = defended.noteTelemetry({ ...rpc({ refused: 999 }), peers: 0 }, T + 2);
  const released = defended.override(
    { kind: "release", event_id: "e-1", operator: "ann", reason: "r" },
    T + 3,
  );
  const snapshot = defended.snapshot();
  const again = createDefenseNode({ node_id: "node-1", snapshot }).state(T + 4);
  return {
    states: [applied, ordered, accepted, spiked, abused, released, again],
    snapshot,
    events,
    releases: defended.releases(),
    acceptances: defended.clockAcceptances(),
    signals: toSignals(applied),
    envelope: toEnvelope(applied, "r"),
    rpc: ["sendtoaddress", "stop", "nope"].map((method) => decideAt(method, applied)),
    incomplete: [
      eventsFromSentinel(without(report, "node_id") as never, T),
      node().apply([{}], T),
      node().noteTelemetry({} as never, T),
      node().noteWithdrawals([{}] as never, T),
      node().override({}, T),
      node().acceptClock({}, T),
      decideAt("sendtoaddress", {} as never),
    ],
  };
}

const fieldsOf = (value: unknown): string[] => {
  if (typeof value !== "object" || value === null) return [];
  const below = Object.values(value).flatMap(fieldsOf);
  return Array.isArray(value) ? below : [...Object.keys(value), ...below];
};

const CONFIG = [
  "thresholds",
  "partial",
  "full",
  "hold_ms",
  "event_ttl_ms",
  "max_event_ttl_ms",
  "snapshot",
];
const OTHERS = [
  "max_override_ms",
  "max_clock_skew_ms",
  "now_ms",
  "monotonic_ms",
  "anchor",
  "x",
  "value",
];
const FIELDS = [
  ...new Set([
    ...fieldsOf(everything()),
    ...fieldsOf([view, response, report, order]),
    ...CONFIG,
    ...OTHERS,
  ]),
].filter((field) => !["value"].includes(field));

describe("a member that every object inherits", () => {
  const clean = JSON.stringify(everything());
  it.each(FIELDS)("named %s changes no answer", (field) => {
    for (const value of [
      "ALLOW",
      "NONE",
      "normal",
      0,
      1,
      true,
      null,
      [],
      { lockdown: "NONE" },
      undefined,
    ]) {
      expect(
        polluted(field, value, () => JSON.stringify(everything())),
        JSON.stringify(value),
      ).toBe(clean);
    }
  });

  it("supplies no missing field of an event, an order, a report, a state or a reading", () => {
    for (const [field, value] of Object.entries(event())) {
      const partial = without(event({ severity: 0 }), field);
      const state = polluted(field, value, () => node().apply([partial], T));
      expect(state.events[0], field).toMatchObject({ type: "malformed_event" });
    }
    for (const [field, value] of Object.entries(order)) {
      const { actions } = polluted(field, value, () => node().override(without(order, field), T));
      expect(actions.at(-1)?.action, field).toBe("refuse_order");
    }
    const early = polluted("monotonic_ms", 0, () => node().state({ now_ms: T } as never));
    expect(early.lockdown).toBe("FULL");
    const rpc = polluted("lockdown", "NONE", () => decideAt("sendtoaddress", {} as never));
    expect(rpc.allowed).toBe(false);
  });
});

describe("options of the makers", () => {
  it.each([0, -1, NaN, Infinity, 0.5, "5", 10 ** 12])(
    "refuse an event_ttl_ms of %o",
    (event_ttl_ms) => {
      const options = { event_ttl_ms: event_ttl_ms as number };
      for (const made of [
        eventsFromNetwork(view, T, options),
        eventsFromDqsn(response, T, options),
        eventsFromSentinel(report, T, options),
      ]) {
        expect(made).toMatchObject([{ type: "malformed_event", severity: 1 }]);
        expect(node().apply(made, T).lockdown).toBe("FULL");
      }
    },
  );

  it("take null and other options for none", () => {
    expect(eventsFromNetwork(view, T, null as never)).toEqual(eventsFromNetwork(view, T));
  });
});

describe("results and tables", () => {
  it("are no way to change the node", () => {
    const defended = node();
    const state = defended.apply([event({ expires_at_ms: null })], T);
    for (const each of state.events) Object.assign(each, { severity: 0, expires_at_ms: 0 });
    state.events.length = 0;
    const snapshot = defended.snapshot();
    for (const cause of snapshot.causes) Object.assign(cause.event, { severity: 0 });
    snapshot.causes.length = 0;
    (defended.releases() as unknown[]).push(1);
    expect(defended.state(T)).toMatchObject({ lockdown: "FULL", score: 0.8 });
    expect(defended.state(T).events).toHaveLength(1);
  });

  it("keep nothing of what was handed in", () => {
    const given = event({ expires_at_ms: null });
    const defended = node();
    defended.apply([given], T);
    given.severity = 0;
    const snapshot = defended.snapshot();
    const again = node({ snapshot });
    snapshot.causes.length = 0;
    expect(again.state(T).score).toBe(0.8);
  });

  it("are frozen: tables of actions, the node, and what the schemas check by", () => {
    expect(Object.isFrozen(ACTIONS.FULL[0])).toBe(true);
    expect(Object.isFrozen(ACTIONS.FULL)).toBe(true);
    expect(Object.isFrozen(node())).toBe(true);
    const shapes = [
      defenseNodeConfigSchema.shape,
      ...operatorOrderSchema.options.map(({ shape }) => shape),
    ];
    for (const shape of shapes) expect(Object.isFrozen(shape)).toBe(true);
  });
});

describe("toSignals and toEnvelope", () => {
  it.each<[title: string, state: unknown, path: string]>([
    ["nothing", null, ""],
    ["no level", { ...node().state(T), level: undefined }, "/level"],
    ["a score that is none", { ...node().state(T), score: NaN }, "/score"],
    ["an unknown lockdown", { ...node().state(T), lockdown: "none" }, "/lockdown"],
    ["an unknown clock", { ...node().state(T), clock: "good" }, "/clock"],
  ])("refuse a state with %s", (_title, state, path) => {
    const refusal = expect.objectContaining({ code: "invalid_state", path }) as Error;
    expect(() => toSignals(state as never)).toThrow(refusal);
    expect(() => toEnvelope(state as never, "r")).toThrow(refusal);
  });

  it("refuse an operator that is none", () => {
    const state = node().state(T);
    expect(() => toSignals(state, { operator: "" })).toThrow("invalid_options at /operator");
    expect(toSignals(state, { operator: undefined })[0]).not.toHaveProperty("operator");
  });
});
