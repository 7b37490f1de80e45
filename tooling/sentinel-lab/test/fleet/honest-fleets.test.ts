import { digibyte } from "@dgb-shield/chain";
import { createFleet, observationSchema } from "@dgb-shield/sentinel";
import { describe, expect, it } from "vitest";
import { fleetAlarms, fleetMarkdown } from "../../src/quality/fleet-honest.js";
import { HONEST_FLEETS, nodesOf, rounds } from "../../src/simulation/fleet/honest-fleets.js";

const fleetOf = (name: string) => {
  const found = HONEST_FLEETS.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};

const HOUR_S = 3_600;
const MONTHS_OF_HOURS = 12 / (365.25 * 24);

describe("rounds", () => {
  it("gives the same for the same seed, in observations that can be read", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => [...rounds(fleetOf("mixed"), seed, HOUR_S)]);
    expect(a).toEqual(b);
    expect(a).not.toEqual(c);
    expect(a).toHaveLength(240);
    for (const one of a?.flat() ?? []) expect(observationSchema.parse(one)).toEqual(one);
  });

  it("shows every node every block of the chain that it follows, at about 15 s each", () => {
    const all = [...rounds(fleetOf("stale-2"), 3, 4 * HOUR_S)];
    for (let i = 0; i < 3; i++) {
      let tip: string | undefined;
      for (const round of all) {
        const { blocks, last_tip, tip: next } = round[i] ?? {};
        if (last_tip?.status === "active") expect(blocks?.[0]?.previous_hash).toBe(tip);
        tip = next?.hash;
      }
      const [from, to] = [all[0]?.[i]?.tip?.height ?? 0, all.at(-1)?.[i]?.tip?.height ?? 0];
      expect((to - from) * digibyte.spacing_seconds).toBeGreaterThan(0.8 * 4 * HOUR_S);
      expect((to - from) * digibyte.spacing_seconds).toBeLessThan(1.2 * 4 * HOUR_S);
    }
  });

  it("parts the nodes of a chain with stale blocks now and then, for a moment", () => {
    const fleet = fleetOf("stale-2");
    const watch = createFleet({ chain: digibyte, nodes: nodesOf(fleet) });
    const apart = [...rounds(fleet, 4, 8 * HOUR_S)].map(
      (round) => watch.observe(round).branches.length > 1,
    );
    const share = apart.filter(Boolean).length / apart.length;
    expect(share).toBeGreaterThan(0.002);
    expect(share).toBeLessThan(0.1);
  });
});

describe("the short form of the fleet's rates", () => {
  it("has no finding in some hours of each fleet but that of the slow node", () => {
    for (const fleet of HONEST_FLEETS.filter(({ name }) => !/restarts|mixed/.test(name))) {
      const { found } = fleetAlarms(fleet, 5, 2 * MONTHS_OF_HOURS);
      expect([...found.keys()].filter((name) => name !== "node_behind")).toEqual([]);
      if (fleet.lastDelaySeconds === undefined) expect(found.size).toBe(0);
    }
  });

  it("has a row for each fleet, with an interval for each detector", () => {
    const found = new Map([["node_behind", { count: 2, worst: 0.3 }]]);
    const [, , row] = fleetMarkdown([{ title: "x", months: 2, found }]).split("\n");
    expect(row).toContain("1.00 [0.12, 3.61], worst 0.30");
    expect(row).toContain("0.00 [0.00, 1.84]");
  });
});
