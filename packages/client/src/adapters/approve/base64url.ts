/** Strict base64url (RFC 4648, section 5, unpadded): one text for the same bytes, and no other. */

/** Writes bytes as base64url. */
export const toBase64url = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");

/**
 * Reads base64url.
 *
 * @returns undefined for anything but the text that `toBase64url` writes
 */
export function fromBase64url(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}
