import { expect, it } from "vitest";
import { createAdaptiveBridge, createFunctionSink } from "../src/index.js";
import { eventOf } from "./support/events.js";
import { manualTimers } from "./support/timers.js";

// What the compiler refuses is checked by `tsc`: an unused `@ts-expect-error` is an error.
it("refuses malformed events by the type, and drops them at run time", async () => {
  const timers = manualTimers();
  const bridge = createAdaptiveBridge({
    sinks: [createFunctionSink("a", () => undefined)],
    timers,
  });
  const { event_id: _, ...withoutId } = eventOf(1);
  // @ts-expect-error: an event has an id
  bridge.emit(withoutId);
  // @ts-expect-error: a severity is a number
  bridge.emit({ ...eventOf(1), severity: "high" });
  // @ts-expect-error: a layer is one of five
  bridge.emit({ ...eventOf(1), layer: "wallet" });
  // @ts-expect-error: an extra is JSON
  bridge.emit({ ...eventOf(1), extra: { amount: 1n } });
  // @ts-expect-error: an event is an object
  bridge.emit("freeze");
  // @ts-expect-error: no other field
  bridge.emit({ ...eventOf(1), note: "" });
  await timers.turn();
  expect(bridge.stats().sinks[0]).toMatchObject({ emitted: 6, dropped: { malformed: 6 } });
  expect(_).toBe("e-1");
});
