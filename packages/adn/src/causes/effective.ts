/** Combines the causes and an operator's order at one moment: the worst decides (design, section 6). */
import { LOCKDOWNS, type Lockdown } from "@dgb-shield/contract";
import { worstFirst } from "./cause.js";
import type { Cause, Memory, StandingOrder } from "../memory/model.js";

/** Severities from which a node is locked down. */
export type Thresholds = Readonly<{ partial: number; full: number }>;

/** What holds at one moment. */
export type Effective = Readonly<{
  lockdown: Lockdown;
  /** 0–1. */
  score: number;
  /** Worst cause that counts, if any. */
  worst: Cause | undefined;
  /** The operator's order in force, if any. */
  order: StandingOrder | undefined;
}>;

/** Whether lockdown `a` is stricter than `b`. */
export const isStricter = (a: Lockdown, b: Lockdown): boolean =>
  LOCKDOWNS.indexOf(a) > LOCKDOWNS.indexOf(b);

/** Takes the stricter of two. */
export const stricter = (a: Lockdown, b: Lockdown): Lockdown => (isStricter(a, b) ? a : b);

/** Computes until when an order forces its state; 0 where it was cancelled. */
export const forcesUntil = ({ given_at_ms, lifetime_ms, cancelled }: StandingOrder): number =>
  cancelled ? 0 : given_at_ms + lifetime_ms;

/** Computes until when an order lowers what was there before it. */
export const lowersUntil = (order: StandingOrder): number =>
  Math.min(order.until_ms, forcesUntil(order));

/**
 * Combines causes and order. The worst cause decides, and no number of mild ones dilutes it. An order replaces every
 * cause that was there when it was given, and none that came or worsened after it. It lowers nothing
 * while the clock is not trusted, since its end is unknown, and FULL lowers nothing.
 */
export function effectiveOf(
  { causes, order: given, settled_ms }: Memory,
  thresholds: Thresholds,
  isTrusted: boolean,
): Effective {
  const isInForce = given !== null && !given.cancelled && settled_ms < forcesUntil(given);
  const order = isInForce ? given : undefined;
  const isLowering =
    order !== undefined &&
    order.lockdown !== "FULL" &&
    isTrusted &&
    settled_ms < lowersUntil(order);
  const counted = causes.filter((cause) => !isLowering || cause.raised_sequence > order.sequence);
  const worst = counted.reduce<Cause | undefined>(worse, undefined);
  const severity = worst?.event.severity ?? 0;
  const ordered = order?.lockdown ?? "NONE";
  return {
    lockdown: stricter(ordered, lockdownOf(severity, thresholds)),
    score: Math.max(severity, scoreOf(ordered, thresholds)),
    worst,
    order,
  };
}

const worse = (found: Cause | undefined, cause: Cause): Cause =>
  found === undefined || worstFirst(cause, found) < 0 ? cause : found;

/** Takes the lockdown that a severity calls for. */
export function lockdownOf(severity: number, { partial, full }: Thresholds): Lockdown {
  if (!(severity < full)) return "FULL";
  return severity >= partial ? "PARTIAL" : "NONE";
}

/** Takes the least severity that calls for a lockdown. */
function scoreOf(lockdown: Lockdown, { partial, full }: Thresholds): number {
  if (lockdown === "NONE") return 0;
  return lockdown === "PARTIAL" ? partial : full;
}
