/** Results of parts of a long measurement, kept in a folder: it can be stopped, resumed, and shared by processes. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** A folder of results of one version of the sources. */
export type Parts = Readonly<{
  /** The result of a part, read or made; undefined where another process is making it. */
  take<T>(name: string, make: () => T): T | undefined;
}>;

/**
 * Opens a folder of results.
 *
 * @param folder made where it does not exist
 * @param pid of this process: what a process that no longer runs had begun is begun anew
 */
export function openParts(folder: string, pid: number): Parts {
  mkdirSync(folder, { recursive: true });
  return Object.freeze({
    take<T>(name: string, make: () => T): T | undefined {
      const file = join(folder, `${name}.json`);
      const kept = readIfThere(file);
      if (kept !== undefined) return JSON.parse(kept) as T;
      const claim = join(folder, `${name}.claim`);
      if (!isClaimed(claim, pid)) return undefined;
      const made = make();
      writeFileSync(`${file}.${pid}`, JSON.stringify(made));
      renameSync(`${file}.${pid}`, file);
      rmSync(claim, { force: true });
      return made;
    },
  } satisfies Parts);
}

/** Claims a part for this process; false where one that runs has it. */
function isClaimed(claim: string, pid: number): boolean {
  try {
    const handle = openSync(claim, "wx");
    writeFileSync(handle, String(pid));
    closeSync(handle);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const owner = Number(readIfThere(claim) ?? "");
  if (owner !== pid && Number.isInteger(owner) && owner > 0 && isRunning(owner)) return false;
  writeFileSync(claim, String(pid));
  return true;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
