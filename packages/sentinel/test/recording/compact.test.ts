import { RPC_FAILURE_KINDS } from "@dgb-shield/chain";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compactRecording,
  createRecordingWriter,
  type LabelledObservation,
  LAST_TIP_STATUSES,
  type Observation,
  openRecording,
  readCompactRecording,
  RecordingError,
  recordingHeaderLine,
  TIP_STATUSES,
} from "../../src/index.js";
import {
  branchOf,
  chainTips,
  header,
  NODE,
  observation,
  recording,
  recordingLines,
  START_S,
} from "../support/chain.js";

const PROVENANCE = { chain: "digibyte_regtest", source: "made for a test" };
const labelled = (...observations: Observation[]): LabelledObservation[] =>
  observations.map((one) => ({ label: "x", observation: one }));
const read = (lines: readonly string[]) => [...readCompactRecording(lines).observations];

/** Some members of a record, each or none. */
const some = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const height = fc.nat(1_000);
const hash = fc.constantFrom("a".repeat(64), "b".repeat(64));
const text = fc.string({ maxLength: 16, unit: "grapheme" });
const offset = fc.integer({ min: -9, max: 9 });
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary);
const blockArbitrary = fc
  .record({ height, version: fc.integer(), branch: fc.constantFrom("a", "b") })
  .map(({ height: at, version, branch }) => header(at, { version, hash: branch.repeat(64) }));
const tipArbitrary = fc.record(
  { hash, height, branchlen: fc.nat(9), status: fc.constantFrom(...TIP_STATUSES), chainwork: hash },
  { requiredKeys: ["hash", "height", "branchlen", "status"] },
);
const mempoolArbitrary = fc.record(
  {
    ...{ count: fc.nat(), bytes: fc.nat(), fee_floor: fc.nat(), loaded: fc.boolean() },
    ...{ max_bytes: fc.nat(), total_fee: fc.nat(), unbroadcast: fc.nat() },
  },
  { requiredKeys: ["count", "bytes"] },
);
const peerArbitrary = fc.record(
  {
    ...{ group: fc.constantFrom("onion", "10.1/16"), inbound: fc.boolean() },
    ...{ height: nullable(height), starting_height: height, synced_blocks: nullable(height) },
    ...{ connection_type: text, network: text, software: text, time_offset_s: offset },
  },
  { requiredKeys: ["group", "inbound", "height"] },
);
const signatureArbitrary = fc.record(
  {
    ...{ r: hash, key: fc.constantFrom("k", "l"), s: hash, txid: hash },
    scheme: fc.constantFrom("ecdsa" as const, "schnorr" as const),
  },
  { requiredKeys: ["r", "key"] },
);

type Optional = Omit<Observation, keyof Required> & object;
type Required = Pick<
  Observation,
  "node_id" | "at_ms" | "syncing" | "reachable" | "tip" | "blocks" | "tips" | "mempool"
>;

