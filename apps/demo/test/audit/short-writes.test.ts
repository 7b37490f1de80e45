/** The audit's files where the system writes less than it was given, as it does when a disk becomes full. */
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCheckpointFile } from "../../src/audit/checkpoint-file.js";
import { createHashFile } from "../../src/audit/hash-file.js";
import { createSaltFile } from "../../src/audit/salt-file.js";

type Write = (
  bytes: Uint8Array,
  from: number,
  length: number,
  at: number,
) => Promise<{ bytesWritten: number; buffer: Uint8Array }>;

describe("files of the audit, at a system that writes a few bytes at a time", () => {
  const folder = mkdtempSync(join(tmpdir(), "shield-short-writes-"));
  let handles: { write: Write };
  let usual: Write;
  beforeAll(async () => {
    const file = await open(join(folder, "any"), "w");
    handles = Object.getPrototypeOf(file) as typeof handles;
    await file.close();
    usual = handles.write;
    handles.write = function (bytes, from, length, at) {
      return usual.call(this, bytes, from, Math.min(length, 7), at);
    };
  });
  afterAll(() => {
    handles.write = usual;
    rmSync(folder, { recursive: true, force: true });
  });

  it("keep a whole checkpoint", async () => {
    const store = createCheckpointFile(join(folder, "checkpoints"));
    await store.append("a checkpoint that is longer than one write");
    await store.close();
    const again = createCheckpointFile(join(folder, "checkpoints"));
    expect(await again.count()).toBe(1);
    expect(await again.line(1)).toBe("a checkpoint that is longer than one write");
    await again.close();
  });

  it("keep whole hashes and salts, and erase whole salts", async () => {
    const values = ["ab".repeat(32), "cd".repeat(32)];
    const hashes = createHashFile(join(folder, "hashes"));
    await hashes.append(0, 0, values);
    expect(await hashes.read(0, 0, 2)).toEqual(values);
    const salts = createSaltFile(join(folder, "salts"));
    await salts.append(0, values);
    const kept = await salts.read(0, 2);
    expect(kept).toEqual(values);
    await salts.erase([1]);
    expect(await salts.read(0, 2)).toEqual([values[0], null]);
  });
});
