import { canonicalize, LIMITS } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createDqsn } from "../../src/evaluate/index.js";
import { request, signal } from "../support/envelopes.js";

/** The clauses of contract v3 are in the vectors, each by its name; here are the sentences of the design around them. */
const dqsn = createDqsn();
const errorOf = (text: string, by = dqsn) => by.evaluateText(text).evidence["error"];

const allow = signal();
const block = signal({ component: "wallet_guard", decision: "BLOCK", score: 0.7 });
const forged = { ...block, decision: "ALLOW" };
const tooManyCodes = signal({
  component: "oracle",
  reason_codes: Array.from({ length: 1_024 }, (_, i) => `C_${i}`),
});

/** Signals whose canonical form is larger than a payload, though the text is not. */
const grown = (id: string) =>
  JSON.stringify(signal({ component: "oracle", request_id: id, evidence: {} })).replace(
    '"evidence":{}',
    `"evidence":{"n":[${"1e15,".repeat(31_000)}0]}`,
  );

describe("design 4.1, order of checks", () => {
  /** A request with every fault at once; each step repairs the one that was reported. */
  const parts = {
    size: " ".repeat(LIMITS.maxPayloadBytes),
    json: '"x":1,"x":1,',
    version: "4",
    extra: '"extra":1,',
    id: '" r"',
    open: '{"0":',
    close: "}",
    constraints: '{"min_signals":-1}',
    component: "adn",
    signals: Array<string>(65).fill("null"),
  };
  const write = (p: typeof parts) =>
    `{${p.json}${p.extra}"constraints":${p.constraints},"component":"${p.component}",` +
    `"contract_version":${p.version},"request_id":${p.id},` +
    `"signals":${p.open}[${p.signals.join()}]${p.close}${p.size}}`;
  const steps: [string, string, Partial<typeof parts>][] = [
    ["DQSN_ERROR_PAYLOAD_TOO_LARGE", "", { size: "" }],
    ["DQSN_ERROR_DUPLICATE_KEY", "/x", { json: "" }],
    ["DQSN_ERROR_SCHEMA_VERSION", "/contract_version", { version: "3" }],
    ["DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY", "/extra", { extra: "" }],
    ["DQSN_ERROR_INVALID_REQUEST", "/request_id", { id: '"r-1"' }],
    ["DQSN_ERROR_INVALID_REQUEST", "/signals", { open: "", close: "" }],
    [
      "DQSN_ERROR_INVALID_REQUEST",
      "/constraints/min_signals",
      { constraints: '{"min_signals":9}' },
    ],
    ["DQSN_ERROR_INVALID_REQUEST", "/component", { component: "dqsn" }],
    ["DQSN_ERROR_SIGNAL_TOO_MANY", "/signals", { signals: [] }],
    [
      "DQSN_ERROR_NO_SIGNALS",
      "/signals",
      { signals: ["null", grown("s-1"), ...[forged, block, tooManyCodes].map(canonicalize)] },
    ],
    [
      "DQSN_ERROR_SIGNAL_INVALID",
      "/signals/0",
      { signals: [grown("s-1"), ...[forged, block].map(canonicalize)] },
    ],
    [
      "DQSN_ERROR_PAYLOAD_TOO_LARGE",
      "",
      { signals: [forged, block, tooManyCodes].map(canonicalize) },
    ],
    [
      "DQSN_ERROR_SIGNAL_CONFLICT",
      "/signals",
      { signals: [block, tooManyCodes].map(canonicalize) },
    ],
    ["DQSN_ERROR_CONSTRAINT_UNMET", "/constraints/min_signals", { constraints: "{}" }],
    ["DQSN_ERROR_RESPONSE_TOO_LARGE", "/signals", { signals: [canonicalize(block)] }],
  ];

  it("reports the faults of one request in this order, each once the one before is repaired", () => {
    let request = parts;
    for (const [code, path, repair] of steps) {
      expect(errorOf(write(request))).toEqual({ code, path });
      request = { ...request, ...repair };
    }
    expect(dqsn.evaluateText(write(request)).decision).toBe("BLOCK");
  });

  it("looks whether it is an object before it looks at the version", () => {
    expect(errorOf("[2]")).toEqual({ code: "DQSN_ERROR_INVALID_REQUEST", path: "" });
  });

  it("names the request_id of a request that is its version alone", () => {
    expect(errorOf('{"contract_version":3}')).toMatchObject({ path: "/request_id" });
  });
});

describe("design 4.1, any order gives the same answer", () => {
  it("refuses a signal that is too large in canonical form before any conflict", () => {
    const signals = [canonicalize(block), canonicalize(forged), grown("s-1"), grown("s-2")];
    const write = (list: string[]) =>
      `{"contract_version":3,"component":"dqsn","request_id":"r-1","signals":[${list.join()}]}`;
    const answers = [signals, signals.toReversed()].map((list) => dqsn.evaluateText(write(list)));
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.reason_codes).toEqual(["DQSN_ERROR_PAYLOAD_TOO_LARGE"]);
  });

  it("writes the same response text for any formatting", () => {
    const value = request([signal({ evidence: { b: { d: 1, c: [2] }, a: 3 } })]);
    const texts = [canonicalize(value), JSON.stringify(value), JSON.stringify(value, null, 2)];
    const answers = texts.map((text) => JSON.stringify(dqsn.evaluateText(text)));
    expect(new Set([...answers, JSON.stringify(dqsn.evaluate(value))]).size).toBe(1);
  });
});

