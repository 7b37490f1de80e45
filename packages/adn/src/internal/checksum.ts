/** Sums up plain data, whatever the order of its keys: a store may sort them. */
import { sha256Hex } from "@dgb-shield/contract";

/**
 * SHA-256 of plain data as 64 lower-case hexadecimal digits. It shows damage and single changes; it
 * is no proof of origin, since a writer of the data can write its checksum too.
 */
export const checksumOf = (plain: unknown): string => sha256Hex(textOf(plain));

function textOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${textOf(item)}`).join(",")}}`;
}
