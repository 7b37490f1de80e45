/** Reads the result of `authorize`: only a well-formed grant grants, and only what it names (design section 4.2: exporters). */
import type { Action, Grant } from "./ports.js";

const MEMBERS: ReadonlySet<string> = new Set(["evaluate", "view", "maySpeakFor"]);

/**
 * Reads a grant.
 *
 * @param answer anything
 * @returns a frozen copy without a prototype; undefined when the answer is not a plain object of
 * own data properties that names at least one permission and nothing else
 */
export function readGrant(answer: unknown): Grant | undefined {
  try {
    return read(answer);
  } catch {
    return undefined;
  }
}

function read(answer: unknown): Grant | undefined {
  if (typeof answer !== "object" || answer === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(answer);
  if (prototype !== null && prototype !== Object.prototype) return undefined;
  const grant = Object.create(null) as { -readonly [Name in keyof Grant]: Grant[Name] };
  for (const name of Reflect.ownKeys(answer)) {
    const value: unknown = Object.getOwnPropertyDescriptor(answer, name)?.value;
    // [401] a member that is no permission: its author meant something else
    if (typeof name !== "string" || !MEMBERS.has(name)) return undefined;
    if (value === undefined || value === false) continue;
    if (name === "maySpeakFor" && typeof value === "function") {
      grant.maySpeakFor = value as NonNullable<Grant["maySpeakFor"]>;
    } else if ((name === "evaluate" || name === "view") && value === true) {
      grant[name] = true;
    } else {
      return undefined;
    }
  }
  return Object.keys(grant).length === 0 ? undefined : Object.freeze(grant);
}

/** Whether a grant names the action. */
export const names = (grant: Grant, action: Action): boolean =>
  action === "ingest" ? grant.maySpeakFor !== undefined : grant[action] === true;
