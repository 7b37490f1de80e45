import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ShieldEvent } from "@dgb-shield/contract";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeTimers } from "../../../src/adapters/node/index.js";
import {
  openOutbox,
  type Outbox,
  type OutboxOptions,
  type OutboxStats,
} from "../../../src/adapters/outbox/index.js";
import { encodeRecord } from "../../../src/adapters/outbox/record.js";
import { type BridgeSink, createAdaptiveBridge } from "../../../src/index.js";
import { eventOf, ids, idsOf } from "../../support/events.js";
import { failingSinks, recordingSink } from "../../support/sinks.js";

let folder = "";
const open_: Outbox[] = [];
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "outbox-"))));
afterEach(async () => {
  for (const outbox of open_.splice(0)) await outbox.close().catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

async function open(
  sinks: readonly BridgeSink[],
  change: Partial<OutboxOptions> = {},
): Promise<Outbox> {
  const outbox = await openOutbox({
    folder,
    sinks,
    timers: nodeTimers,
    retryDelayMs: 1,
    ...change,
  });
  open_.push(outbox);
  return outbox;
}

/** Writes everything, however small the steps in which the outbox takes it. */
async function put(outbox: Outbox, from: number, to: number, change: Partial<ShieldEvent> = {}) {
  let batch = Array.from({ length: to - from + 1 }, (_, i) => eventOf(from + i, change));
  while (batch.length > 0) batch = batch.slice((await outbox.write(batch)).done);
}

const segments = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(".log")).sort();

const expectToAddUp = ({ stored, sinks }: OutboxStats): void => {
  for (const { found, delivered, pending, dropped } of sinks) {
    const lost = dropped.outbox_full + dropped.damaged + dropped.refused + dropped.set_aside;
    expect(delivered + pending + lost).toBe(found + stored);
  }
};

/** A sink that takes nothing until it is opened. */
function gatedSink(name = "gated") {
  const { sink, events } = recordingSink(name);
  const gate = { open: false };
  const write: BridgeSink["write"] = (batch, ctx) =>
    gate.open ? sink.write(batch, ctx) : { done: 0, pauseMs: 1 };
  return { sink: { name, write }, events, gate };
}

describe("openOutbox", () => {
  it("delivers what is on the disk, in order, to each sink at its own pace", async () => {
    const a = recordingSink("a");
    const b = gatedSink("b");
    const durable: string[] = [];
    const outbox = await open([a.sink, b.sink], {
      onDurable: (events) => durable.push(...idsOf(events)),
    });
    const bridge = createAdaptiveBridge({ sinks: [outbox], timers: nodeTimers, batchSize: 7 });
    for (let n = 1; n <= 50; n++) bridge.emit(eventOf(n));
    expect(await bridge.flush(5_000)).toBe(true);
    expect(durable).toEqual(ids(1, 50));
    while (a.events().length < 50) await new Promise((r) => setTimeout(r, 1));
    expect(idsOf(a.events())).toEqual(ids(1, 50));
    expect(await outbox.drained(20)).toBe(false);
    expect(b.events()).toEqual([]);
    expect(Object.isFrozen(a.events()[0]?.extra)).toBe(true);
    b.gate.open = true;
    expect(await outbox.drained(5_000)).toBe(true);
    expect(idsOf(b.events())).toEqual(ids(1, 50));
    expectToAddUp(outbox.stats());
    await bridge.close();
    expect(bridge.stats().sinks[0]).toMatchObject({ name: "outbox", delivered: 50, queued: 0 });
  });

  it("goes on where the last process stopped, with a place for each sink", async () => {
    const a = recordingSink("a");
    const b = gatedSink("b");
    const first = await open([a.sink, b.sink]);
    await put(first, 1, 30);
    while (first.stats().sinks[0]!.pending > 0) await new Promise((r) => setTimeout(r, 1));
    await first.close();
    const again = { a: recordingSink("a"), b: recordingSink("b"), late: recordingSink("late") };
    const second = await open([again.a.sink, again.b.sink, again.late.sink]);
    expect(second.stats().sinks.map(({ found }) => found)).toEqual([0, 30, 30]);
    await put(second, 31, 40);
    expect(await second.drained(5_000)).toBe(true);
    expect(idsOf(again.a.events())).toEqual(ids(31, 40));
    expect(idsOf(again.b.events())).toEqual(ids(1, 40));
    expect(idsOf(again.late.events())).toEqual(ids(1, 40));
    expectToAddUp(second.stats());
  });

  it("offers again, in order, what a sink failed to take, whatever its illness", async () => {
    let calls = 0;
    const { sink } = recordingSink();
    const ill = failingSinks.map(([one]) => one);
    const recovering: BridgeSink = {
      name: "recovering",
      write: (batch, ctx) => (ill[calls++] ?? sink).write(batch, ctx),
    };
    const healthy = recordingSink();
    const outbox = await open([recovering, healthy.sink], { writeTimeoutMs: 20, batchSize: 4 });
    await put(outbox, 1, 10);
    while (healthy.events().length < 10) await new Promise((r) => setTimeout(r, 1));
    expect(calls).toBeLessThanOrEqual(ill.length);
    expect(outbox.stats().sinks[0]!.pending).toBe(10);
    await outbox.close();
    const later = recordingSink("recovering");
    const second = await open([later.sink]);
    expect(await second.drained(5_000)).toBe(true);
    expect(idsOf(later.events())).toEqual(ids(1, 10));
  });

  it("goes on in the middle of a batch that a sink took in part, and counts what is refused", async () => {
    const { sink, events } = recordingSink();
    const partial: BridgeSink = {
      name: "partial",
      write(batch, ctx) {
        void sink.write(batch.slice(0, 2), ctx);
        return { done: Math.min(2, batch.length), refused: 1, reason: "one of them" };
      },
    };
    const outbox = await open([partial]);
    await put(outbox, 1, 9);
    expect(await outbox.drained(5_000)).toBe(true);
    expect(idsOf(events())).toEqual(ids(1, 9));
    expect(outbox.stats().sinks[0]).toMatchObject({
      delivered: 4,
      dropped: { refused: 5 },
      last_error: "one of them",
    });
    expectToAddUp(outbox.stats());
  });

  it("removes what every sink has", async () => {
    const { sink } = recordingSink();
    const outbox = await open([sink], { maxBytes: 5_000_000 });
    const text = "x".repeat(200_000);
    await put(outbox, 1, 20, { extra: { text } });
    expect(await outbox.drained(5_000)).toBe(true);
    await outbox.close();
    expect((await segments()).length).toBeLessThanOrEqual(2);
  });

  it("keeps to its disk space: drops the oldest, counted on each sink that had not had it", async () => {
    const slow = gatedSink("slow");
    const fast = recordingSink("fast");
    const outbox = await open([slow.sink, fast.sink], { maxBytes: 5_000_000 });
    const text = "x".repeat(100_000);
    for (let n = 1; n <= 120; n++) {
      await put(outbox, n, n, { extra: { text } });
      const sizes = (await segments()).map(async (name) => (await stat(join(folder, name))).size);
      const size = (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
      expect(size).toBeLessThanOrEqual(5_000_000);
      expect(outbox.stats().bytes).toBe(size);
      expectToAddUp(outbox.stats());
    }
    slow.gate.open = true;
    expect(await outbox.drained(5_000)).toBe(true);
    const got = idsOf(slow.events());
    expect(got.length).toBeGreaterThan(30);
    expect(got).toEqual(ids(121 - got.length, 120));
    const [slowStats, fastStats] = outbox.stats().sinks;
    expect(slowStats).toMatchObject({ dropped: { outbox_full: 120 - got.length } });
    expect(fastStats!.delivered + fastStats!.dropped.outbox_full).toBe(120);
    expectToAddUp(outbox.stats());
  });

  it("takes a write in steps that fit a segment", async () => {
    const { sink, events } = recordingSink();
    const outbox = await open([sink], { maxBytes: 5_000_000 });
    const batch = [1, 2, 3, 4].map((n) => eventOf(n, { extra: { text: "x".repeat(300_000) } }));
    expect(await outbox.write(batch)).toEqual({ done: 2 });
    await put(outbox, 3, 4);
    await outbox.drained(5_000);
    expect(idsOf(events())).toEqual(ids(1, 4));
  });

  describe("after a crash", () => {
    const leave = async (to: number): Promise<string> => {
      const { sink } = gatedSink("a");
      const outbox = await open([sink]);
      await put(outbox, 1, to);
      await outbox.close();
      return join(folder, (await segments())[0]!);
    };
    const read = async (): Promise<{ got: string[]; stats: OutboxStats }> => {
      const { sink, events } = recordingSink("a");
      const outbox = await open([sink]);
      await put(outbox, 100, 101);
      expect(await outbox.drained(5_000)).toBe(true);
      expectToAddUp(outbox.stats());
      return { got: idsOf(events()), stats: outbox.stats() };
    };

    it("cuts off a torn end, wherever it was torn", async () => {
      const path = await leave(3);
      const whole = await readFile(path);
      const thirdAt = whole.indexOf("\n", whole.indexOf("\n") + 1) + 1;
      for (let length = thirdAt; length < whole.length; length += 13) {
        await rm(folder, { recursive: true });
        const again = await leave(3);
        await truncate(again, length);
        const { got } = await read();
        expect(got).toEqual(["e-1", "e-2", "e-100", "e-101"]);
        await open_.pop()!.close();
      }
    });

    it("skips a damaged record, counted, and delivers what is behind it", async () => {
      const path = await leave(5);
      const bytes = await readFile(path);
      bytes[bytes.indexOf("e-3")] = 0x58;
      await writeFile(path, bytes);
      const { got, stats } = await read();
      expect(got).toEqual(["e-1", "e-2", "e-4", "e-5", "e-100", "e-101"]);
      expect(stats.sinks[0]!.dropped.damaged).toBe(1);
    });

    it("delivers all again where the cursor is damaged", async () => {
      const { sink } = recordingSink("a");
      const outbox = await open([sink]);
      await put(outbox, 1, 3);
      await outbox.drained(5_000);
      await outbox.close();
      await writeFile(join(folder, "a.cursor"), "00000000 3\n");
      expect((await read()).got).toEqual(["e-1", "e-2", "e-3", "e-100", "e-101"]);
    });

    it("skips nothing new where the log lost what the cursor is past", async () => {
      const { sink } = recordingSink("a");
      const outbox = await open([sink]);
      await put(outbox, 1, 5);
      await outbox.drained(5_000);
      await outbox.close();
      for (const name of await segments()) await rm(join(folder, name));
      expect((await read()).got).toEqual(["e-100", "e-101"]);
    });

    it("ignores what follows an append that was never acknowledged", async () => {
      const path = await leave(2);
      const [line] = (await readFile(path, "utf8")).split("\n").slice(1);
      const { sink } = gatedSink("a");
      const outbox = await open([sink]);
      await put(outbox, 3, 3);
      await outbox.close();
      // As if a failed append could not be taken back: its numbers belong to a later segment now.
      await appendFile(
        path,
        Buffer.concat([encodeRecord(2, eventOf(99)), Buffer.from(`${line}\n`)]),
      );
      expect((await read()).got).toEqual(["e-1", "e-2", "e-3", "e-100", "e-101"]);
    });

    it("takes any bytes at the end of its files", async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (junk) => {
          await rm(folder, { recursive: true, force: true });
          const path = await leave(2);
          await appendFile(path, junk);
          await writeFile(join(folder, "a.cursor"), junk);
          const { got } = await read();
          expect(got).toEqual(["e-1", "e-2", "e-100", "e-101"]);
          await open_.pop()!.close();
        }),
        { numRuns: 25 },
      );
    });
  });

  describe("failures", () => {
    it("confirms nothing while the disk fails, and takes it when it is back", async () => {
      const { sink, events } = recordingSink();
      const outbox = await open([sink]);
      await rm(folder, { recursive: true });
      expect(await outbox.write([eventOf(1)])).toMatchObject({
        done: 0,
        pauseMs: 1_000,
        reason: expect.stringContaining("ENOENT") as string,
      });
      await open([sink], { folder: `${folder}-x` });
      await rm(`${folder}-x`, { recursive: true });
      const { mkdir } = await import("node:fs/promises");
      await mkdir(folder);
      expect(await outbox.write([eventOf(1)])).toEqual({ done: 1 });
      expect(await outbox.drained(5_000)).toBe(true);
      expect(idsOf(events())).toEqual(["e-1"]);
    });

    it("refuses a second outbox on its folder, and takes over from a dead process", async () => {
      const { sink } = recordingSink();
      const outbox = await open([sink]);
      await expect(open([sink])).rejects.toMatchObject({ code: "outbox_locked" });
      await outbox.close();
      // Process ids in a file mean nothing: they belong to other programs after a while, and in other containers.
      for (const id of ["1", "999999999", String(process.pid), "", "x"]) {
        await writeFile(join(folder, "lock"), id);
        await (await open([sink])).close();
      }
    });

    it("closes in bounded time though a sink hangs, and aborts its signal", async () => {
      let notified = false;
      const hung: BridgeSink = {
        name: "hung",
        write: (_, { signal }) =>
          new Promise<void>(() => signal.addEventListener("abort", () => (notified = true))),
      };
      const outbox = await open([hung]);
      await put(outbox, 1, 1);
      await new Promise((resume) => setTimeout(resume, 20));
      await outbox.close();
      expect(notified).toBe(true);
      await expect(outbox.write([eventOf(2)])).rejects.toMatchObject({ code: "sink_closed" });
    });

    it.each<[string, object, string]>([
      ["no folder", { folder: "" }, "/folder"],
      ["no sinks", { sinks: [] }, "/sinks"],
      ["too little space", { maxBytes: 1 }, "/maxBytes"],
      ["a listener that is none", { onDurable: 1 }, "/onDurable"],
      ["an unknown option", { size: 1 }, "/size"],
      [
        "two sinks of one name",
        { sinks: [recordingSink().sink, recordingSink().sink] },
        "/sinks/1/name",
      ],
    ])("refuses %s", async (_, change, path) => {
      const { sink } = recordingSink();
      await expect(open([sink], change)).rejects.toMatchObject({ code: "invalid_config", path });
    });

    it("is not disturbed by a listener that throws", async () => {
      const { sink } = recordingSink();
      const outbox = await open([sink], {
        onDurable: () => {
          throw new Error("listener");
        },
      });
      expect(await outbox.write([eventOf(1)])).toEqual({ done: 1 });
    });
  });
});
