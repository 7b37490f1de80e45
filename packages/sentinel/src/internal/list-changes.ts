/** Edits that lead from one list to another: most lists of a state are windows that slide. */
import type { JsonValue } from "@dgb-shield/contract";
import { isSame, pointerTo } from "./json-members.js";

/** Elements from `drop` on, `keep` of them, with those of `put` in their places, then those of `add`. */
export type ListChange = {
  /** JSON Pointer of the list; indices are those after the changes before it. */
  path: string;
  drop: number;
  keep: number;
  put: [number, JsonValue][];
  add: JsonValue[];
};

/**
 * The edits between two lists: of lists inside them too. None where they are the same; the whole list where
 * edits would be longer.
 *
 * @param path JSON Pointer of the list
 */
export function listChanges(
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  path: string,
): ListChange[] {
  const drop = Math.max(
    0,
    before.findIndex((one) => after[0] !== undefined && isSame(one, after[0])),
  );
  const keep = Math.min(before.length - drop, after.length);
  const change: ListChange = { path, drop, keep, put: [], add: after.slice(keep) };
  const inner: ListChange[] = [];
  for (let i = 0; i < keep; i++) {
    const [known, value] = [before[drop + i], after[i] ?? null];
    if (isSame(known, value)) continue;
    if (Array.isArray(known) && Array.isArray(value)) {
      inner.push(...listChanges(known, value, pointerTo(path, i)));
    } else change.put.push([i, value]);
  }
  const isMoved = drop > 0 || keep < before.length || change.add.length > 0;
  const changes = [...(isMoved || change.put.length > 0 ? [change] : []), ...inner];
  const whole: ListChange = { path, drop: 0, keep: 0, put: [], add: [...after] };
  return lengthOf(changes) <= lengthOf([whole]) ? changes : [whole];
}

const lengthOf = (changes: readonly ListChange[]): number => JSON.stringify(changes).length;

/** A list with an edit made; undefined where it cannot be. */
export function withListChange(
  known: JsonValue | undefined,
  { drop, keep, put, add }: ListChange,
): JsonValue[] | undefined {
  if (!Array.isArray(known) || drop + keep > known.length) return undefined;
  const kept = known.slice(drop, drop + keep);
  for (const [i, value] of put) {
    if (i >= kept.length) return undefined;
    kept[i] = value;
  }
  return [...kept, ...add];
}
