/** Stores salts in a file of a folder: 32 bytes each, zeros for none; erased in place. */
import { mkdirSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { SaltStore } from "@dgb-shield/wallet-guardian/audit";
import { writeWhole } from "./write-whole.js";
import { absent } from "./hash-file.js";
import { bytesOfSalts, SALT_BYTES, saltsIn } from "./salt-bytes.js";

/** Salts that are written at once. */
const PAGE = 10_000;

/** Creates a store in a folder, made where it is missing. What a crash cut off of the last salt does not count. */
export function createSaltFile(folder: string): SaltStore {
  const path = join(folder, "salts");
  const using = async <T>(flags: string, use: (file: FileHandle) => Promise<T>) => {
    const file = await open(path, flags, 0o600);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  };
  const count = (): Promise<number> =>
    using("r", async (file) => Math.floor((await file.stat()).size / SALT_BYTES)).catch(absent(0));
  return Object.freeze({
    count,
    read: (from, many) =>
      using("r", async (file) => {
        const bytes = Buffer.alloc(many * SALT_BYTES);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, from * SALT_BYTES);
        if (bytesRead < bytes.length)
          throw new RangeError(`${path} ends before salt ${from + many}`);
        return saltsIn(bytes);
      }),
    async append(from, salts) {
      const there = await count();
      if (from > there) throw new RangeError(`${path} ends before salt ${from}`);
      const fresh = salts.slice(there - from);
      if (fresh.length === 0) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await (await open(path, "a", 0o600)).close();
      await using("r+", async (file) => {
        for (let at = 0; at < fresh.length; at += PAGE) {
          const bytes = bytesOfSalts(fresh.slice(at, at + PAGE));
          await writeWhole(file, bytes, (there + at) * SALT_BYTES);
        }
        await file.sync();
      });
    },
    async erase(indexes) {
      const there = await count();
      const mine = indexes.filter((index) => index < there);
      if (mine.length === 0) return;
      await using("r+", async (file) => {
        for (const index of mine)
          await writeWhole(file, Buffer.alloc(SALT_BYTES), index * SALT_BYTES);
        await file.sync();
      });
    },
    async truncate(size) {
      if ((await count()) <= size) return;
      await using("r+", async (file) => {
        await file.truncate(size * SALT_BYTES);
        await file.sync();
      });
    },
  } satisfies SaltStore);
}
