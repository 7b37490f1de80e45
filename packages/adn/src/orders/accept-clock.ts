/** Accepts the wall clock by an operator's order (design, section 3). */
import { acceptedClock, type TimeReading } from "@dgb-shield/contract";
import { advance } from "../clock/advance.js";
import { type Cause, MAX_ACCEPTANCES, type Memory } from "../memory/model.js";
import type { Now } from "../clock/now.js";
import { operatorSchema, type OrderOutcome, readOrder } from "./override.js";
import type { Call } from "../causes/record-event.js";
import { redated } from "../inputs/model.js";

/** Makes the moment of an accepted clock; undefined where the reading gives no time. */
export function acceptedNow(reading: TimeReading): Now | undefined {
  const accepted = acceptedClock(reading);
  if (!accepted.ok) return undefined;
  const { clock } = accepted;
  const { time_ms } = clock;
  return {
    status: "trusted",
    invalid: undefined,
    time_ms,
    wall_ms: time_ms,
    as_of_ms: time_ms,
    clock,
  };
}

/**
 * Moves the memory to the accepted time. What lies in the future is dated now, and keeps its own lifetime
 * from there; what came while the clock was ahead keeps what is left of its lifetime.
 *
 * @param accepted the moment of the accepted clock
 */
export function acceptClock(
  model: Memory,
  input: unknown,
  { config, now, accepted }: Call & Readonly<{ accepted: Now | undefined }>,
): OrderOutcome {
  const read = readOrder(operatorSchema, input);
  if (!read.ok) return read;
  // [REJECT clock_invalid] the reading gives no time that could be accepted
  if (accepted === undefined) {
    return { ok: false, code: "clock_invalid", path: "", detail: now.invalid ?? "no time" };
  }
  const { operator, reason } = read.value;
  const at_ms = accepted.time_ms;
  const dated = now.status === "ahead" ? movedAhead(model, now) : datedBefore(model, at_ms);
  const acceptance = { at_ms, time_ms: now.time_ms, operator, reason };
  const clock_acceptances = [...dated.clock_acceptances, acceptance].slice(-MAX_ACCEPTANCES);
  return { ok: true, value: advance({ ...dated, clock_acceptances }, config, accepted) };
}

/** Dates what was counted of inputs by the node's time. */
const inputsDated = (memory: Memory, change: (atMs: number) => number): Pick<Memory, "inputs"> =>
  Object.hasOwn(memory, "inputs") && memory.inputs !== undefined
    ? { inputs: redated(memory.inputs, change) }
    : {};

/** Dates at `nowMs` what is dated after it. */
function datedBefore(memory: Memory, nowMs: number): Memory {
  const { order } = memory;
  const before = (cause: Cause): Cause => ({
    ...cause,
    received_at_ms: Math.min(cause.received_at_ms, nowMs),
    known_ms: Math.min(cause.known_ms, nowMs),
  });
  const logged = <T extends Readonly<{ at_ms: number }>>(record: T): T => ({
    ...record,
    at_ms: Math.min(record.at_ms, nowMs),
  });
  return {
    ...memory,
    settled_ms: Math.min(memory.settled_ms, nowMs),
    since_ms: Math.min(memory.since_ms, nowMs),
    causes: memory.causes.map(before),
    ended: memory.ended.map(before),
    order: order === null ? null : { ...order, given_at_ms: Math.min(order.given_at_ms, nowMs) },
    releases: memory.releases.map(logged),
    clock_acceptances: memory.clock_acceptances.map(logged),
    ...inputsDated(memory, (atMs) => Math.min(atMs, nowMs)),
  };
}

/** Moves what counts by as much as the clock is ahead. */
function movedAhead(memory: Memory, { time_ms, wall_ms = time_ms }: Now): Memory {
  const byMs = wall_ms - time_ms;
  const { order } = memory;
  return {
    ...memory,
    settled_ms: memory.settled_ms + byMs,
    causes: memory.causes.map((cause) => ({
      ...cause,
      received_at_ms: cause.received_at_ms + byMs,
      known_ms: cause.known_ms + byMs,
    })),
    order: order === null ? null : { ...order, given_at_ms: order.given_at_ms + byMs },
    ...inputsDated(memory, (atMs) => atMs + byMs),
  };
}
