/** Turns an accepted event into what sinks get: plain JSON, private to the bridge, deeply frozen. */
import { canonicalize, type ShieldEvent } from "@dgb-shield/contract";

/** An event in the queues of all sinks; `sealed` is null when it turned out malformed. */
export type Entry = {
  readonly event: ShieldEvent;
  /** Characters of text in it. */
  readonly chars: number;
  sealed?: ShieldEvent | null;
};

/** The sealed event of an entry, made once for all sinks; null when its `extra` is not plain JSON. */
export function sealed(entry: Entry): ShieldEvent | null {
  if (entry.sealed === undefined) entry.sealed = seal(entry.event);
  return entry.sealed;
}

function seal(event: ShieldEvent): ShieldEvent | null {
  const { user_id, ...rest } = event;
  try {
    const text = canonicalize(user_id === undefined ? rest : event);
    return deepFreeze(JSON.parse(text) as ShieldEvent);
  } catch {
    return null;
  }
}

/** Freezes a value that `JSON.parse` made; its depth is bounded by `LIMITS.max_depth`. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}
