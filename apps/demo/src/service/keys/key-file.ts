/** The file of a service's API keys: checked whole when it is read, replaced whole when it is written. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { parseStrictJson, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { idField } from "../config/fields.js";
import { type ApiKey, ROLES } from "./key.js";
import { KEY_ID } from "./token.js";

/** Keys of one file at most, revoked ones too. */
export const MAX_KEYS = 1_000;
const MAX_BYTES = 450_000;

const keySchema = z
  .strictObject({
    id: z.string().regex(KEY_ID),
    role: z.enum(ROLES),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    created_at_ms: timeMsSchema,
    expires_at_ms: timeMsSchema.nullable(),
    wallets: z.array(idField).min(1).max(64).nullable(),
    reports_for: z
      .strictObject({ operator: idField, node_ids: z.array(idField).min(1).max(64) })
      .nullable(),
    name: idField,
    revoked_at_ms: timeMsSchema.nullable(),
  })
  .refine(({ role, reports_for }) => (role === "reporter") === (reports_for !== null))
  .refine(({ role, wallets }) => role !== "reporter" || wallets === null);

const fileSchema = z
  .strictObject({ keys_version: z.literal(1), keys: z.array(keySchema).max(MAX_KEYS) })
  .refine(({ keys }) => new Set(keys.map(({ id }) => id)).size === keys.length);

/** Why a file of keys cannot be used. */
export class KeyFileError extends Error {
  override readonly name = "KeyFileError";
  /** Whether there is no such file. */
  readonly isMissing: boolean;

  constructor(detail: string, options: Readonly<{ isMissing?: boolean; cause?: unknown }> = {}) {
    super(detail, { cause: options.cause });
    this.isMissing = options.isMissing ?? false;
  }
}

/**
 * Reads the keys of a file.
 *
 * @throws KeyFileError where it is missing, can be written by others, or is not whole: then no key of it counts
 */
export function readKeyFile(path: string): readonly ApiKey[] {
  try {
    return keysIn(contentOf(path), path);
  } catch (error) {
    if (error instanceof KeyFileError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new KeyFileError(`the keys ${path} cannot be read (${code})`, {
      isMissing: code === "ENOENT",
      cause: error,
    });
  }
}

function keysIn(content: Uint8Array, path: string): readonly ApiKey[] {
  const wrong = new KeyFileError(`${path} is no file of keys, or is damaged: restore it`);
  try {
    const { success, data } = fileSchema.safeParse(parseStrictJson(content));
    if (success) return data.keys;
  } catch {
    throw wrong;
  }
  throw wrong;
}

function contentOf(path: string): Uint8Array {
  // Opening a pipe would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw new KeyFileError(`${path} is no regular file`);
    if (process.platform !== "win32" && (found.mode & 0o022) !== 0) {
      throw new KeyFileError(
        `others can write to ${path}: run chmod 600 ${path}, and look at its keys`,
      );
    }
    if (found.size > MAX_BYTES) throw new KeyFileError(`${path} is larger than ${MAX_BYTES} bytes`);
    const content = Buffer.alloc(found.size);
    let at = 0;
    for (let read = -1; read !== 0 && at < content.length; at += read) {
      read = readSync(file, content, at, content.length - at, at);
    }
    return content.subarray(0, at);
  } finally {
    closeSync(file);
  }
}

/**
 * Replaces the keys of a file, all or nothing: the new file is durable when this returns. Only its owner may read it.
 * The caller holds the lock.
 */
export function writeKeyFile(path: string, keys: readonly ApiKey[]): void {
  const draft = `${path}.new`;
  const body = `${JSON.stringify(fileSchema.parse({ keys_version: 1, keys }), null, 2)}\n`;
  withFile(draft, "w", (file) => {
    const bytes = Buffer.from(body);
    if (bytes.length > MAX_BYTES) throw new KeyFileError("there is no room for another key");
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  });
  renameSync(draft, path);
  withFile(dirname(path), "r", fsyncSync);
}

function withFile(path: string, flags: "r" | "w", use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}
