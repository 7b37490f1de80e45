import { canonicalize, envelopeSchema, sha256Hex } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createDqsn, DqsnConfigError } from "../../src/index.js";
import { request, signal } from "../support/envelopes.js";

const dqsn = createDqsn();
const counting = createDqsn({ invalid_signal_policy: "count_as_block" });

const nested = (depth: number): unknown => (depth === 1 ? [] : [nested(depth - 1)]);

const allow = signal();
const warn = signal({
  component: "adn",
  decision: "WARN",
  score: 0.4,
  reason_codes: ["ADN_WATCH"],
});
const block = signal({
  component: "wallet_guard",
  decision: "BLOCK",
  score: 0.7,
  reason_codes: [],
});

const withCodes = (count: number) =>
  signal({ reason_codes: Array.from({ length: count }, (_, i) => `CODE_${i}`) });

const deep = "[".repeat(33) + "]".repeat(33);
const text = (signals: string) =>
  `{"contract_version":3,"component":"dqsn","request_id":"r-1","signals":${signals}}`;

describe("evaluateText, refused by the strict parser (4.1, row 1)", () => {
  it.each([
    ["more than 512,000 bytes", " ".repeat(512_001), "DQSN_ERROR_PAYLOAD_TOO_LARGE", ""],
    ["a depth of 33", deep, "DQSN_ERROR_DEPTH_EXCEEDED", "/0".repeat(32)],
    ["a duplicate key", '{"signals":[],"signals":[]}', "DQSN_ERROR_DUPLICATE_KEY", "/signals"],
    ["a number that overflows", '{"a":1e400}', "DQSN_ERROR_BAD_NUMBER", "/a"],
    ["an integer outside 2^53−1", "[9007199254740993]", "DQSN_ERROR_BAD_NUMBER", "/0"],
    ["no JSON", "{", "DQSN_ERROR_INVALID_REQUEST", ""],
    ["NaN", "NaN", "DQSN_ERROR_INVALID_REQUEST", ""],
    ["a byte order mark", "\ufeff{}", "DQSN_ERROR_INVALID_REQUEST", ""],
    ["a lone surrogate", '["\\ud800"]', "DQSN_ERROR_INVALID_REQUEST", "/0"],
    ["__proto__ as a key", '{"__proto__":1}', "DQSN_ERROR_INVALID_REQUEST", "/__proto__"],
    [
      "bytes that are not UTF-8",
      new Uint8Array([0x22, 0xff, 0x22]),
      "DQSN_ERROR_INVALID_REQUEST",
      "",
    ],
  ])("refuses %s", (_, input, code, path) => {
    const response = dqsn.evaluateText(input);
    expect(response.reason_codes).toEqual([code]);
    expect(response.evidence["error"]).toEqual({ code, path });
    expect(response).toMatchObject({
      decision: "ERROR",
      request_id: "unknown",
      risk: { score: 1, tier: "CRITICAL" },
      meta: { fail_closed: true },
    });
  });

  it("names the nearest parent of a field that ASCII cannot name", () => {
    expect(dqsn.evaluateText('{"a":{"ü":{"b":1e400}}}').evidence["error"]).toMatchObject({
      path: "/a",
    });
  });
});

