/** Makes the event that a sink gets of an accepted one: its own plain JSON, deeply frozen. */
import { canonicalize, type ShieldEvent } from "@dgb-shield/contract";

/** Bytes of an entry besides its text. */
const OVERHEAD_BYTES = 128;
/** Text with anything but Latin 1 takes two bytes a character; all text is charged that. */
const BYTES_PER_CHAR = 2;

/** An event in the queues of all sinks: a text, so that its size is known. */
export type Entry = Readonly<{ text: string; bytes: number }>;

/** Prepares an event for export: see `createProtection`. */
export type Protection = (event: ShieldEvent) => ShieldEvent;

/** Makes the queue entry of an event's text. */
export function entryOf(text: string): Entry {
  return { text: flat(text), bytes: OVERHEAD_BYTES + BYTES_PER_CHAR * text.length };
}

/** Makes the event of an entry, anew for each sink; null when it has no canonical form. */
export function frozenEvent({ text }: Entry, protect: Protection): ShieldEvent | null {
  try {
    // The canonical form is strict about what JSON.parse lets pass: surrogates, numbers, nesting.
    const strict = JSON.parse(canonicalize(JSON.parse(text))) as ShieldEvent;
    return deepFreeze(protect(strict));
  } catch {
    return null;
  }
}

/** Freezes a value that `JSON.parse` made; its depth is bounded by `LIMITS.maxDepth`. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(deepFreeze);
    Object.freeze(value);
  }
  return value;
}

/** Flattens a joined string, whose pieces would each stay in memory. */
function flat(text: string): string {
  // Reading a character joins the pieces.
  text.charCodeAt(0);
  return text;
}
