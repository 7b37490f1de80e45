import { digibyteRegtest } from "@dgb-shield/chain";
import { describe, expect, it } from "vitest";
import { createSentinel, type Observation } from "../../src/index.js";
import { header, NODE, observation, START_S } from "../support/chain.js";

const START_MS = START_S * 1_000;

/** An observation of a node in its initial download. */
const syncing = (seconds: number, height: number, fields: Partial<Observation> = {}) => ({
  ...observation([header(height)]),
  ...{ at_ms: START_MS + seconds * 1_000, syncing: true, best_header_height: 900 },
  ...fields,
});
const peer = (group: string, height: number) => ({ group, inbound: false, height });

function found(...observations: Observation[]) {
  const sentinel = createSentinel({ node_id: NODE, chain: digibyteRegtest });
  return observations.map((one) =>
    sentinel
      .observe(one)
      .findings.flatMap(({ detector, severity, finding_id }) =>
        detector === "sync_stuck" ? [[finding_id, severity]] : [],
      ),
  );
}

describe("sync_stuck", () => {
  it("is raised when neither tip nor best header rises, and gets worse", () => {
    // 24·exp(−t/300): once a year at 954 s.
    const all = found(syncing(0, 5), syncing(950, 5), syncing(960, 5), syncing(5_100, 5));
    expect(all.slice(0, 2)).toEqual([[], []]);
    expect(all[2]).toEqual([["sync_stuck:5", expect.closeTo(0.25, 2)]]);
    expect(all[3]).toEqual([["sync_stuck:5", expect.closeTo(0.9, 2)]]);
  });

  it("ends when the node gets further", () => {
    expect(found(syncing(0, 5), syncing(2_000, 5), syncing(2_010, 6))[2]).toEqual([]);
    const header = syncing(2_010, 5, { best_header_height: 901 });
    expect(found(syncing(0, 5), syncing(2_000, 5), header)[2]).toEqual([]);
  });

  it("finds nothing where nothing is ahead, or where a minority of peers states it", () => {
    const alone = (seconds: number, peers: ReturnType<typeof peer>[]) =>
      syncing(seconds, 5, { best_header_height: 5, peers });
    const liar = [peer("1.1/16", 900), peer("2.2/16", 5), peer("3.3/16", 5)];
    expect(found(alone(0, []), alone(9_000, []))[1]).toEqual([]);
    expect(found(alone(0, liar), alone(9_000, liar))[1]).toEqual([]);
    const most = [peer("1.1/16", 900), peer("2.2/16", 900), peer("3.3/16", 5)];
    expect(found(alone(0, most), alone(9_000, most))[1]).toHaveLength(1);
  });

  it("does not count the time in which the node was silent", () => {
    const silent = { ...syncing(100, 5), reachable: false };
    expect(found(syncing(0, 5), silent, syncing(9_000, 5))[2]).toEqual([]);
  });
});
