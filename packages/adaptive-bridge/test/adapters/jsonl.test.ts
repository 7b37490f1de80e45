import { existsSync } from "node:fs";
import {
  mkdir,
  mkdtemp,
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
import { canonicalize, parseStrictJson } from "@dgb-shield/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createJsonlSink } from "../../src/adapters/jsonl/index.js";
import { nodeTimers } from "../../src/adapters/node/index.js";
import { createAdaptiveBridge } from "../../src/index.js";
import { eventOf } from "../support/events.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "bridge-"));
  path = join(folder, "events.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const lineOf = (n: number) => `${canonicalize(eventOf(n))}\n`;
const text = () => readFile(path, "utf8");

describe("createJsonlSink", () => {
  it("writes through a bridge what can be read back", async () => {
    const bridge = createAdaptiveBridge({
      sinks: [createJsonlSink({ path })],
      timers: nodeTimers,
      batchSize: 7,
    });
    const events = Array.from({ length: 50 }, (_, n) =>
      eventOf(n, { fingerprint: "zwei\nZeilen ✓ \u2028" }),
    );
    for (const event of events) bridge.emit(event);
    await bridge.close();
    expect(bridge.stats().sinks).toMatchObject([
      { name: "jsonl", delivered: 50, last_error: null },
    ]);
    const lines = (await text()).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => parseStrictJson(line))).toEqual(events);
    expect(lines).toEqual(events.map((event) => canonicalize(event)));
  });

  it("opens nothing before the first batch, and nothing at all without one", async () => {
    const sink = createJsonlSink({ path });
    await sink.close();
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("makes a file that only its owner reads", async () => {
    const sink = createJsonlSink({ path });
    await sink.write([eventOf(1)]);
    await sink.close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("appends to what an earlier process wrote", async () => {
    for (const n of [1, 2]) {
      const sink = createJsonlSink({ path });
      await sink.write([eventOf(n)]);
      await sink.close();
    }
    expect(await text()).toBe(lineOf(1) + lineOf(2));
  });

  it.each([
    ["in the middle of a line", lineOf(1) + lineOf(2).slice(0, 20), lineOf(1)],
    ["in the middle of a character", Buffer.from(`${lineOf(1)}{"a":"✓`).subarray(0, -1), lineOf(1)],
    ["in its first line", lineOf(2).slice(0, 20), ""],
    ["just before the end of a line", lineOf(1) + lineOf(2).slice(0, -1), lineOf(1) + lineOf(2)],
    [
      "behind an event, in a text longer than any line",
      `${lineOf(1)}${"x".repeat(600_000)}`,
      `${lineOf(1)}${"x".repeat(600_000)}\n`,
    ],
    [
      "with its last newline damaged",
      `${lineOf(1)}${lineOf(2).slice(0, -1)}*`,
      `${lineOf(1)}${lineOf(2).slice(0, -1)}*\n`,
    ],
    [
      "with zeros behind its last line",
      `${lineOf(1)}${"\0".repeat(4_096)}`,
      `${lineOf(1)}${"\0".repeat(4_096)}\n`,
    ],
  ])("repairs the end when the last process died %s", async (_, torn, repaired) => {
    await writeFile(path, torn);
    const sink = createJsonlSink({ path });
    await sink.write([eventOf(3)]);
    await sink.write([eventOf(4)]);
    await sink.close();
    expect(await text()).toBe(`${repaired}${lineOf(3)}${lineOf(4)}`);
  });

  it("begins a new file before one gets too large, and keeps as many as it is configured to", async () => {
    const maxBytes = 3 * lineOf(100).length;
    const sink = createJsonlSink({ path, maxBytes: Math.max(maxBytes, 1_000), maxFiles: 2 });
    const perFile = Math.floor(Math.max(maxBytes, 1_000) / lineOf(100).length);
    for (let n = 100; n < 100 + 4 * perFile + 1; n++) await sink.write([eventOf(n)]);
    await sink.close();
    const files = [`${path}.2`, `${path}.1`, path];
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    const from = 100 + 2 * perFile;
    const expected = Array.from({ length: 2 * perFile + 1 }, (_, n) => lineOf(from + n));
    expect(texts.join("")).toBe(expected.join(""));
    for (const part of texts)
      expect(part.length).toBeLessThanOrEqual(maxBytes > 1_000 ? maxBytes : 1_000);
    expect(existsSync(`${path}.3`)).toBe(false);
  });

  it("keeps one file of bounded size when it is configured to keep no other", async () => {
    const sink = createJsonlSink({ path, maxBytes: 1_000, maxFiles: 0 });
    for (let n = 100; n < 130; n++) await sink.write([eventOf(n)]);
    await sink.close();
    expect((await stat(path)).size).toBeLessThanOrEqual(1_000);
    expect((await text()).endsWith(lineOf(129))).toBe(true);
    expect(existsSync(`${path}.1`)).toBe(false);
  });

  it("refuses options that make no sense", () => {
    for (const bad of [{}, { path: "" }, { path, maxBytes: 1 }, { path, extra: 1 }]) {
      expect(() => createJsonlSink(bad as never)).toThrow(
        expect.objectContaining({ code: "invalid_config" }),
      );
    }
  });

  it("keeps the order of writes that were not waited for", async () => {
    const sink = createJsonlSink({ path });
    await Promise.all([1, 2, 3, 4, 5].map((n) => sink.write([eventOf(n)])));
    await sink.close();
    expect(await text()).toBe([1, 2, 3, 4, 5].map(lineOf).join(""));
  });

  it("rejects while the folder is missing, and recovers when it is there", async () => {
    const sink = createJsonlSink({ path: join(folder, "later", "events.jsonl") });
    await expect(sink.write([eventOf(1)])).rejects.toMatchObject({ code: "ENOENT" });
    await mkdir(join(folder, "later"));
    await sink.write([eventOf(2)]);
    await sink.close();
    expect(await readFile(join(folder, "later", "events.jsonl"), "utf8")).toBe(lineOf(2));
  });

  it("opens the file anew after a write failed, and cuts off what it left", async () => {
    let isBroken = true;
    const lockDescriptor = () =>
      isBroken ? Promise.reject(new Error("no space left")) : Promise.resolve(true);
    const sink = createJsonlSink({ path, lockDescriptor });
    await expect(sink.write([eventOf(1)])).rejects.toThrow("no space left");
    isBroken = false;
    await writeFile(path, lineOf(1).slice(0, 20));
    await sink.write([eventOf(2)]);
    await sink.close();
    expect(await text()).toBe(lineOf(2));
  });

  describe("a file that is moved, removed or another's", () => {
    it.each<[string, () => Promise<void>]>([
      ["moved", () => rename(path, `${path}-20260701`)],
      ["removed", () => rm(path)],
      ["replaced by an empty one", () => rm(path).then(() => writeFile(path, ""))],
      ["replaced by another one of events", () => rm(path).then(() => writeFile(path, lineOf(9)))],
      ["truncated (copytruncate)", () => truncate(path, 0)],
    ])(
      "is opened anew when it is %s: what is confirmed can be read at the path",
      async (_, move) => {
        const sink = createJsonlSink({ path });
        await sink.write([eventOf(1)]);
        await move();
        await sink.write([eventOf(2)]);
        expect((await text()).endsWith(lineOf(2))).toBe(true);
        expect(await text()).not.toContain("\0");
        await sink.close();
      },
    );

    it("confirms nothing while its folder is gone, and goes on when there is one", async () => {
      const nested = join(folder, "nested");
      await mkdir(nested);
      const sink = createJsonlSink({ path: join(nested, "e.jsonl") });
      await sink.write([eventOf(1)]);
      await rm(nested, { recursive: true });
      await expect(sink.write([eventOf(2)])).rejects.toMatchObject({ code: "ENOENT" });
      await mkdir(nested);
      await sink.write([eventOf(3)]);
      await sink.close();
      expect(await readFile(join(nested, "e.jsonl"), "utf8")).toBe(lineOf(3));
    });

    it.each([
      ["a text", "line one\nmy unfinished sentence"],
      ["a text without an end", "x".repeat(600_000)],
      ["JSON of another program", '{"action":"login","user":"alice"}\n{"action":"logout"}\n'],
      ["other JSON, unfinished", '{"level":"info"'],
    ])("is refused and left as it was: %s", async (_, other) => {
      await writeFile(path, other);
      const sink = createJsonlSink({ path });
      await expect(sink.write([eventOf(1)])).rejects.toMatchObject({ code: "foreign_file" });
      await sink.close();
      expect(await text()).toBe(other);
    });

    it("is refused where it is a link, which is not followed", async () => {
      const target = join(folder, "target");
      await symlink(target, path);
      const sink = createJsonlSink({ path });
      await expect(sink.write([eventOf(1)])).rejects.toMatchObject({ code: "foreign_file" });
      expect(existsSync(target)).toBe(false);
      await writeFile(target, lineOf(1));
      await expect(sink.write([eventOf(1)])).rejects.toMatchObject({ code: "foreign_file" });
      expect(await readFile(target, "utf8")).toBe(lineOf(1));
      await sink.close();
    });

    it.each(["folder", "device"])("is refused where it is a %s", async (kind) => {
      if (kind === "folder") await mkdir(path);
      const sink = createJsonlSink({ path: kind === "folder" ? path : "/dev/null" });
      await expect(sink.write([eventOf(1)])).rejects.toMatchObject({ code: "foreign_file" });
    });
  });

  it("loses nothing that was confirmed to two sinks of one path: the second is refused", async () => {
    const a = createJsonlSink({ path, maxBytes: 1_000 });
    const b = createJsonlSink({ path, maxBytes: 1_000 });
    await a.write([eventOf(1)]);
    await expect(b.write([eventOf(2)])).rejects.toMatchObject({ code: "file_locked" });
    await a.close();
    await b.write([eventOf(3)]);
    await b.close();
    expect(await text()).toBe(lineOf(1) + lineOf(3));
  });

  it("refuses a write after close", async () => {
    const sink = createJsonlSink({ path });
    await sink.close();
    await expect(sink.write([eventOf(1)])).rejects.toMatchObject({ code: "sink_closed" });
  });

  it("takes a name, so that one bridge can have two files", () => {
    expect(createJsonlSink({ path, name: "audit" }).name).toBe("audit");
  });
});