describe("evaluate, refused", () => {
  it.each([
    // version
    [
      "version 2",
      request([allow], { contract_version: 2 }),
      "DQSN_ERROR_SCHEMA_VERSION",
      "/contract_version",
    ],
    [
      'version "3"',
      request([allow], { contract_version: "3" }),
      "DQSN_ERROR_SCHEMA_VERSION",
      "/contract_version",
    ],
    ["no version", {}, "DQSN_ERROR_SCHEMA_VERSION", "/contract_version"],
    [
      "a wrong version before an unknown key",
      { contract_version: 4, x: 1 },
      "DQSN_ERROR_SCHEMA_VERSION",
      "/contract_version",
    ],
    // top level
    ["an unknown key", request([allow], { a: 1 }), "DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY", "/a"],
    [
      "the first unknown key of several",
      request([], { "b/": 1, "a/": 1 }),
      "DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY",
      "/a~1",
    ],
    [
      "constructor as a key",
      request([allow], { constructor: 1 }),
      "DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY",
      "/constructor",
    ],
    // fields
    ["an array", [], "DQSN_ERROR_INVALID_REQUEST", ""],
    ["null", null, "DQSN_ERROR_INVALID_REQUEST", ""],
    ["text", "{}", "DQSN_ERROR_INVALID_REQUEST", ""],
    [
      "no request_id",
      request([allow], { request_id: 7 }),
      "DQSN_ERROR_INVALID_REQUEST",
      "/request_id",
    ],
    [
      "a padded request_id",
      request([allow], { request_id: " r" }),
      "DQSN_ERROR_INVALID_REQUEST",
      "/request_id",
    ],
    ["signals that are no list", request({}), "DQSN_ERROR_INVALID_REQUEST", "/signals"],
    [
      "another component",
      request([allow], { component: "adn" }),
      "DQSN_ERROR_INVALID_REQUEST",
      "/component",
    ],
    [
      "constraints that loosen",
      request([allow], { constraints: { fail_closed: false } }),
      "DQSN_ERROR_INVALID_REQUEST",
      "/constraints/fail_closed",
    ],
    [
      "unknown constraints",
      request([allow], { constraints: { max: 1 } }),
      "DQSN_ERROR_INVALID_REQUEST",
      "/constraints/max",
    ],
    // number of signals
    ["no signals", request([]), "DQSN_ERROR_NO_SIGNALS", "/signals"],
    ["65 signals", request(Array(65).fill(allow)), "DQSN_ERROR_SIGNAL_TOO_MANY", "/signals"],
    // constraints
    [
      "too few signals",
      request([allow], { constraints: { min_signals: 2 } }),
      "DQSN_ERROR_CONSTRAINT_UNMET",
      "/constraints/min_signals",
    ],
    [
      "too few once duplicates are gone",
      request([allow, allow], { constraints: { min_signals: 2 } }),
      "DQSN_ERROR_CONSTRAINT_UNMET",
      "/constraints/min_signals",
    ],
    [
      "a silent component",
      request([allow], { constraints: { required_components: ["sentinel", "adn"] } }),
      "DQSN_ERROR_CONSTRAINT_UNMET",
      "/constraints/required_components/1",
    ],
    [
      "more signals wanted than a request can carry",
      request([allow], { constraints: { min_signals: 65 } }),
      "DQSN_ERROR_CONSTRAINT_UNMET",
      "/constraints/min_signals",
    ],
    [
      "a name that no component can have",
      request([allow], { constraints: { required_components: ["No Component"] } }),
      "DQSN_ERROR_CONSTRAINT_UNMET",
      "/constraints/required_components/0",
    ],
    // response
    [
      "1,024 upstream codes",
      request([withCodes(1_024)]),
      "DQSN_ERROR_RESPONSE_TOO_LARGE",
      "/signals",
    ],
  ])("refuses %s", (_, input, code, path) => {
    const response = dqsn.evaluate(input);
    expect(response.evidence["error"]).toEqual({ code, path });
    expect(response.decision).toBe("ERROR");
  });

  it("echoes a valid request_id", () => {
    expect(dqsn.evaluate(request([])).request_id).toBe("r-1");
  });

  it("checks constraints that are met", () => {
    const constraints = { fail_closed: true, min_signals: 2, required_components: ["adn"] };
    expect(dqsn.evaluate(request([allow, warn], { constraints })).decision).toBe("WARN");
  });
});

