/** Checks a snapshot as a whole before a node starts from it: each part agrees with the others (design, section 6). */
import { checkTimeMs } from "@dgb-shield/contract";
import { countsUntil, placeOf } from "../causes/cause.js";
import { effectiveOf, isStricter } from "../causes/effective.js";
import { checksumOf } from "../internal/checksum.js";
import { type Cause, type DefenseSnapshot, MAX_RELEASES } from "./model.js";

/** What does not agree, and where in the snapshot. */
export type Offence = Readonly<{ path: string; detail: string }>;

type Check = (snapshot: DefenseSnapshot, node_id: string) => Offence | undefined;

/**
 * The first relation that a snapshot breaks; undefined for a sound one. The checksum finds damage and
 * single changes; the relations find what was put together wrongly and summed up anew.
 */
export function offenceOf(snapshot: DefenseSnapshot, node_id: string): Offence | undefined {
  for (const check of CHECKS) {
    const offence = check(snapshot, node_id);
    if (offence !== undefined) return offence;
  }
  return undefined;
}

const offence = (path: string, detail: string): Offence => ({ path, detail });

const checkNode: Check = (snapshot, node_id) =>
  snapshot.node_id === node_id ? undefined : offence("/node_id", "another node's snapshot");

const checkTime: Check = ({ time_ms, settled_ms, since_ms }) => {
  const wrong = time_ms === 0 ? undefined : checkTimeMs(time_ms);
  if (wrong !== undefined) return offence("/time_ms", wrong.detail);
  if (settled_ms > time_ms) return offence("/settled_ms", "later than time_ms");
  return since_ms > time_ms ? offence("/since_ms", "later than time_ms") : undefined;
};

const checkCauses: Check = (snapshot) => {
  const { causes, ended } = snapshot;
  return (
    firstOf(causes, (cause) => offenceOfCause(cause, snapshot), "/causes") ??
    firstOf(ended, (cause) => offenceOfCause(cause, snapshot), "/ended") ??
    firstOf(causes, (cause) => (counts(cause, snapshot) ? undefined : "it has ended"), "/causes") ??
    firstOf(ended, (cause) => (counts(cause, snapshot) ? "it counts still" : undefined), "/ended")
  );
};

const counts = (cause: Cause, { settled_ms, settled_by }: DefenseSnapshot): boolean =>
  settled_ms < countsUntil(cause, settled_by.hold_ms);

function offenceOfCause(
  { event, ...cause }: Cause,
  { time_ms, sequence }: DefenseSnapshot,
): string | undefined {
  if (cause.received_at_ms > time_ms) return "received_at_ms is later than time_ms";
  if (cause.known_ms > time_ms) return "known_ms is later than time_ms";
  const isNumbered = cause.raised_sequence >= 1 && cause.raised_sequence <= sequence;
  if (!isNumbered) return "raised_sequence is none that was given";
  const isLatched = event.expires_at_ms === null;
  if (isLatched !== (cause.lifetime_ms === null) && cause.current) {
    return "lifetime_ms and expires_at_ms differ on whether it latches";
  }
  const isEndless = cause.lifetime_ms === null && !cause.current;
  return isEndless ? "a replaced cause has no end" : undefined;
}

const checkPlaces: Check = ({ causes, waivers }) => {
  const places = causes.filter(({ current }) => current).map(({ event }) => placeOf(event));
  if (hasDouble(places)) return offence("/causes", "two current causes in one place");
  const released = waivers.map((waiver) =>
    JSON.stringify([waiver.incident, waiver.observed_at_ms]),
  );
  return hasDouble(released) ? offence("/waivers", "one observation is waived twice") : undefined;
};

const checkOrder: Check = ({ order, sequence, time_ms }) => {
  if (order === null) return undefined;
  const isNumbered = order.sequence >= 1 && order.sequence <= sequence;
  if (!isNumbered) return offence("/order/sequence", "none that was given");
  return order.given_at_ms > time_ms
    ? offence("/order/given_at_ms", "later than time_ms")
    : undefined;
};

const checkLogs: Check = ({ releases, clock_acceptances, fall_reason, time_ms }) => {
  const isLater = ({ at_ms }: Readonly<{ at_ms: number }>) =>
    at_ms > time_ms ? "at_ms is later than time_ms" : undefined;
  const isRise = firstOf(
    releases,
    ({ from, to }) => (isStricter(to, from) ? "a release to a stricter state" : undefined),
    "/releases",
  );
  if (isRise !== undefined) return isRise;
  const isForgotten = releases.length === MAX_RELEASES;
  const isLogged = isForgotten || releases.some(({ reason }) => reason === fall_reason);
  if (fall_reason !== null && !isLogged)
    return offence("/fall_reason", "no release has this reason");
  return (
    firstOf(releases, isLater, "/releases") ??
    firstOf(clock_acceptances, isLater, "/clock_acceptances")
  );
};

const checkInputs: Check = (snapshot) => {
  const { inputs, time_ms } = snapshot;
  if (!Object.hasOwn(snapshot, "inputs") || inputs === undefined) return undefined;
  const { buckets, seen, height } = inputs;
  const isLater = ({ at_ms }: Readonly<{ at_ms: number }>) =>
    at_ms > time_ms ? "at_ms is later than time_ms" : undefined;
  if (hasDouble(seen.map(({ key }) => key))) return offence("/inputs/seen", "one payment twice");
  if (height !== null && (height.at_ms > time_ms || height.since_ms > height.at_ms)) {
    return offence("/inputs/height", "its times do not agree");
  }
  return firstOf(buckets, isLater, "/inputs/buckets") ?? firstOf(seen, isLater, "/inputs/seen");
};

/** The lockdown state is what causes and order amount to, by a clock that is trusted or by one that is not. */
const checkLockdown: Check = (snapshot) => {
  const { lockdown, settled_by } = snapshot;
  const amounts = [true, false].map((isTrusted) => effectiveOf(snapshot, settled_by, isTrusted));
  return amounts.some((effective) => effective.lockdown === lockdown)
    ? undefined
    : offence("/lockdown", "it is not what causes and order amount to");
};

/** What was numbered is somewhere: a cause, an ended one, an order or a release. */
const checkHistory: Check = ({ sequence, causes, ended, order, releases }) => {
  const isGone = causes.length + ended.length + releases.length === 0 && order === null;
  return sequence > 0 && isGone ? offence("/causes", "what was recorded is missing") : undefined;
};

const checkSum: Check = ({ checksum, ...content }) =>
  checksumOf(content) === checksum
    ? undefined
    : offence("/checksum", "the snapshot was damaged or changed");

const CHECKS: readonly Check[] = [
  checkNode,
  checkTime,
  checkCauses,
  checkPlaces,
  checkOrder,
  checkLogs,
  checkInputs,
  checkLockdown,
  checkHistory,
  checkSum,
];

function firstOf<T>(
  list: readonly T[],
  wrongWith: (item: T) => string | undefined,
  path: string,
): Offence | undefined {
  for (const [index, item] of list.entries()) {
    const detail = wrongWith(item);
    if (detail !== undefined) return offence(`${path}/${index}`, detail);
  }
  return undefined;
}

const hasDouble = (names: readonly string[]): boolean => new Set(names).size < names.length;
