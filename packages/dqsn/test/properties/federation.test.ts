import {
  canonicalize,
  type DqsnResponse,
  type Envelope,
  envelopeSchema,
  LIMITS,
} from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { createDqsn } from "../../src/evaluate/index.js";
import { request, signal, signalArbitrary } from "../support/envelopes.js";

const node = createDqsn({ forward: "digest" });
const full = createDqsn();

/** A tree of DQSNs: each evaluates its own signals and the answers of those below it. */
type Tree = Readonly<{ id: string; signals: readonly Envelope[]; below: readonly Tree[] }>;

const answerOf = (tree: Tree): DqsnResponse =>
  node.evaluate(request([...tree.signals, ...tree.below.map(answerOf)], { request_id: tree.id }));

const signalsOf = (tree: Tree): Envelope[] => [...tree.signals, ...tree.below.flatMap(signalsOf)];

/** A tree of so many levels; a signal may reach several DQSNs, and each DQSN gets at least one. */
const treeOf = (levels: number): fc.Arbitrary<Tree> =>
  fc.record({
    id: fc.constantFrom("node", "region", "globe"),
    signals: fc.array(signalArbitrary, { minLength: 1, maxLength: 3 }),
    below: levels === 1 ? fc.constant([]) : fc.array(treeOf(levels - 1), { maxLength: 3 }),
  });

describe("a tree of DQSNs that forward digests", () => {
  it("gives the decision and the risk of one that gets everything", () => {
    let levels = 0;
    fc.assert(
      fc.property(treeOf(4), (root) => {
        const everything = signalsOf(root);
        fc.pre(everything.length <= LIMITS.maxSignals);
        const [one, all] = [answerOf(root), full.evaluate(request(everything))];
        expect(one.evidence["error"]).toBeUndefined();
        expect([one.decision, one.risk]).toEqual([all.decision, all.risk]);
        if (root.below.some(({ below }) => below.length > 0)) levels++;
      }),
      { numRuns: runs(100, 500) },
    );
    expect(levels).toBeGreaterThan(runs(4, 20));
  });

  it("counts nothing twice where two DQSNs got the same, and finds no conflict where they got some of the same", () => {
    const [a, b] = [signal(), signal({ component: "adn", decision: "WARN", score: 0.4 })];
    const leaf = (id: string, signals: Envelope[]) => ({ id, signals, below: [] });
    const same = answerOf({
      id: "globe",
      signals: [a],
      below: [leaf("n-1", [a, b]), leaf("n-2", [b, a])],
    });
    expect(same.evidence["dedup"]).toEqual({ input_signals: 3, unique_signals: 2 });
    const some = answerOf({
      id: "globe",
      signals: [a],
      below: [leaf("n", [a]), leaf("n", [a, b])],
    });
    expect(some.evidence["dedup"]).toEqual({ input_signals: 3, unique_signals: 3 });
    expect([same.decision, some.decision]).toEqual(["WARN", "WARN"]);
  });

  it("is not made milder by an answer that was forged on its way", () => {
    const below = node.evaluate(request([signal({ decision: "BLOCK", score: 1 })]));
    const forged = { ...below, decision: "ALLOW" };
    for (const signals of [
      [below, forged],
      [forged, below],
    ]) {
      expect(node.evaluate(request(signals)).reason_codes).toEqual(["DQSN_ERROR_SIGNAL_CONFLICT"]);
    }
  });
});

