/** `shield keys add|list|revoke|rotate`. */
import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import { CommandError, EXIT } from "../../errors.js";
import { idField } from "../../service/config/fields.js";
import {
  addKeys,
  type AddedKey,
  type KeyStore,
  revokeKey,
  rotateKey,
} from "../../service/keys/change-keys.js";
import { countedKeys } from "../../service/governance/counted-keys.js";
import { revokedAt, tooFewGovernors } from "../../service/governance/key-changes.js";
import { latchedFor } from "../../service/governance/store.js";
import { KeyFileError, readKeyFile } from "../../service/keys/key-file.js";
import type { ApiKey, Role } from "../../service/keys/key.js";
import { isInForce } from "../../service/keys/keyring.js";
import type { CommandIo } from "../command-io.js";
import { openGovernance } from "../governance/stored.js";
import { configOf, type ConfigOptions } from "../config/config-options.js";

/** Options of every `shield keys` command. */
export type KeysOptions = ConfigOptions & Readonly<{ keysFile?: string; json: boolean }>;

/** Options of `shield keys add`. */
export type AddKeyOptions = KeysOptions &
  Readonly<{
    role: Role;
    name: string;
    wallet: readonly string[];
    operator?: string;
    node: readonly string[];
    /** Seconds from now. */
    expires?: number;
    create: boolean;
    /** Writes the file though changes are governed: for a recovery. */
    recovery: boolean;
  }>;

/** Options of `shield keys rotate`. */
export type RotateKeyOptions = KeysOptions & Readonly<{ /** Seconds. */ overlap: number }>;

type Io = Pick<CommandIo, "stdout" | "stderr" | "env">;

const storeOf = (options: KeysOptions, env: NodeJS.ProcessEnv): KeyStore => ({
  path:
    options.keysFile === undefined ? configOf(options, env).keys_file : resolve(options.keysFile),
  nowMs: Date.now,
  random: randomBytes,
});

/**
 * Adds a key and prints its token.
 *
 * @returns the exit code
 * @throws CommandError `usage`, `bad_config`, `bad_data_folder`
 */
export async function addKey(options: AddKeyOptions, io: Io): Promise<number> {
  if (!options.recovery) refuseGoverned(options, io.env, "shield propose key-add");
  const { role, wallet, operator, node, expires, create } = options;
  const isReporter = role === "reporter";
  if (isReporter && (operator === undefined || node.length === 0 || wallet.length > 0)) {
    throw new CommandError("usage", "a reporter needs --operator and --node, and no --wallet");
  }
  if (!isReporter && (operator !== undefined || node.length > 0)) {
    throw new CommandError("usage", "--operator and --node are of a reporter alone");
  }
  for (const text of [
    options.name,
    ...wallet,
    ...node,
    ...(operator === undefined ? [] : [operator]),
  ]) {
    const { error } = idField.safeParse(text);
    if (error !== undefined) {
      const remedy = error.issues[0]?.message ?? "give another";
      throw new CommandError("usage", `--name, --wallet, --operator, --node: ${remedy}`);
    }
  }
  const request = {
    role,
    name: options.name,
    wallets: wallet.length === 0 ? null : wallet,
    reports_for: operator === undefined ? null : { operator, node_ids: node },
    expires_at_ms: expires === undefined ? null : Math.round(Date.now() + expires * 1_000),
  };
  const [added] = await addKeys(storeOf(options, io.env), [request], { create });
  if (added === undefined) throw new Error("no key was made");
  printToken(added, options, io);
  return EXIT.done;
}

function printToken({ key, token }: AddedKey, { json }: KeysOptions, { stdout, stderr }: Io): void {
  if (json) {
    stdout.write(`${JSON.stringify({ ...shownKey(key), token })}\n`);
    return;
  }
  stderr.write(
    `key ${key.id} for ${key.name} (${key.role}). Its token, which is not shown again:\n`,
  );
  stdout.write(`${token}\n`);
}

/**
 * Lists the keys.
 *
 * @throws CommandError `bad_config`, `bad_data_folder`
 */
export function listKeys(options: KeysOptions, { stdout, env }: Io): number {
  const { path, nowMs } = storeOf(options, env);
  const keys = keysIn(path);
  const now = nowMs();
  if (options.json) stdout.write(`${JSON.stringify(keys.map(shownKey))}\n`);
  else {
    const rows = keys.map((key) => [key.id, key.role, stateOf(key, now), boundsOf(key), key.name]);
    stdout.write(tableOf([["id", "role", "state", "bound to", "name"], ...rows]));
  }
  return EXIT.done;
}

