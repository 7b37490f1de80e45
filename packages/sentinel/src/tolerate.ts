/** Applies an operator's orders to follow a chain with blocks of a retired algorithm, up to a height. */
import {
  heightSchema,
  idSchema,
  parseOwn,
  type TimeReading,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { advance } from "./clock/clock.js";
import type { ORDER_CODES } from "./codes.js";
import { errorText } from "./internal/error-text.js";
import { has } from "./internal/own.js";
import type { Memory } from "./observe.js";
import type { SentinelSetup } from "./state.js";
import { endedAt, lasting, MAX_TOLERATIONS, reasonSchema, type Toleration } from "./tolerations.js";

/** Longest that an order lasts: 14 days of blocks. */
const MOST_SECONDS = 14 * 86_400;

const orderSchema = z.strictObject({
  algorithm: wordSchema,
  /** Last height at which its blocks are tolerated. */
  until_height: heightSchema,
  operator: idSchema,
  reason: reasonSchema,
});

const endOrderSchema = z.strictObject({
  algorithm: wordSchema,
  operator: idSchema,
  reason: reasonSchema,
});

/** How much of an order is read. */
const ORDER_BOUNDS = { maxDepth: 2, maxEntries: 16 } as const;

/** Which algorithm is tolerated up to which height, by whom, and why. */
export type TolerateOrder = z.infer<typeof orderSchema>;

/** Which toleration ends now, by whom, and why. */
export type UntolerateOrder = z.infer<typeof endOrderSchema>;

/** Why such an order was rejected. Codes are stable. */
export type TolerateCode = Exclude<(typeof ORDER_CODES)[number], "unknown_finding">;

/** The result of an order; `path` is the JSON Pointer of the first error, `/now_ms` for the reading. */
export type TolerateResult =
  { accepted: true } | { accepted: false; code: TolerateCode; path: string; detail: string };

type Step = { memory: Memory; result: TolerateResult };
type Given = Readonly<{ order: unknown; reading: TimeReading }>;

/**
 * Tolerates blocks of one retired algorithm, up to a height: they are part of the chain that is followed, and
 * what `retired_algorithm` found of that algorithm is over. Everything else is judged as before, another retired
 * algorithm too; every report names the order while it lasts. A new order on an algorithm replaces the one before.
 *
 * @param given the order, not yet checked, and the operator's time, which is recorded and moves no clock
 * @returns a changed memory only where the order was accepted
 */
export function tolerate(
  { chain }: SentinelSetup,
  memory: Memory,
  { order, reading }: Given,
): Step {
  const read = readOrder(orderSchema, order, { memory, reading });
  if (has(read, "result")) return read;
  const { algorithm, until_height, operator, reason } = read.order;
  const { state } = memory;
  const retired_at = chain.algorithms.find(({ name }) => name === algorithm)?.retired_at ?? null;
  // [REJECT unknown_algorithm] the chain has retired no algorithm of this name
  if (retired_at === null || retired_at > until_height) {
    const detail = `${chain.name} has retired no algorithm ${algorithm} by then: see the chain's table`;
    return rejected(memory, "unknown_algorithm", { path: "/algorithm", detail });
  }
  if (state.tip === null) {
    const detail = "no tip has been seen yet: give the order after the first observation";
    return rejected(memory, "invalid_order", { path: "", detail });
  }
  const { height } = state.tip;
  // The order would end before it begins.
  if (until_height <= height) {
    const detail = `${until_height} is not above the tip, ${height}: give a higher one`;
    return rejected(memory, "until_in_past", { path: "/until_height", detail });
  }
  const most = height + Math.floor(MOST_SECONDS / chain.spacing_seconds);
  // [REJECT until_too_far] the order would last for more than 14 days of blocks
  if (until_height > most) {
    const detail = `${until_height} is more than 14 days ahead: give at most ${most}, and the order again later`;
    return rejected(memory, "until_too_far", { path: "/until_height", detail });
  }
  const since_ms = read.nowMs;
  const given = { algorithm, from_height: height, until_height, operator, reason, since_ms };
  const others = endedAt(state.tolerations, algorithm, { operator, reason, at_ms: since_ms });
  return accepted(memory, bounded([...others, { ...given, ended: null }], height));
}

/**
 * Ends a toleration before its height: the next block of that algorithm is a finding again.
 *
 * @param given the order, not yet checked, and the operator's time
 */
export function untolerate(memory: Memory, { order, reading }: Given): Step {
  const read = readOrder(endOrderSchema, order, { memory, reading });
  if (has(read, "result")) return read;
  const { algorithm, operator, reason } = read.order;
  const { tolerations, tip } = memory.state;
  const lasts = lasting(tolerations, tip?.height ?? 0);
  // [REJECT unknown_toleration] no order on this algorithm lasts
  if (!lasts.some((one) => one.algorithm === algorithm)) {
    const detail = `no order on ${algorithm} lasts: take the name of one in the last report`;
    return rejected(memory, "unknown_toleration", { path: "/algorithm", detail });
  }
  return accepted(memory, endedAt(tolerations, algorithm, { operator, reason, at_ms: read.nowMs }));
}

/** At most so many: the oldest that last no more go first. A chain has fewer algorithms than there is room. */
function bounded(tolerations: readonly Toleration[], height: number): Toleration[] {
  const excess = tolerations.length - MAX_TOLERATIONS;
  if (excess <= 0) return [...tolerations];
  const lasts = new Set(lasting(tolerations, height));
  const over = new Set(tolerations.filter((one) => !lasts.has(one)).slice(0, excess));
  return tolerations.filter((one) => !over.has(one));
}

/** Reads an order and the time of it, or rejects it. */
function readOrder<S extends z.ZodType>(
  schema: S,
  order: unknown,
  { memory, reading }: Readonly<{ memory: Memory; reading: TimeReading }>,
): Step | { order: z.output<S>; nowMs: number } {
  const read = parseOwn(schema, order, ORDER_BOUNDS);
  if (!read.ok) {
    const detail = errorText(schema, order, read.path);
    return rejected(memory, "invalid_order", { path: read.path, detail });
  }
  const peeked = advance({ state: memory.state.clock, live: memory.live }, reading);
  // The reading gives no time to record.
  if (!has(peeked, "state")) {
    return rejected(memory, "invalid_order", { path: "/now_ms", detail: peeked.detail });
  }
  return { order: read.value, nowMs: peeked.state.wall_ms };
}

const accepted = (memory: Memory, tolerations: Toleration[]): Step => ({
  memory: { ...memory, state: { ...memory.state, tolerations } },
  result: { accepted: true },
});

const rejected = (
  memory: Memory,
  code: TolerateCode,
  where: Readonly<{ path: string; detail: string }>,
): Step => ({ memory, result: { accepted: false, code, ...where } });
