import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { retiredAlgorithm } from "../../src/index.js";
import { GROESTL, header, observation, run, timed } from "../support/chain.js";

const block = (height: number, version: number) => observation([header(height, { version })]);

describe("retiredAlgorithm", () => {
  it("finds nothing in active algorithms, Groestl up to 2,000 among them", () => {
    expect(run(retiredAlgorithm, [block(1_999, 0x20000802), block(2_000, GROESTL)])).toEqual([
      [],
      [],
    ]);
  });

  it("is critical at the first retired block", () => {
    const [finding] = run(retiredAlgorithm, [block(2_001, GROESTL)])[0]!;
    expect(finding).toMatchObject({
      finding_id: "retired_algorithm:2001",
      severity: 0.99,
      height: 2_001,
      latched: true,
      evidence: {
        algorithm: "groestl",
        bits: 4,
        first_height: 2_001,
        last_height: 2_001,
        blocks: 1,
      },
    });
  });

  it("finds the first block of the incident on mainnet", () => {
    const found = run(
      retiredAlgorithm,
      [block(23_751_095, 0x20000202), block(23_751_096, 0x400)],
      digibyte,
    );
    expect(found.map((findings) => findings.map(({ finding_id }) => finding_id))).toEqual([
      [],
      ["retired_algorithm:23751096"],
    ]);
  });

  it("finds an algorithm before its time, and bits that name none", () => {
    const early = run(retiredAlgorithm, [block(2_000, 0x20000e02)])[0]!;
    const unknown = run(retiredAlgorithm, [block(1_000, 0x20000a02)])[0]!;
    expect(early[0]?.evidence).toMatchObject({ algorithm: "odo" });
    expect(unknown[0]?.evidence).toMatchObject({ algorithm: "unknown", bits: 10 });
  });

  it("stays one finding that counts, and counts a tip that is seen again once", () => {
    const found = run(retiredAlgorithm, [
      block(2_001, GROESTL),
      observation([], { tip: header(2_001, { version: GROESTL }) }),
      block(2_002, 0x20000602),
      observation([
        header(2_003, { version: GROESTL }),
        header(2_004),
        header(2_005, { version: GROESTL }),
      ]),
    ]);
    expect(found.map((findings) => findings.map(({ evidence }) => evidence["blocks"]))).toEqual([
      [1],
      [1],
      [1],
      [3],
    ]);
    expect(found[3]?.[0]?.evidence).toMatchObject({ first_height: 2_001, last_height: 2_005 });
  });

  it("finds a block in the middle of a batch", () => {
    const batch = [header(2_001), header(2_002, { version: GROESTL }), header(2_003)];
    expect(run(retiredAlgorithm, [observation(batch)])[0]?.[0]?.height).toBe(2_002);
  });

  it("opens a new finding after an acknowledgement, at the same height too", () => {
    const detector = retiredAlgorithm;
    const offending = timed(block(23_751_096, 0x400));
    const first = detector.reduce(detector.initial(), offending, digibyte);
    const closed = detector.acknowledge!(first.state, "retired_algorithm:23751096");
    const same = detector.reduce(closed, offending, digibyte);
    expect(same.findings).toEqual(first.findings);
    const other = timed(
      observation([header(23_751_096, { version: 0x400, hash: "b".repeat(64) })]),
    );
    const ids = detector
      .reduce(closed, other, digibyte)
      .findings.map(({ finding_id }) => finding_id);
    expect(ids).toEqual([
      "retired_algorithm:23751096",
      "retired_algorithm:23751096:bbbbbbbbbbbbbbbb",
    ]);
  });
});
