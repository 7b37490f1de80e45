/** Advances the memory in time: every rise and fall of the lockdown happens at its own moment, however rarely it is read. */
import { countsUntil } from "../causes/cause.js";
import type { DefenseNodeConfig } from "../config.js";
import {
  effectiveOf,
  type Effective,
  forcesUntil,
  isStricter,
  lowersUntil,
} from "../causes/effective.js";
import { keptEnded } from "../causes/ended.js";
import {
  boundedReason,
  type Cause,
  MAX_RELEASES,
  type Memory,
  type ReleaseRecord,
} from "../memory/model.js";
import type { Now } from "./now.js";
import { bounded } from "../causes/overflow.js";

/** When a change happens, and whether the clock is trusted to end anything. */
export type Moment = Readonly<{ at_ms: number; isTrusted: boolean }>;

/** Takes the moment of a call. */
export const momentOf = ({ as_of_ms, status }: Now): Moment => ({
  at_ms: as_of_ms,
  isTrusted: status === "trusted",
});

/** Advances the memory to a moment: ends what ended until then, unless the clock is not trusted. */
export function advance(model: Memory, config: DefenseNodeConfig, now: Now): Memory {
  const memory = { ...datedAt(model, now), time_ms: now.time_ms };
  const toMs = settledAt(memory, now);
  const points = now.status === "trusted" ? turningPoints(memory, config.hold_ms, toMs) : [];
  const settled = points.reduce(
    (current, at_ms) =>
      settle({ ...current, settled_ms: at_ms }, config, { at_ms, isTrusted: true }),
    memory,
  );
  return settle({ ...settled, settled_ms: toMs }, config, momentOf(now));
}

/** Brings causes and lockdown state in line with the settled time, and records a fall. */
export function settle(model: Memory, config: DefenseNodeConfig, moment: Moment): Memory {
  const memory = sortedOut(model, config.hold_ms);
  const effective = effectiveOf(memory, config.thresholds, moment.isTrusted);
  const { lockdown } = effective;
  if (lockdown === memory.lockdown) return memory;
  const changed = { ...memory, lockdown, since_ms: moment.at_ms };
  if (isStricter(lockdown, memory.lockdown)) return { ...changed, fall_reason: null };
  const why = whyItFell(memory, effective, config);
  return recordRelease(
    { ...changed, fall_reason: why.reason },
    { at_ms: moment.at_ms, from: memory.lockdown, to: lockdown, ...why },
  );
}

/** Adds to the bounded log of releases. */
export const recordRelease = (memory: Memory, record: ReleaseRecord): Memory => ({
  ...memory,
  releases: [...memory.releases, record].slice(-MAX_RELEASES),
});

/** Describes one cause. */
export const describeCause = ({ event }: Cause): string =>
  `${event.type} from ${event.source}, severity ${event.severity}: ${event.summary}`;

/** Dates what came while the node's time was uncertain at the first trusted one, so that none of its lifetime is lost. */
function datedAt(memory: Memory, { status, time_ms }: Now): Memory {
  const { causes, ended, order } = memory;
  const isPending = order?.dated === "pending" || [...causes, ...ended].some(isUndated);
  if (status !== "trusted" || !isPending) return memory;
  const dated = (cause: Cause): Cause =>
    isUndated(cause) ? { ...cause, received_at_ms: time_ms, dated: "later" } : cause;
  return {
    ...memory,
    causes: causes.map(dated),
    ended: ended.map(dated),
    order: order?.dated === "pending" ? { ...order, given_at_ms: time_ms, dated: "later" } : order,
  };
}

const isUndated = ({ dated }: Cause): boolean => dated === "pending";

/** Finds until when ends are carried out: a clock that is not trusted ends nothing, and one that is behind reverts ends. */
function settledAt({ settled_ms }: Memory, { status, wall_ms }: Now): number {
  if (wall_ms === undefined || status === "ahead") return settled_ms;
  return status === "trusted" ? wall_ms : Math.min(settled_ms, wall_ms);
}

function turningPoints(
  { causes, order, settled_ms }: Memory,
  hold_ms: number,
  toMs: number,
): number[] {
  const ends = causes.map((cause) => countsUntil(cause, hold_ms));
  const ordered = order === null ? [] : [lowersUntil(order), forcesUntil(order)];
  const points = [...ends, ...ordered].filter((end) => end > settled_ms && end < toMs);
  return [...new Set(points)].sort((a, b) => a - b);
}

/** Separates the causes that count from those that ended. */
function sortedOut(memory: Memory, hold_ms: number): Memory {
  const counts = (cause: Cause) => memory.settled_ms < countsUntil(cause, hold_ms);
  if (memory.causes.every(counts) && !memory.ended.some(counts)) return memory;
  const all = [...memory.causes, ...memory.ended];
  const over = all.filter((cause) => !counts(cause));
  return bounded({ ...memory, causes: all.filter(counts), ended: keptEnded(over) }).memory;
}

function whyItFell(
  { ended, order: given, settled_ms }: Memory,
  { order }: Effective,
  { hold_ms }: DefenseNodeConfig,
): Pick<ReleaseRecord, "reason" | "operator"> {
  const over = ended.find((cause) => countsUntil(cause, hold_ms) === settled_ms);
  if (over !== undefined) {
    const reason = `Nothing as bad for ${hold_ms / 1_000} s after the end of ${describeCause(over)}`;
    return { reason: boundedReason(reason) };
  }
  if (order !== undefined) {
    const { operator } = order;
    return { reason: boundedReason(`Ordered by ${operator}: ${order.reason}`), operator };
  }
  const isOver = given !== null && forcesUntil(given) === settled_ms;
  const reason = isOver
    ? `The order of ${given.operator} has ended, and nothing else calls for it.`
    : "What called for it is reported milder.";
  return { reason };
}
