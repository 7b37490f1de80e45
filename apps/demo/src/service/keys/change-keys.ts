/** Adds, revokes and replaces keys in their file, one change after the other whatever process makes it. */
import { existsSync, mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { lockFolder } from "../../cli/folder-lock.js";
import { CommandError } from "../../errors.js";
import { type ApiKey, PROPOSAL_NAME } from "./key.js";
import { KeyFileError, MAX_KEYS, readKeyFile, writeKeyFile } from "./key-file.js";
import { createToken } from "./token.js";

/** How long a change waits for those of other processes, in milliseconds. */
const MAX_WAIT_MS = 10_000;
const RETRY_MS = 20;

/** Where keys are, and by what clock and chance they are changed. */
export type KeyStore = Readonly<{
  path: string;
  nowMs: () => number;
  random: (bytes: number) => Uint8Array;
}>;

/** A new key: what is stored, and the token, which is shown once. */
export type AddedKey = Readonly<{ key: ApiKey; token: string }>;

/** What a new key is for. */
export type KeyRequest = Pick<ApiKey, "role" | "name" | "wallets" | "reports_for"> &
  Readonly<{ expires_at_ms: number | null }>;

/**
 * Adds keys in one change.
 *
 * @param create whether a missing file is made
 * @throws CommandError `bad_data_folder` where the file cannot be changed
 */
export const addKeys = (
  store: KeyStore,
  requests: readonly KeyRequest[],
  { create }: Readonly<{ create: boolean }>,
): Promise<readonly AddedKey[]> =>
  change(store, { create }, (keys) => {
    const added = requests.map((request) => newKey(store, request));
    return { keys: [...keys, ...added.map(({ key }) => key)], result: added };
  });

/**
 * Revokes a key at once. One that is revoked already, or will be later, is revoked by the earlier time.
 *
 * @throws CommandError `usage` for an unknown id; `bad_data_folder`
 */
export const revokeKey = (store: KeyStore, id: string): Promise<ApiKey> =>
  change(store, { create: false }, (keys) => {
    const key = found(keys, id);
    const now = store.nowMs();
    const revoked = { ...key, revoked_at_ms: Math.min(key.revoked_at_ms ?? now, now) };
    return { keys: replaced(keys, revoked), result: revoked };
  });

/**
 * Makes a new key with the rights of another, which counts until the overlap has passed.
 *
 * @param overlapMs 0 or more; how long both count, in milliseconds
 * @throws CommandError `usage` for an unknown id, or one that no longer counts; `bad_data_folder`
 */
export const rotateKey = (store: KeyStore, id: string, overlapMs: number): Promise<AddedKey> =>
  change(store, { create: false }, (keys) => {
    const old = found(keys, id);
    const now = store.nowMs();
    if (ended(old, now)) {
      throw new CommandError("usage", `key ${id} is revoked or expired: add a new one`);
    }
    const lifetime = old.expires_at_ms === null ? null : old.expires_at_ms - old.created_at_ms;
    const added = newKey(store, {
      ...old,
      expires_at_ms: lifetime === null ? null : now + lifetime,
    });
    const until = Math.min(old.revoked_at_ms ?? Infinity, now + overlapMs);
    const kept = replaced(keys, { ...old, revoked_at_ms: until });
    return { keys: [...kept, added.key], result: added };
  });

const ended = ({ revoked_at_ms, expires_at_ms }: ApiKey, now: number): boolean =>
  Math.min(revoked_at_ms ?? Infinity, expires_at_ms ?? Infinity) <= now;

function newKey(store: KeyStore, request: KeyRequest): AddedKey {
  const { role, name, wallets, reports_for, expires_at_ms } = request;
  if (name.startsWith(PROPOSAL_NAME)) {
    throw new CommandError(
      "usage",
      `a key's name cannot begin with ${PROPOSAL_NAME}: choose another`,
    );
  }
  const { id, token, hash } = createToken(store.random);
  const created_at_ms = store.nowMs();
  const times = { created_at_ms, expires_at_ms, revoked_at_ms: null };
  return { key: { id, role, hash, ...times, wallets, reports_for, name }, token };
}

function found(keys: readonly ApiKey[], id: string): ApiKey {
  const key = keys.find((one) => one.id === id);
  if (key !== undefined) return key;
  throw new CommandError("usage", `there is no key ${id}: \`shield keys list\` shows all of them`);
}

const replaced = (keys: readonly ApiKey[], key: ApiKey): ApiKey[] =>
  keys.map((one) => (one.id === key.id ? key : one));

type Change<T> = Readonly<{ keys: readonly ApiKey[]; result: T }>;

async function change<T>(
  { path }: KeyStore,
  { create }: Readonly<{ create: boolean }>,
  decide: (keys: readonly ApiKey[]) => Change<T>,
): Promise<T> {
  try {
    const unlock = await lockKeys(path);
    try {
      const { keys, result } = decide(keysAt(path, create));
      if (keys.length > MAX_KEYS) {
        const detail = `there are ${MAX_KEYS} keys: begin another file with keys_file`;
        throw new CommandError("bad_data_folder", detail);
      }
      writeKeyFile(path, keys);
      return result;
    } finally {
      unlock();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("bad_data_folder", `cannot change the keys: ${detail}`, error);
  }
}

function keysAt(path: string, create: boolean): readonly ApiKey[] {
  try {
    return readKeyFile(path);
  } catch (error) {
    if (create && error instanceof KeyFileError && error.isMissing) return [];
    throw error;
  }
}

/** Takes the lock of a file of keys: a folder beside it, which ends with the process that has it. */
async function lockKeys(path: string): Promise<() => void> {
  const folder = `${path}.lock`;
  if (!existsSync(folder)) makeFolder(folder);
  const deadline = performance.now() + MAX_WAIT_MS;
  for (;;) {
    try {
      return await lockFolder(folder);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (performance.now() > deadline) {
        const detail = `another command has been changing ${path} for ${MAX_WAIT_MS / 1_000} s: end it`;
        throw new CommandError("bad_data_folder", detail, error);
      }
    }
    await sleep(RETRY_MS);
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isThere) throw error;
  }
}
