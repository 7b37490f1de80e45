/** Makes defense events of the network view: never local, so that they are never reported back (design, section 6). */
import {
  type AdvisoryLevel,
  CHANNELS,
  type DefenseEvent,
  LEVEL_OF_ADVISORY,
  levelOfScore,
  type NetworkView,
  networkViewSchema,
  type RiskLevel,
  SCALE,
  type TimeReading,
} from "@dgb-shield/contract";
import { z } from "zod";
import { ownValue } from "../internal/own-data.js";
import { type EventOptions, makingOf, malformed, restsOn, summaryOf } from "./make-event.js";
import { readInput } from "./read-input.js";

const criticalTypesSchema = z.strictObject({
  names: z.array(z.string().max(64)).max(64),
  count: z.int().min(0),
});

/** Options of `eventsFromNetwork`. */
export type NetworkEventOptions = EventOptions &
  Readonly<{
    /** `criticalTypes()` of DQSN's network state. */
    critical_types?: Readonly<{ names: readonly string[]; count: number }> | undefined;
  }>;

const LEAST_SCORE: Readonly<Record<RiskLevel, number>> = Object.freeze({ normal: 0, ...SCALE });

/**
 * Makes the `network_advisory` of a view: its score, and at least what its level stands for (0.90 for
 * CRITICAL_GLOBAL, 0.25 for UNKNOWN and ELEVATED). CRITICAL_LOCAL is 0.25 whatever its score: it can
 * rest on one node, which counts as elevated for every other site and locks none down.
 * Silent reporters, and a clock that is not trusted, are at least 0.25. A quiet network is no event.
 *
 * The id carries what the view rests on: the level, each channel that is not quiet with the number
 * of its signals, the critical operators, the silent reporters, the clock. Any change of it is
 * another incident, which no order hides that was given before it.
 *
 * @param view a `NetworkView`; a malformed one is a critical `malformed_event`
 * @param reading the clock now; one that gives no time is a critical `malformed_event`
 * @param options how long the events count, 600,000 ms by default, and the types of critical signals where they are known: the
 * same operators can report another incident, which the view alone does not show
 */
export function eventsFromNetwork(
  view: NetworkView,
  reading: TimeReading,
  options: NetworkEventOptions = {},
): DefenseEvent[] {
  const { making, fault } = makingOf(reading, options);
  if (making === undefined) return [fault];
  const read = readInput(networkViewSchema, view);
  if (!read.ok) return [malformed("network view", read.path, making)];
  const severity = severityOf(read.value);
  if (severity < SCALE.elevated) return [];
  // [ELEVATED network_advisory] the network is not NORMAL, silent, or its clock is not trusted
  return [
    {
      event_id: `network_advisory:${basisOf(read.value, typesIn(options))}`,
      type: "network_advisory",
      severity,
      source: "dqsn",
      observed_at_ms: read.value.as_of_ms,
      expires_at_ms: making.now_ms + making.ttl_ms,
      local: false,
      summary: summaryOf(describe(read.value)),
    },
  ];
}

function severityOf({ level, score, clock, silent_reporters_count }: NetworkView): number {
  const isUnsure = clock !== "trusted" || silent_reporters_count > 0;
  const least = isUnsure ? SCALE.elevated : 0;
  if (level === "CRITICAL_LOCAL") return SCALE.elevated;
  return Math.max(score, leastScore(level), least);
}

/** The critical types that a composition gives; without them the basis is the view's alone. What cannot be read is another basis. */
function typesIn(options: NetworkEventOptions): unknown[] {
  const types = ownValue(options, "critical_types");
  if (types === undefined) return [];
  const read = readInput(criticalTypesSchema, types);
  return [read.ok ? [read.value.count, ...read.value.names] : "unreadable"];
}

function basisOf(view: NetworkView, types: readonly unknown[]): string {
  const channels = CHANNELS.map((name) => {
    const { score, signals } = view.channels[name];
    const level = levelOfScore(score);
    return level === "normal" ? [name] : [name, level, signals];
  });
  return restsOn(
    view.level,
    channels,
    [view.critical_operators_count, ...view.critical_operators],
    [view.silent_reporters_count, ...view.silent_reporters],
    view.clock,
    ...types,
  );
}

function describe({ level, score, clock, silent_reporters_count: silent }: NetworkView): string {
  const silence = silent > 0 ? `; silent reporters: ${silent}` : "";
  const distrust = clock === "trusted" ? "" : `; its clock is ${clock}`;
  return `the network is ${level}, score ${score}${silence}${distrust}`;
}

const leastScore = (level: AdvisoryLevel): number => LEAST_SCORE[LEVEL_OF_ADVISORY[level]];
