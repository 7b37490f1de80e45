/** What comes from outside counts by its own properties, and no importer can change what the package does. */
import { afterEach, describe, expect, it } from "vitest";
import * as sentinelModule from "../src/index.js";
import { digibyte } from "@dgb-shield/chain";
import {
  createSentinel,
  DEFAULT_DETECTORS,
  type Observation,
  openRecording,
  readHeaderList,
  RecordingError,
  type SentinelOptions,
  toEnvelope,
  toSignals,
} from "../src/index.js";
import {
  branchOf,
  chainTips,
  GROESTL,
  hashOf,
  header,
  NODE,
  observation,
} from "./support/chain.js";

const prototype = Object.prototype as unknown as Record<string, unknown>;
const added: string[] = [];

/** Sets something that every object inherits, until the test ends. */
function pollute(key: string, value: unknown): void {
  Object.defineProperty(prototype, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  added.push(key);
}
afterEach(() => {
  for (const key of added.splice(0)) Reflect.deleteProperty(prototype, key);
});

const old = branchOf("a", 2_001, 2_010);
const attack: Observation[] = [
  observation(old, { tips: chainTips(old.at(-1)!) }),
  observation(branchOf("b", 2_005, 2_013, "a"), {
    mempool: { count: 3, bytes: 750 },
    peers: [{ group: "10.1/16", inbound: false, height: 2_013 }],
    signatures: [{ r: "1".repeat(64), key: "k" }],
    difficulties: { scrypt: 5 },
  }),
  observation([header(2_014, { version: GROESTL, hash: hashOf(2_014, "b") })], {
    at_ms: (header(2_014).time_s + 400) * 1_000,
  }),
];
const chain = {
  ...digibyte,
  algorithms: digibyte.algorithms.map((one) => ({
    ...one,
    retired_at: one.name === "groestl" ? 2_000 : one.retired_at,
  })),
};

function watch(): string {
  const sentinel = createSentinel({ node_id: NODE, chain });
  const reports = attack.map((one) => sentinel.observe(one));
  const out = reports.map((report) => [report, toSignals(report), toEnvelope(report, "r")]);
  const restored = createSentinel({ node_id: NODE, chain, state: sentinel.state() });
  const order = { operator: "alice", reason: "seen" };
  const answers = [
    restored.acknowledge("retired_algorithm:2014", order, attack[2]!.at_ms),
    restored.acceptClock(order, attack[2]!.at_ms),
  ];
  return JSON.stringify([out, answers, restored.state()]);
}
const usual = watch();

const FIELDS: readonly (readonly [string, unknown])[] = [
  ["x", 1],
  ["decision", "ALLOW"],
  ["node_id", "other"],
  ["at_ms", 1],
  ["monotonic_ms", 5],
  ["syncing", true],
  ["reachable", false],
  ["tip", null],
  ["blocks", []],
  ["tips", []],
  ["mempool", null],
  ["difficulties", { scrypt: 1 }],
  ["peers", []],
  ["signatures", []],
  ["unavailable", [{ what: "block", reason: "failed", height: 1 }]],
  ["fee_floor", 9e9],
  ["hash", "0".repeat(64)],
  ["previous_hash", "0".repeat(64)],
  ["height", 7],
  ["version", 0],
  ["time_s", 0],
  ["branchlen", 9],
  ["status", "active"],
  ["group", "g"],
  ["inbound", true],
  ["r", "0".repeat(64)],
  ["key", "k"],
  ["operator", "mallory"],
  ["reason", "none"],
  ["until_ms", 9_999_999_999_999],
  ["state", { version: 2 }],
  ["detectors", []],
  ["chain", "bitcoin"],
  ["name", "none"],
  ["rate_variance", 1],
  ["retarget_blocks", 1_000_000],
  ["algorithm_shares", "none"],
  ["outbound_peers", 1],
  ["active_from", 0],
  ["retired_at", null],
  ["bits", 4],
  ["spacing_seconds", 1e9],
  ["stale_rate", 0.999],
  ["hasEvidence", () => false],
  ["reduceUnwatched", () => ({ state: null, findings: [] })],
  ["acknowledge", () => null],
  ["appliesTo", () => false],
  ["initial", () => null],
  ["count", 0],
  ["evidence", {}],
  ["severity", 0],
  ["findings", []],
  ["raised_at", 1],
  ["held", []],
  ["silent", null],
  ["latched", false],
  ["clock", "trusted"],
];

describe("a property that every object inherits", () => {
  it.each(FIELDS)("changes no answer: %s", (key, value) => {
    pollute(key, value);
    expect(watch()).toBe(usual);
  });

  it.each([
    "node_id",
    "at_ms",
    "syncing",
    "reachable",
    "tip",
    "blocks",
    "tips",
    "mempool",
  ] as const)("supplies no %s that an observation lacks", (key) => {
    const { [key]: value, ...lacking } = attack[0]!;
    const refused = createSentinel({ node_id: NODE, chain }).observe(lacking as Observation);
    expect(refused.findings).toMatchObject([
      { detector: "observation_invalid", evidence: { path: `/${key}` } },
    ]);
    pollute(key, value);
    for (const extra of [{}, { extra: 1 }]) {
      const sentinel = createSentinel({ node_id: NODE, chain });
      const report = sentinel.observe({ ...lacking, ...extra } as unknown as Observation);
      expect(report.findings[0]?.detector).toBe("observation_invalid");
    }
  });

  it("supplies nothing that a configuration, an order or a state lacks", () => {
    const order = { reason: "seen" };
    pollute("operator", "mallory");
    pollute("chain", digibyte);
    const sentinel = createSentinel({ node_id: NODE, chain });
    sentinel.observe(attack[2]!);
    const now = attack[2]!.at_ms;
    expect(sentinel.acknowledge("retired_algorithm:2014", order as never, now)).toMatchObject({
      accepted: false,
      path: "/operator",
    });
    expect(sentinel.acceptClock(order as never, now)).toMatchObject({
      accepted: false,
      path: "/operator",
    });
    expect(() => createSentinel({ node_id: NODE } as SentinelOptions)).toThrow(/chain/);
    const { clock, ...lacking } = sentinel.state();
    pollute("clock", clock);
    expect(() => createSentinel({ node_id: NODE, chain, state: lacking })).toThrow(/clock/);
  });

  it("supplies nothing that a line of a recording or of a list lacks", () => {
    const one = JSON.stringify({
      height: 1,
      hash: hashOf(1),
      previous_hash: hashOf(0),
      version: 1,
    });
    pollute("time_s", 1_790_000_000);
    pollute("extra", "height");
    const read = (lines: string[], format: "csv" | "jsonl") => [
      ...readHeaderList(lines, { node_id: "a", format }),
    ];
    expect(() => read([one], "jsonl")).toThrow(RecordingError);
    expect(() => read(["extra,hash,previous_hash,version,time_s", "1,a,b,1,1"], "csv")).toThrow(
      /missing column height/,
    );
    const raw = JSON.stringify({ seq: 0, time: 1, method: "getmempoolinfo", result: {} });
    pollute("label", "label");
    expect(() => [...openRecording([raw], { node_id: "a" }).observations]).toThrow(RecordingError);
  });
});

describe("what is handed out", () => {
  it("shares no object with the memory, nor with another report", () => {
    const sentinel = createSentinel({ node_id: NODE, chain });
    const [first, second] = attack.slice(0, 2).map((one) => sentinel.observe(one));
    const before = JSON.stringify(sentinel.state());
    const spoil = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const key of Object.keys(value)) {
        const holder = value as Record<string, unknown>;
        spoil(holder[key]);
        holder[key] = 0;
      }
    };
    for (const one of [first, second, sentinel.state()]) spoil(one);
    expect(JSON.stringify(sentinel.state())).toBe(before);
    const other = createSentinel({ node_id: NODE, chain });
    attack.slice(0, 2).forEach((one) => other.observe(one));
    expect(sentinel.observe(attack[2]!)).toEqual(other.observe(attack[2]!));
  });

  it("is not changed by what the caller changes later in what it gave", () => {
    const mine = structuredClone(chain) as typeof chain & { algorithms: object[] };
    const sentinel = createSentinel({ node_id: NODE, chain: mine });
    mine.algorithms.length = 0;
    mine.name = "other";
    const given = structuredClone(attack[2]!);
    const report = sentinel.observe(given);
    given.blocks.length = 0;
    expect(report.chain).toBe("digibyte");
    expect(report.findings.map(({ detector }) => detector)).toContain("retired_algorithm");
  });

  it("shares no constant: the state of a new detector cannot be spoilt for the next", () => {
    for (const detector of DEFAULT_DETECTORS) {
      const spoiled = detector.initial() as Record<string, unknown> | null;
      const usualState = JSON.stringify(detector.initial());
      for (const value of Object.values(spoiled ?? {})) {
        try {
          if (Array.isArray(value)) value.push(1);
          else if (typeof value === "object" && value !== null)
            Object.assign(value, { samples: 99 });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }
      expect(JSON.stringify(detector.initial())).toBe(usualState);
    }
  });
});