/** Every optional field of an observation: one that is missing here does not compile. */
const OPTIONAL: { [K in keyof globalThis.Required<Optional>]: fc.Arbitrary<Optional[K]> } = {
  monotonic_ms: fc.double({ min: 1, max: 1e9, noNaN: true }),
  difficulties: fc.constantFrom({ scrypt: 0.5, odo: 7 }, { odo: 1e-9 }),
  peers: fc.array(peerArbitrary, { maxLength: 2 }),
  signatures: fc.array(signatureArbitrary, { maxLength: 2 }),
  unavailable: fc.constantFrom([{ what: "block" as const, reason: "pruned" as const, height: 7 }]),
  version: fc.constantFrom(1 as const, 2 as const),
  chain: some({ network: fc.constantFrom("main", "regtest"), genesis_hash: hash }),
  node: fc.record(
    {
      ...{ software: text, protocol: fc.nat(), network_active: fc.boolean() },
      ...{ outbound_target: fc.nat(1_000), time_offset_s: offset },
    },
    { requiredKeys: ["software"] },
  ),
  failure: fc.record({ kind: fc.constantFrom(...RPC_FAILURE_KINDS), code: nullable(fc.integer()) }),
  warming_up: fc.boolean(),
  restarted: fc.boolean(),
  torn: fc.boolean(),
  more: fc.boolean(),
  best_header_height: height,
  chainwork: hash,
  last_tip: fc.record({
    ...{ hash, height, status: fc.constantFrom(...LAST_TIP_STATUSES) },
    fork_height: nullable(height),
  }),
  node_time_s: fc.nat(),
  pruned_below: height,
  warnings: fc.array(text, { maxLength: 2 }),
  details: fc.array(fc.record({ hash, height, coinbase_value: fc.nat(), fees: fc.nat() }), {
    maxLength: 2,
  }),
  dropped: fc.array(
    fc.record({
      ...{ lost_tip: hash, fork_height: height, blocks: fc.integer({ min: 1 }) },
      ...{ blocks_read: fc.nat(), new_blocks_unread: fc.nat(), count: fc.nat() },
      txids: fc.array(hash, { maxLength: 2 }),
    }),
    { maxLength: 2 },
  ),
  double_spends: fc.array(
    fc.record({
      ...{ spent_txid: hash, spent_vout: fc.nat(), lost_txid: hash, new_txid: hash },
      ...{ confirmations: fc.integer({ min: 1 }), new_height: height, lost_tip: hash },
      ...{ fork_height: height, paid: fc.nat(), withdrawn: fc.nat(), redirected: fc.nat() },
    }),
    { maxLength: 2 },
  ),
};

const observationArbitrary: fc.Arbitrary<Observation> = fc
  .record({
    syncing: fc.boolean(),
    reachable: fc.boolean(),
    second: fc.integer({ min: -9, max: 9 }),
    tip: fc.option(blockArbitrary),
    length: fc.nat(3),
    tips: fc.array(tipArbitrary, { maxLength: 3 }),
    mempool: fc.option(mempoolArbitrary),
    optional: fc.record(OPTIONAL, { requiredKeys: [] }),
  })
  .map(({ length, tip, optional, second, ...rest }) => ({
    ...rest,
    ...optional,
    node_id: NODE,
    at_ms: (START_S + second) * 1_000,
    reachable: rest.reachable && tip !== null,
    tip,
    blocks: length === 0 ? [] : branchOf("c", 7, 6 + length),
  }));

