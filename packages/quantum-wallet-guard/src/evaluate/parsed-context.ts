/** A risk context that was read once: validated, private, its amounts in base units (design, section 8). */
import { boundedPointer, parseOwn } from "@dgb-shield/contract";
import type { DecisionResult } from "./decisions.js";
import { frozen } from "../internal/frozen.js";
import { type KnownContext, knownContextOf, plainContext } from "./validated-context.js";
import { offenceOf, UNREAD } from "../internal/offence.js";
import { CONTEXT_BOUNDS, copyUntrusted } from "../internal/plain.js";
import { readQuickly } from "../fast/context.js";
import { createRiskContextSchema, type RiskContext } from "./risk-context.js";
import { refuseMalformed } from "../rules/reject-malformed.js";

/** A context that `parseContext` has read. Nothing else makes one, and nothing can change it. */
export type ParsedContext = Readonly<{
  /** What was read: plain data, deeply frozen, without prototypes. */
  context: RiskContext;
}>;

/** What `parseContext` returns: the context, or the refusal that `evaluateTransaction` gives it. */
export type ContextParse =
  Readonly<{ ok: true; context: ParsedContext }> | Readonly<{ ok: false; result: DecisionResult }>;

/**
 * A context, or where it is malformed and what is wrong there; `plain` is its private copy, null
 * where there is none.
 */
export type ContextRead =
  | Readonly<{ ok: true; value: KnownContext }>
  | Readonly<{ ok: false; path: string; offence: string; plain: unknown }>;

/** The only holder of what the rules read: a private field, which no forgery has and no holder reaches. */
class Parsed {
  readonly context: RiskContext;
  readonly #known: KnownContext;

  constructor(known: KnownContext) {
    this.context = frozen(plainContext(known.fields));
    this.#known = known;
    Object.freeze(this);
  }

  static knownOf(value: unknown): KnownContext | undefined {
    return typeof value === "object" && value !== null && #known in value
      ? value.#known
      : undefined;
  }
}

// The class must not be reachable from an instance: its constructor would brand anything.
Reflect.deleteProperty(Parsed.prototype, "constructor");
Object.setPrototypeOf(Parsed.prototype, null);
Object.freeze(Parsed.prototype);

/** This package's own; the exported schema is another one. */
const riskContextSchema = createRiskContextSchema();

/**
 * Reads a context once, for `decide`: under several policies, or ahead of the decision. Total.
 *
 * @param context a `RiskContext`; nothing in it is coerced or defaulted
 * @example
 * const read = parseContext(context);
 * const result = read.ok ? decide(read.context, policy) : read.result;
 */
export function parseContext(context: unknown): ContextParse {
  const read = readContext(context);
  return read.ok
    ? Object.freeze({ ok: true, context: new Parsed(read.value) })
    : Object.freeze({ ok: false, result: refuseMalformed("context", read) });
}

/** What the rules read of a parsed context; undefined for anything that `parseContext` did not make. */
export const knownOf = (parsed: unknown): KnownContext | undefined => Parsed.knownOf(parsed);

/** As `parseContext`, with what can be said of a malformed one. Never throws. */
export function readContext(input: unknown): ContextRead {
  const quick = readQuickly(input);
  return quick === undefined ? readSlowly(input) : { ok: true, value: quick };
}

/** The schema's own verdict: it decides on whatever is not plainly right, and names the offence. */
export function readSlowly(input: unknown): ContextRead {
  // [BLOCK] the context is not plain data
  const copied = copyUntrusted(input);
  if (!copied.ok) return malformed(copied.path, UNREAD);
  // [BLOCK] the context is malformed
  const parsed = parseOwn(riskContextSchema, copied.value, CONTEXT_BOUNDS);
  return parsed.ok
    ? { ok: true, value: knownContextOf(parsed.value) }
    : malformed(boundedPointer(parsed.path), copied.value);
}

const malformed = (path: string, whole: unknown): ContextRead => ({
  ok: false,
  path,
  offence: offenceOf("context", path, whole),
  plain: whole === UNREAD ? null : whole,
});
