/** What changed of a state, so that little is written after an observation: a JSON merge patch, and edits of lists. */
import type { JsonValue } from "@dgb-shield/contract";
import { z } from "zod";
import { SentinelError } from "./errors.js";
import { listChanges, withListChange } from "./internal/list-changes.js";
import { isMembers, isSame, type Members, pointerTo, setAt } from "./internal/json-members.js";

const indexSchema = z.int().min(0);

const changesSchema = z.strictObject({
  /** Merge patch (RFC 7396): members that are new or different, null for one that is gone. */
  merge: z.record(z.string(), z.json()),
  /** JSON Pointers of members that become null, which a merge patch cannot express. */
  nulls: z.array(z.string()),
  /** Lists that changed, in order: their elements from `drop` on, `keep` of them, with `put` in their places, then `add`. */
  lists: z.array(
    z.strictObject({
      path: z.string(),
      drop: indexSchema,
      keep: indexSchema,
      put: z.array(z.tuple([indexSchema, z.json()])),
      add: z.array(z.json()),
    }),
  ),
});
/** Changes that lead from one state to another. */
export type StateChanges = z.infer<typeof changesSchema>;

/** Deepest nesting of the changes of a state. */
const MAX_DEPTH = 32;

/**
 * What changed between two states of one Sentinel: in the mean less than 4 kB after an observation, where the whole
 * state is up to 60 kB.
 *
 * @param before what `state()` returned earlier; what was written last
 * @param after what `state()` returns now
 * @returns JSON
 * @example
 * const changes = stateChanges(before, sentinel.state());
 * createSentinel({ node_id: "node-a", chain: digibyte, state: applyStateChanges(before, changes) });
 */
export function stateChanges(before: object, after: object): StateChanges {
  const found: Found = { nulls: [], lists: [] };
  return { merge: difference(before as Members, after as Members, found, ""), ...found };
}

type Found = Pick<StateChanges, "nulls" | "lists">;

function difference(before: Members, after: Members, found: Found, path: string): Members {
  const changed: [string, JsonValue][] = Object.keys(before)
    .filter((key) => !Object.hasOwn(after, key))
    .map((key) => [key, null]);
  for (const [key, value] of Object.entries(after)) {
    const known = Object.hasOwn(before, key) ? before[key] : undefined;
    const at = pointerTo(path, key);
    if (value === null) {
      if (known !== null) found.nulls.push(at);
    } else if (isMembers(value)) {
      const inside = difference(isMembers(known) ? known : {}, value, found, at);
      if (Object.keys(inside).length > 0 || !isMembers(known)) changed.push([key, inside]);
    } else if (Array.isArray(value) && Array.isArray(known)) {
      found.lists.push(...listChanges(known, value, at));
    } else if (!isSame(known, value)) changed.push([key, value]);
  }
  return Object.fromEntries(changed);
}

/**
 * The state that changes lead to.
 *
 * @param before the state that they were made from; it is left as it is
 * @param changes not yet checked
 * @returns a state, which `createSentinel` checks
 * @throws SentinelError `invalid_state` where they are no changes of this state
 */
export function applyStateChanges(before: object, changes: unknown): object {
  const read = changesSchema.safeParse(changes);
  if (!read.success) throw invalid("", "not { merge, nulls, lists }: give what stateChanges gave");
  const { merge, nulls, lists } = read.data;
  let after = merged(before as Members, merge, 0) as Members;
  for (const path of nulls) after = changedAt(after, path, () => null);
  for (const list of lists) {
    after = changedAt(after, list.path, (known) => withListChange(known, list));
  }
  return after;
}

function changedAt(
  state: Members,
  path: string,
  change: (known: JsonValue | undefined) => JsonValue | undefined,
): Members {
  const changed = setAt(state, path, change);
  if (changed !== undefined) return changed;
  throw invalid(
    path,
    "no such member of the state: give the state that the changes were made from",
  );
}

function merged(before: JsonValue | undefined, patch: JsonValue, depth: number): JsonValue {
  if (!isMembers(patch)) return patch;
  if (depth > MAX_DEPTH) throw invalid("", `more than ${MAX_DEPTH} levels deep`);
  const known = isMembers(before) ? before : {};
  const kept = Object.entries(known).filter(([key]) => !Object.hasOwn(patch, key));
  const changed = Object.entries(patch)
    .filter(([, value]) => value !== null)
    .map(([key, value]): [string, JsonValue] => [
      key,
      merged(Object.hasOwn(known, key) ? known[key] : undefined, value, depth + 1),
    ]);
  return Object.fromEntries([...kept, ...changed]);
}

const invalid = (path: string, detail: string): SentinelError =>
  new SentinelError("invalid_state", path, detail);
