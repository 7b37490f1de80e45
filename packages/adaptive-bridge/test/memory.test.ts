import type { JsonObject } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createAdaptiveBridge } from "../src/index.js";
import { eventOf } from "./support/events.js";
import { pendingSink } from "./support/sinks.js";
import { manualTimers } from "./support/timers.js";

const MEGABYTE = 1_000_000;

/** Extras that are small as JSON and large as objects, and other ways to hold memory. */
const extras: Record<string, (n: number) => JsonObject> = {
  objects: () => ({ a: Array.from({ length: 4_000 }, () => ({})) }),
  keys: () => Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`k${i}`, i])),
  numbers: () => ({ a: Array.from({ length: 4_000 }, (_, i) => i + 0.5) }),
  texts: () => ({ a: "x".repeat(6_400) }),
  slices: (n) => ({ a: `${n}`.repeat(200_000).slice(0, 50) }),
};

describe("what waits for a hung sink", () => {
  it.each(Object.keys(extras))(
    "takes no more memory than its bound, beside a healthy sink: %s",
    async (kind) => {
      const timers = manualTimers();
      const sinks = [pendingSink("hung").sink, { name: "healthy", write: () => undefined }];
      const capacityBytes = 3 * MEGABYTE;
      const bridge = createAdaptiveBridge({
        sinks,
        timers,
        capacityBytes,
        writeTimeoutMs: 1_000_000_000,
      });
      globalThis.gc?.();
      const before = process.memoryUsage().heapUsed;
      for (let n = 0; n < 250; n++) {
        bridge.emit(eventOf(n, { extra: extras[kind]!(n) }));
        if (n % 20 === 0) await timers.turn();
      }
      await timers.turn();
      expect(bridge.stats().sinks[1]).toMatchObject({ delivered: 250 });
      globalThis.gc?.();
      const used = process.memoryUsage().heapUsed - before;
      // The bound, and one batch as objects.
      if (globalThis.gc !== undefined) expect(used).toBeLessThan(capacityBytes + 20 * MEGABYTE);
      expect(bridge.stats().sinks[0]!.queued).toBeGreaterThan(0);
    },
    60_000,
  );

  it("is charged for its text, two bytes a character, and 128 bytes an event", () => {
    const timers = manualTimers();
    const sinks = [pendingSink().sink];
    const bridge = createAdaptiveBridge({ sinks, timers, capacityBytes: 2_000_000 });
    const event = eventOf(1, { extra: { a: Array.from({ length: 4_000 }, () => ({})) } });
    // {"a":[{},{},…]} has 3 characters for each of 4,000 objects, and 8 around them: about 24.4 kB an event.
    for (let n = 0; n < 200; n++) bridge.emit(event);
    const each = 128 + 2 * JSON.stringify(event).length;
    expect(bridge.stats().sinks[0]!.queued).toBe(Math.floor(2_000_000 / each));
  });
});