describe("compactRecording", () => {
  it("gives back what it was given: every field, and a clock that steps back", () => {
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

  it("writes only what does not follow from the line before", () => {
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

  it("names network and genesis in its header, as the observations do", () => {
    const chain = { network: "regtest", genesis_hash: "e".repeat(64) };
    const [first] = compactRecording(labelled(observation([header(1)], { chain })), PROVENANCE) as [
      string,
    ];
    expect(JSON.parse(first)).toMatchObject({ version: 2, ...chain });
  });

  it("writes what lasts once, and null where it is absent again", () => {
    const [node, peers] = [{ software: "/DigiByte:8.22.0/" }, []];
    const lasting = {
      version: 2 as const,
      node,
      peers,
      warnings: ["w"],
      chainwork: "c".repeat(64),
    };
    const [, ...lines] = compactRecording(
      labelled(
        observation([header(1)], { ...lasting, best_header_height: 1 }),
        observation([header(2)], { ...lasting, best_header_height: 2 }),
        observation([header(3)], { version: 2, peers }),
      ),
      PROVENANCE,
    );
    expect(lines.slice(1).map((line) => JSON.parse(line) as object)).toEqual([
      { label: "x", at_ms: expect.anything(), blocks: [expect.anything()] },
      {
        ...{ label: "x", at_ms: expect.anything(), blocks: [expect.anything()] },
        ...{ node: null, warnings: null, chainwork: null, best_header_height: null },
      },
    ]);
  });

  it.each([
    ["empty", []],
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
    ["unknown_version", 1, [changed(head, { version: 3 }), ...body]],
    ["invalid_record", 1, [changed(head, { observations: 0 }), ...body]],
    ["invalid_record", 1, [changed(head, { author: "x" }), ...body]],
    ["invalid_record", 2, [head, changed(body[0]!, { extra: 1 }), ...body.slice(1)]],
    ["time_backwards", 3, [changed(head, { version: 1 }), body[1]!, body[0]!, body[2]!]],
    [
      "invalid_record",
      2,
      [changed(head, { version: 1 }), changed(body[0]!, { warnings: [] }), ...body.slice(1)],
    ],
  ])("refuses with %s at line %d", (code, line, lines) => {
    expect(() => read(lines)).toThrow(RecordingError);
    expect(() => read(lines)).toThrow(expect.objectContaining({ code, line }));
  });
});

const OBSERVATIONS_OF_VERSION_1 =
  "ea95a34aeb6ce6410b29560b3683a8c5c277b0a8a3423c07ea6a066a9303af42";

describe("a recording of version 1", () => {
  it("gives the observations that it always gave", () => {
    const bytes = JSON.stringify(recording());
    // SHA-256 over the observations as the reader of version 1 gave them.
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(OBSERVATIONS_OF_VERSION_1);
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

describe("a recording that is written while it is made", () => {
  const header = recordingHeaderLine({
    ...PROVENANCE,
    node_id: NODE,
    started_at_ms: START_S * 1_000,
  });
  const blocks = branchOf("a", 1, 6);
  const seen = blocks.map((block) => observation([block]));

  it("is read as far as it was written, without a line that was cut", () => {
    const writer = createRecordingWriter({ node_id: NODE });
    const lines = [header, ...labelled(...seen).map((one) => writer.line(one))];
    const text = `${lines.join("\n")}\n`;
    for (let end = header.length + 2; end <= text.length; end++) {
      const shown = text.slice(0, end).split("\n");
      // A last line is whole where all its characters are there, whether or not its line break is.
      const whole = lines.slice(1).filter((_, i) => end >= lines.slice(0, i + 2).join("\n").length);
      if (whole.length === 0) expect(() => read(shown)).toThrow(/no observation/);
      else expect(read(shown)).toEqual(labelled(...seen.slice(0, whole.length)));
    }
  });

  it("is rejected where a line in the middle is cut", () => {
    const writer = createRecordingWriter({ node_id: NODE });
    const [first, second, third] = labelled(...seen).map((one) => writer.line(one));
    expect(() => read([header, first!, second!.slice(0, -9), third!])).toThrow(
      expect.objectContaining({ code: "not_json", line: 3 }) as Error,
    );
  });

  it("goes on with the last observation of the file", () => {
    const before = createRecordingWriter({ node_id: NODE });
    const lines = labelled(...seen.slice(0, 3)).map((one) => before.line(one));
    const last = read([header, ...lines]).at(-1)!.observation;
    const after = createRecordingWriter({ node_id: NODE, before: last });
    lines.push(...labelled(...seen.slice(3)).map((one) => after.line(one)));
    expect(read([header, ...lines])).toEqual(labelled(...seen));
  });

  it("holds an observation that is longer than strict JSON", () => {
    const signatures = Array.from({ length: 3_000 }, (_, i) => ({
      ...{ r: i.toString(16).padStart(64, "0"), key: "k".repeat(66), s: "b".repeat(64) },
      txid: "c".repeat(64),
    }));
    const one = { ...observation(blocks), signatures };
    const line = createRecordingWriter({ node_id: NODE }).line({ label: "x", observation: one });
    expect(line.length).toBeGreaterThan(512_000);
    expect(read([header, line])).toEqual(labelled(one));
    const twice = line.replace('"label":"x"', '"label":"x","label":"x"');
    expect(() => read([header, twice, line])).toThrow(/not as it was written/);
  });

  it("is not read in version 1", () => {
    const first = header.replace('"version":2', '"version":1');
    expect(() => read([first, "{}"])).toThrow(/observations: missing/);
  });

  it("takes no observation of another node, and no header that is none", () => {
    const writer = createRecordingWriter({ node_id: "b" });
    expect(() => writer.line(labelled(...seen)[0]!)).toThrow(/of another node/);
    expect(() => recordingHeaderLine({ ...PROVENANCE, node_id: "" })).toThrow(RecordingError);
  });
});
