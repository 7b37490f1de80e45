/** Makes files read-only for every process, root and open descriptors included. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Whether this process may do so on the temporary folder's file system; a line says where it may not. */
export function canMakeImmutable(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "shield-immutable-"));
  const file = join(folder, "file");
  writeFileSync(file, "");
  try {
    makeImmutable([file], true);
    makeImmutable([file], false);
    return true;
  } catch {
    console.warn("files cannot be made immutable here (not root?): skipping what needs that");
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sets or takes the attribute of those of the files that are there. */
export function makeImmutable(paths: readonly string[], isImmutable: boolean): void {
  const found = paths.filter((path) => existsSync(path));
  const { status, stderr } = spawnSync("chattr", [isImmutable ? "+i" : "-i", ...found]);
  if (status !== 0) throw new Error(`chattr: ${String(stderr)}`);
}
