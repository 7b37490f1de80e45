/** The shape of a detector: a pure reducer over observations of one node. */
import type { ClockStatus, Finding, JsonValue } from "@dgb-shield/contract";
import type { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import type { Times } from "../clock/clock-state.js";
import type { Observation, WatchedObservation } from "../observation/observation.js";

/** A finding as a detector makes it; Sentinel adds the detector's name and when it was first seen. */
export type DetectorFinding = Omit<Finding, "detector" | "detected_at_ms">;

/**
 * An observation and how much time has passed until it. A detector measures by `times` alone: `at_ms` is
 * the wall clock's reading, which can be wrong and can go back; dates from outside, as the time of a
 * header, are compared with it.
 */
export type Timed<T extends Observation> = T & Readonly<{ times: Times; clock: ClockStatus }>;

/** What a detector makes of one observation: all its findings that are active now. */
export type Reduced<State> = { state: State; findings: DetectorFinding[] };

/**
 * What a detector makes of an observation of a node that cannot be watched: its findings, or null where
 * those that it had before stay.
 */
export type ReducedUnwatched<State> = { state: State; findings: DetectorFinding[] | null };

/**
 * A detector. `reduce` gets only observations of a node that answers and is not syncing, with running
 * times that never go back. A finding keeps its `finding_id` as long as it lasts.
 */
export type Detector<State extends JsonValue = JsonValue> = {
  /** `^[a-z][a-z0-9_]{0,63}$`; the signal's type and, in upper case, its reason code. */
  readonly name: string;
  /** Checks a state that was stored. */
  readonly stateSchema: z.ZodType<State>;
  /** The state before the first observation. */
  initial(): State;
  /**
   * Reads a state that an earlier version stored: what is held goes on, what a new rule lacks begins anew.
   * Undefined where it is none; absent: earlier versions stored the same form.
   */
  upgrade?(stored: JsonValue): State | undefined;
  /** Takes one observation in; changes nothing that it was given. */
  reduce(
    state: State,
    observation: Timed<WatchedObservation>,
    chain: ChainParameters,
  ): Reduced<State>;
  /** Takes in an observation of a node that is silent or syncing; absent: such a one changes nothing. */
  reduceUnwatched?(
    state: State,
    observation: Timed<Observation>,
    chain: ChainParameters,
  ): ReducedUnwatched<State>;
  /** Whether an observation carries its evidence; absent: any does. It does not run on one without. */
  hasEvidence?(observation: WatchedObservation): boolean;
  /** Closes a latched finding that an operator has acknowledged: what comes later is a new one. */
  acknowledge?(state: State, findingId: string): State;
  /** Whether it runs on a chain; absent: on any. */
  appliesTo?(chain: ChainParameters): boolean;
};

/** Freezes a detector, so that no importer can change what it does. */
export const defineDetector = <State extends JsonValue>(
  detector: Detector<State>,
): Detector<State> => Object.freeze(detector);
