/** Members of JSON values by JSON Pointer (RFC 6901). */
import type { JsonValue } from "@dgb-shield/contract";

/** A JSON object. */
export type Members = { [key: string]: JsonValue };

export const isMembers = (value: unknown): value is Members =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether two JSON values are the same, with members in the same order. */
export function isSame(a: JsonValue | undefined, b: JsonValue): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The pointer to a member of what another one points to. */
export const pointerTo = (path: string, key: string | number): string =>
  `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;

const unescaped = (key: string): string => key.replaceAll("~1", "/").replaceAll("~0", "~");

/**
 * A copy of an object with one member changed; nothing of the original is.
 *
 * @param path pointer to a member; all above it must be there, it need not
 * @param change its new value by the old one; undefined rejects the change
 * @returns undefined where there is no such place, or the change was rejected
 */
export function setAt(
  value: Members,
  path: string,
  change: (known: JsonValue | undefined) => JsonValue | undefined,
): Members | undefined {
  const keys = path.split("/").slice(1).map(unescaped);
  const changed = keys.length === 0 ? undefined : withMember(value, keys, change);
  return isMembers(changed) ? changed : undefined;
}

function withMember(
  value: JsonValue | undefined,
  keys: readonly string[],
  change: (known: JsonValue | undefined) => JsonValue | undefined,
): JsonValue | undefined {
  const [key, ...below] = keys;
  if (key === undefined) return change(value);
  if (typeof value !== "object" || value === null) return undefined;
  const isList = Array.isArray(value);
  const isThere = Object.hasOwn(value, key) && !(isList && key === "length");
  if (!isThere && (isList || below.length > 0)) return undefined;
  const known = isThere ? (value as Members)[key] : undefined;
  const inner = withMember(known, below, change);
  if (inner === undefined) return undefined;
  if (isList) return value.map((one, i) => (String(i) === key ? inner : one));
  return Object.fromEntries([
    ...Object.entries(value).filter(([name]) => name !== key),
    [key, inner],
  ]);
}
