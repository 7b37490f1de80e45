import { createDefenseNode } from "@dgb-shield/adn";
import { digibyte } from "@dgb-shield/chain";
import { createFleet } from "@dgb-shield/sentinel";
import { describe, expect, it } from "vitest";
import { createSources } from "../../../src/pipeline/sources.js";
import { createKeeper } from "../../../src/pipeline/state/keeper.js";
import type { StateStore } from "../../../src/pipeline/state/saved-state.js";

const START_MS = Date.UTC(2026, 0, 1);

/** A keeper of a defense whose state a test switches between two, each the same bytes every time. */
function keeperOf(store: StateStore) {
  const events = [
    {
      event_id: "e-1",
      type: "sentinel_alert",
      severity: 0.95,
      source: "sentinel",
      observed_at_ms: START_MS,
      expires_at_ms: START_MS + 60_000,
      local: true,
      summary: "block_stall: no block",
    } as const,
  ];
  const calm = createDefenseNode({ node_id: "node-a" });
  const alarmed = createDefenseNode({ node_id: "node-a" });
  for (const [node, known] of [[calm, []] as const, [alarmed, events] as const])
    node.apply(known, { now_ms: START_MS, monotonic_ms: 0 });
  let isAlarmed = true;
  const defense = {
    ...calm,
    revision: () => (isAlarmed ? 1 : 0),
    snapshot: () => (isAlarmed ? alarmed : calm).snapshot(),
  };
  const kept = { store, generation: 0, chain: "digibyte", node_id: "node-a" };
  const keeper = createKeeper({
    ...kept,
    sources: createSources(createFleet({ chain: digibyte, nodes: ["node-a"] }), []),
    defense,
  });
  return {
    keeper,
    alarm: () => void (isAlarmed = true),
    calm: () => void (isAlarmed = false),
  };
}

describe("createKeeper", () => {
  it("takes no earlier state for durable while a save of another one is under way", async () => {
    const ends: (() => void)[] = [];
    const { keeper, alarm, calm } = keeperOf({
      load: () => null,
      save: () => new Promise<void>((resolve) => void ends.push(resolve)),
    });
    keeper.keep(START_MS);
    ends.shift()?.();
    await keeper.settled();
    expect(keeper.keep(START_MS)).toBe(true);
    calm();
    expect(keeper.keep(START_MS)).toBe(false);
    alarm();
    expect(keeper.keep(START_MS)).toBe(false);
    expect(keeper.generation()).toBeGreaterThan(1);
    // The save of the calm state, then one of the alarm once more.
    ends.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    ends.shift()?.();
    await keeper.settled();
    expect(keeper.keep(START_MS)).toBe(true);
  });

  it("saves an earlier state again after a save that failed, whose text may be on the disk", () => {
    let text = "";
    let isFailing = false;
    const { keeper, alarm, calm } = keeperOf({
      load: () => null,
      save: (next) => {
        text = next;
        if (isFailing) throw new Error("the folder was not flushed");
      },
    });
    expect(keeper.keep(START_MS)).toBe(true);
    expect(text).toContain("e-1");
    isFailing = true;
    calm();
    expect(keeper.keep(START_MS)).toBe(false);
    isFailing = false;
    alarm();
    expect(keeper.keep(START_MS)).toBe(true);
    expect(text).toContain("e-1");
  });
});