describe("a response as a signal, at the limits", () => {
  const codes = (count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => `C_${String(i + from).padStart(126, "0")}`);
  const nested = (depth: number): unknown => (depth === 1 ? [] : [nested(depth - 1)]);
  const many = Array.from({ length: LIMITS.maxSignals }, (_, i) =>
    signal({ component: `c${i}`, evidence: { pad: "é".repeat(3_500) } }),
  );
  const longPath = { ["p".repeat(120)]: { ["q".repeat(133)]: NaN } };

  it.each<[string, unknown]>([
    ["64 signals, 448,000 bytes", request(many)],
    [
      "evidence as deep as a request can carry",
      request([signal({ evidence: { l: nested(28) } as never })]),
    ],
    ["a response of depth 30", request([signal({ evidence: { l: nested(25) } as never })])],
    ["1,022 upstream codes of 128 characters", request([signal({ reason_codes: codes(1_022) })])],
    ["a request_id of 128 characters", request([signal()], { request_id: "😀".repeat(128) })],
    ["an error path of 255 characters", longPath],
    ["a payload too large", "x".repeat(600_000)],
    ["65 signals", request(Array(65).fill(null))],
  ])("is accepted: %s", (_, input) => {
    for (const dqsn of [full, node]) {
      const response = dqsn.evaluate(input);
      expect(envelopeSchema.safeParse(response).success).toBe(true);
      const next = dqsn.evaluate(request([response]));
      expect(next.evidence["error"]).toBeUndefined();
      expect(next.decision).toBe(response.decision === "ERROR" ? "BLOCK" : response.decision);
      expect(next.risk).toEqual(response.risk);
    }
  });

  it("with 1,023 upstream codes is a valid signal, whose 1,024 codes are one too many to pass on", () => {
    const response = full.evaluate(request([signal({ reason_codes: codes(1_023) })]));
    expect(response.reason_codes).toHaveLength(LIMITS.maxReasonCodes);
    expect(envelopeSchema.safeParse(response).success).toBe(true);
    expect(full.evaluate(request([response])).reason_codes).toEqual([
      "DQSN_ERROR_RESPONSE_TOO_LARGE",
    ]);
  });

  it("conflicts where two full answers to one request fall on both sides of 500,000 bytes: stack with digest", () => {
    const answers = (dqsn: typeof full, pad: number) =>
      ["r", "r".repeat(100)].map((request_id) =>
        dqsn.evaluate(request([signal({ evidence: { pad: "x".repeat(pad) } })], { request_id })),
      );
    const overhead = canonicalize(answers(full, 0)[0]).length;
    const pad = LIMITS.maxFullResponseBytes - overhead;
    expect(full.evaluate(request(answers(full, pad))).reason_codes).toEqual([
      "DQSN_ERROR_SIGNAL_CONFLICT",
    ]);
    expect(node.evaluate(request(answers(node, pad))).decision).toBe("ALLOW");
  });

  it("stays within 500,000 canonical bytes and a depth of 30, whatever it carries", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 28 }), (lengths, depth) => {
        const signals = lengths.map((length, i) =>
          signal({
            component: `c${i}`,
            evidence: { pad: "x".repeat(length), l: nested(depth) as never },
          }),
        );
        const response = full.evaluate(request(signals));
        const forwarded = response.evidence["forward"];
        const bytes = new TextEncoder().encode(canonicalize(response)).length;
        expect(bytes).toBeLessThanOrEqual(LIMITS.maxFullResponseBytes);
        expect(forwarded).toBe(isSmall(signals, depth) ? "full" : "digest");
        expect(full.evaluate(request([response])).decision).toBe("ALLOW");
      }),
      { numRuns: runs(20, 40) },
    );
  });

  /** By the letter of the design: the response is written whole, then measured. */
  function isSmall(signals: Envelope[], depth: number): boolean {
    const shell = full.evaluate(request([signal()]));
    const ordered = signals.toSorted((a, b) => (a.component < b.component ? -1 : 1));
    const dedup = { input_signals: signals.length, unique_signals: signals.length };
    const whole = { ...shell, evidence: { ...shell.evidence, dedup, signals: ordered } };
    const length = JSON.stringify(whole).length;
    // Response, evidence, signals, envelope, its evidence, the list.
    return length <= LIMITS.maxFullResponseBytes && 5 + depth <= LIMITS.maxFullResponseDepth;
  }
});
