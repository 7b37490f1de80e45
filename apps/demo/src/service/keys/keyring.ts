/** The keys of a running service: read again when their file changes, so that a revocation needs no restart. */
import { statSync } from "node:fs";
import type { ApiKey, Keyring } from "./key.js";
import { KeyFileError, readKeyFile } from "./key-file.js";
import { idOfToken, isTokenOf } from "./token.js";

/** Milliseconds between two looks at the file at most. */
const LOOK_MS = 1_000;

/** A hash that no token has: an unknown id takes as long as a known one. */
const NO_HASH = "0".repeat(64);

/** Options of `createKeyring`. */
export type KeyringOptions = Readonly<{
  path: string;
  /** A clock that never goes back, in milliseconds. */
  monotonic: () => number;
  /** Is called when the file has changed: with the number of keys, or why none counts. */
  changed?: (state: Readonly<{ keys: number; problem: string | null }>) => void;
  /** The keys that count where changes are governed, whatever the file adds; null: those of the file do. */
  governed?: () => readonly ApiKey[] | null;
}>;

/**
 * Opens the keys of a file. At most once a second `authenticate` compares the file's time, size and inode with those
 * that were read. **While the file is missing, damaged or cannot be read, no key counts**: which ones were revoked
 * meanwhile cannot be known. Keys count again as soon as it can be read.
 */
export function createKeyring({ path, monotonic, changed, governed }: KeyringOptions): Keyring {
  let keys: ReadonlyMap<string, ApiKey> = new Map();
  let problem: string | null = "the keys were not read yet";
  let seen: string | null = null;
  let lookedMs = -Infinity;

  function look(): void {
    const nowMs = monotonic();
    if (nowMs - lookedMs < LOOK_MS) return;
    lookedMs = nowMs;
    // Before it is read: a change during the reading is found at the next look.
    const stamp = stampOf(path);
    if (stamp !== null && stamp === seen) return;
    const before = problem;
    try {
      keys = new Map(readKeyFile(path).map((key) => [key.id, key]));
      [problem, seen] = [null, stamp];
    } catch (error) {
      keys = new Map();
      [problem, seen] = [error instanceof KeyFileError ? error.message : String(error), null];
      if (problem === before) return;
    }
    changed?.({ keys: keys.size, problem });
  }

  look();
  return Object.freeze({
    authenticate(bearer, nowMs) {
      look();
      const id = idOfToken(bearer) ?? "";
      const counted = governed?.() ?? null;
      const key = counted === null ? keys.get(id) : counted.find((one) => one.id === id);
      const isRight = isTokenOf(bearer, key?.hash ?? NO_HASH);
      return key !== undefined && isRight && isInForce(key, nowMs) ? key : undefined;
    },
    keys() {
      look();
      return [...keys.values()];
    },
    problem() {
      look();
      return problem;
    },
  } satisfies Keyring);
}

/** Whether a key counts at a time. What is no time is after every end. */
export function isInForce({ expires_at_ms, revoked_at_ms }: ApiKey, nowMs: number): boolean {
  return [expires_at_ms, revoked_at_ms].every((end) => end === null || nowMs < end);
}

/** What changes with every change of a file; null where there is none. */
function stampOf(path: string): string | null {
  try {
    const { mtimeNs, ctimeNs, ino, dev, size, mode } = statSync(path, { bigint: true });
    return [mtimeNs, ctimeNs, ino, dev, size, mode].join(" ");
  } catch {
    return null;
  }
}
