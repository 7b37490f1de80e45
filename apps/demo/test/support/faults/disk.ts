/** Small disks that a test fills up or makes read-only; needs the right to mount (root on Linux). */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeSync, openSync, closeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A disk of its own. */
export type SmallDisk = Readonly<{
  path: string;
  /** Fills it to the last byte, until `free` is called. */
  fill(): void;
  free(): void;
  /** Makes it read-only, or writable again. */
  readOnly(isReadOnly: boolean): void;
  remove(): void;
}>;

const mount = (...args: readonly string[]): boolean => spawnSync("mount", args).status === 0;

/** Whether this process may mount disks; a line says where it may not, since tests are skipped then. */
export function canMount(): boolean {
  try {
    makeDisk().remove();
    return true;
  } catch {
    console.warn(
      "disks cannot be mounted here (not root?): skipping what needs a full or read-only one",
    );
    return false;
  }
}

/** Mounts a file system of memory. */
export function makeDisk(mebibytes = 8): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "shield-disk-"));
  if (!mount("-t", "tmpfs", "-o", `size=${mebibytes}m,mode=700`, "shield-test", path)) {
    rmSync(path, { recursive: true });
    throw new Error("cannot mount");
  }
  const ballast = join(path, "ballast");
  return Object.freeze({
    path,
    fill() {
      const file = openSync(ballast, "a");
      try {
        for (let size = 65_536; size >= 1; size >>= 1) fillBy(file, Buffer.alloc(size));
      } finally {
        closeSync(file);
      }
      if (statfsSync(path).bavail > 0) throw new Error("the disk is not full");
    },
    free: () => rmSync(ballast, { force: true }),
    readOnly(isReadOnly) {
      if (!mount("-o", `remount,${isReadOnly ? "ro" : "rw"}`, path))
        throw new Error("cannot remount");
    },
    remove() {
      spawnSync("umount", ["-l", path]);
      rmSync(path, { recursive: true, force: true });
    },
  } satisfies SmallDisk);
}

function fillBy(file: number, chunk: Buffer): void {
  try {
    while (writeSync(file, chunk) > 0);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  }
}
