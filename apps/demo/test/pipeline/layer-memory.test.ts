import { createDefenseNode } from "@dgb-shield/adn";
import { advanceClock } from "@dgb-shield/contract";
import { createNetworkState } from "@dgb-shield/dqsn";
import { describe, expect, it } from "vitest";
import { createLayerMemory } from "../../src/pipeline/layer-memory.js";
import { createNetworkEvents } from "../../src/pipeline/network-events.js";
import type { Moment } from "../../src/pipeline/own-clock.js";

const START_MS = Date.UTC(2026, 0, 1);

function moment(now_ms: number, monotonic_ms = 0): Moment {
  const reading = { now_ms, monotonic_ms };
  const now = advanceClock(undefined, reading);
  return { reading, now: now.ok ? now : undefined, stepMs: 0, readMs: now_ms };
}

const signal = { node_id: "n", operator: "o", source: "adn", type: "lockdown", severity: 0.9 };

function kept() {
  const defense = createDefenseNode({ node_id: "node-a" });
  const memory = createLayerMemory(createNetworkState(), defense);
  const at = moment(START_MS);
  const view = memory.network.view(at.reading);
  const layers = { view, defense: defense.apply([], at.reading) };
  memory.keep(at, layers);
  return { defense, memory, layers };
}

describe("createLayerMemory", () => {
  it("gives what was kept within the same millisecond of both clocks", () => {
    const { memory, layers } = kept();
    expect(memory.of(moment(START_MS, 0.9))).toBe(layers);
    expect(memory.of(moment(START_MS, 1))).toBeUndefined();
    expect(memory.of(moment(START_MS + 1, 0.9))).toBeUndefined();
    expect(memory.of({ ...moment(START_MS), now: undefined })).toBeUndefined();
    expect(memory.of({ ...moment(START_MS), reading: START_MS })).toBeUndefined();
  });

  it.each<readonly [string, (made: ReturnType<typeof kept>) => unknown]>([
    ["a signal", ({ memory }) => memory.network.ingest(signal, START_MS)],
    ["a rejected signal", ({ memory }) => memory.network.ingest(null, START_MS)],
    ["a muted node", ({ memory }) => memory.network.mute({ node_id: "n", operator: "o" })],
    [
      "a node that counts again",
      ({ memory }) => memory.network.unmute({ node_id: "n", operator: "o" }),
    ],
    [
      "an accepted clock of the network",
      ({ memory }) =>
        memory.network.acceptClock(
          { operator: "o", reason: "r" },
          { now_ms: START_MS, monotonic_ms: 0 },
        ),
    ],
    ["an event of the defense", ({ defense }) => defense.apply([null], START_MS)],
    [
      "an order",
      ({ defense }) =>
        defense.override(
          {
            kind: "lockdown",
            lockdown: "FULL",
            operator: "o",
            reason: "r",
            until_ms: START_MS + 60_000,
          },
          START_MS,
        ),
    ],
  ])("gives nothing after %s", (_, change) => {
    const made = kept();
    change(made);
    expect(made.memory.of(moment(START_MS))).toBeUndefined();
  });
});

/** A network of one node that reports something mild. */
function calmNetwork() {
  const network = createNetworkState();
  network.ingest({ ...signal, severity: 0.1 }, START_MS);
  return network;
}

describe("createNetworkEvents", () => {
  it("makes no event of a calm view, and one of every change of it, at once and again", () => {
    const network = calmNetwork();
    const eventsOf = createNetworkEvents();
    const events = (now_ms: number) => {
      const options = () => ({ critical_types: network.criticalTypes() });
      return eventsOf(network.view(now_ms), now_ms, options).length;
    };
    expect([0, 1, 2].map((ms) => events(START_MS + ms))).toEqual([0, 0, 0]);
    network.ingest(signal, START_MS + 2);
    expect([3, 4].map((ms) => events(START_MS + ms))).toEqual([1, 1]);
  });

  it("reads a view whole whose time is none", () => {
    const eventsOf = createNetworkEvents();
    const view = calmNetwork().view(START_MS);
    expect(eventsOf(view, START_MS, () => ({}))).toEqual([]);
    for (const as_of_ms of [NaN, -1, 0.5]) {
      const [event] = eventsOf({ ...view, as_of_ms }, START_MS, () => ({}));
      expect(event).toMatchObject({ type: "malformed_event" });
    }
  });
});
