import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { describe, expect, it, vi } from "vitest";
import { nodeTimers } from "../../src/adapters/node/index.js";
import { openOutbox } from "../../src/adapters/outbox/index.js";
import { observeBridge } from "../../src/adapters/prometheus/index.js";
import { createResilientSink } from "../../src/adapters/resilient/index.js";
import { createAdaptiveBridge } from "../../src/index.js";
import { eventOf } from "../support/events.js";
import { recordingSink } from "../support/sinks.js";
import { hasPromtool } from "../support/services.js";

/** A registry that watches a bridge with one good and one failing sink and an outbox. */
async function observed(use: (text: string) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "outbox-"));
  const failing = { name: "failing", write: () => Promise.reject(new Error("no route")) };
  const resilient = createResilientSink(failing, { random: () => 0.5, failures: 1 });
  const outbox = await openOutbox({
    folder,
    sinks: [recordingSink("kept").sink],
    timers: nodeTimers,
  });
  const bridge = createAdaptiveBridge({
    sinks: [outbox, resilient],
    timers: nodeTimers,
    closeTimeoutMs: 50,
  });
  const registry = new Registry();
  observeBridge({ registry, bridge, outbox, resilient: [resilient] });
  for (let n = 1; n <= 3; n++) bridge.emit(eventOf(n));
  bridge.emit({ ...eventOf(4), severity: 2 });
  await vi.waitFor(() => {
    expect(outbox.stats().stored).toBe(3);
    expect(resilient.circuit).toBe("open");
  }, 5_000);
  // The circuit opens a turn before its sink's answer is counted.
  await bridge.flush(100);
  await outbox.drained(5_000);
  await registry.metrics();
  use(await registry.metrics());
  await bridge.close();
  await rm(folder, { recursive: true, force: true });
}

describe("observeBridge", () => {
  it("shows the counters, also when it is read twice", () =>
    observed((text) => {
      for (const line of [
        'shield_bridge_emitted_total{sink="outbox"} 4',
        'shield_bridge_delivered_total{sink="outbox"} 3',
        'shield_bridge_dropped_total{sink="outbox",reason="malformed"} 1',
        'shield_bridge_dropped_total{sink="failing",reason="queue_full"} 0',
        'shield_bridge_dropped_total{sink="failing",reason="set_aside"} 0',
        'shield_bridge_queued_events{sink="failing"} 3',
        'shield_bridge_circuit_open{sink="failing"} 1',
        "shield_bridge_outbox_stored_total 3",
        'shield_bridge_outbox_delivered_total{sink="kept"} 3',
        'shield_bridge_outbox_pending_events{sink="kept"} 0',
        'shield_bridge_outbox_dropped_total{sink="kept",reason="outbox_full"} 0',
      ]) {
        expect(text.split("\n")).toContain(line);
      }
    }));

  it.skipIf(!hasPromtool())("passes promtool", () =>
    observed((text) => {
      const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
        input: text,
        encoding: "utf8",
      });
      expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
    }),
  );
});
