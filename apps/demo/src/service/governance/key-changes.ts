/** Changes of keys, and how many who govern must be left (design, section 10). */
import type { ApiKey } from "../keys/key.js";
import type { StoredChange } from "./change.js";
import { governorsIn } from "./governors.js";
import type { AcceptedKey, GovernanceRules } from "./state.js";

/** Keys that are kept at most, revoked ones too. */
const MAX_KEYS = 1_000;

type KeyChange = Extract<StoredChange, { kind: "keys" }>;

/** The keys after a change, or why it cannot be made. */
export function changedKeys(
  keys: readonly AcceptedKey[],
  { add, revoke }: KeyChange,
  nowMs: number,
): Readonly<{ keys: readonly AcceptedKey[] }> | Readonly<{ fault: string }> {
  const known = new Set(keys.flatMap(({ id, hash }) => [id, hash]));
  const unknown = revoke.find((id) => !known.has(id));
  if (unknown !== undefined) return { fault: `there is no key ${unknown}` };
  const fresh = new Set(add.flatMap(({ id, hash }) => [id, hash]));
  const isTwice = fresh.size < add.length * 2 || [...fresh].some((one) => known.has(one));
  if (isTwice) return { fault: "a key that is added has the id or token of another" };
  if (keys.length + add.length > MAX_KEYS) return { fault: `there would be over ${MAX_KEYS} keys` };
  const added = add.map((key) => ({
    ...{ ...key, created_at_ms: nowMs, revoked_at_ms: null, is_proposed: true },
  }));
  const kept = keys.map((key) => (revoke.includes(key.id) ? revokedAt(key, nowMs) : key));
  return { keys: [...kept, ...added] };
}

/** A key that is revoked at a time; one that was revoked earlier stays so. */
export const revokedAt = <K extends ApiKey>(key: K, nowMs: number): K => ({
  ...key,
  revoked_at_ms: Math.min(key.revoked_at_ms ?? nowMs, nowMs),
});

/**
 * Finds why too few govern with some keys: a change needs the proposer and `approvals` more.
 *
 * @returns null where enough do
 */
export function tooFewGovernors(
  keys: readonly ApiKey[],
  { approvals }: Pick<GovernanceRules, "approvals">,
  nowMs: number,
): string | null {
  const count = governorsIn(keys, nowMs).size;
  const needed = approvals + 1;
  return count >= needed
    ? null
    : `${count} would govern, and ${approvals} approvals need ${needed}: two keys of one name are one`;
}
