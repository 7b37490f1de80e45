/** Reads and makes the secrets that sign webhooks. */
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { ServiceError } from "../errors.js";

/** Secrets of one receiver at most: the new and the old one of a rotation. */
const MAX_SECRETS = 2;
const SECRET = /^whsec_([A-Za-z0-9+/]{32,86}={0,2})$/;

/**
 * Reads the secrets of a receiver, one a line, `whsec_` and base64 of 24 to 64 bytes.
 *
 * @throws ServiceError `bad_webhook_secret`, with what to do; its text repeats nothing of the file
 */
export function readSecrets(name: string, path: string): readonly string[] {
  const bad = (what: string, cause?: unknown): ServiceError =>
    new ServiceError("bad_webhook_secret", `the webhook ${name}: ${path} ${what}`, cause);
  const text = contentOf(path, bad);
  const secrets = text.split("\n").map((line) => line.trim());
  const given = secrets.filter((line) => line !== "");
  if (given.length === 0 || given.length > MAX_SECRETS || !given.every(isSecret)) {
    throw bad("holds no secret: make one with shield webhooks keygen");
  }
  return given;
}

function contentOf(path: string, bad: (what: string, cause?: unknown) => ServiceError): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw bad("cannot be read: make it with shield webhooks keygen, or name another one", error);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > 4_096) throw bad("is no file with a secret");
    if ((stat.mode & 0o077) !== 0) throw bad("can be read by others: chmod 600 it");
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function isSecret(text: string): boolean {
  const [, base64 = ""] = SECRET.exec(text) ?? [];
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 && bytes.length >= 24 && bytes.length <= 64;
}

/**
 * Makes a secret in a new file of its owner alone.
 *
 * @param random so many random bytes
 * @throws the system's error; where there is a file already, nothing is changed
 */
export function makeSecret(path: string, random: (bytes: number) => Buffer): void {
  const text = `whsec_${random(32).toString("base64")}\n`;
  writeFileSync(path, text, { mode: 0o600, flag: "wx", flush: true });
}
