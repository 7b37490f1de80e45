/** Applies an operator's order that takes the wall clock for right. */
import { has } from "../internal/own.js";
import { idSchema, parseOwn, type TimeReading } from "@dgb-shield/contract";
import { z } from "zod";
import { accept } from "./clock.js";
import { CLOCK_UNTRUSTED } from "../codes.js";
import { errorText } from "../internal/error-text.js";
import type { Memory } from "../observe.js";
import { MAX_ACCEPTED_CLOCKS, type SentinelState } from "../state.js";

const orderSchema = z.strictObject({ operator: idSchema, reason: z.string().min(1).max(512) });

/** How much of an order is read. */
const ORDER_BOUNDS = { maxDepth: 2, maxEntries: 16 } as const;

/** Who accepts the clock, and why. */
export type AcceptClockOrder = z.infer<typeof orderSchema>;

/** The result of the order; `path` is the JSON Pointer of the first error, `/now_ms` for the reading. */
export type AcceptClockResult =
  { accepted: true } | { accepted: false; code: "invalid_order"; path: string; detail: string };

/**
 * Takes the wall clock for right, in either direction. What lies in its future is dated to now; what runs
 * (holds, stalls, silences, windows) goes on as it stands, so nothing gets milder by it.
 *
 * @param order not yet checked
 * @param reading the clock now
 * @returns a changed memory only where the order was accepted
 */
export function acceptClock(
  memory: Memory,
  order: unknown,
  reading: TimeReading,
): { memory: Memory; result: AcceptClockResult } {
  const read = parseOwn(orderSchema, order, ORDER_BOUNDS);
  if (!read.ok) {
    const detail = errorText(orderSchema, order, read.path);
    return {
      memory,
      result: { accepted: false, code: "invalid_order", path: read.path, detail },
    };
  }
  const { state, live } = memory;
  const clock = accept({ state: state.clock, live }, reading);
  if (!has(clock, "state")) {
    const { detail } = clock;
    return { memory, result: { accepted: false, code: "invalid_order", path: "/now_ms", detail } };
  }
  const accepted = {
    ...read.value,
    accepted_at_ms: clock.state.time_ms,
    time_before_ms: state.clock.time_ms,
    status_before: state.clock.status,
  };
  const next: SentinelState = {
    ...redated(state, clock.state.time_ms),
    clock: clock.state,
    accepted_clocks: [...state.accepted_clocks, accepted].slice(-MAX_ACCEPTED_CLOCKS),
  };
  return { memory: { state: next, live: clock.live }, result: { accepted: true } };
}

/** Dates to now what lies in the future of it; an order lasts no longer for that. */
function redated(state: SentinelState, nowMs: number): SentinelState {
  return {
    ...state,
    findings: state.findings
      .filter(({ detector }) => detector !== CLOCK_UNTRUSTED)
      .map((finding) => ({
        ...finding,
        detected_at_ms: Math.min(finding.detected_at_ms, nowMs),
      })),
    acknowledgements: state.acknowledgements.map((one) => {
      const { acknowledged_at_ms: at, until_ms } = one;
      const until = until_ms === null ? null : Math.min(until_ms, nowMs + (until_ms - at));
      return { ...one, acknowledged_at_ms: Math.min(at, nowMs), until_ms: until };
    }),
  };
}
