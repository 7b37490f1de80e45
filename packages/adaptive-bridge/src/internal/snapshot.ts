/** A private copy of an event's `extra`, taken inside `emit`: what the caller changes later is not seen. */
import { type JsonObject, LIMITS } from "@dgb-shield/contract";

/** Values in one `extra`, so that `emit` takes bounded time whatever it is handed. */
const MAX_VALUES = 4_096;

/** A copy and how many characters of text are in it. */
export type Snapshot = Readonly<{ extra: JsonObject; chars: number }>;

type Budget = { values: number; chars: number };

/**
 * Copies objects, arrays, text, numbers, booleans and null, each read once.
 *
 * @throws whatever a getter or a proxy throws, and `NotPlain` for anything else or for too much
 */
export function snapshot(extra: object): Snapshot {
  const budget = { values: MAX_VALUES, chars: 0 };
  return { extra: copyObject(extra, budget, 1), chars: budget.chars };
}

function copy(value: unknown, budget: Budget, depth: number): unknown {
  if (--budget.values < 0) throw new NotPlain();
  if (typeof value === "string") {
    budget.chars += value.length;
    return value;
  }
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object" || depth > LIMITS.max_depth) throw new NotPlain();
  return Array.isArray(value) ? copyArray(value, budget, depth) : copyObject(value, budget, depth);
}

function copyArray(value: readonly unknown[], budget: Budget, depth: number): unknown[] {
  const result: unknown[] = [];
  const { length } = value;
  for (let i = 0; i < length; i++) result.push(copy(value[i], budget, depth + 1));
  return result;
}

function copyObject(value: object, budget: Budget, depth: number): JsonObject {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new NotPlain();
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw new NotPlain();
    budget.chars += key.length;
    result[key] = copy((value as Record<string, unknown>)[key], budget, depth + 1);
  }
  return result as JsonObject;
}

class NotPlain extends Error {}
