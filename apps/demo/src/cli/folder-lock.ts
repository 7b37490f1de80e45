/** Locks a data folder for one demo: two on one folder would mix what they write. */
import { closeSync, constants, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BridgeError } from "@dgb-shield/adaptive-bridge";
import { type DescriptorLock, flock } from "@dgb-shield/adaptive-bridge/jsonl";
import { CommandError } from "../errors.js";
import { isAlive } from "./is-alive.js";

/** Name of the lock file where the operating system's lock cannot be had. */
const LOCK_FILE = "demo.lock";

/**
 * Takes a folder: by a lock of the operating system, which ends with the process; where there is no program
 * `flock` (macOS, Windows), by a file with the process id.
 *
 * @returns a function that releases the folder
 * @throws CommandError `bad_data_folder` while another demo has it
 */
export async function lockFolder(
  folder: string,
  lockDescriptor: DescriptorLock = flock,
): Promise<() => void> {
  if (process.platform === "win32") return lockByFile(folder);
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (!(await lockDescriptor(fd))) throw inUse(folder);
    return () => closeSync(fd);
  } catch (error) {
    closeSync(fd);
    if (error instanceof BridgeError && error.code === "lock_unavailable")
      return lockByFile(folder);
    throw error;
  }
}

/** Takes the lock file; one of a process that has ended is taken over. */
function lockByFile(folder: string): () => void {
  const path = join(folder, LOCK_FILE);
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      if (isAlive(Number(readFileSync(path, "utf8")))) throw inUse(folder);
      rmSync(path, { force: true });
    }
  }
  throw inUse(folder);
}

const inUse = (folder: string): CommandError =>
  new CommandError(
    "bad_data_folder",
    `another demo uses ${folder}: wait for it to end, or give another folder with --data`,
  );
