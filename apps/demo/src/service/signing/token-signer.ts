/** The port of the key that signs tokens, and its two forms: a key in a file, and a program such as a client of a KMS. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { parseOwn, parseStrictJson } from "@dgb-shield/contract";
import { ed25519KeyOf, verifyEd25519 } from "@dgb-shield/contract/ed25519";
import { z } from "zod";

/** Signs tokens; a KMS or an HSM may stand behind it. */
export interface TokenSigner {
  readonly key_id: string;
  /** Ed25519, 32 bytes as base64url. */
  readonly public_key: string;
  /**
   * Signs bytes, not a hash of them (pure Ed25519).
   *
   * @returns 64 bytes; rejects where it cannot
   */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

const SEED_BYTES = 32;
const MAX_BYTES = 4_096;
const MAX_ANSWER = 1_024;
const OTHERS = 0o077;

const fileSchema = z.strictObject({
  token_key_version: z.literal(1),
  key_id: z.string(),
  seed: z.string(),
});

/**
 * Makes the key of tokens in a file that must not be there.
 *
 * @returns the public half
 * @throws Error where it cannot be written
 */
export function createTokenKey(
  path: string,
  key_id: string,
): Readonly<{ key_id: string; public_key: string }> {
  const seed = randomBytes(SEED_BYTES);
  const file = openSync(path, "wx", 0o600);
  try {
    const content = { token_key_version: 1, key_id, seed: seed.toString("base64url") };
    writeSync(file, `${JSON.stringify(content, null, 2)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { key_id, public_key: publicText(ed25519KeyOf(seed).publicKey) };
}

/**
 * Reads a key that is in a file.
 *
 * @throws Error with the remedy, never with the file's content
 */
export function fileSigner(path: string, key_id: string): TokenSigner {
  const file = openSync(path, "r");
  let text: string;
  try {
    const { mode, size } = fstatSync(file);
    if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
      throw new Error(`it can be read by others: run chmod 600 ${path}`);
    }
    if (size > MAX_BYTES) throw new Error("it is too large for a key");
    text = readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
  const read = parseOwn(fileSchema, parsed(text), { maxDepth: 1, maxEntries: 4 });
  const seed = read.ok ? Buffer.from(read.value.seed, "base64url") : undefined;
  if (!read.ok || seed?.length !== SEED_BYTES) {
    throw new Error("it is no key: make one with shield token keygen");
  }
  if (read.value.key_id !== key_id) throw new Error(`it holds the key ${read.value.key_id}`);
  const key = ed25519KeyOf(seed);
  return Object.freeze({
    key_id,
    public_key: publicText(key.publicKey),
    sign: (bytes: Uint8Array) => Promise.resolve(key.sign(bytes)),
  });
}

function parsed(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch {
    return null;
  }
}

const publicText = (key: Uint8Array): string => Buffer.from(key).toString("base64url");

/** A program that signs. */
export type SigningCommand = Readonly<{
  key_id: string;
  public_key: string;
  command: readonly string[];
  timeout_ms: number;
}>;

/**
 * Signs by a program: it gets the bytes on standard input and writes the signature as base64url. What it writes is
 * verified before it is used, so that a wrong key is noticed here and not at the signer.
 */
export function commandSigner({
  key_id,
  public_key,
  command,
  timeout_ms,
}: SigningCommand): TokenSigner {
  const key = Buffer.from(public_key, "base64url");
  return Object.freeze({
    key_id,
    public_key,
    async sign(bytes: Uint8Array) {
      const text = (await outputOf(command, bytes, timeout_ms)).trim();
      const signature = Buffer.from(text, "base64url");
      if (signature.toString("base64url") !== text || !verifyEd25519(key, bytes, signature)) {
        throw new Error("the program wrote no signature of this key");
      }
      return signature;
    },
  });
}

function outputOf(
  [program = "", ...args]: readonly string[],
  input: Uint8Array,
  timeout_ms: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"] });
    let output = "";
    const timer = setTimeout(
      () => end(new Error("the program did not answer in time")),
      timeout_ms,
    );
    const end = (error: Error | null): void => {
      clearTimeout(timer);
      if (error === null) resolve(output);
      else {
        child.kill("SIGKILL");
        reject(error);
      }
    };
    child.on("error", () => end(new Error("the program cannot be started")));
    child.stdin.on("error", () => undefined);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > MAX_ANSWER) end(new Error("the program wrote too much"));
    });
    child.on("close", (code) =>
      end(code === 0 ? null : new Error(`the program ended with ${code ?? "a signal"}`)),
    );
    child.stdin.end(input);
  });
}
