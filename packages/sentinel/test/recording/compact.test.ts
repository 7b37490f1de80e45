import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compactRecording,
  type LabelledObservation,
  type Observation,
  openRecording,
  readCompactRecording,
  RecordingError,
  TIP_STATUSES,
} from "../../src/index.js";
import {
  branchOf,
  chainTips,
  header,
  NODE,
  observation,
  recordingLines,
  START_S,
} from "../support/chain.js";

const PROVENANCE = { chain: "digibyte_regtest", source: "made for a test" };
const labelled = (...observations: Observation[]): LabelledObservation[] =>
  observations.map((one) => ({ label: "x", observation: one }));
const read = (lines: readonly string[]) => [...readCompactRecording(lines).observations];

const EXTRAS: Pick<Observation, "difficulties" | "peers" | "signatures" | "unavailable"> = {
  difficulties: { scrypt: 0.5, odo: 7 },
  peers: [{ group: "10.1/16", inbound: true, height: null }],
  signatures: [{ r: "b".repeat(64), key: "k" }],
  unavailable: [{ what: "block", reason: "pruned", height: 7 }],
};

const blockArbitrary = fc
  .record({ height: fc.nat(1_000), version: fc.integer(), branch: fc.constantFrom("a", "b") })
  .map(({ height, version, branch }) => header(height, { version, hash: branch.repeat(64) }));
const tipArbitrary = fc.record({
  hash: fc.constantFrom("a".repeat(64), "b".repeat(64)),
  height: fc.nat(1_000),
  branchlen: fc.nat(9),
  status: fc.constantFrom(...TIP_STATUSES),
});
const observationArbitrary: fc.Arbitrary<Observation> = fc
  .record({
    syncing: fc.boolean(),
    reachable: fc.boolean(),
    tip: fc.option(blockArbitrary),
    length: fc.nat(3),
    tips: fc.array(tipArbitrary, { maxLength: 3 }),
    mempool: fc.option(
      fc.record(
        { count: fc.nat(), bytes: fc.nat(), fee_floor: fc.nat() },
        { requiredKeys: ["count", "bytes"] },
      ),
    ),
    extras: fc.subarray(Object.entries(EXTRAS)).map((kept) => Object.fromEntries(kept)),
  })
  .map(({ length, tip, extras, ...rest }) => ({
    ...rest,
    ...extras,
    node_id: NODE,
    at_ms: START_S * 1_000,
    reachable: rest.reachable && tip !== null,
    tip,
    blocks: length === 0 ? [] : branchOf("c", 7, 6 + length),
  }));

describe("compactRecording", () => {
  it("gives back what it was given", () => {
    fc.assert(
      fc.property(
        fc.array(observationArbitrary, { minLength: 1, maxLength: 6 }),
        (observations) => {
          const given = labelled(...observations);
          expect(read(compactRecording(given, PROVENANCE))).toEqual(given);
        },
      ),
    );
  });

  it("says only what does not follow from the line before", () => {
    const [first, second] = [header(1), header(2)];
    const mempool = { count: 1, bytes: 141 };
    const lines = compactRecording(
      labelled(
        observation([first], { tips: chainTips(first), mempool }),
        observation([second], { tips: chainTips(second), mempool }),
        observation([], { tip: second, tips: chainTips(second), mempool }),
      ),
      PROVENANCE,
    );
    expect(lines.map((line) => Object.keys(JSON.parse(line)))).toEqual([
      ["format", "version", "chain", "source", "node_id", "observations"],
      ["label", "at_ms", "blocks", "mempool"],
      ["label", "at_ms", "blocks"],
      ["label", "at_ms"],
    ]);
  });

  it.each([
    ["empty", []],
    ["time_backwards", labelled(observation([header(2)]), observation([header(1)]))],
    ["invalid_record", [{ label: "No Label", observation: observation([header(1)]) }]],
  ])("refuses to write with %s", (code, observations) => {
    expect(() => compactRecording(observations, PROVENANCE)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it("refuses observations of two nodes", () => {
    const two = labelled(observation([header(1)]), observation([header(2)], { node_id: "node-b" }));
    expect(() => compactRecording(two, PROVENANCE)).toThrow(
      expect.objectContaining({ code: "invalid_record", line: 3 }),
    );
  });
});

describe("readCompactRecording", () => {
  const [head, ...body] = compactRecording(
    labelled(observation([header(1)]), observation([header(2)]), observation([header(3)])),
    PROVENANCE,
  ) as [string, ...string[]];
  const changed = (line: string, fields: object) =>
    JSON.stringify({ ...JSON.parse(line), ...fields });

  it.each([
    ["empty", 1, []],
    ["truncated", 1, [head.slice(0, -1)]],
    ["truncated", 1, [head]],
    ["truncated", 3, [head, ...body.slice(0, 2)]],
    ["truncated", 4, [head, ...body.slice(0, 2), body[2]!.slice(0, -1)]],
    ["not_json", 2, [head, "{", ...body]],
    ["not_json", 2, [head, `${body[0]!.slice(0, -1)},"label":"y"}`, ...body]],
    ["too_many_observations", 5, [head, ...body, body[2]!]],
    ["foreign_format", 1, [changed(head, { format: "other" }), ...body]],
    ["foreign_format", 1, body],
    ["unknown_version", 1, [changed(head, { version: 2 }), ...body]],
    ["invalid_record", 1, [changed(head, { observations: 0 }), ...body]],
    ["invalid_record", 1, [changed(head, { author: "x" }), ...body]],
    ["invalid_record", 2, [head, changed(body[0]!, { extra: 1 }), ...body.slice(1)]],
    ["time_backwards", 3, [head, body[1]!, body[0]!, body[2]!]],
  ])("refuses with %s at line %d", (code, line, lines) => {
    expect(() => read(lines)).toThrow(RecordingError);
    expect(() => read(lines)).toThrow(expect.objectContaining({ code, line }));
  });
});

describe("openRecording", () => {
  it("opens a compact recording by its first line", () => {
    const { format, header: head } = openRecording(recordingLines(), { node_id: "unused" });
    expect(format).toBe("compact");
    expect(head).toMatchObject({ chain: "digibyte_regtest", observations: 340 });
  });

  it("reads anything else as raw", () => {
    const opened = openRecording(['{"seq":0,"time":1,"label":"x","note":"n"}'], { node_id: NODE });
    expect(opened).toMatchObject({ format: "raw", header: null });
    expect(() => [...opened.observations]).toThrow(expect.objectContaining({ code: "empty" }));
  });

  it.each([
    ["empty", []],
    ["not_json", ["not a recording", "at all"]],
    ["foreign_format", ['{"format":"other"}']],
  ])("refuses with %s at once", (code, lines) => {
    expect(() => openRecording(lines, { node_id: NODE })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
