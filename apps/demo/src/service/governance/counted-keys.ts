/** Which keys count under governance: those that were accepted, as far as the file of keys lets them (design, section 10). */
import type { ApiKey } from "../keys/key.js";
import type { AcceptedKey } from "./state.js";

/**
 * Lists the keys that count. A file can take away and never add: a key in it that is wider or longer than the accepted one
 * does not count, nor one that it lacks, unless a proposal added it.
 *
 * @param file the keys of this host's file
 */
export function countedKeys(
  accepted: readonly AcceptedKey[],
  file: ReadonlyMap<string, ApiKey>,
): readonly ApiKey[] {
  return accepted.flatMap(({ is_proposed, ...key }) => {
    const own = file.get(key.id);
    if (own === undefined) return is_proposed ? [key] : [];
    return isNoWider(own, key) ? [narrower(own, key)] : [];
  });
}

/** Whether a key of a file gives nothing that the accepted one does not. */
export function isNoWider(own: ApiKey, key: ApiKey): boolean {
  const isSame = own.id === key.id && own.hash === key.hash && own.role === key.role;
  const isSameHolder = own.name === key.name;
  const hasWallets =
    key.wallets === null ||
    (own.wallets !== null && own.wallets.every((id) => key.wallets?.includes(id) === true));
  const isSite = own.reports_for?.operator === key.reports_for?.operator;
  const hasNodes = (own.reports_for?.node_ids ?? []).every(
    (id) => key.reports_for?.node_ids.includes(id) === true,
  );
  const isNoLonger = (own.expires_at_ms ?? Infinity) <= (key.expires_at_ms ?? Infinity);
  return isSame && isSameHolder && hasWallets && isSite && hasNodes && isNoLonger;
}

/** The key as the file has it, revoked where either is. */
const narrower = (own: ApiKey, key: ApiKey): ApiKey => ({
  ...own,
  revoked_at_ms: earliest(own.revoked_at_ms, key.revoked_at_ms),
});

const earliest = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/**
 * Takes over what a file takes away, so that no later edit of it gives it back.
 *
 * @returns the same list where there is nothing
 */
export function tightenedBy(
  accepted: readonly AcceptedKey[],
  file: ReadonlyMap<string, ApiKey>,
): readonly AcceptedKey[] {
  const next = accepted.map((key) => {
    const own = file.get(key.id);
    if (own === undefined || !isNoWider(own, key)) return key;
    const { is_proposed } = key;
    const taken = { ...narrower(own, key), created_at_ms: key.created_at_ms, is_proposed };
    return JSON.stringify(sorted(taken)) === JSON.stringify(sorted(key)) ? key : taken;
  });
  return next.some((key, at) => key !== accepted[at]) ? next : accepted;
}

const sorted = (key: object): unknown =>
  Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1));
