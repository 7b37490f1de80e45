/** Keeps the lockdown state of one node: events in, state out (design, section 6). */
import type {
  ClockAnchor,
  DefenseAction,
  DefenseState,
  ShieldEvent,
  TimeReading,
} from "@dgb-shield/contract";
import { acceptClock, acceptedNow } from "./orders/accept-clock.js";
import { advance, momentOf, settle } from "./clock/advance.js";
import { type DefenseNodeConfigInput, parseConfig } from "./config.js";
import { copyOf, ownValue } from "./internal/own-data.js";
import {
  boundedReason,
  type ClockAcceptance,
  type DefenseSnapshot,
  emptyMemory,
  type Memory,
  type ReleaseRecord,
} from "./memory/model.js";
import { type Now, readNow } from "./clock/now.js";
import { carryOut, describeRejection, type OrderOutcome } from "./orders/override.js";
import { type Call, recordEvent, recordFinding } from "./causes/record-event.js";
import { restored, snapshotOf } from "./memory/snapshot.js";
import { stateOf } from "./reports/state.js";
import { type Noted, noteTelemetry, noteWithdrawals } from "./inputs/note.js";
import type { Telemetry } from "./inputs/telemetry.js";

/**
 * The defense of one node. No function of it throws. A reading of the clock is milliseconds since
 * 1970-01-01T00:00:00Z, or those with a monotonic clock beside them, which shows a step ahead.
 */
export type DefenseNode = Readonly<{
  /**
   * Takes events in; each is checked, and a malformed one is a critical `malformed_event`. An event
   * counts from its receipt, for as long as it has left by the wall clock of this reading. A reading
   * that gives no time (seconds, NaN) drops nothing, and the answer is FULL.
   */
  apply(events: readonly unknown[], reading: TimeReading): DefenseState;
  /**
   * Counts events of Wallet Guardian (`ShieldEvent`s, at most 1,024) in a window, and makes a `withdrawal_spike` of more refused
   * payments, freezes or spikes than the thresholds; what Guardian decided at a risk above LOW counts as nothing. Elevated at most.
   * What cannot be read is a critical `malformed_event`.
   */
  noteWithdrawals(events: readonly ShieldEvent[], reading: TimeReading): DefenseState;
  /**
   * Takes in a sample of the node's telemetry (`Telemetry`) of now, and makes `peers_lost`, `mempool_flood`, `height_stalled`
   * and `rpc_abuse` by the thresholds. What cannot be read is a critical `malformed_event`.
   */
  noteTelemetry(sample: Telemetry, reading: TimeReading): DefenseState;
  /** The state at a reading. Changes nothing. */
  state(reading: TimeReading): DefenseState;
  /**
   * Carries out an operator's order (an `OperatorOrder`). A rejected order changes nothing; the
   * answer then has the action `refuse_order`, whose reason is a code, a path and what was expected.
   */
  override(order: unknown, reading: TimeReading): DefenseState;
  /**
   * Accepts the wall clock of this reading by an operator's order, and records that.
   *
   * @param operator `{operator, reason}`; a rejected one is answered by the action `refuse_order`
   */
  acceptClock(operator: unknown, reading: TimeReading): DefenseState;
  /** The newest releases that were recorded, oldest first; at most 100. */
  releases(): readonly ReleaseRecord[];
  /** The newest acceptances of a clock, oldest first; at most 32. */
  clockAcceptances(): readonly ClockAcceptance[];
  /**
   * Number of the memory's changes in this process. While it is the same, `snapshot()` differs in its times (`time_ms`,
   * `settled_ms`) and its checksum alone.
   */
  revision(): number;
  /** The whole memory as plain data, for `createDefenseNode({…, snapshot})` after a restart. */
  snapshot(): DefenseSnapshot;
}>;

/**
 * Creates the defense of one node.
 *
 * @param input `node_id`, and what differs from the defaults; see `defenseNodeConfigSchema`
 * @throws AdnError `invalid_config` with the path of the first offending field
 * @example createDefenseNode({ node_id: "node-1" }).state(1_782_664_800_000).lockdown // "NONE"
 */
