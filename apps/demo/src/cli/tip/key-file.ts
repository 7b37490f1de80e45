/** Keys that sign statements and checkpoints: the secret half in a file of its owner alone, the public half as a keyring to hand out. */
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { idSchema, parseOwn, parseStrictJson } from "@dgb-shield/contract";
import {
  createLocalSigner,
  generateKeyPair,
  type Keyring,
  type KeyringFile,
  parseKeyring,
  type PublicKeys,
  publicKeysOf,
  type Signer,
} from "@dgb-shield/contract/signing";
import { z } from "zod";
import { CommandError } from "../../errors.js";

const DAY_MS = 86_400_000;
const MAX_BYTES = 512_000;

const secretFileSchema = z.strictObject({
  key_version: z.literal(1),
  operator: idSchema,
  secret_keys: z.strictObject({ key_id: z.string(), ed25519: z.string(), ml_dsa_65: z.string() }),
});

/** Who signs, and with what. */
export type SigningKey = Readonly<{
  operator: string;
  key_id: string;
  signer: Signer;
  public_keys: PublicKeys;
}>;

/** What a new key is made of. */
export type KeygenOptions = Readonly<{
  operator: string;
  /** Default: the operator's name and the day, such as `exchange-2026-11-30`. */
  keyId?: string;
  /** Where the secret half is written. */
  key: string;
  /** Where the public half is written. */
  public: string;
  days: number;
}>;

/**
 * Makes a key and writes both halves; neither file may be there.
 *
 * @param role what it may sign, as verifiers name it
 * @returns the id of the key
 * @throws CommandError `usage`
 */
export function makeKeyFiles(options: KeygenOptions, role: string, nowMs: number): string {
  const { operator, days, keyId } = options;
  const key_id = keyId ?? `${operator}-${new Date(nowMs).toISOString().slice(0, 10)}`;
  const ring = (public_keys: KeyringFile["keys"][number]["public_keys"]): KeyringFile => ({
    keyring_version: 1,
    keys: [
      {
        ...{ key_id, operator, components: [role], public_keys, revoked: false },
        ...{ not_before_ms: nowMs, not_after_ms: nowMs + Math.round(days * DAY_MS) },
      },
    ],
  });
  const { secret_keys, public_keys } = usage("--key-id, --operator", () => {
    const pair = generateKeyPair(key_id);
    parseKeyring(ring(pair.public_keys));
    return pair;
  });
  write(options.key, { key_version: 1, operator, secret_keys }, 0o600);
  write(options.public, ring(public_keys), 0o644);
  return key_id;
}

/**
 * Reads a secret key; the file must be its owner's alone.
 *
 * @param maker the command that makes such files
 * @throws CommandError `usage`
 */
export function readSigningKey(path: string, maker = "shield tip keygen"): SigningKey {
  if (process.platform !== "win32") {
    const { mode } = usage(`cannot read ${path}`, () => statSync(path));
    if ((mode & 0o077) !== 0) {
      throw new CommandError("usage", `${path} can be read by others: run chmod 600 ${path}`);
    }
  }
  return usage(`${path} is not a secret key of ${maker}`, () => {
    const read = parseOwn(secretFileSchema, parseStrictJson(bytesOf(path)), {
      maxDepth: 3,
      maxEntries: 8,
    });
    // Never the value: it is a secret.
    if (!read.ok) throw new Error(`invalid at ${read.path}`);
    const { operator, secret_keys } = read.value;
    const { key_id } = secret_keys;
    const public_keys = publicKeysOf(secret_keys);
    return { operator, key_id, signer: createLocalSigner(secret_keys), public_keys };
  });
}

/**
 * Reads the public keys that are trusted.
 *
 * @throws CommandError `usage`
 */
export const readPublicKeys = (path: string): Keyring =>
  usage(`${path} is not a file of public keys, such as shield tip keygen writes`, () =>
    parseKeyring(bytesOf(path)),
  );

/** The bytes of a file of bounded size; one that is larger is cut, and then no JSON. */
export const bytesOf = (path: string): Buffer => readFileSync(path).subarray(0, MAX_BYTES + 1);

/** Runs what a person can put right. */
function usage<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `${what}: ${detail}`, error);
  }
}

function write(path: string, value: unknown, mode: number): void {
  usage(`cannot write ${path}, which must not be there yet`, () => {
    const file = openSync(path, "wx", mode);
    try {
      writeSync(file, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}
