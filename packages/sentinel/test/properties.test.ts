/** What must hold of Sentinel whatever it is shown, with every kind of evidence at once. */
import { sentinelReportSchema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { runs } from "@dgb-shield/testkit/runs";
import { createSentinel, type Observation, observationSchema } from "../src/index.js";
import { WEAK_NONCES } from "../src/detectors/weak-nonces.js";
import { NODE } from "./support/chain.js";

/** Hash of a block: its branch at both ends, since ids name the last digits. */
const hashOf = (height: number, branch = "a"): string =>
  branch + height.toString(16).padStart(62, "0") + branch;

const FROM = 23_800_000;
const create = (state?: unknown) =>
  createSentinel({ node_id: NODE, chain: digibyte, ...(state === undefined ? {} : { state }) });

const branch = fc.constantFrom("a", "b", "c");
const small = fc.integer({ min: 1, max: 40 });
const r = fc.oneof(
  fc.constantFrom(...WEAK_NONCES.slice(0, 3).map(([, value]) => value)),
  fc.integer({ min: 0, max: 9 }).map((digit) => `7${String(digit).repeat(63)}`),
);

/** One poll: everything that a node can answer, with side branches, silence and a clock that jumps. */
const poll = fc.record({
  branch,
  on: branch,
  height: small,
  blocks: fc.integer({ min: 0, max: 6 }),
  bits: fc.constantFrom(0, 2, 4, 6, 8, 14, 15),
  gapS: fc.constantFrom(-30, 0, 1, 15, 60, 600, 7_200),
  status: fc.constantFrom("watched", "watched", "watched", "watched", "syncing", "silent"),
  sides: fc.array(fc.record({ height: small, length: fc.integer({ min: 1, max: 12 }), branch }), {
    maxLength: 3,
  }),
  mempool: fc.option(fc.record({ count: fc.nat(1e6), bytes: fc.nat(1e9), fee_floor: fc.nat(1e6) })),
  difficulty: fc.option(fc.double({ min: 1e-9, max: 1e12, noNaN: true })),
  peers: fc.option(fc.nat(12)),
  signatures: fc.option(
    fc.array(fc.record({ r, key: fc.constantFrom("k1", "k2", "k3") }), { maxLength: 4 }),
  ),
  unavailable: fc.boolean(),
});
type Poll = typeof poll extends fc.Arbitrary<infer T> ? T : never;

function observationsOf(polls: readonly Poll[]): Observation[] {
  let at_ms = 1_790_000_000_000;
  return polls.map((one) => {
    at_ms += one.gapS * 1_000;
    const header = (height: number, on: string) => ({
      hash: hashOf(height, one.branch),
      previous_hash: hashOf(height - 1, on),
      height,
      version: 0x20000002 | (one.bits << 8),
      time_s: Math.floor(at_ms / 1_000) - 5,
    });
    const low = FROM + one.height;
    const blocks = Array.from({ length: one.blocks }, (_, i) =>
      header(low + i, i === 0 ? one.on : one.branch),
    );
    const tip = blocks.at(-1) ?? header(low, one.branch);
    const sides = one.sides.map((side) => ({
      hash: hashOf(FROM + side.height, side.branch),
      height: FROM + side.height,
      branchlen: side.length,
      status: "valid-fork" as const,
    }));
    const isSilent = one.status === "silent";
    return {
      node_id: NODE,
      at_ms,
      syncing: one.status === "syncing",
      reachable: !isSilent,
      tip: isSilent ? null : tip,
      blocks: isSilent ? [] : blocks,
      tips:
        sides.length === 0
          ? []
          : [
              { hash: tip.hash, height: tip.height, branchlen: 0, status: "active" as const },
              ...sides,
            ],
      mempool: one.mempool,
      ...(one.difficulty !== null && { difficulties: { scrypt: one.difficulty, odo: 7 } }),
      ...(one.peers !== null && {
        peers: Array.from({ length: one.peers }, () => ({
          group: "g",
          inbound: false,
          height: low - 9,
        })),
      }),
      ...(one.signatures !== null && { signatures: one.signatures }),
      ...(one.unavailable && {
        unavailable: [{ what: "block" as const, reason: "pruned" as const, height: low }],
      }),
    };
  });
}
const history = fc.array(poll, { minLength: 1, maxLength: 60 }).map(observationsOf);

describe("a Sentinel", () => {
  it("is shown observations that can be read", () => {
    fc.assert(
      fc.property(history, (observations) => {
        for (const one of observations) expect(observationSchema.safeParse(one).success).toBe(true);
      }),
      { numRuns: runs(20, 50) },
    );
  });

  it("goes on after a restart at any point as if there had been none", () => {
    fc.assert(
      fc.property(history, fc.nat(60), (observations, restartAt) => {
        const whole = create();
        let restarted = create();
        observations.forEach((one, i) => {
          if (i === restartAt) restarted = create(JSON.parse(JSON.stringify(restarted.state())));
          expect(restarted.observe(one)).toEqual(whole.observe(one));
        });
        expect(restarted.state()).toEqual(whole.state());
      }),
      { numRuns: runs(50, 200) },
    );
  });

  it("makes sound reports, and of the same history the same bytes", () => {
    fc.assert(
      fc.property(history, (observations) => {
        const [one, other] = [create(), create()];
        for (const observation of observations) {
          const report = one.observe(observation);
          expect(sentinelReportSchema.parse(report)).toEqual(report);
          expect(JSON.stringify(other.observe(structuredClone(observation)))).toBe(
            JSON.stringify(report),
          );
          const ids = report.findings.map(({ finding_id }) => finding_id);
          expect(new Set(ids).size).toBe(ids.length);
        }
      }),
      { numRuns: runs(40, 150) },
    );
  });

  it("changes nothing that it is shown", () => {
    fc.assert(
      fc.property(history, (observations) => {
        const sentinel = create();
        const before = JSON.stringify(observations);
        for (const one of observations) sentinel.observe(one);
        expect(JSON.stringify(observations)).toBe(before);
      }),
      { numRuns: runs(20, 50) },
    );
  });

  it("never lets time run back", () => {
    fc.assert(
      fc.property(history, (observations) => {
        const sentinel = create();
        let latest = 0;
        for (const one of observations) {
          sentinel.observe(one);
          const { time_ms } = sentinel.state().clock;
          expect(time_ms).toBeGreaterThanOrEqual(latest);
          latest = time_ms;
        }
      }),
      { numRuns: runs(30, 100) },
    );
  });

  it("keeps its state bounded under side branches without end", () => {
    const sentinel = create();
    let latest = "";
    for (let poll = 0; poll < 6; poll++) {
      const tip = {
        hash: hashOf(FROM + poll),
        previous_hash: hashOf(FROM + poll - 1),
        height: FROM + poll,
        version: 0x20000002,
        time_s: 1_790_000_000 + 15 * poll,
      };
      const sides = Array.from({ length: 60_000 }, (_, i) => ({
        hash: `${poll.toString(16)}${i.toString(16).padStart(63, "f")}`,
        height: tip.height - (i % 900),
        branchlen: 1 + (i % 9),
        status: "valid-fork" as const,
      }));
      const report = sentinel.observe({
        node_id: NODE,
        at_ms: tip.time_s * 1_000,
        syncing: false,
        reachable: true,
        tip,
        blocks: [tip],
        tips: [{ hash: tip.hash, height: tip.height, branchlen: 0, status: "active" }, ...sides],
        mempool: null,
      });
      expect(report.findings.length).toBeLessThanOrEqual(40);
      if (poll > 0) expect(report.level).toBe("critical");
      latest = JSON.stringify(sentinel.state());
    }
    expect(latest.length).toBeLessThan(600_000);
  });
});
