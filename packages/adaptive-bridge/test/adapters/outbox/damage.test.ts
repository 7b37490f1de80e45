import { existsSync } from "node:fs";
import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRandom } from "@dgb-shield/testkit/random";
import { nodeTimers } from "../../../src/adapters/node/index.js";
import { openOutbox, type Outbox, type OutboxOptions } from "../../../src/adapters/outbox/index.js";
import type { FolderLock } from "../../../src/adapters/outbox/lock.js";
import { SegmentLog } from "../../../src/adapters/outbox/log.js";
import { checksum } from "../../../src/adapters/outbox/record.js";
import type { BridgeSink } from "../../../src/index.js";
import { eventOf, ids, idsOf } from "../../support/events.js";
import { recordingSink } from "../../support/sinks.js";

let folder = "";
const opened: Outbox[] = [];
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "outbox-"))));
afterEach(async () => {
  for (const outbox of opened.splice(0)) await outbox.close().catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

const down: BridgeSink = { name: "a", write: () => Promise.reject(new Error("down")) };
const log = async (): Promise<string> =>
  join(
    folder,
    (await readdir(folder)).find((name) => name.endsWith(".log"))!,
  );

async function openIn(sink: BridgeSink, change: Partial<OutboxOptions> = {}): Promise<Outbox> {
  const options = { folder, sinks: [sink], timers: nodeTimers, retryDelayMs: 1, ...change };
  const outbox = await openOutbox(options);
  opened.push(outbox);
  return outbox;
}

async function put(outbox: Outbox, from: number, to: number, size = 40): Promise<void> {
  const extra = { t: "x".repeat(size) };
  let batch = Array.from({ length: to - from + 1 }, (_, i) => eventOf(from + i, { extra }));
  while (batch.length > 0) batch = batch.slice((await outbox.write(batch)).done);
}

/** Leaves `count` events for a sink, in a folder that was closed, and gives the path of their file. */
async function leave(count: number, size?: number): Promise<string> {
  const outbox = await openIn(down, { retryDelayMs: 60_000 });
  await put(outbox, 1, count, size);
  await outbox.close();
  return log();
}

/** Opens the folder, adds one event, and gives what arrives, with the counters. */
async function drain() {
  const { sink, events } = recordingSink("a");
  const outbox = await openIn(sink);
  await put(outbox, 999_999, 999_999);
  expect(await outbox.drained(10_000)).toBe(true);
  const stats = outbox.stats();
  const [a] = stats.sinks;
  await outbox.close();
  const { damaged, outbox_full, refused, set_aside } = a!.dropped;
  expect(a!.found + stats.stored).toBe(
    a!.delivered + a!.pending + damaged + outbox_full + refused + set_aside,
  );
  const got = idsOf(events());
  expect(got.at(-1)).toBe("e-999999");
  return { got: got.slice(0, -1), stats: a!, damaged };
}

describe("an outbox whose files are damaged", () => {
  it("delivers what is intact behind a hole of any size, and counts what was in the hole", async () => {
    const path = await leave(9_000, 400);
    const file = await open(path, "r+");
    await file.write(Buffer.alloc(1_200_000), 0, 1_200_000, 1_000_000);
    await file.close();
    const { got, damaged } = await drain();
    // A record has some 560 bytes: 1.2 MB hold about 2,150.
    expect(got.length).toBeGreaterThan(6_000);
    expect(got.length + damaged).toBe(9_000);
    expect(got.at(-1)).toBe("e-9000");
  });

  it("counts every record that it lost, whatever the damage, and delivers the others in order", async () => {
    await leave(200);
    const random = createRandom(5).next;
    const kept = `${folder}-kept`;
    await cp(folder, kept, { recursive: true });
    const kinds: Record<string, (bytes: Buffer) => Buffer> = {
      flip: (bytes) => {
        for (let k = 0; k < 3; k++) {
          const at = Math.floor(random() * bytes.length);
          bytes[at]! ^= 1 << Math.floor(random() * 8);
        }
        return bytes;
      },
      last: (bytes) => ((bytes[bytes.length - 20]! ^= 4), bytes),
      truncate: (bytes) => bytes.subarray(0, Math.floor(random() * bytes.length)),
      zeros: (bytes) => bytes.fill(0, 5_000, 9_096),
      nothing_but_zeros: (bytes) => bytes.fill(0),
      insert: (bytes) => {
        const at = Math.floor(random() * bytes.length);
        return Buffer.concat([bytes.subarray(0, at), Buffer.from("\nA\n"), bytes.subarray(at)]);
      },
    };
    for (let round = 0; round < 30; round++) {
      for (const [kind, damage] of Object.entries(kinds)) {
        await rm(folder, { recursive: true });
        await cp(kept, folder, { recursive: true });
        const path = await log();
        await writeFile(path, damage(await readFile(path)));
        const { got, damaged } = await drain();
        const numbers = got.map((id) => Number(id.slice(2)));
        expect(numbers, kind).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        expect(got.length + damaged, kind).toBe(200);
      }
    }
    await rm(kept, { recursive: true });
  }, 60_000);

  it("counts a damaged last record of a process that was killed", async () => {
    const path = await leave(3);
    await rm(join(folder, "a.cursor"));
    const bytes = await readFile(path);
    bytes[bytes.length - 20]! ^= 4;
    await writeFile(path, bytes);
    const { got, damaged } = await drain();
    expect(got).toEqual(ids(1, 2));
    expect(damaged).toBe(1);
  });

  it.each(['{"action":1}', "{not json}"])(
    "passes over a record that is whole and no event: %s",
    async (json) => {
      const path = await leave(3);
      const [first, , third] = (await readFile(path, "utf8")).split("\n");
      const body = `1 ${json}`;
      await writeFile(path, [first, `${checksum(body)} ${body}`, third, ""].join("\n"));
      const { got, damaged } = await drain();
      expect(got).toEqual(["e-1", "e-3"]);
      expect(damaged).toBe(1);
    },
  );
});

describe("an outbox whose files are moved", () => {
  it.each<[string, (path: string) => Promise<void>, number]>([
    ["moved", (path) => rename(path, `${path}.old`), 3],
    ["removed", (path) => rm(path), 3],
    ["truncated", (path) => truncate(path, 0), 3],
    ["replaced", (path) => rm(path).then(() => writeFile(path, "")), 3],
  ])("acknowledges nothing into a file that was %s", async (_, move, lost) => {
    const outbox = await openIn(down, { retryDelayMs: 60_000 });
    await put(outbox, 1, 3);
    await move(await log());
    await put(outbox, 4, 6);
    await outbox.close();
    const { got, stats } = await drain();
    expect(got).toEqual(ids(4, 6));
    // Lost from the disk, not from the first sight of this sink: it was counted as pending.
    expect(stats.dropped.damaged).toBe(lost);
  });

  it("goes on in the folder that is there, when its own was removed or replaced", async () => {
    const outbox = await openIn(down, { retryDelayMs: 60_000 });
    await put(outbox, 1, 3);
    await rename(folder, `${folder}-old`);
    expect(await outbox.write([eventOf(4)])).toMatchObject({ done: 0 });
    await mkdir(folder);
    await put(outbox, 4, 6);
    await outbox.close();
    const { got } = await drain();
    expect(got).toEqual(ids(4, 6));
    await rm(`${folder}-old`, { recursive: true });
  });

  it("waits for a folder that comes back, and loses nothing", async () => {
    const { sink, events } = recordingSink("a");
    let isUp = false;
    const gated: BridgeSink = {
      name: "a",
      write: (batch, ctx) => (isUp ? sink.write(batch, ctx) : { done: 0, pauseMs: 1 }),
    };
    const outbox = await openIn(gated, { batchSize: 2 });
    await put(outbox, 1, 9, 300_000);
    await rename(folder, `${folder}-away`);
    isUp = true;
    expect(await outbox.drained(100)).toBe(false);
    await rename(`${folder}-away`, folder);
    expect(await outbox.drained(10_000)).toBe(true);
    expect(idsOf(events())).toEqual(ids(1, 9));
  });

  it("takes no file for lost whose folder comes back while it is looked for", async () => {
    const outbox = await openIn(down, { retryDelayMs: 60_000 });
    await put(outbox, 1, 3);
    await outbox.close();
    const isInPlace = () => Promise.resolve(true);
    const back = { check: () => rename(`${folder}-away`, folder).catch(() => undefined) };
    const lock = { folder, isInPlace, ...back } as unknown as FolderLock;
    const segments = await SegmentLog.open(lock, 1 << 20, 0);
    const from = segments.find(0);
    if (from === null) throw new Error("nothing is there");
    await rename(folder, `${folder}-away`);
    await expect(segments.read(from)).rejects.toThrow("ENOENT");
    expect((await segments.read(from))?.records).toHaveLength(3);
  });

  it("writes no cursor and removes nothing in a folder that is another's by now", async () => {
    const { sink } = recordingSink("a");
    const outbox = await openIn(sink);
    await rename(folder, `${folder}-old`);
    await mkdir(folder);
    await outbox.close();
    expect(await readdir(folder)).toEqual([]);
    await rm(`${folder}-old`, { recursive: true });
  });
});

describe("an outbox whose folder has files of others", () => {
  it.each<[string, string, string]>([
    ["a text under the name of a segment", "0000000000000000.log", "line one\nmy sentence"],
    ["a text under a later name", "0000000000000007.log", "dear diary\n"],
  ])("refuses %s, and leaves it as it was", async (_, name, text) => {
    await writeFile(join(folder, name), text);
    await expect(openIn(down)).rejects.toMatchObject({ code: "foreign_file" });
    expect(await readFile(join(folder, name), "utf8")).toBe(text);
  });

  it("refuses a link under the name of a segment, and a folder", async () => {
    const target = join(folder, "target");
    await writeFile(target, "secret");
    const path = join(folder, "0000000000000000.log");
    await symlink(target, path);
    await expect(openIn(down)).rejects.toMatchObject({ code: "foreign_file" });
    expect(await readFile(target, "utf8")).toBe("secret");
    await rm(path);
    await mkdir(path);
    await expect(openIn(down)).rejects.toMatchObject({ code: "foreign_file" });
  });

  it("refuses a folder that is a link, and a file", async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    await expect(openIn(down, { folder: link })).rejects.toMatchObject({ code: "foreign_file" });
    await rm(link);
    await writeFile(link, "");
    await expect(openIn(down, { folder: link })).rejects.toThrow();
    await rm(link);
  });

  it("writes its cursor through no link", async () => {
    const target = join(folder, "target");
    await writeFile(target, "secret");
    await symlink(target, join(folder, "a.cursor.new"));
    const { sink } = recordingSink("a");
    const outbox = await openIn(sink);
    await put(outbox, 1, 1);
    await outbox.drained(5_000);
    await outbox.close();
    expect(await readFile(target, "utf8")).toBe("secret");
  });

  it("leaves files of other names alone", async () => {
    await writeFile(join(folder, "notes.txt"), "mine");
    await writeFile(join(folder, "1.log"), "mine");
    await leave(3);
    await drain();
    expect(await readFile(join(folder, "notes.txt"), "utf8")).toBe("mine");
    expect(await readFile(join(folder, "1.log"), "utf8")).toBe("mine");
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("makes a folder and files that only their owner reads", async () => {
    const place = join(folder, "new");
    const outbox = await openIn(down, { folder: place });
    await put(outbox, 1, 1);
    await outbox.close();
    expect((await stat(place)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(place)) {
      expect((await stat(join(place, name))).mode & 0o777).toBe(0o600);
    }
  });
});

describe("a folder whose flush fails", () => {
  it("confirms no event before the name of its file is on the disk", async () => {
    const outbox = await openIn(down, { retryDelayMs: 60_000 });
    const handle = await open(folder);
    const flush = vi
      .spyOn(Object.getPrototypeOf(handle) as typeof handle, "sync")
      .mockRejectedValueOnce(new Error("EIO"));
    await handle.close();
    expect(await outbox.write([eventOf(1)])).toMatchObject({ done: 0 });
    expect(await outbox.write([eventOf(1)])).toEqual({ done: 1 });
    // the first, which failed, and one more for the file that has the event
    expect(flush).toHaveBeenCalledTimes(2);
    flush.mockRestore();
  });
});
