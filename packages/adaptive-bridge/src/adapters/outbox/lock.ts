/** Keeps a second process off an outbox folder. It catches a mistake; it is no lock between machines. */
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BridgeError } from "../../errors.js";

/** Folders that this process holds: a process id alone does not tell it from an earlier life. */
const held = new Set<string>();

/**
 * Takes the folder, also from a process that has died.
 *
 * @returns how to let go of it
 * @throws BridgeError `outbox_locked` while another outbox has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "lock");
  if (held.has(folder)) throw locked(path, process.pid);
  held.add(folder);
  try {
    await take(path);
  } catch (error) {
    held.delete(folder);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(folder);
  };
}

async function take(path: string): Promise<void> {
  const mine = `${path}.${process.pid}`;
  await writeFile(mine, String(process.pid), { mode: 0o600 });
  try {
    if (await linked(mine, path)) return;
    const owner = Number(await readFile(path, "utf8").catch(() => ""));
    if (owner !== process.pid && isAlive(owner)) throw locked(path, owner);
    // A rename takes the dead one's lock away once: of two processes that try, one fails.
    await rename(path, `${mine}.dead`).catch(() => undefined);
    await rm(`${mine}.dead`, { force: true });
    if (!(await linked(mine, path))) throw locked(path, owner);
  } finally {
    await rm(mine, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const locked = (path: string, owner: number): BridgeError =>
  new BridgeError(
    "outbox_locked",
    "",
    `process ${owner} has this outbox; if it is no outbox, remove ${path}`,
  );
