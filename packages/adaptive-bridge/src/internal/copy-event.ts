/** Copies an event to JSON text inside `emit`: later changes by the caller have no effect, and the size is known. */
import { LIMITS } from "@dgb-shield/contract";

/** Values in each field of an event, so that `emit` takes bounded time whatever it is given. */
const MAX_VALUES = 4_096;
/** Characters that JSON writes as they are: no quote, backslash, control character or surrogate. */
const PLAIN_TEXT = /^[\x20\x21\x23-\x5b\x5d-\x7e\xa0-\ud7ff\ue000-\uffff]*$/;

type Budget = { values: number; chars: number };

/**
 * Writes the JSON text of plain objects, dense arrays, text, numbers, booleans and null, each read once and by own
 * properties alone. Members that are undefined are left out of the outermost object alone.
 *
 * @throws whatever a getter or a proxy throws, and `NotPlain` for anything else or for too much
 */
export function copyEvent(event: object): string {
  const budget = { values: Infinity, chars: LIMITS.maxPayloadBytes };
  return writeObject(event, budget, 0);
}

function write(value: unknown, budget: Budget, depth: number): string {
  if (--budget.values < 0) throw new NotPlain();
  switch (typeof value) {
    case "string":
      return quoted(value, budget);
    case "number":
      if (!Number.isFinite(value)) throw new NotPlain();
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : writeContainer(value, budget, depth);
    default:
      throw new NotPlain();
  }
}

function writeContainer(value: object, budget: Budget, depth: number): string {
  if (depth >= LIMITS.maxDepth) throw new NotPlain();
  return Array.isArray(value)
    ? writeArray(value, budget, depth)
    : writeObject(value, budget, depth);
}

function writeArray(value: readonly unknown[], budget: Budget, depth: number): string {
  const { length } = value;
  if (length > budget.values) throw new NotPlain();
  let text = "[";
  for (let i = 0; i < length; i++) {
    if (!Object.hasOwn(value, i)) throw new NotPlain();
    if (i > 0) text += ",";
    text += write(value[i], budget, depth + 1);
  }
  return `${text}]`;
}

function writeObject(value: object, budget: Budget, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotPlain();
  let text = "";
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw new NotPlain();
    const member = (value as Record<string, unknown>)[key];
    if (depth === 0) {
      if (member === undefined) continue;
      // The member itself is one of them.
      budget.values = MAX_VALUES + 1;
    }
    text += `${text === "" ? "{" : ","}${quoted(key, budget)}:${write(member, budget, depth + 1)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

function quoted(text: string, budget: Budget): string {
  budget.chars -= text.length;
  if (budget.chars < 0) throw new NotPlain();
  return PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text);
}

class NotPlain extends Error {}
