/** Restores a live network state from a snapshot, which is not trusted (design section 4.2). */
import { ADVISORY_LEVELS, parseOwn } from "@dgb-shield/contract";
import type { RestoreErrorCode } from "../codes.js";
import { readSignal } from "./ingest.js";
import { tryStep, isRejection } from "../internal/rejection.js";
import { LiveState } from "./live/live-state.js";
import { type NetworkConfig, parseConfig } from "./config.js";
import { type NetworkState, networkOn } from "./index.js";
import {
  checksumOf,
  type SnapshotHead,
  snapshotHeadSchema,
  type SnapshotSignal,
  snapshotSignalSchema,
} from "./snapshot.js";

/** A restored network state, or the code of the rejected snapshot and the place (a JSON Pointer). */
export type RestoreResult =
  | Readonly<{ restored: true; network: NetworkState }>
  | Readonly<{ restored: false; code: RestoreErrorCode; path: string }>;

const INVALID = "DQSN_ERROR_SNAPSHOT_INVALID";
const CORRUPT = "DQSN_ERROR_SNAPSHOT_CORRUPT";

/** Containers inside each other, and entries of one, that the head of a snapshot may have. */
const HEAD_BOUNDS = Object.freeze({ maxDepth: 4, maxEntries: 100_000 });
/** Bounds of an entry's two times; its signal is checked like one that comes in. */
const TIMES_BOUNDS = Object.freeze({ maxDepth: 1, maxEntries: 3 });

/**
 * Restores a network state. The snapshot comes from outside: it is checked field by field, and each of
 * its signals as if it had just come in. The state goes on under the given configuration.
 *
 * @param snapshot the result of `snapshot`, before or after JSON
 * @param config see `NetworkConfig`
 * @returns the state, whose views and digest are those of the original; or the rejection
 * @throws DqsnConfigError `invalid_config` for the configuration alone
 * @example
 * const { snapshot } = createNetworkState();
 * restoreNetworkState(JSON.parse(JSON.stringify(snapshot()))).restored // true
 */
export function restoreNetworkState(snapshot: unknown, config: NetworkConfig = {}): RestoreResult {
  const settings = parseConfig(config);
  const read = tryStep(() => readSnapshot(snapshot, settings.max_live_signals));
  if (isRejection(read)) return reject(INVALID, "");
  if (isRejected(read)) return read;
  const { head, signals } = read;

  // [REFUSE DQSN_ERROR_SNAPSHOT_CORRUPT] the checksum is not that of the content
  const times = signals.map(({ time_ms, date_ms }) => [time_ms, date_ms] as const);
  if (checksumOf(head, times) !== head.seal) return reject(CORRUPT, "/seal");

  // A change before the first signal, or after the snapshot was taken, contradicts it.
  const untimely = untimelyPath(head, signals.length);
  if (untimely !== undefined) return reject(INVALID, untimely);

  const state = new LiveState(settings, {
    timeMs: head.as_of_ms,
    changedMs: head.changed_ms ?? undefined,
    holdTimes: head.held_until_ms,
    acceptances: head.clock_accepted,
    leaps: head.clock_leaps,
  });
  return load(state, head, signals) ?? { restored: true, network: networkOn(state) };
}

type Rejected = Extract<RestoreResult, { restored: false }>;

const reject = (code: RestoreErrorCode, path: string): Rejected => ({
  restored: false,
  code,
  path,
});

const isRejected = (read: Parts | Rejected): read is Rejected => Object.hasOwn(read, "restored");

type Parts = Readonly<{ head: SnapshotHead; signals: readonly SnapshotSignal[] }>;

