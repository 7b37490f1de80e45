/** An approver's key: the secret half in a file of its owner alone, the public half to be registered. */
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { parseOwn, parseStrictJson } from "@dgb-shield/contract";
import { ed25519KeyOf } from "@dgb-shield/contract/ed25519";
import { z } from "zod";
import { keyIdSchema } from "../../approval.js";
import { type ApproverKey, approverKeySchema } from "../../pins.js";
import { fromBase64url, toBase64url } from "./base64url.js";
import type { ApproverSigner } from "./signed-approval.js";

const SEED_BYTES = 32;
const MAX_BYTES = 4_096;
/** Permissions of anyone but the owner. */
const OTHERS = 0o077;

const fileSchema = z.strictObject({
  approver_key_version: z.literal(1),
  approver: approverKeySchema.shape.approver,
  key_id: keyIdSchema,
  /** 32 bytes, base64url. */
  seed: z.string(),
});

/** Why a key file cannot be used; never holds what is in it. */
export class KeyFileProblem extends Error {
  override readonly name = "KeyFileProblem";
}

/** Who approves, with what. */
export type Approver = ApproverSigner & Readonly<{ approver: string }>;

/**
 * Makes a key and writes its secret half to a file that must not be there yet.
 *
 * @param path read and written by its owner alone
 * @returns the public half, as configuration and pins have it
 * @throws KeyFileProblem
 */
export function createApproverKey(
  path: string,
  { approver, key_id }: Readonly<{ approver: string; key_id: string }>,
): ApproverKey {
  const seed = randomBytes(SEED_BYTES);
  const public_key = toBase64url(ed25519KeyOf(seed).publicKey);
  const shown = approverKeySchema.safeParse({ approver, key_id, public_key });
  if (!shown.success) {
    throw new KeyFileProblem(
      "an approver is letters and digits with . _ @ + - between them, a key id letters, digits, . _ -",
    );
  }
  writeOnce(path, { approver_key_version: 1, approver, key_id, seed: toBase64url(seed) });
  return shown.data;
}

/**
 * Reads a secret key.
 *
 * @throws KeyFileProblem where it is missing, can be read by others, or is no key
 */
export function readApproverKey(path: string): Approver {
  const read = parseOwn(fileSchema, parsed(ownedText(path)), { maxDepth: 1, maxEntries: 8 });
  const seed = read.ok ? fromBase64url(read.value.seed) : undefined;
  if (!read.ok || seed?.length !== SEED_BYTES) {
    throw new KeyFileProblem(
      `${path} is not an approver's key: make one with shield approve keygen`,
    );
  }
  const { approver, key_id } = read.value;
  return { approver, key_id, key: ed25519KeyOf(seed) };
}

function ownedText(path: string): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw new KeyFileProblem(`cannot read ${path}: ${codeOf(error)}`);
  }
  try {
    const { mode, size } = fstatSync(file);
    if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
      throw new KeyFileProblem(`${path} can be read by others: run chmod 600 ${path}`);
    }
    if (size > MAX_BYTES) throw new KeyFileProblem(`${path} is too large for a key`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function parsed(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch {
    return null;
  }
}

function writeOnce(path: string, value: unknown): void {
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new KeyFileProblem(`cannot write ${path}, which must not be there yet: ${codeOf(error)}`);
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown failure";
