/** The threat aggregator: merges v2 signals of one moment, without a clock (design section 4.2: slots; decision 34). */
import type { SignalV2 } from "@dgb-shield/contract";
import { type RejectedSignal, signalToEnvelope } from "./ingest.js";
import { compareBytes } from "../internal/byte-order.js";
import { toMicros } from "../internal/micros.js";
import { type Dated, keepLatest, slotOf } from "./live/precedence.js";
import { isCritical, worstSeverities } from "./severities.js";

/** Merged signals and the number of their operators; a node without an operator is its own. */
export type AggregatedSignals = Readonly<{
  /** The latest signal of each operator, node, source and type, in the order of their canonical bytes. */
  signals: readonly SignalV2[];
  /** Distinct operators. */
  live_reporters: number;
  /** Distinct operators at or above 0.60. */
  critical_reporters: number;
  /** No signal came, or one was rejected, so that its content is not known. */
  silent: boolean;
  /** The rejected signals, by place in the input. */
  refused: readonly (Omit<RejectedSignal, "accepted"> & { index: number })[];
}>;

/** Before any date. */
const UNDATED = -1;

/**
 * Merges v2 signals. It has no clock: nothing expires, and a signal without `observed_at` is older
 * than any with one; of one date the worse one counts. Order of the input does not matter, but for the
 * places in `refused`.
 *
 * @param signals v2 signals; each one is checked, and rejected ones are listed, never repaired. Anything but
 * an array counts as no signal.
 * @returns the merged signals; never throws
 * @example
 * const state = aggregate([{ node_id: "a", source: "adn", type: "lockdown", severity: 0.9 }]);
 * toLevel({ ...state, ...calculateNetworkRisk(state) }) // "CRITICAL_LOCAL"
 */
export function aggregate(signals: readonly unknown[]): AggregatedSignals {
  const latest = new Map<string, Dated & { signal: SignalV2 }>();
  const refused: (Omit<RejectedSignal, "accepted"> & { index: number })[] = [];
  const inputs = Array.isArray(signals) ? Array.from<unknown>(signals) : [];
  for (const [index, input] of inputs.entries()) {
    const result = signalToEnvelope(input);
    if (!result.accepted) {
      refused.push({ index, code: result.code, path: result.path });
      continue;
    }
    const { signal, canonical } = result;
    const severity = toMicros(signal.severity);
    const dateMs = signal.observed_at ?? UNDATED;
    keepLatest(latest, slotOf(signal), { signal, canonical, severity, dateMs });
  }
  const ordered = [...latest.values()].sort((a, b) => compareBytes(a.canonical, b.canonical));
  const merged = ordered.map(({ signal }) => signal);
  const worst = worstSeverities(merged);
  return {
    signals: merged,
    live_reporters: worst.size,
    critical_reporters: [...worst.values()].filter(isCritical).length,
    silent: worst.size === 0 || refused.length > 0,
    refused,
  };
}
