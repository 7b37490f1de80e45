/** Carries out an operator's orders on layers 1–3: releases findings, and accepts the clock. */
import { type DefenseNode, sentinelEventId } from "@dgb-shield/adn";
import { idSchema, parseOwn, type TimeReading, wordSchema } from "@dgb-shield/contract";
import type { NetworkState } from "@dgb-shield/dqsn";
import type { OperatorOrder } from "@dgb-shield/wallet-guardian";
import { z } from "zod";
import type { Sources } from "./sources.js";
import { wallOf } from "./state/start.js";

/** A reason that every layer takes: 1–256 characters, none a control character, no white space at either end. */
const reasonSchema = z.string().regex(/^(?!\s)[^\p{Cc}]{1,256}(?<!\s)$/u);
const orderSchema = z.strictObject({ operator: idSchema, reason: reasonSchema });
const releaseSchema = orderSchema.extend({ detector: wordSchema });
const BOUNDS = { maxDepth: 1, maxEntries: 8 } as const;

/** An operator's statement that a finding is understood and its cause removed. */
export type Release = Readonly<z.infer<typeof releaseSchema>>;

/** What became of `acceptClock`; `accepted` only where every core took it. */
export type ClockAcceptance = Readonly<{ accepted: boolean; refused_by: readonly string[] }>;

/** What an order acts on. */
export type OrderParts = Readonly<{ sources: Sources; defense: DefenseNode; reading: TimeReading }>;

/** Whether an order names an operator and a reason as every layer takes them. */
export const isOperatorOrder = (order: unknown): order is OperatorOrder =>
  parseOwn(orderSchema, order, BOUNDS).ok;

/**
 * Acknowledges the active findings of a detector in the Sentinel of each own node, and releases what they caused
 * in the defense; also what the defense holds of that detector, or of that type, without any such finding.
 *
 * @returns ids of the findings that both layers released, and of the other events of the defense that were; none
 * for an order that is not sound, which changes nothing
 */
export function releaseFindings(order: unknown, parts: OrderParts): string[] {
  const read = parseOwn(releaseSchema, order, BOUNDS);
  if (!read.ok) return [];
  const findings = parts.sources.nodeIds().flatMap((id) => releaseOfNode(id, read.value, parts));
  const rest = parts.defense
    .state(parts.reading)
    .events.filter((event) => isOf(event, read.value.detector))
    .map(({ event_id }) => event_id)
    .filter((event_id) => releaseEvent(event_id, read.value, parts));
  return [...findings, ...rest];
}

function releaseOfNode(nodeId: string, order: Release, parts: OrderParts): string[] {
  const { operator, reason, detector } = order;
  const sentinel = parts.sources.sentinel(nodeId);
  if (sentinel === undefined) return [];
  const now = wallOf(parts.reading);
  return sentinel
    .state()
    .findings.filter((finding) => finding.detector === detector)
    .map(({ finding_id }) => finding_id)
    .filter((id) => sentinel.acknowledge(id, { operator, reason }, now).accepted)
    .filter((id) => releaseEvent(sentinelEventId(nodeId, id), order, parts));
}

/** Whether an event of the defense has that type, or is a Sentinel's finding of that detector. */
const isOf = (
  event: Readonly<{ type: string; source: string; summary: string }>,
  detector: string,
): boolean =>
  event.type === detector ||
  (event.source === "sentinel" && event.summary.startsWith(`${detector}:`));

/** Releases one event of the defense; true as well where it causes nothing there. */
function releaseEvent(
  event_id: string,
  { operator, reason }: Release,
  { defense, reading }: OrderParts,
): boolean {
  const isActive = defense.state(reading).events.some((event) => event.event_id === event_id);
  if (!isActive) return true;
  return isTaken(defense.override({ kind: "release", event_id, operator, reason }, reading));
}

const isTaken = ({ actions }: Readonly<{ actions: readonly { action: string }[] }>): boolean =>
  actions.every(({ action }) => action !== "refuse_order");

/**
 * Accepts the wall clock in every core of layers 1 to 3.
 *
 * @returns names of the cores that rejected the order
 */
export function acceptClocks(
  order: OperatorOrder,
  { sources, network, defense, reading }: OrderParts & Readonly<{ network: NetworkState }>,
): string[] {
  // An observer's monotonic clock is not this process's: Sentinel takes the wall clock alone.
  const acceptBySentinel = (id: string): boolean =>
    sources.sentinel(id)?.acceptClock(order, wallOf(reading)).accepted === true;
  const cores: (readonly [string, () => boolean])[] = [
    ...sources.nodeIds().map((id) => [`sentinel ${id}`, () => acceptBySentinel(id)] as const),
    ["dqsn", () => isDone(() => network.acceptClock(order, reading))],
    ["adn", () => isTaken(defense.acceptClock(order, reading))],
  ];
  return cores.filter(([, accept]) => !accept()).map(([name]) => name);
}

function isDone(task: () => unknown): boolean {
  try {
    task();
    return true;
  } catch {
    return false;
  }
}
