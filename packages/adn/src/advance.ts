/** Lets time pass: every rise and fall of the lockdown happens at its own moment, however rarely one looks. */
import type { DefenseNodeConfig } from "./config.js";
import { counts, type Effective, effectiveAt, isStricter } from "./effective.js";
import {
  boundedReason,
  type Cause,
  type DefenseSnapshot,
  MAX_RELEASES,
  type ReleaseRecord,
} from "./model.js";

/** End of the year 9999: a time in microseconds is beyond it, and would end every hold for good. */
const LATEST_TIME_MS = 253_402_300_799_999;

/**
 * The memory at `nowMs`. Time never runs backwards: an earlier or impossible time counts as the
 * latest one that was told.
 */
export function advance(
  model: DefenseSnapshot,
  config: DefenseNodeConfig,
  nowMs: number,
): DefenseSnapshot {
  const isTime = Number.isSafeInteger(nowMs) && nowMs <= LATEST_TIME_MS;
  const toMs = isTime ? Math.max(model.time_ms, nowMs) : model.time_ms;
  const settled = turningPoints(model, toMs).reduce(
    (current, atMs) => settle({ ...current, time_ms: atMs }, config),
    model,
  );
  return forget(settle({ ...settled, time_ms: toMs }, config));
}

/** Brings the lockdown state in line with the causes, and records a fall. */
export function settle(model: DefenseSnapshot, config: DefenseNodeConfig): DefenseSnapshot {
  const effective = effectiveAt(model, config, model.time_ms);
  const { lockdown } = effective;
  if (lockdown === model.lockdown) return model;
  const changed = { ...model, lockdown, since_ms: model.time_ms };
  if (isStricter(lockdown, model.lockdown)) return { ...changed, fall_reason: null };
  const why = whyItFell(model, effective, config);
  return recordRelease(
    { ...changed, fall_reason: why.reason },
    { at_ms: model.time_ms, from: model.lockdown, to: lockdown, ...why },
  );
}

/** Adds to the bounded log of releases. */
export const recordRelease = (model: DefenseSnapshot, record: ReleaseRecord): DefenseSnapshot => ({
  ...model,
  releases: [...model.releases, record].slice(-MAX_RELEASES),
});

/** One cause in words. */
export const describeCause = ({ event }: Cause): string =>
  `${event.type} from ${event.source}, severity ${event.severity}: ${event.summary}`;

function turningPoints(model: DefenseSnapshot, toMs: number): number[] {
  const ends = model.causes.map((cause) => cause.counts_until_ms);
  const points = [...ends, model.order?.until_ms ?? null].filter(
    (end) => end !== null && end > model.time_ms && end < toMs,
  );
  return [...new Set(points as number[])].sort((a, b) => a - b);
}

function forget(model: DefenseSnapshot): DefenseSnapshot {
  const isOver = model.order !== null && model.time_ms >= model.order.until_ms;
  const causes = model.causes.filter((cause) => counts(cause, model.time_ms));
  return { ...model, causes, order: isOver ? null : model.order };
}

function whyItFell(
  { causes, order: given, time_ms }: DefenseSnapshot,
  { order }: Effective,
  { hold_ms }: DefenseNodeConfig,
): Pick<ReleaseRecord, "reason" | "operator"> {
  const ended = causes.find((cause) => cause.counts_until_ms === time_ms);
  if (ended !== undefined) {
    const reason = `Nothing as bad for ${hold_ms / 1_000} s after the end of ${describeCause(ended)}`;
    return { reason: boundedReason(reason) };
  }
  if (order !== undefined) {
    const { operator } = order;
    return { reason: boundedReason(`Ordered by ${operator}: ${order.reason}`), operator };
  }
  const reason =
    given === null
      ? "What called for it is reported milder."
      : `The order of ${given.operator} has ended, and nothing else calls for it.`;
  return { reason };
}
