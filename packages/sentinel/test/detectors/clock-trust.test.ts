import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { clockTrust, type Peer, type WatchedObservation } from "../../src/index.js";
import { header, observation, randomNumbers, START_S, timed } from "../support/chain.js";

type Dated = (height: number, arrivedS: number, random: () => number) => number;

const NO_FIELDS: (atMs: number) => Partial<WatchedObservation> = () => ({});

/** Kinds of the findings on blocks that come at exponential spacings, dated as a miner dates them. */
function kinds(
  blocks: number,
  dated: Dated,
  { seed = 1, mean = 15, fields = NO_FIELDS } = {},
): string[] {
  const random = randomNumbers(seed);
  let state = clockTrust.initial();
  let at = START_S;
  const ids = new Set<string>();
  for (let height = 1; height <= blocks; height++) {
    at += -mean * Math.log(random());
    const at_ms = Math.floor(at * 1_000);
    const tip = header(height, { time_s: Math.floor(dated(height, at, random)) });
    const one = timed(observation([tip], { at_ms, ...fields(at_ms) }));
    const reduced = clockTrust.reduce(state, one, digibyteRegtest);
    state = reduced.state;
    for (const { finding_id, severity } of reduced.findings) {
      expect(finding_id).toMatch(/^clock_trust:/);
      ids.add(finding_id);
      expect(severity).toBe(0.25);
    }
  }
  return [...ids].map((id) => id.split(":")[1] ?? "");
}

const right: Dated = (_, at) => at;

const peers = (...offsets: number[]): Peer[] =>
  offsets.map((time_offset_s) => ({ group: "a", inbound: false, height: 1, time_offset_s }));

describe("clockTrust", () => {
  it.each<[string, Dated]>([
    ["right clocks", right],
    ["5 % of headers 300 s ahead", (_, at, random) => at + (random() < 0.05 ? 300 : 0)],
    ["every 20th header 260 s ahead", (height, at) => at + (height % 20 === 0 ? 260 : 0)],
    ["10 % of headers 90 s ahead", (_, at, random) => at + (random() < 0.1 ? 90 : 0)],
    ["headers ± 120 s", (_, at, random) => at + 240 * (random() - 0.5)],
    ["a fifth of them an hour ahead", (_, at, random) => at + (random() < 0.2 ? 3_600 : 0)],
  ])("takes %s for ordinary", (_, dated) => {
    expect(kinds(20_000, dated)).toEqual([]);
  });

  it.each<[string, Dated, string]>([
    ["all headers 120 s ahead", (_, at) => at + 120, "headers_ahead"],
    ["most headers 400 s ahead", (height, at) => at + (height % 5 < 4 ? 400 : 0), "headers_ahead"],
    ["all headers 400 s behind", (_, at) => at - 400, "headers_behind"],
  ])("names %s, once", (_, dated, kind) => {
    expect(kinds(3_000, dated)).toEqual([kind]);
  });

  it("finds headers 15 s apart while blocks come each 12.5 s", () => {
    expect(kinds(400, (height) => START_S + 15 * height, { mean: 12.5 })).toEqual([
      "headers_ahead",
    ]);
  });

  it.each<[string, (atMs: number) => Partial<WatchedObservation>, string[]]>([
    ["a node's clock 90 s off", (at) => ({ node_time_s: Math.floor(at / 1_000) + 90 }), ["node"]],
    ["a node's clock 30 s off", (at) => ({ node_time_s: Math.floor(at / 1_000) - 30 }), []],
    ["peers 70 s ahead", () => ({ peers: peers(70, 70, 70, 0, 70) }), ["peers"]],
    ["peers of which two are wrong", () => ({ peers: peers(0, 1, -1, 4_000, 4_000) }), []],
    ["four peers that are wrong", () => ({ peers: peers(900, 900, 900, 900) }), []],
    [
      "what the node states of its peers",
      () => ({ node: { software: "/DigiByte:9.26.7/", time_offset_s: -100 } }),
      ["peers"],
    ],
  ])("takes %s for what it is", (_, fields, expected) => {
    expect(kinds(200, right, { fields })).toEqual(expected);
  });

  it("takes no inbound peer's word", () => {
    const inbound = peers(900, 900, 900, 900, 900).map((peer) => ({ ...peer, inbound: true }));
    expect(kinds(200, right, { fields: () => ({ peers: inbound }) })).toEqual([]);
  });

  it("compares nothing in a list of headers", () => {
    const random = randomNumbers(9);
    let state = clockTrust.initial();
    let [at, newest] = [START_S, 0];
    for (let height = 1; height <= 5_000; height++) {
      at += -15 * Math.log(random());
      const time_s = Math.floor(at + (random() < 0.05 ? 300 : 0));
      newest = Math.max(newest, time_s);
      const one = observation([header(height, { time_s })], { at_ms: newest * 1_000 });
      const reduced = clockTrust.reduce(state, timed(one), digibyteRegtest);
      state = reduced.state;
      expect(reduced.findings).toEqual([]);
    }
  });
});
