/** Opens the folder of a scenario's ledger and events. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createMemoryLedger, type Ledger } from "@dgb-shield/wallet-guardian";
import { CommandError } from "../errors.js";

/** A folder that is there and can be written. */
export type DataFolder = Readonly<{
  path: string;
  /** Whether it goes when the demo ends. */
  temporary: boolean;
  /** The folder of one scenario. */
  of(scenario: string): string;
  remove(): void;
}>;

/**
 * The folder at `path`, made where it is missing; without a path a temporary one.
 *
 * @throws CommandError `bad_data_folder` where it cannot be written
 */
export function openDataFolder(path: string | undefined): DataFolder {
  const temporary = path === undefined;
  const folder = writable(path ?? "a temporary folder", () => {
    const made = path === undefined ? mkdtempSync(join(tmpdir(), "dgb-shield-")) : resolve(path);
    makeFolder(made);
    const probe = join(made, `.probe-${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
    return made;
  });
  return Object.freeze({
    path: folder,
    temporary,
    of: (scenario: string) =>
      writable(folder, () => {
        const made = join(folder, scenario);
        makeFolder(made);
        return made;
      }),
    remove() {
      if (temporary) rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** Only its owner may read it: ledger and events name customers. One level at a time: Node's recursive mkdir never ends where a file system answers ENOENT, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path, { mode: 0o700 });
}

function writable<T>(folder: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("bad_data_folder", `cannot write to ${folder}: ${detail}`, error);
  }
}

/** A ledger, and whether it survives the process. */
export type OpenLedger = Readonly<{ ledger: Ledger; kind: "sqlite" | "memory" }>;

/**
 * The SQLite ledger in `folder`; where its driver is not installed, one in memory.
 *
 * @param warn gets one line when the ledger is not durable
 * @throws CommandError `bad_data_folder` where the database cannot be opened
 */
export async function openLedger(
  folder: string,
  warn: (line: string) => void,
): Promise<OpenLedger> {
  const path = join(folder, "ledger.sqlite");
  try {
    const { createSqliteLedger } = await import("@dgb-shield/wallet-guardian/sqlite");
    const ledger = createSqliteLedger({ path, create: true });
    await ledger.records(0, 1);
    return { ledger, kind: "sqlite" };
  } catch (error) {
    if (!isDriverMissing(error)) {
      throw new CommandError(
        "bad_data_folder",
        `cannot use the ledger ${path}: ${rootOf(error)}`,
        error,
      );
    }
    warn(
      "no SQLite (Node 24 brings it; better-sqlite3 needs its prebuilt binary or a C++ compiler): " +
        "the demo's ledger is in memory and NOT durable. Install Node 24 or a compiler, then run npm start again.",
    );
    return { ledger: createMemoryLedger(), kind: "memory" };
  }
}

function isDriverMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const isNotFound = "code" in error && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code));
  return isNotFound || /bindings file/.test(error.message) || isDriverMissing(error.cause);
}

/** The message of the innermost cause. */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : rootOf(error.cause);
}
