/** A risk context that was read once: validated, private, its amounts in base units (design, section 8). */
import { boundedPath, offencePath } from "@dgb-shield/contract";
import type { DecisionResult } from "./decisions.js";
import { KnownContext } from "./internal/known-context.js";
import { readPlain } from "./internal/plain.js";
import { readQuickly } from "./internal/quick-context.js";
import { type RiskContext, riskContextSchema } from "./risk-context.js";
import { refuseMalformed } from "./rules/refuse-malformed.js";

/** A context that `parseContext` has read. Nothing else makes one, and nobody can change it. */
export type ParsedContext = Readonly<{
  /** What was read: plain data, frozen. */
  context: RiskContext;
}>;

/** What `parseContext` says: the context, or the refusal that `evaluateTransaction` gives it. */
export type ContextParse =
  Readonly<{ ok: true; context: ParsedContext }> | Readonly<{ ok: false; result: DecisionResult }>;

/** A context, or where it is malformed; `plain` is its private copy, null where there is none. */
export type ContextRead =
  | Readonly<{ ok: true; value: KnownContext }>
  | Readonly<{ ok: false; path: string; plain: unknown }>;

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
  if (!read.ok) return { ok: false, result: refuseMalformed("context", read.path) };
  freezeWhole(read.value.context);
  return { ok: true, context: Object.freeze(read.value) };
}

/** As `parseContext`, with what can be said of a malformed one. Never throws. */
export function readContext(input: unknown): ContextRead {
  const quick = readQuickly(input);
  return quick === undefined ? readSlowly(input) : { ok: true, value: quick };
}

/** The schema's own verdict: it decides on whatever is not plainly right, and names the offence. */
export function readSlowly(input: unknown): ContextRead {
  // [BLOCK] the context is not plain data
  const copied = readPlain(input);
  if (!copied.ok) return { ok: false, path: copied.path, plain: null };
  // [BLOCK] the context is malformed
  const parsed = riskContextSchema.safeParse(copied.value);
  return parsed.success
    ? { ok: true, value: KnownContext.of(parsed.data) }
    : { ok: false, path: boundedPath(offencePath(parsed.error)), plain: copied.value };
}

function freezeWhole(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const member of Object.values(value)) freezeWhole(member);
  Object.freeze(value);
}
