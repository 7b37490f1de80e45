/** Reads own data alone, and copies plain data without a hook that a prototype could have. */
import type { PlainBounds } from "@dgb-shield/contract";

/** An event, an order: one flat object. */
export const FLAT: PlainBounds = Object.freeze({ maxDepth: 1, maxEntries: 16 });
/** A defence state: lists of flat objects. */
export const STATE_BOUNDS: PlainBounds = Object.freeze({ maxDepth: 3, maxEntries: 512 });
/** A configuration with a snapshot in it. */
export const CONFIG_BOUNDS: PlainBounds = Object.freeze({ maxDepth: 5, maxEntries: 512 });

/** What a value has itself under a key, as data; undefined for anything else. Runs no accessor, and never throws. */
export function ownValue(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    const property = Object.getOwnPropertyDescriptor(value, key);
    // A descriptor is an object itself, and inherits.
    return property !== undefined && Object.hasOwn(property, "value") ? property.value : undefined;
  } catch {
    return undefined;
  }
}

/** A deep copy of plain data that shares nothing with it. */
export function copyOf<T>(plain: T): T {
  if (typeof plain !== "object" || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map((item: unknown) => copyOf(item)) as T;
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, copyOf(item)])) as T;
}
