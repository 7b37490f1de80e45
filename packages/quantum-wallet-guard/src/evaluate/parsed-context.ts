/** A risk context that was read once: validated, private, its amounts in base units (design, section 8). */
import { boundedPointer, copyUntrusted } from "@dgb-shield/contract";
import { frozen } from "../internal/frozen.js";
import { offenceOf, UNREAD } from "../internal/offence.js";
import { rejectContext } from "../rules/reject-malformed.js";
import { contextOffence, readContextFields } from "./context-fields.js";
import type { DecisionResult } from "./decisions.js";
import { CONTEXT_BOUNDS, type RiskContext } from "./risk-context.js";
import { plainContext, type ValidatedContext } from "./validated-context.js";

/** A context that `parseContext` has read. Nothing else makes one, and nothing can change it. */
export type ParsedContext = Readonly<{
  /** Plain data, deeply frozen, without prototypes. */
  context: RiskContext;
}>;

/** What `parseContext` returns: the context, or the decision that `evaluateTransaction` gives on it. */
export type ContextParse =
  Readonly<{ ok: true; context: ParsedContext }> | Readonly<{ ok: false; result: DecisionResult }>;

/** A valid context, or the first offence: its path, a sentence about it, and the private copy (null: not plain). */
export type ContextRead =
  | Readonly<{ ok: true; value: ValidatedContext }>
  | Readonly<{ ok: false; path: string; offence: string; plain: unknown }>;

/** Holds what the rules read in a private field, which no forgery has and no holder reaches. */
class Parsed {
  readonly context: RiskContext;
  readonly #validated: ValidatedContext;

  constructor(validated: ValidatedContext) {
    this.context = frozen(plainContext(validated.fields));
    this.#validated = validated;
    Object.freeze(this);
  }

  static validatedOf(value: unknown): ValidatedContext | undefined {
    return typeof value === "object" && value !== null && #validated in value
      ? value.#validated
      : undefined;
  }
}

// The class must not be reachable from an instance: its constructor would brand anything.
Reflect.deleteProperty(Parsed.prototype, "constructor");
Object.setPrototypeOf(Parsed.prototype, null);
Object.freeze(Parsed.prototype);

/**
 * Reads a context once, for `decide`: under several policies, or ahead of the decision. Total.
 *
 * @param context a `RiskContext`; nothing in it is coerced or defaulted
 * @returns the context for `decide`; else `result`, the block with the path of the first offence
 * @example
 * const read = parseContext(context);
 * const result = read.ok ? decide(read.context, policy) : read.result;
 */
export function parseContext(context: unknown): ContextParse {
  const read = readContext(context);
  return read.ok
    ? Object.freeze({ ok: true, context: new Parsed(read.value) })
    : Object.freeze({ ok: false, result: rejectContext(read) });
}

/** What the rules read of a parsed context; undefined for anything that `parseContext` did not make. */
export const validatedOf = (parsed: unknown): ValidatedContext | undefined =>
  Parsed.validatedOf(parsed);

/**
 * Reads a context in one pass. Only where that fails, a private copy is made and the same table names its first
 * offence. Never throws.
 */
export function readContext(input: unknown): ContextRead {
  const direct = readContextFields(input);
  if (direct !== undefined) return { ok: true, value: direct };
  const copied = copyUntrusted(input, CONTEXT_BOUNDS);
  if (!copied.ok) return malformed(copied.path, UNREAD);
  const path = contextOffence(copied.value);
  if (path !== undefined) return malformed(boundedPointer(path), copied.value);
  const value = readContextFields(copied.value);
  return value === undefined ? malformed("", copied.value) : { ok: true, value };
}

const malformed = (path: string, whole: unknown): ContextRead => ({
  ok: false,
  path,
  offence: offenceOf("context", path, whole),
  plain: whole === UNREAD ? null : whole,
});
