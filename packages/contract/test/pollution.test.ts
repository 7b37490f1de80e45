import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  advanceClock,
  canonicalize,
  ContractError,
  createEnvelope,
  envelopeSchema,
  isEnvelope,
  type JsonValue,
  levelOfScore,
  parseAmount,
  parseJsonList,
  parseStrictJson,
  copyUntrusted,
  worstDecision,
} from "../src/index.js";
import { answer, inputBytes, judge, loadVectors } from "../src/adapters/vectors/index.js";
import { CONTRACT_SUITES } from "../src/vectors/format.js";
import { hidden, onArrays, onObjects, type Pollution, polluted } from "./support/pollution.js";

const codeOf = (run: () => unknown): string => {
  try {
    run();
    return "accepted";
  } catch (error) {
    return error instanceof ContractError ? `${error.code} ${error.path}` : String(error);
  }
};

const envelope = createEnvelope({
  component: "sentinel",
  request_id: "r",
  decision: "BLOCK",
  score: 1,
  reason_codes: ["A"],
  evidence: {},
});

/** Names of this package's own fields, and names that engines and libraries read. */
const KEYS = [
  ...Object.keys(envelope),
  ...["score", "tier", "fail_closed", "operator", "node_id", "source", "type", "severity"],
  ...["metadata", "observed_at", "signals", "constraints", "key_id", "x", "", "0", "length"],
  ...["value", "get", "toJSON", "enumerable", "path", "code", "ok", "exact", "config", "answer"],
  ...["anchor", "time_ms", "now_ms", "monotonic_ms", "maxDepth", "text", "parts", "base64"],
];
const VALUES = [1, "ALLOW", { score: 0, tier: "LOW" }, () => "evil"];
const pollutions: Pollution[] = KEYS.flatMap((key) =>
  VALUES.flatMap((value) => [onObjects(key, value), hidden(onObjects(key, value))]),
).filter(({ key, value }) => key !== "get" || typeof value === "function");
const nameOf = ({ key, value, hidden: isHidden = false }: Pollution): string =>
  `${key} = ${typeof value === "function" ? "a function" : JSON.stringify(value)}${isHidden ? ", hidden" : ""}`;

const TEXTS = [
  '{"decision":"BLOCK","decision":"ALLOW"}',
  '{"a":[{"b":1,"c":2,"b":3}]}',
  '{ "a" : 1, "a" : 2 }',
  '{"a":{},"a":{}}',
  '{"x":1,"x":2}',
];

describe("parseStrictJson", () => {
  it.each([
    ["one inherited key, one duplicate", onObjects("x", 1)],
    ["an inherited string, one duplicate", onObjects("x", ":")],
    ["a hidden one", hidden(onObjects("x", 1))],
  ])("finds duplicate keys whatever every object inherits: %s", (_, pollution) => {
    for (const text of TEXTS) {
      const clean = codeOf(() => parseStrictJson(text));
      expect(clean).toContain("duplicate_key");
      expect(polluted(pollution, () => codeOf(() => parseStrictJson(text)))).toBe(clean);
      expect(polluted(pollution, () => codeOf(() => parseJsonList(text, "a")))).toBe(clean);
    }
  });

  it("finds any number of duplicate keys under any number of inherited ones (property)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (keys, spaced) => {
          const members = keys.map((key) => `${JSON.stringify(key)}${spaced ? " " : ""}:1`);
          const text = `{${members.join(",")}}`;
          const clean = codeOf(() => parseStrictJson(text));
          const under = polluted(onObjects("p", "q"), () =>
            polluted(onObjects("r", {}), () => codeOf(() => parseStrictJson(text))),
          );
          expect(under).toBe(clean);
        },
      ),
    );
  });

  it("gives a member the value of the text where every object has an unwritable one", () => {
    Object.defineProperty(Object.prototype, "a", { value: 0, writable: false, configurable: true });
    try {
      expect(parseStrictJson('{ "a" : 9007199254740991 }')).toEqual({ a: 9007199254740991 });
      expect(parseJsonList('{"b":[{"c":1,"a":2}]}', "b").itemText(0)).toBe('{"a":2,"c":1}');
      expect(canonicalize({ b: 1, a: 2 })).toBe('{"a":2,"b":1}');
    } finally {
      Reflect.deleteProperty(Object.prototype, "a");
    }
  });
});

