/** The live network picture from a snapshot, which is not trusted (DQSN v2, section 2). */
import { ADVISORY_LEVELS, offencePath } from "@dgb-shield/contract";
import type { RestoreErrorCode } from "./codes.js";
import { factsOf, signalToEnvelope } from "./ingest.js";
import { attempt, isRefusal } from "./internal/refusal.js";
import { Timeline } from "./live/timeline.js";
import { type NetworkConfig, networkSettings } from "./network-config.js";
import { type LiveNetwork, networkOn } from "./network-state.js";
import { type NetworkSnapshot, sealOf, snapshotSchema } from "./snapshot.js";

/** A restored picture, or why the snapshot is refused and where (a JSON Pointer). */
export type RestoreResult =
  | Readonly<{ restored: true; network: LiveNetwork }>
  | Readonly<{ restored: false; code: RestoreErrorCode; path: string }>;

const INVALID = "DQSN_ERROR_SNAPSHOT_INVALID";
const CORRUPT = "DQSN_ERROR_SNAPSHOT_CORRUPT";

/**
 * Restores a network picture. A snapshot comes from outside: it is checked field by field, and each of
 * its signals as if it had just come in. With another configuration than it was taken under, it goes
 * on under the new one.
 *
 * @param snapshot what `snapshot` gave, or what JSON made of it
 * @returns the picture, whose views and digest are those of the original; or the refusal
 * @throws DqsnConfigError `invalid_config` for the configuration alone
 * @example
 * const { snapshot } = createNetworkState();
 * restoreNetworkState(JSON.parse(JSON.stringify(snapshot()))).restored // true
 */
export function restoreNetworkState(snapshot: unknown, config: NetworkConfig = {}): RestoreResult {
  const settings = networkSettings(config);
  const read = attempt(() => snapshotSchema.safeParse(snapshot));
  if (isRefusal(read)) return refuse(INVALID, "");
  if (!read.success) return refuse(INVALID, offencePath(read.error));
  const parsed = read.data;

  // [REFUSE] damaged: not what was sealed
  const times = parsed.signals.map(({ time_ms }) => time_ms);
  if (sealOf(parsed, times) !== parsed.seal) return refuse(CORRUPT, "/seal");

  // [REFUSE] something happened before anything came in, or after the snapshot was taken
  const untimely = untimelyPath(parsed);
  if (untimely !== undefined) return refuse(INVALID, untimely);

  const timeline = new Timeline(settings, {
    nowMs: parsed.as_of_ms,
    changedMs: parsed.changed_ms ?? undefined,
    holdTimes: parsed.held_until_ms,
  });
  return load(timeline, parsed) ?? { restored: true, network: networkOn(timeline) };
}

type Refused = Extract<RestoreResult, { restored: false }>;

const refuse = (code: RestoreErrorCode, path: string): Refused => ({ restored: false, code, path });

function untimelyPath(snapshot: NetworkSnapshot): string | undefined {
  const { as_of_ms, changed_ms, held_until_ms, signals } = snapshot;
  if (changed_ms === null ? signals.length > 0 : changed_ms > as_of_ms) return "/changed_ms";
  const late = ADVISORY_LEVELS.find((level) => (held_until_ms[level] ?? -1) > (changed_ms ?? -1));
  return late === undefined ? undefined : `/held_until_ms/${late}`;
}

function load(
  timeline: Timeline,
  { muted, signals, digest }: NetworkSnapshot,
): Refused | undefined {
  const { memory, muting } = timeline;
  for (const node_id of muted.node_ids) muting.add({ node_id });
  for (const operator of muted.operators) muting.add({ operator });
  memory.rehear();
  for (const [index, entry] of signals.entries()) {
    const refusal = loadSignal(timeline, entry);
    if (refusal !== undefined) {
      return refuse(refusal.code, `/signals/${index}${refusal.path}`);
    }
  }

  // [REFUSE] other signals than those that the digest was taken of
  return memory.tree.digest() === digest ? undefined : refuse(CORRUPT, "/digest");
}

function loadSignal(
  { memory, settings, nowMs }: Timeline,
  { time_ms, signal }: NetworkSnapshot["signals"][number],
): Refused | undefined {
  const result = signalToEnvelope(signal);
  const facts = factsOf(result);

  // [REFUSE] not a valid signal
  if (!result.accepted) return refuse(result.code, `/signal${result.path}`);
  if (facts === undefined) return refuse(INVALID, "/signal");

  // [REFUSE] a time that its signal contradicts, or from which it could not have been taken in
  const { observed_at } = facts;
  if (observed_at === undefined ? time_ms > nowMs : time_ms !== observed_at) {
    return refuse(INVALID, "/time_ms");
  }
  if (time_ms > nowMs + settings.max_future_ms) {
    return refuse("DQSN_ERROR_SIGNAL_FROM_FUTURE", "/time_ms");
  }

  // [REFUSE] a second one of its node, source and type
  if (memory.holds(facts)) return refuse(INVALID, "/signal");

  // [REFUSE] no room; an operator's bound is for what comes in, while its nodes may have moved since
  const full = memory.fullAt(facts);
  if (full !== undefined && full !== "/operator")
    return refuse("DQSN_ERROR_STATE_FULL", `/signal${full}`);

  memory.put(facts, time_ms);
  return undefined;
}