describe("what is exported", () => {
  const isData = (value: unknown): value is object =>
    typeof value === "object" && value !== null && !(value instanceof RegExp);
  const isSchema = (value: object): boolean => "safeParse" in value;

  function unfrozen(value: unknown, path: string): string[] {
    if (!isData(value)) return [];
    if (isSchema(value)) {
      const { shape } = value as { shape?: object };
      return shape === undefined || Object.isFrozen(shape) ? [] : [`${path}.shape`];
    }
    const inner = Object.entries(value).flatMap(([key, member]) =>
      key === "stateSchema" ? [] : unfrozen(member, `${path}.${key}`),
    );
    return Object.isFrozen(value) ? inner : [path, ...inner];
  }

  it("is frozen with everything in it", () => {
    expect(
      Object.entries(sentinelModule).flatMap(([name, value]) => unfrozen(value, name)),
    ).toEqual([]);
  });
});

describe("helpers given what they should not be", () => {
  it("judge the worst of what is no number", () => {
    expect(sentinelModule.isNotable(NaN)).toBe(true);
    expect(sentinelModule.severityOfReturnPeriod(NaN)).toBe(sentinelModule.MAX_SEVERITY);
  });

  it.each([null, undefined, 5, "x", []])("refuse the options %j with a code", (options) => {
    expect(() => createSentinel(options as never)).toThrow(
      expect.objectContaining({ code: "invalid_config" }),
    );
  });
});
