/** Opens files without following links, and checks whether a path still names the file that is open. */
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { BridgeError } from "../../errors.js";

/** Identifies one file of a machine. */
export type FileIdentity = Readonly<{ dev: bigint; ino: bigint }>;

const {
  O_APPEND,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} = constants;
const { O_TRUNC } = constants;

/** Ways to open a file; none follows a link, and none waits at a pipe. */
export const OPEN = Object.freeze({
  read: O_RDONLY | O_NOFOLLOW | O_NONBLOCK,
  folder: O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
  append: O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK,
  create: O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW,
  appendOrCreate: O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK,
  replace: O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK,
});

const OWNER_ONLY = 0o600;
/** Errors of the system that mean: this is a link, a folder, a pipe without a reader. */
const NO_FILE = new Set(["ELOOP", "EISDIR", "ENXIO", "EMLINK"]);

/**
 * Opens a file in one of the ways of `OPEN`; one that is made belongs to its owner alone.
 *
 * @throws BridgeError `foreign_file` for a link or what is no file; an error of `node:fs`
 */
export async function openFile(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags, OWNER_ONLY);
  } catch (error) {
    if (NO_FILE.has((error as NodeJS.ErrnoException).code ?? "")) throw foreign(path, "not a file");
    throw error;
  }
}

/** The identity of an open file. */
export async function identityOf(file: FileHandle): Promise<FileIdentity> {
  const { dev, ino } = await file.stat({ bigint: true });
  return { dev, ino };
}

/** Whether `path` names that very file, and not by a link. */
export async function isAt(path: string, { dev, ino }: FileIdentity): Promise<boolean> {
  try {
    const found = await lstat(path, { bigint: true });
    return found.dev === dev && found.ino === ino;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Flushes the entries of a folder to the disk. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// [REJECT foreign_file] a link, not a file, or a file of another program
/** Makes the error of a path that this program must not write to. */
export const foreign = (path: string, why: string): BridgeError =>
  new BridgeError("foreign_file", "", `${path} is ${why}: nothing was changed; move it away`);
