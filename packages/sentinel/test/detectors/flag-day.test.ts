import { describe, expect, it } from "vitest";
import { bitcoin, type ChainParameters, digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { flagDay, type Observation, replay } from "../../src/index.js";
import { header, observation, run } from "../support/chain.js";

const THAW = 24_490_000;
const NOTICE = 14 * 5_760;
const LINE = [{ name: "thaw_day", height: THAW, from_version: "9.26.6" }];
/** Mainnet with its last change alone. */
const chain: ChainParameters = {
  ...digibyte,
  consensus_changes: LINE.map((one) => ({ ...one, summary: "new rules", source: "test" })),
};
const node = (software: string) => ({ node: { software } });
const at = (height: number, fields: Partial<Observation> = {}) =>
  observation([header(height)], fields as object);
const found = (height: number, software: string, on = chain) =>
  run(flagDay, [at(height, node(software))], on)[0]!.map(({ finding_id, severity }) => [
    finding_id,
    severity,
  ]);

describe("flagDay", () => {
  it.each([
    [THAW - NOTICE - 1, []],
    [THAW - NOTICE, [["flag_day:thaw_day", 0.25]]],
    [THAW - 1, [["flag_day:thaw_day", 0.25]]],
    [THAW, [["flag_day:thaw_day", 0.6]]],
    [THAW + 1_000_000, [["flag_day:thaw_day", 0.6]]],
  ])("rates a node that is too old at height %d as %j", (height, expected) => {
    expect(found(height, "/DigiByte:9.26.5/")).toEqual(expected);
  });

  it.each([
    ["/DigiByte:9.26.6/", false],
    ["/DigiByte:9.26.7/", false],
    ["/DigiByte:9.27/", false],
    ["/DigiByte:10.1.0/", false],
    ["/DigiByte:9.26.10(Linux)/", false],
    ["/DigiByteCore:9.26.6.0/", false],
    ["/DigiByte:9.26/", true],
    ["/DigiByte:9.3.99/", true],
    ["/DigiByte:8.26.2/", true],
    ["/DigiByte:8.22.0/", true],
    ["/DigiByte:7.17.3/", true],
  ])("compares %s number by number: too old %j", (software, isOld) => {
    expect(found(THAW, software)).toHaveLength(isOld ? 1 : 0);
  });

  it.each(["", "/Satoshi:27.0.0/", "/MyDigiByte:1.0/", "DigiByte:9.26.5", "/DigiByte:x/"])(
    "raises nothing over the unknown software %j, and reports it near a change",
    (software) => {
      expect(found(THAW - NOTICE - 1, software)).toEqual([]);
      expect(found(THAW, software)).toEqual([["flag_day:thaw_day", 0]]);
      expect(found(THAW + NOTICE, software)).toEqual([]);
      const [finding] = run(flagDay, [at(THAW, node(software))], chain)[0]!;
      expect(finding?.evidence).toMatchObject({ version: null, software, from_version: "9.26.6" });
    },
  );

  it("keeps what the node answered last, and ends with an upgrade", () => {
    const states = [at(THAW - 1, node("/DigiByte:9.26.5/")), at(THAW), at(THAW + 1)];
    const upgraded = at(THAW + 2, node("/DigiByte:9.26.6/"));
    const severities = run(flagDay, [...states, upgraded], chain).map(
      (findings) => findings[0]?.severity,
    );
    expect(severities).toEqual([0.25, 0.6, 0.6, undefined]);
    expect(run(flagDay, [at(THAW)], chain)[0]).toEqual([]);
  });

  it("names each change of mainnet's calendar that a node is too old for", () => {
    const names = found(THAW, "/DigiByte:8.22.0/", digibyte).map(([id]) => id);
    expect(names).toEqual([
      "flag_day:groestl_backstop",
      "flag_day:algolock_and_digidollar",
      "flag_day:thaw_day",
    ]);
    expect(found(THAW, "/DigiByte:9.26.6/", digibyte)).toEqual([]);
    expect(found(23_700_000, "/DigiByte:8.22.0/", digibyte)).toEqual([]);
  });

  it("is replayed: elevated for two weeks, high from the height on", () => {
    const observations = [THAW - NOTICE - 1, THAW - NOTICE, THAW - 1, THAW].map((height) => ({
      label: "node",
      observation: at(height, node("/DigiByte:9.26.5/")),
    }));
    const { findings } = replay(observations, { chain, detectors: [flagDay] });
    expect(findings).toMatchObject([
      { finding_id: "flag_day:thaw_day", raised_height: THAW - NOTICE, level: "high" },
      { finding_id: "evidence_unavailable:block:gap" },
    ]);
  });

  it("runs only where a change names a version", () => {
    const runs = [digibyte, digibyteRegtest, bitcoin].map((one) => flagDay.appliesTo!(one));
    expect(runs).toEqual([true, false, false]);
  });
});