function keysIn(path: string): readonly ApiKey[] {
  try {
    return readKeyFile(path);
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    const remedy = error.isMissing ? ": run `shield init`, or name another file" : "";
    throw new CommandError("bad_data_folder", `${error.message}${remedy}`, error);
  }
}

/**
 * Revokes a key.
 *
 * @throws CommandError `usage` for an unknown id; `bad_config`, `bad_data_folder`
 */
export async function revokeKeyById(id: string, options: KeysOptions, io: Io): Promise<number> {
  await refuseLastGovernor(id, options, io.env);
  const key = await revokeKey(storeOf(options, io.env), id);
  const text = `key ${id} (${key.name}) is revoked; a running service rejects it within a second\n`;
  io.stdout.write(options.json ? `${JSON.stringify(shownKey(key))}\n` : text);
  return EXIT.done;
}

/**
 * Replaces a key and prints the new token.
 *
 * @throws CommandError `usage` for an id that is unknown or ended; `bad_config`, `bad_data_folder`
 */
export async function rotateKeyById(
  id: string,
  options: RotateKeyOptions,
  io: Io,
): Promise<number> {
  refuseGoverned(options, io.env, `shield propose key-add --revoke ${id}`);
  const overlapMs = Math.round(options.overlap * 1_000);
  const added = await rotateKey(storeOf(options, io.env), id, overlapMs);
  printToken(added, options, io);
  if (!options.json) {
    io.stderr.write(`key ${id} ends ${timeText(added.key.created_at_ms + overlapMs)}\n`);
  }
  return EXIT.done;
}

/** @throws CommandError `usage` where changes are governed: a key that is written here does not count */
function refuseGoverned(options: KeysOptions, env: NodeJS.ProcessEnv, command: string): void {
  const folder =
    options.keysFile === undefined
      ? configOf(options, env).data_dir
      : dirname(resolve(options.keysFile));
  if (latchedFor(folder) === null) return;
  throw new CommandError("usage", `changes are governed here: run ${command} (docs/governance.md)`);
}

/** @throws CommandError `usage` where too few would be left to govern */
async function refuseLastGovernor(
  id: string,
  options: KeysOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  if (options.keysFile !== undefined && latchedFor(dirname(resolve(options.keysFile))) === null)
    return;
  const config = configOf(options, env);
  if (latchedFor(config.data_dir) === null) return;
  const { store, close } = await openGovernance(config);
  try {
    const state = await store.load();
    if (state === null) return;
    const file = new Map(readKeyFile(config.keys_file).map((key) => [key.id, key]));
    const now = Date.now();
    const left = countedKeys(state.keys, file).map((key) =>
      key.id === id ? revokedAt(key, now) : key,
    );
    const detail = tooFewGovernors(left, state.rules, now);
    if (detail === null) return;
    throw new CommandError(
      "usage",
      `${detail}: run shield propose key-revoke ${id}, or key-add --revoke ${id}`,
    );
  } finally {
    await close();
  }
}

/** A key without its hash. */
const shownKey = (key: ApiKey): object =>
  Object.fromEntries(Object.entries(key).filter(([name]) => name !== "hash"));

function stateOf(key: ApiKey, now: number): string {
  const { revoked_at_ms, expires_at_ms } = key;
  if (revoked_at_ms !== null && revoked_at_ms <= now) return `revoked ${timeText(revoked_at_ms)}`;
  if (!isInForce(key, now)) return `expired ${timeText(expires_at_ms ?? now)}`;
  const end = Math.min(revoked_at_ms ?? Infinity, expires_at_ms ?? Infinity);
  return end === Infinity ? "in force" : `until ${timeText(end)}`;
}

function boundsOf({ wallets, reports_for }: ApiKey): string {
  if (reports_for !== null) return `${reports_for.operator}: ${reports_for.node_ids.join(", ")}`;
  return wallets === null ? "everything" : wallets.join(", ");
}

const timeText = (atMs: number): string =>
  new Date(atMs)
    .toISOString()
    .replace("T", " ")
    .replace(/:\d\d\.\d+Z$/, " UTC");

/** Rows with columns of one width. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}
