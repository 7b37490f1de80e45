/** Simulates a disk that loses unsynced writes at a power cut, from the calls of a trace. */
import type { Call } from "./trace.js";

type Write = Readonly<{ at: number; bytes: Buffer }>;

type File = { synced: Buffer; pending: (Write | Readonly<{ length: number }>)[] };

/** What is on the disk after the power is back: the contents by path. */
export type Image = ReadonlyMap<string, Buffer>;

/** Which of the writes since the last sync of a file the disk has kept. */
export type Kept = (path: string, index: number) => boolean;

/** A disk. */
export type Disk = Readonly<{
  apply(call: Call): void;
  /** Writes to paths with an ending that no sync has followed. */
  unsynced(ending: string): number;
  image(kept: Kept): Image;
}>;

/** An empty disk. Names are durable at once: who makes a file syncs its folder before it is used. */
export function newDisk(): Disk {
  const files = new Map<string, File>();

  function file(path: string): File {
    const known = files.get(path) ?? { synced: Buffer.alloc(0), pending: [] };
    files.set(path, known);
    return known;
  }

  return {
    apply(call) {
      switch (call.kind) {
        case "said":
          return;
        case "write":
        case "cut":
          file(call.path).pending.push(call);
          return;
        case "sync":
          sync(files.get(call.path));
          return;
        case "unlink":
          files.delete(call.path);
          return;
        case "name":
          files.set(call.to, file(call.path));
          if (call.isMoved) files.delete(call.path);
      }
    },
    unsynced: (ending) =>
      [...files].reduce(
        (sum, [path, { pending }]) => sum + (path.endsWith(ending) ? pending.length : 0),
        0,
      ),
    image: (kept) =>
      new Map(
        [...files].map(([path, { synced, pending }]) => [
          path,
          pending.filter((_, index) => kept(path, index)).reduce(written, synced),
        ]),
      ),
  };
}

/** A folder has no contents. */
function sync(file: File | undefined): void {
  if (file === undefined) return;
  file.synced = file.pending.reduce(written, file.synced);
  file.pending = [];
}

function written(before: Buffer, change: File["pending"][number]): Buffer {
  if (!isWrite(change)) return Buffer.concat([before.subarray(0, change.length)], change.length);
  const { at, bytes } = change;
  const after = Buffer.alloc(Math.max(before.length, at + bytes.length));
  before.copy(after);
  bytes.copy(after, at);
  return after;
}

const isWrite = (change: File["pending"][number]): change is Write =>
  Object.hasOwn(change, "bytes");