/** Reads head and signals, one by one, so that a long list of wrong signals costs no more than its first. */
function readSnapshot(snapshot: unknown, maxSignals: number): Parts | Rejected {
  if (typeof snapshot !== "object" || snapshot === null) return reject(INVALID, "");
  const { signals, ...rest } = snapshot as Readonly<Record<string, unknown>>;
  // [REFUSE DQSN_ERROR_SNAPSHOT_INVALID] a missing, unknown or wrong field
  const head = parseOwn(snapshotHeadSchema, rest, HEAD_BOUNDS);
  if (!head.ok) return reject(INVALID, head.path);
  if (!Object.hasOwn(snapshot, "signals") || !Array.isArray(signals)) {
    return reject(INVALID, "/signals");
  }
  if (signals.length > maxSignals) return reject("DQSN_ERROR_STATE_FULL", "/signals");
  const entries: SnapshotSignal[] = [];
  for (const [index, entry] of signals.entries()) {
    const read = readEntry(entry);
    if (typeof read === "string") return reject(INVALID, `/signals/${index}${read}`);
    entries.push(read);
  }
  return { head: head.value, signals: entries };
}

/** Reads an entry; returns the path of its first error where it has one. */
function readEntry(entry: unknown): SnapshotSignal | string {
  if (typeof entry !== "object" || entry === null) return "";
  if (!Object.hasOwn(entry, "signal")) return "/signal";
  const { signal, ...times } = entry as Readonly<Record<string, unknown>>;
  const read = parseOwn(snapshotSignalSchema, { ...times, signal: null }, TIMES_BOUNDS);
  return read.ok ? { ...read.value, signal } : read.path;
}

function untimelyPath(head: SnapshotHead, signals: number): string | undefined {
  const { as_of_ms, changed_ms, held_until_ms } = head;
  if (changed_ms === null ? signals > 0 : changed_ms > as_of_ms) return "/changed_ms";
  const late = ADVISORY_LEVELS.find((level) => (held_until_ms[level] ?? -1) > (changed_ms ?? -1));
  return late === undefined ? undefined : `/held_until_ms/${late}`;
}

function load(
  state: LiveState,
  { muted, known_operators, digest }: SnapshotHead,
  signals: readonly SnapshotSignal[],
): Rejected | undefined {
  const { signalIndex, muting } = state;
  for (const target of [
    ...muted.node_ids.map((node_id) => ({ node_id })),
    ...muted.operators.map((operator) => ({ operator })),
    ...muted.operator_nodes,
  ]) {
    const muteIt = tryStep(() => muting.adding(target));
    // More than can be muted.
    if (isRejection(muteIt)) return reject(INVALID, "/muted");
    muteIt();
  }
  signalIndex.silence.recall(known_operators);
  signalIndex.recount();
  for (const [index, entry] of signals.entries()) {
    const rejected = loadSignal(state, entry);
    if (rejected !== undefined) {
      return reject(rejected.code, `/signals/${index}${rejected.path}`);
    }
  }

  // The digest was taken of other signals.
  return signalIndex.tree.digest() === digest ? undefined : reject(CORRUPT, "/digest");
}

function loadSignal(
  { signalIndex, nowMs }: LiveState,
  entry: SnapshotSignal,
): Rejected | undefined {
  const { time_ms, date_ms, signal } = entry;
  const read = readSignal(signal);
  if (!read.ok) return reject(read.rejected.code, `/signal${read.rejected.path}`);
  const { facts } = read;

  // The signal counts from later than the snapshot.
  if (time_ms > nowMs) return reject(INVALID, "/time_ms");

  // The date contradicts the signal's own.
  const { observed_at = nowMs } = facts;
  if (date_ms > observed_at || (date_ms < observed_at && date_ms > nowMs)) {
    return reject(INVALID, "/date_ms");
  }

  // The slot is taken.
  const place = signalIndex.placeOf(facts);
  if (place.held !== undefined) return reject(INVALID, "/signal");

  // There is no room.
  const { fullAt, victims } = signalIndex.admit(facts, place);
  if (fullAt !== undefined || victims.length > 0) {
    return reject("DQSN_ERROR_STATE_FULL", `/signal${fullAt ?? ""}`);
  }

  signalIndex.put(facts, { timeMs: time_ms, dateMs: date_ms }, place);
  return undefined;
}