export function createDefenseNode(input: DefenseNodeConfigInput): DefenseNode {
  const config = parseConfig(input);
  const { snapshot, node_id } = config;
  let memory = snapshot === undefined ? emptyMemory(node_id) : restored(snapshot, config);
  let anchor: ClockAnchor | undefined;
  let revision = 0;

  const nowAt = (reading: TimeReading): Now =>
    readNow(memory, reading, { anchor, max_clock_skew_ms: config.max_clock_skew_ms });

  function remember(next: Memory, now: Now): void {
    if (!differsInTimeAlone(memory, next)) revision++;
    memory = next;
    anchor = now.clock?.anchor;
  }

  /** Notes an input, and records the events that it calls for. */
  function noted(note: (before: Memory, call: Call) => Noted, reading: TimeReading): DefenseState {
    const call = { config, now: nowAt(reading) };
    const { memory: after, events, fault } = note(advance(memory, config, call.now), call);
    const taken =
      fault === undefined
        ? recordBatch(after, events, call)
        : recordFinding(after, call, { type: "malformed_event", summary: fault });
    remember(settle(taken, config, momentOf(call.now)), call.now);
    return stateOf(memory, call);
  }

  return Object.freeze({
    apply(events: readonly unknown[], reading: TimeReading) {
      const call = { config, now: nowAt(reading) };
      const advanced = advance(memory, config, call.now);
      const taken = recordBatch(advanced, events, call);
      // Without an event it is settled already, and most calls have none.
      const next = taken === advanced ? taken : settle(taken, config, momentOf(call.now));
      remember(next, call.now);
      return stateOf(memory, call);
    },
    noteWithdrawals: (events: readonly ShieldEvent[], reading: TimeReading) =>
      noted((before, call) => noteWithdrawals(before, events, call), reading),
    noteTelemetry: (sample: Telemetry, reading: TimeReading) =>
      noted((before, call) => noteTelemetry(before, sample, call), reading),
    state(reading: TimeReading) {
      const now = nowAt(reading);
      return stateOf(advance(memory, config, now), { config, now });
    },
    override(order: unknown, reading: TimeReading) {
      const call = { config, now: nowAt(reading) };
      const advanced = advance(memory, config, call.now);
      const outcome = carryOut(advanced, order, call);
      remember(outcome.ok ? outcome.value : advanced, call.now);
      return stateOf(memory, call, rejectionActions(outcome));
    },
    acceptClock(operator: unknown, reading: TimeReading) {
      const now = nowAt(reading);
      const accepted = acceptedNow(reading);
      const outcome = acceptClock(memory, operator, { config, now, accepted });
      if (!outcome.ok || accepted === undefined) {
        return stateOf(advance(memory, config, now), { config, now }, rejectionActions(outcome));
      }
      remember(outcome.value, accepted);
      return stateOf(memory, { config, now: accepted });
    },
    releases: () => copyOf(memory.releases),
    clockAcceptances: () => copyOf(memory.clock_acceptances),
    revision: () => revision,
    snapshot: () => snapshotOf(memory, config),
  });
}

/** Checks whether two memories share every part but their times; parts are never changed in place. */
function differsInTimeAlone(before: Memory, { time_ms, settled_ms, ...after }: Memory): boolean {
  const known: Readonly<Record<string, unknown>> = { ...before, time_ms, settled_ms };
  const parts = Object.entries(after);
  return (
    parts.length + 2 === Object.keys(known).length &&
    parts.every(([name, part]) => known[name] === part)
  );
}

const rejectionActions = (outcome: OrderOutcome): DefenseAction[] =>
  outcome.ok ? [] : [{ action: "refuse_order", reason: boundedReason(describeRejection(outcome)) }];

const MAX_BATCH = 1_024;

function recordBatch(memory: Memory, events: unknown, call: Call): Memory {
  const batch = readBatch(events);
  const recorded = (batch ?? []).reduce<Memory>(
    (current, event) => recordEvent(current, event, call),
    memory,
  );
  if (batch !== undefined && batch.length < MAX_BATCH) return recorded;
  const summary = `batch is not an array of less than ${MAX_BATCH}`;
  return recordFinding(recorded, call, { type: "malformed_event", summary });
}

/** Reads the own members of an array, at most `MAX_BATCH`; a missing one is undefined. */
function readBatch(events: unknown): readonly unknown[] | undefined {
  try {
    if (!Array.isArray(events)) return undefined;
    const length = Math.min(events.length, MAX_BATCH);
    return Array.from({ length }, (_, index) => ownValue(events, index));
  } catch {
    return undefined;
  }
}