describe("design 4.1, sentences", () => {
  it("an upstream ERROR counts as BLOCK", () => {
    const failed = signal({ decision: "ERROR", score: 1, reason_codes: ["SENTINEL_E"] });
    expect(dqsn.evaluate(request([allow, failed])).decision).toBe("BLOCK");
  });

  it("the highest score and the highest tier may come from two signals", () => {
    const high = signal({ component: "adn" }, { risk: { score: 0.9, tier: "LOW" } });
    const worst = signal({ component: "oracle" }, { risk: { score: 0, tier: "CRITICAL" } });
    expect(dqsn.evaluate(request([high, worst])).risk).toEqual({ score: 0.9, tier: "CRITICAL" });
  });

  it("min_signals counts unique valid signals", () => {
    const counting = createDqsn({ invalid_signal_policy: "count_as_block" });
    const twin = { ...allow, request_id: "s-2" };
    const unmet = request([allow, twin, null], { constraints: { min_signals: 2 } });
    expect(counting.evaluate(unmet).evidence["error"]).toMatchObject({
      path: "/constraints/min_signals",
    });
    const met = request([allow, block, null], { constraints: { min_signals: 2 } });
    expect(counting.evaluate(met).decision).toBe("BLOCK");
  });

  it("count_as_block with no valid signal left: ERROR", () => {
    const counting = createDqsn({ invalid_signal_policy: "count_as_block" });
    expect(counting.evaluate(request([null])).decision).toBe("ERROR");
  });

  it("an ERROR echoes a valid request_id, else unknown", () => {
    expect(dqsn.evaluate(request([])).request_id).toBe("r-1");
    expect(dqsn.evaluate(request([], { request_id: "r\n" })).request_id).toBe("unknown");
    expect(dqsn.evaluateText('{"request_id":"r-1"').request_id).toBe("unknown");
  });

  it("the path of an ERROR is at most 256 ASCII characters", () => {
    const long = { ["k".repeat(200)]: { ["l".repeat(100)]: NaN } };
    expect(dqsn.evaluate(long).evidence["error"]).toMatchObject({ path: `/${"k".repeat(200)}` });
  });

  it("an ERROR has exactly nine keys, risk 1 and CRITICAL, its code, fingerprint and error", () => {
    const { context_hash, ...response } = dqsn.evaluate(request([]));
    const error = { code: "DQSN_ERROR_NO_SIGNALS", path: "/signals" };
    expect(context_hash).toMatch(/^[0-9a-f]{64}$/);
    expect(response).toEqual({
      contract_version: 3,
      component: "dqsn",
      request_id: "r-1",
      decision: "ERROR",
      risk: { score: 1, tier: "CRITICAL" },
      reason_codes: ["DQSN_ERROR_NO_SIGNALS"],
      evidence: { config_fingerprint: dqsn.configFingerprint, error },
      meta: { fail_closed: true },
    });
  });
});

describe("design 4.1, total: hostile objects and texts", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const deep = JSON.parse("[".repeat(5_000) + "]".repeat(5_000)) as unknown;
  const shared = Array.from({ length: 40 }).reduce<unknown>((part) => [part, part], 1);
  const throwing = () => {
    throw new Error("trap");
  };
  const traps = Object.fromEntries(
    Object.getOwnPropertyNames(Reflect).map((trap) => [trap, throwing]),
  );

  it.each<[string, unknown]>([
    ["signals that contain themselves", request(cyclic)],
    ["5,000 lists inside each other", request(deep)],
    ["2^40 parts that are one", request(shared)],
    ["an array of length 2^32−1", request(new Array(2 ** 32 - 1))],
    ["a proxy of which everything throws", new Proxy({}, traps)],
    ["a signal of which everything throws", request([allow, new Proxy({}, traps)])],
    [
      "evidence of which everything throws",
      request([{ ...allow, evidence: new Proxy({}, traps) }]),
    ],
    ["signals as a typed array", request(new Uint8Array(8))],
    ["a signal with a getter", request([Object.defineProperty({}, "risk", { get: throwing })])],
    ["a symbol", Symbol("x")],
  ])("answers ERROR: evaluate, %s", (_, input) => {
    expect(dqsn.evaluate(input).decision).toBe("ERROR");
  });

  it("calls no toJSON and no accessor", () => {
    let asked = 0;
    const toJSON = () => asked++;
    const evidence = {
      get height() {
        return asked++;
      },
    };
    dqsn.evaluate({ ...request([allow]), toJSON });
    dqsn.evaluate(request([{ ...allow, evidence }]));
    dqsn.evaluate(request([Object.defineProperty({ ...allow }, "evidence", { get: toJSON })]));
    expect(asked).toBe(0);
  });

  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  it.each<[string, unknown]>([
    ["a text object", Object(canonicalize(request([allow])))],
    ["bytes whose buffer is gone", detached],
    ["bytes of which everything throws", new Proxy(new Uint8Array(1), traps)],
    ["a length that lies", { byteLength: 1, length: 1 }],
    ["a number", 3],
    ["null", null],
    ["2^19 opening brackets", "[".repeat(2 ** 19 - 20_000)],
  ])("answers ERROR: evaluateText, %s", (_, input) => {
    expect(dqsn.evaluateText(input as string).decision).toBe("ERROR");
  });

  it("reads bytes that are a view of a larger buffer", () => {
    const bytes = new TextEncoder().encode(`xx${canonicalize(request([allow]))}xx`);
    const response = dqsn.evaluateText(bytes.subarray(2, -2));
    expect(response).toEqual(dqsn.evaluate(request([allow])));
  });
});