describe("evaluate, an invalid signal (4.1, row 6)", () => {
  const invalid = [
    ["an unknown key", { ...allow, signature: "x" }, "/signature"],
    ["a missing key", { ...allow, evidence: undefined }, "/evidence"],
    ["another version", { ...allow, contract_version: 2 }, "/contract_version"],
    ["an upper-case hash", { ...allow, context_hash: "A".repeat(64) }, "/context_hash"],
    ["a lower-case decision", { ...allow, decision: "allow" }, "/decision"],
    ["a score above 1", { ...allow, risk: { score: 1.01, tier: "LOW" } }, "/risk/score"],
    ["a score as text", { ...allow, risk: { score: "0.1", tier: "LOW" } }, "/risk/score"],
    [
      "meta that is not fail-closed",
      { ...allow, meta: { fail_closed: false } },
      "/meta/fail_closed",
    ],
    ["evidence that is a list", { ...allow, evidence: [] }, "/evidence"],
    ["null", null, ""],
  ] as const;
  const asText = (bad: unknown) => JSON.stringify(request([block, bad]));

  it.each(invalid)("refuses the request for %s", (_, bad, path) => {
    expect(dqsn.evaluateText(asText(bad)).evidence["error"]).toEqual({
      code: "DQSN_ERROR_SIGNAL_INVALID",
      path: `/signals/1${path}`,
    });
  });

  it.each(invalid)("counts %s as BLOCK under count_as_block", (_, bad) => {
    const response = counting.evaluateText(JSON.stringify(request([allow, bad])));
    expect(response).toMatchObject({
      decision: "BLOCK",
      risk: allow.risk,
      reason_codes: ["DQSN_BLOCK", "SENTINEL_NORMAL"],
      evidence: { dedup: { input_signals: 2, unique_signals: 1 } },
    });
  });

  it("names the same one of several unknown keys whatever their order in the text", () => {
    const texts = ['"x":1,"b":1', '"b":1,"x":1'].map((keys) =>
      JSON.stringify(request([allow])).replace('"evidence":{}', `"evidence":{},${keys}`),
    );
    const paths = texts.map((given) => dqsn.evaluateText(given).evidence["error"]);
    expect(paths).toEqual(
      Array(2).fill({ code: "DQSN_ERROR_SIGNAL_INVALID", path: "/signals/0/b" }),
    );
  });

  it("answers ERROR under count_as_block when no valid signal is left", () => {
    const response = counting.evaluateText(JSON.stringify(request([null, {}])));
    expect(response.evidence["error"]).toEqual({
      code: "DQSN_ERROR_SIGNAL_INVALID",
      path: "/signals/0",
    });
  });

  it("counts only unique valid signals for min_signals", () => {
    const input = request([allow, null], { constraints: { min_signals: 2 } });
    expect(counting.evaluate(input).reason_codes).toEqual(["DQSN_ERROR_CONSTRAINT_UNMET"]);
  });

  it("refuses a component that is not allowed", () => {
    const strict = createDqsn({ allowed_components: ["sentinel"] });
    expect(strict.evaluate(request([allow])).decision).toBe("ALLOW");
    expect(strict.evaluate(request([allow, warn])).evidence["error"]).toEqual({
      code: "DQSN_ERROR_SIGNAL_INVALID",
      path: "/signals/1/component",
    });
  });
});

describe("evaluate, a conflict (4.1, row 7)", () => {
  const forged = { ...block, decision: "ALLOW", risk: { score: 0, tier: "LOW" } };

  it.each([
    ["after", [block, forged]],
    ["before", [forged, block]],
  ])("refuses a forged ALLOW %s the genuine BLOCK", (_, signals) => {
    for (const each of [dqsn, counting]) {
      expect(each.evaluate(request(signals)).evidence["error"]).toEqual({
        code: "DQSN_ERROR_SIGNAL_CONFLICT",
        path: "/signals",
      });
    }
  });

  it("gives both orders the same hash", () => {
    const one = dqsn.evaluate(request([block, forged]));
    expect(dqsn.evaluate(request([forged, block])).context_hash).toBe(one.context_hash);
  });
});

