/** Reads single members, and copies plain data, without what a prototype or an accessor could add. */
import type { PlainBounds } from "@dgb-shield/contract";

/** Bounds of an event and of an order: one flat object. */
export const FLAT: PlainBounds = Object.freeze({ maxDepth: 1, maxEntries: 16 });

/** Reads an own data property; undefined for anything else. Runs no accessor, and never throws. */
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

/** Copies plain data deeply, into ordinary objects. */
export function copyOf<T>(plain: T): T {
  if (typeof plain !== "object" || plain === null) return plain;
  if (Array.isArray(plain)) return plain.map((item: unknown) => copyOf(item)) as T;
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, copyOf(item)])) as T;
}
