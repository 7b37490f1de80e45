/** Inherited members change no answer, and answers share nothing (design, section 2: own properties). */
import { describe, expect, it } from "vitest";
import * as dqsn from "../src/index.js";
import { request, signal as envelope } from "./support/envelopes.js";
import { report } from "./support/signals.js";

const {
  aggregate,
  calculateNetworkRisk,
  channelOf,
  createDqsn,
  createNetworkState,
  quorumOf,
  restoreNetworkState,
  signalToEnvelope,
  toLevel,
} = dqsn;

const NOW = 1_782_664_805_000;

/** What every public function answers to a few inputs, good and lacking. */
function answers(): unknown {
  const attempt = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  };
  const network = createNetworkState({ expected_reporters: ["a", "z"], weights: { adn: 2 } });
  const alarm = report({ severity: 0.9 });
  const lacking = ["node_id", "source", "type", "severity"].map((lost) =>
    Object.fromEntries(Object.entries(alarm).filter(([key]) => key !== lost)),
  );
  const ingested = [alarm, report({ node_id: "b", severity: 0 }), ...lacking, {}].map((signal) =>
    network.ingest(signal, { now_ms: NOW, monotonic_ms: 1 }),
  );
  network.mute({ operator: "nobody" });
  const text = JSON.stringify(network.snapshot());
  const restored = restoreNetworkState(JSON.parse(text));
  const engine = createDqsn({ forward: "digest" });
  const plain = createDqsn();
  const state = aggregate([alarm]);
  const requests = [
    request([envelope()]),
    { contract_version: 3, component: "dqsn", request_id: "r", signals: [] },
    { contract_version: 3, component: "dqsn", request_id: "r" },
    { component: "dqsn", request_id: "r", signals: [envelope()] },
    request([{ ...envelope(), decision: undefined }]),
    {},
  ];
  return JSON.stringify([
    ingested,
    network.view(NOW + 1),
    attempt(() => network.view({} as never)),
    attempt(() => network.mute({} as never)),
    attempt(() => network.acceptClock({} as never, NOW)),
    restored.restored && restored.network.view(NOW + 1),
    restoreNetworkState({}),
    requests.map((each) => [
      engine.evaluate(each),
      plain.evaluate(each),
      plain.evaluateText(JSON.stringify(each)),
    ]),
    [engine.configFingerprint, plain.configFingerprint],
    [calculateNetworkRisk(state), toLevel({ ...state, ...calculateNetworkRisk(state) })],
    [toLevel({} as never), toLevel({ score: 0, critical_reporters: 0 }), quorumOf(5)],
    [channelOf({ source: "constructor" as never, type: "x" }), signalToEnvelope({})],
    attempt(() => createNetworkState({ weights: { sentinel: NaN } })),
  ]);
}

const NAMES = [
  ["x", 1],
  ["decision", "ALLOW"],
  ["accepted", true],
  ["refused", true],
  ["fullAt", ""],
  ["code", "x"],
  ["silent", false],
  ["live_reporters", 5],
  ["critical_reporters", 0],
  ["score", 0],
  ["severity", 0],
  ["operator", "inherited"],
  ["node_id", "inherited"],
  ["observed_at", 5],
  ["metadata", {}],
  ["source", "adn"],
  ["type", "inherited"],
  ["constraints", { min_signals: 99 }],
  ["min_signals", 99],
  ["required_components", ["nobody"]],
  ["contract_version", 3],
  ["request_id", "inherited"],
  ["signals", [{}]],
  ["component", "dqsn"],
  ["forward", "digest"],
  ["invalid_signal_policy", "count_as_block"],
  ["allowed_components", ["nobody"]],
  ["hold_ms", 0],
  ["ttl_ms", 1],
  ["max_live_signals", 1],
  ["scoring", "weighted_mean"],
  ["weights", { sentinel: 0.1 }],
  ["sentinel", 0.1],
  ["global_quorum", 1],
  ["elevated", 1],
  ["high", 1],
  ["now_ms", NOW],
  ["monotonic_ms", 1],
  ["reason", "inherited"],
  ["time_ms", 1],
  ["anchor", { now_ms: NOW, monotonic_ms: 0 }],
  ["version", 2],
  ["0", 1],
  ["1", 1],
  ["16", 1],
] as const;

describe("every public function", () => {
  it.each(NAMES)("answers the same with Object.prototype.%s", (name, value) => {
    const before = answers();
    Object.defineProperty(Object.prototype, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
    let during: unknown;
    try {
      during = answers();
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
    expect(during).toEqual(before);
  });

  it("answers the same after everything that it handed out was changed", () => {
    const network = createNetworkState({ expected_reporters: ["z"] });
    network.ingest(report({ severity: 0.9, metadata: { a: { b: 1 } } }), NOW);
    const engine = createDqsn();
    const input = request([envelope()]);
    const give = () => [
      network.view(NOW),
      network.snapshot(),
      engine.evaluate(input),
      engine.evaluate({}),
      network.ingest({}, NOW),
      network.ingest(report(), NaN),
    ];
    const before = JSON.stringify(give());
    for (const given of give()) spoil(given);
    expect(JSON.stringify(give())).toBe(before);
  });

  it("hands out parts that share nothing", () => {
    const given = signalToEnvelope(report({ metadata: { a: { b: 1 } } }));
    if (!given.accepted) throw new Error(given.code);
    const before = JSON.stringify(given.envelope);
    spoil(given.signal);
    expect(JSON.stringify(given.envelope)).toBe(before);
  });
});

describe("exported tables", () => {
  it.each(Object.entries(dqsn).filter(([, value]) => typeof value === "object"))(
    "are frozen: %s",
    (_, table) => {
      expect(Object.isFrozen(table)).toBe(true);
    },
  );
});

/** Overwrites all that can be. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    spoil((value as Record<string, unknown>)[key]);
    Reflect.set(value, key, "spoilt");
  }
  if (Array.isArray(value) && !Object.isFrozen(value)) value.push("spoilt");
}