describe("evaluate, the result", () => {
  it.each([
    ["ALLOW", [allow], ["DQSN_OK_ALLOW", "SENTINEL_NORMAL"]],
    ["WARN", [warn, allow], ["DQSN_WARN", "ADN_WATCH", "SENTINEL_NORMAL"]],
    ["BLOCK", [allow, block, warn], ["DQSN_BLOCK", "ADN_WATCH", "SENTINEL_NORMAL"]],
    [
      "BLOCK",
      [allow, signal({ component: "adn", decision: "ERROR", reason_codes: ["ADN_E"] })],
      ["DQSN_BLOCK", "ADN_E", "SENTINEL_NORMAL"],
    ],
  ])("decides %s as the worst of the signals", (decision, signals, reason_codes) => {
    expect(dqsn.evaluate(request(signals))).toMatchObject({ decision, reason_codes });
  });

  it("takes the highest score and the highest tier as they are", () => {
    const odd = signal({ component: "adn" }, { risk: { score: 0.2, tier: "CRITICAL" } });
    const high = signal({ score: 0.95 }, { risk: { score: 0.95, tier: "LOW" } });
    expect(dqsn.evaluate(request([odd, high])).risk).toEqual({ score: 0.95, tier: "CRITICAL" });
  });

  it("keeps the duplicate with the smaller request_id", () => {
    const twin = { ...allow, request_id: "s-0" };
    const { evidence } = dqsn.evaluate(request([allow, twin]));
    expect(evidence).toEqual({
      dedup: { input_signals: 2, unique_signals: 1 },
      config_fingerprint: dqsn.configFingerprint,
      forward: "full",
      signals: [twin],
    });
  });

  it("hashes exactly what the specification lists", () => {
    const { decision, risk, reason_codes, context_hash } = dqsn.evaluate(request([warn, allow]));
    const covered = {
      component: "dqsn",
      contract_version: 3,
      config_fingerprint: dqsn.configFingerprint,
      signals: [warn, allow],
      output: {
        decision,
        risk,
        reason_codes,
        dedup: { input_signals: 2, unique_signals: 2 },
      },
    };
    expect(context_hash).toBe(sha256Hex(canonicalize(covered)));
  });

  it("hashes an ERROR with its error and no signals", () => {
    const { decision, risk, reason_codes, evidence, context_hash } = dqsn.evaluate(request([]));
    const covered = {
      component: "dqsn",
      contract_version: 3,
      config_fingerprint: dqsn.configFingerprint,
      signals: [],
      output: { decision, risk, reason_codes, error: evidence["error"] },
    };
    expect(context_hash).toBe(sha256Hex(canonicalize(covered)));
  });

  it("gives another hash for other evidence and another configuration", () => {
    const { context_hash } = dqsn.evaluate(request([allow]));
    const other = signal({ evidence: { height: 1 } });
    expect(dqsn.evaluate(request([other])).context_hash).not.toBe(context_hash);
    expect(counting.evaluate(request([allow])).context_hash).not.toBe(context_hash);
  });

  it("carries 1,023 upstream codes", () => {
    const response = dqsn.evaluate(request([withCodes(1_023)]));
    expect(response.reason_codes).toHaveLength(1_024);
    expect(envelopeSchema.safeParse(response).success).toBe(true);
  });
});

describe("evaluate, forwarding", () => {
  const digest = (signals: unknown[]) => ({
    count: signals.length,
    sha256: sha256Hex(canonicalize(signals)),
  });

  it("gives count and hash of the signals as digest", () => {
    const { evidence } = createDqsn({ forward: "digest" }).evaluate(request([allow, warn]));
    expect(evidence).toMatchObject({ forward: "digest", signals: digest([warn, allow]) });
  });

  // response 1 + evidence 1 + signals 1 + envelope 1 + its evidence 1 + list of depth n ≤ 30: n ≤ 25
  it.each([
    [25, "full"],
    [26, "digest"],
  ])("forwards evidence holding a list of depth %i as %s", (depth, forward) => {
    const deepSignal = signal({ evidence: { list: nested(depth) as never } });
    const response = dqsn.evaluate(request([deepSignal]));
    expect(response.evidence["forward"]).toBe(forward);
    expect(dqsn.evaluate(request([response])).decision).toBe("ALLOW");
  });

  it("turns to digest at exactly 500,000 canonical bytes", () => {
    const padded = (length: number) => signal({ evidence: { pad: "x".repeat(length) } });
    const overhead = canonicalize(dqsn.evaluate(request([padded(0)]))).length;
    const fits = dqsn.evaluate(request([padded(500_000 - overhead)]));
    expect(fits.evidence["forward"]).toBe("full");
    expect(canonicalize(fits)).toHaveLength(500_000);
    expect(dqsn.evaluate(request([fits])).decision).toBe("ALLOW");
    const over = dqsn.evaluate(request([padded(500_001 - overhead)]));
    expect(over.evidence["forward"]).toBe("digest");
  });

  it("refuses a text whose signal has a larger canonical form than a payload", () => {
    const numbers = `[${Array(100_000).fill("1e9").join(",")}]`;
    const grown = JSON.stringify(allow).replace('"evidence":{}', `"evidence":{"n":${numbers}}`);
    expect(dqsn.evaluateText(text(`[${grown}]`)).reason_codes).toEqual([
      "DQSN_ERROR_PAYLOAD_TOO_LARGE",
    ]);
  });
});

