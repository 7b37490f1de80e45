/** What the causes and an operator's order amount to at one moment: the worst decides (design: layer 3). */
import { LOCKDOWNS, type Lockdown } from "@dgb-shield/contract";
import type { DefenseNodeConfig } from "./config.js";
import type { Cause, DefenseSnapshot, StandingOrder } from "./model.js";

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

/**
 * What holds at `atMs`. The worst cause decides, and no number of mild ones dilutes it. An order
 * replaces every cause that was there when it was given, and none that came or worsened after it.
 */
export function effectiveAt(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  atMs: number,
): Effective {
  const order = model.order !== null && atMs < model.order.until_ms ? model.order : undefined;
  const heard = model.causes.filter(
    (cause) =>
      counts(cause, atMs) && (order === undefined || cause.raised_sequence > order.sequence),
  );
  const worst = heard.reduce<Cause | undefined>(worse, undefined);
  const severity = worst?.event.severity ?? 0;
  const called = lockdownOf(severity, config);
  const ordered = order?.lockdown ?? "NONE";
  return {
    lockdown: isStricter(ordered, called) ? ordered : called,
    score: Math.max(severity, scoreOf(ordered, config)),
    worst,
    order,
  };
}

/** Whether a cause counts at `atMs`: before the end of its hold. */
export const counts = (cause: Cause, atMs: number): boolean =>
  cause.counts_until_ms === null || atMs < cause.counts_until_ms;

function worse(found: Cause | undefined, cause: Cause): Cause {
  return found === undefined || cause.event.severity > found.event.severity ? cause : found;
}

function lockdownOf(severity: number, { thresholds }: DefenseNodeConfig): Lockdown {
  if (!(severity < thresholds.full)) return "FULL";
  return severity >= thresholds.partial ? "PARTIAL" : "NONE";
}

function scoreOf(lockdown: Lockdown, { thresholds }: DefenseNodeConfig): number {
  return { NONE: 0, PARTIAL: thresholds.partial, FULL: thresholds.full }[lockdown];
}
