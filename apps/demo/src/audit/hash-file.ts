/** Stores the hashes of a tree in files of a folder, one for each level: 32 bytes a hash, appended. */
import { mkdirSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { HashStore } from "@dgb-shield/wallet-guardian/audit";
import { writeWhole } from "./write-whole.js";

/** Bytes of a hash. */
export const HASH_BYTES = 32;
/** Hashes of one level under one of the next. */
export const TILE = 256;
/** Levels of a tree of 2^53 leaves. */
const MAX_LEVELS = 7;

/** Creates a store in a folder, made where it is missing. What a crash cut off of the last hash does not count. */
export function createHashFile(folder: string): HashStore {
  const pathOf = (level: number): string => join(folder, `hashes-${level}`);
  const using = async <T>(level: number, flags: string, use: (file: FileHandle) => Promise<T>) => {
    const file = await open(pathOf(level), flags, 0o600);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  };
  const count = (level: number): Promise<number> =>
    using(level, "r", async (file) => Math.floor((await file.stat()).size / HASH_BYTES)).catch(
      absent(0),
    );
  return Object.freeze({
    count,
    read: (level, from, many) =>
      using(level, "r", async (file) => {
        const bytes = Buffer.alloc(many * HASH_BYTES);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, from * HASH_BYTES);
        if (bytesRead < bytes.length)
          throw new RangeError(`${pathOf(level)} ends before hash ${from + many}`);
        return hashesIn(bytes);
      }),
    async append(level, from, hashes) {
      if (from > (await count(level)))
        throw new RangeError(`${pathOf(level)} ends before hash ${from}`);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await (await open(pathOf(level), "a", 0o600)).close();
      await using(level, "r+", async (file) => {
        await writeWhole(file, bytesOf(hashes), from * HASH_BYTES);
        await file.datasync();
      });
    },
    async truncate(size) {
      for (let level = MAX_LEVELS - 1; level >= 0; level--) {
        const kept = Math.floor(size / TILE ** level);
        if ((await count(level)) <= kept) continue;
        await using(level, "r+", async (file) => {
          await file.truncate(kept * HASH_BYTES);
          await file.sync();
        });
      }
    },
  } satisfies HashStore);
}

/** Hashes as bytes, one after the other. */
export const bytesOf = (hashes: readonly string[]): Buffer => Buffer.from(hashes.join(""), "hex");

/** Hashes out of bytes. */
export const hashesIn = (bytes: Buffer): string[] =>
  Array.from({ length: Math.floor(bytes.length / HASH_BYTES) }, (_, at) =>
    bytes.toString("hex", at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );

/** A value for a file that is not there. */
export const absent =
  <T>(value: T) =>
  (error: unknown): T => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return value;
    throw error;
  };