describe("evaluate, hostile objects", () => {
  const hostile = (trap: string) =>
    new Proxy(
      {},
      {
        [trap]: () => {
          throw new Error("trap");
        },
      },
    );

  it.each([
    [
      "a throwing getter",
      Object.defineProperty({}, "contract_version", {
        get: () => {
          throw new Error("x");
        },
        enumerable: true,
      }),
    ],
    [
      "a getter",
      {
        ...request([allow]),
        get signals() {
          return [allow];
        },
      },
    ],
    [
      "a throwing toJSON",
      {
        toJSON: () => {
          throw new Error("x");
        },
      },
    ],
    ["a proxy that throws on ownKeys", hostile("ownKeys")],
    ["a proxy that throws on getPrototypeOf", hostile("getPrototypeOf")],
    [
      "a proxy that throws a hostile error",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw hostile("getPrototypeOf") as Error;
          },
        },
      ),
    ],
    [
      "a revoked proxy",
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
    ],
    ["a function", () => request([allow])],
    [
      "a class instance",
      new (class Request {
        contract_version = 3;
      })(),
    ],
    ["a bigint", 3n],
    ["undefined", undefined],
  ])("refuses %s", (_, input) => {
    expect(dqsn.evaluate(input).reason_codes).toEqual(["DQSN_ERROR_INVALID_REQUEST"]);
  });

  it("refuses a cycle", () => {
    const cycle: Record<string, unknown> = request([allow]);
    cycle["constraints"] = cycle;
    expect(dqsn.evaluate(cycle).reason_codes).toEqual(["DQSN_ERROR_INVALID_REQUEST"]);
  });

  it("refuses NaN by its own code", () => {
    expect(dqsn.evaluate({ a: NaN }).reason_codes).toEqual(["DQSN_ERROR_BAD_NUMBER"]);
  });

  it("reads a changing object once, so that what is checked is what is used", () => {
    let reads = 0;
    const changing = new Proxy(allow, {
      getOwnPropertyDescriptor: (target, key) => {
        const property = Reflect.getOwnPropertyDescriptor(target, key);
        if (key !== "decision" || property === undefined) return property;
        return { ...property, value: reads++ === 0 ? "BLOCK" : "ALLOW" };
      },
    });
    const response = dqsn.evaluate(request([changing]));
    expect(response.decision).toBe("BLOCK");
    expect(response.evidence["signals"]).toMatchObject([{ decision: "BLOCK" }]);
  });

  it("refuses text that is no text", () => {
    expect(dqsn.evaluateText(undefined as never).decision).toBe("ERROR");
    expect(dqsn.evaluateText({} as never).decision).toBe("ERROR");
  });
});

describe("createDqsn", () => {
  it("gives a default left out and a default written out one fingerprint", () => {
    const written = createDqsn({ invalid_signal_policy: "reject_request", forward: "full" });
    expect(written.configFingerprint).toBe(dqsn.configFingerprint);
  });

  it("ignores order and repetition of allowed components in the fingerprint", () => {
    const one = createDqsn({ allowed_components: ["adn", "sentinel"] });
    const other = createDqsn({ allowed_components: ["sentinel", "adn", "adn"] });
    expect(one.configFingerprint).toBe(other.configFingerprint);
    expect(one.configFingerprint).not.toBe(dqsn.configFingerprint);
  });

  it.each([
    [{ forward: "all" }, "/forward"],
    [{ Forward: "full" }, "/Forward"],
    [{ allowed_components: ["Sentinel"] }, "/allowed_components/0"],
    [{ allowed_components: [] }, "/allowed_components"],
    [null, ""],
  ])("throws for %j", (config, path) => {
    const create = () => createDqsn(config as never);
    expect(create).toThrow(DqsnConfigError);
    expect(create).toThrow(expect.objectContaining({ code: "invalid_config", path }));
  });
});
