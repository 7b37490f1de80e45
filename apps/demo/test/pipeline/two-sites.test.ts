/**
 * Sites that report to each other: once a cause is gone, each comes back by itself within a known time, and none keeps
 * another locked down (design, sections 6 and 10; decision 3).
 */
import { toSignals } from "@dgb-shield/adn";
import type { SignalV2 } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { observationOf } from "../../src/scenarios/headers.js";
import { block, GROESTL, site } from "../support/site.js";

const POLL_MS = 15_000;
/** Defaults of the pipeline: hold of the network's level and of ADN, and how long ADN counts an event. */
const HOLD_MS = 60_000;
const TTL_MS = 90_000;
/**
 * How many sites, and whether also what ADN reports of its own local events is exchanged. Two sites reach no quorum about each
 * other without a cause of their own; three could.
 */
const CASES = [
  ["two sites, Sentinel's signals", 2, false],
  ["two sites, ADN's too", 2, true],
  ["three sites, ADN's too", 3, true],
] as const;
const NAMES = ["a", "b", "c"];

/** Sites on one chain with one time; what each publishes reaches the others at once. */
function world(count: number, isAdnReporting: boolean) {
  const sites = NAMES.slice(0, count).map((name) => {
    const publish = (signals: readonly SignalV2[]) => send(name, signals);
    return { name, own: site({ node_id: name, operator: `op-${name}`, publish }) };
  });
  let height = 3_000;
  let shiftMs = 0;
  let tip = block(height);

  function send(from: string, signals: readonly SignalV2[]): void {
    for (const { name, own } of sites) if (name !== from) own.pipeline.receive(signals);
  }
  /** Each site looks at the chain, and reports. */
  function look(fresh: readonly (typeof tip)[], atMs: number): string[] {
    return sites.map(({ name, own }) => {
      own.moveTo(atMs);
      const { defense } = own.pipeline.observe(observationOf(name, own.now(), fresh, tip));
      if (isAdnReporting) send(name, toSignals(defense, { operator: `op-${name}` }));
      return defense.lockdown;
    });
  }
  return {
    sites: sites.map(({ own }) => own),
    /** One poll with a new block. */
    mined(bits?: number): string[] {
      const plain = block(++height, bits);
      tip = { ...plain, time_s: plain.time_s + shiftMs / 1_000 };
      return look([tip], tip.time_s * 1_000);
    },
    /** One poll without one. */
    silent(): string[] {
      shiftMs += POLL_MS;
      return look([], block(height).time_s * 1_000 + shiftMs);
    },
  };
}
type World = ReturnType<typeof world>;

/** Polls until all are at NONE for ten polls in a row; counts those before. */
function pollsUntilCalm(poll: () => string[]): number {
  let calm = 0;
  for (let polls = 1; polls <= 200; polls++) {
    calm = poll().every((lockdown) => lockdown === "NONE") ? calm + 1 : 0;
    if (calm === 10) return polls - 10;
  }
  return Infinity;
}

const by = { operator: "ann", reason: "the old chain is abandoned" };

const mine = (here: World, blocks: number, bits?: number): void => {
  for (let i = 0; i < blocks; i++) here.mined(bits);
};

describe.each(CASES)("sites that report to each other: %s", (_title, count, isAdn) => {
  const all = (lockdown: string): string[] => NAMES.slice(0, count).map(() => lockdown);

  it("come back from a latched finding once each operator has released it", async () => {
    const here = world(count, isAdn);
    mine(here, 40);
    mine(here, 6, GROESTL);
    for (let i = 0; i < 20; i++) expect(here.mined()).toEqual(all("FULL"));
    for (const { pipeline } of here.sites) {
      expect(pipeline.release({ detector: "retired_algorithm", ...by })).not.toEqual([]);
    }
    const polls = pollsUntilCalm(() => here.mined());
    // the network's hold, the life of the event that it makes in ADN, and ADN's hold
    expect(polls * POLL_MS).toBeLessThanOrEqual(HOLD_MS + TTL_MS + HOLD_MS + POLL_MS);
    expect(polls * POLL_MS).toBeGreaterThan(HOLD_MS);
    for (const { pipeline } of here.sites) expect((await pipeline.overview()).veto).toBeNull();
  });

  it("are not held by one other that has not released it", () => {
    const here = world(count, isAdn);
    mine(here, 40);
    mine(here, 6, GROESTL);
    for (const { pipeline } of here.sites.slice(1)) {
      pipeline.release({ detector: "retired_algorithm", ...by });
    }
    mine(here, 20);
    const expected = ["FULL", ...all("NONE").slice(1)];
    for (let i = 0; i < 20; i++) expect(here.mined()).toEqual(expected);
  });

  it("come back by themselves from a stall that ends", () => {
    const here = world(count, isAdn);
    mine(here, 40);
    let during: string[] = [];
    for (let i = 0; i < 40; i++) during = here.silent();
    expect(during).toEqual(all("FULL"));
    const polls = pollsUntilCalm(() => here.mined());
    // as above, after the life of the finding's own event where ADN reports it
    const own = isAdn ? TTL_MS : 0;
    expect(polls * POLL_MS).toBeLessThanOrEqual(own + HOLD_MS + TTL_MS + HOLD_MS + POLL_MS);
  });
});