describe("canonicalize", () => {
  it.each([
    ["toJSON of objects", onObjects("toJSON", () => "evil")],
    ["toJSON of arrays", onArrays("toJSON", () => "evil")],
    ["an item of arrays", onArrays("0", "evil")],
    ["a value of descriptors", onObjects("value", "evil")],
    ["a hidden value of descriptors", hidden(onObjects("value", "evil"))],
  ])("writes what the value has itself: %s", (_, pollution) => {
    const value = { b: [1, { c: [] }], a: "x" };
    expect(polluted(pollution, () => canonicalize(value))).toBe('{"a":"x","b":[1,{"c":[]}]}');
    const accessor = Object.defineProperty({}, "a", { get: () => 1, enumerable: true });
    expect(polluted(pollution, () => codeOf(() => canonicalize(accessor)))).toBe("not_plain /a");
    const hole = [1];
    hole.length = 2;
    expect(polluted(pollution, () => codeOf(() => canonicalize(hole)))).toContain("not_plain");
  });

  it("writes items where an accessor of every array would take them", () => {
    Object.defineProperty(Array.prototype, "0", {
      get: () => "evil",
      set: () => undefined,
      configurable: true,
    });
    let text: string;
    try {
      text = canonicalize({ a: [1, 2] });
    } finally {
      Reflect.deleteProperty(Array.prototype, "0");
    }
    expect(text).toBe('{"a":[1,2]}');
  });
});

describe("copyUntrusted", () => {
  it.each([onObjects("value", "evil"), hidden(onObjects("value", 1))])(
    "refuses an accessor whatever descriptors inherit",
    (pollution) => {
      const accessor = Object.defineProperty({}, "a", { get: () => 1, enumerable: true });
      const read = polluted(pollution, () =>
        copyUntrusted(accessor, { maxDepth: 2, maxEntries: 2 }),
      );
      expect(read).toEqual({ ok: false, code: "not_plain", path: "/a" });
    },
  );
});

describe("isEnvelope and envelopeSchema", () => {
  const whole = envelope as unknown as Record<string, JsonValue>;

  it.each(Object.keys(whole))("supply no missing %s, whatever takes its place", (key) => {
    const rest = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== key));
    for (const input of [rest, { ...rest, x: 1 }]) {
      for (const pollution of [onObjects(key, whole[key]), hidden(onObjects(key, whole[key]))]) {
        expect(polluted(pollution, () => isEnvelope(input))).toBe(false);
        expect(polluted(pollution, () => envelopeSchema.safeParse(input).success)).toBe(false);
      }
    }
  });

  it.each([
    ["score", { tier: "LOW" }, 0],
    ["tier", { score: 0 }, "LOW"],
  ])("supply no missing %s of a risk", (key, risk, value) => {
    for (const input of [risk, { ...risk, x: 1 }]) {
      const forged = { ...whole, risk: input } as JsonValue;
      const pollution = hidden(onObjects(key, value));
      expect(polluted(pollution, () => isEnvelope(forged))).toBe(false);
      expect(polluted(pollution, () => envelopeSchema.safeParse(forged).success)).toBe(false);
    }
  });
});

describe("the answers to the vectors", () => {
  const cases = CONTRACT_SUITES.flatMap((suite) =>
    loadVectors(suite).cases.map((vector) => ({ suite, vector, input: inputBytes(vector.input) })),
  ).filter(({ input }) => input.length < 2_000);

  it.each(pollutions.map((pollution) => [nameOf(pollution), pollution] as const))(
    "stay as they are under %s",
    (_, pollution) => {
      const answers = polluted(pollution, () =>
        cases.map(({ suite, input }) => {
          try {
            return answer(suite, input);
          } catch {
            return { ok: false, code: "threw" };
          }
        }),
      );
      const wrong = cases.flatMap(({ vector }, i) => {
        const isRefused = answers[i]?.["ok"] === false;
        // Property descriptors and the schema library read these: a rejection may change its path, or throw.
        if (["value", "get", "path"].includes(pollution.key) && isRefused) return [];
        return judge(vector, answers[i]) ?? [];
      });
      expect(wrong).toEqual([]);
    },
  );
});

describe("everything else", () => {
  it.each(pollutions.map((pollution) => [nameOf(pollution), pollution] as const))(
    "answers the same under %s",
    (_, pollution) => {
      const ask = (): unknown[] => [
        codeOf(() => createEnvelope({} as never)),
        createEnvelope({
          component: "sentinel",
          request_id: "r",
          decision: "BLOCK",
          score: 1,
          reason_codes: ["A"],
          evidence: { a: [1] },
        }).context_hash,
        worstDecision([undefined as never]),
        levelOfScore({} as never),
        codeOf(() => parseAmount({})),
        advanceClock(undefined, {} as never).ok,
        advanceClock({ time_ms: 1_782_664_800_000 }, 1_782_664_800_000).ok,
      ];
      const clean = ask();
      const under = polluted(pollution, () => {
        try {
          return ask();
        } catch (error) {
          return error;
        }
      });
      if (["value", "get"].includes(pollution.key))
        expect([clean, expect.any(TypeError)]).toContainEqual(under);
      else expect(under).toEqual(clean);
    },
  );
});
