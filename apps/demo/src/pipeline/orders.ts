/** An operator's orders to layers 1–3: releasing findings, and taking the clock for right. */
import { type DefenseNode, sentinelEventId } from "@dgb-shield/adn";
import { idSchema, parseOwn, type TimeReading, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { LiveNetwork } from "@dgb-shield/dqsn";
import type { Sources } from "./sources.js";
import { STATE_MISSING } from "./start.js";

/** Who accepts the clock, and why. */
type AcceptOrder = Readonly<{ operator: string; reason: string }>;

const releaseSchema = z.strictObject({
  detector: wordSchema,
  operator: idSchema,
  reason: z.string().min(1).max(512),
});

/** An operator's statement that a finding is understood and its cause removed. */
export type Release = Readonly<z.infer<typeof releaseSchema>>;

/** What became of `acceptClock`, by layer; `accepted` only where all of them took it. */
export type ClockAcceptance = Readonly<{ accepted: boolean; refused_by: readonly string[] }>;

/** What an order acts on. */
export type OrderParts = Readonly<{ sources: Sources; defense: DefenseNode; reading: TimeReading }>;

/**
 * Acknowledges the active findings of a detector in the Sentinel of each own node, and releases what they
 * caused in the defence.
 *
 * @returns ids of the findings that both layers released; none for an order that is not sound
 */
export function releaseFindings(order: unknown, parts: OrderParts): string[] {
  const read = parseOwn(releaseSchema, order, { max_depth: 1, max_entries: 8 });
  if (!read.ok) return [];
  const data = read.value;
  if (data.detector === STATE_MISSING) {
    return releaseEvent(STATE_MISSING, data, parts) ? [STATE_MISSING] : [];
  }
  return parts.sources.reports().flatMap(({ node_id, findings }) =>
    findings
      .filter(({ detector }) => detector === data.detector)
      .filter(({ finding_id }) => releaseFinding(node_id, finding_id, data, parts))
      .map(({ finding_id }) => finding_id),
  );
}

function releaseFinding(
  nodeId: string,
  findingId: string,
  order: Release,
  parts: OrderParts,
): boolean {
  const { operator, reason } = order;
  const sentinel = parts.sources.sentinel(nodeId);
  const result = sentinel?.acknowledge(findingId, { operator, reason }, parts.reading);
  if (result?.accepted !== true) return false;
  return releaseEvent(sentinelEventId(nodeId, findingId), order, parts);
}

/**
 * Takes the wall clock for right in every core of layers 1 to 3.
 *
 * @returns names of the cores that refused the order
 */
export function acceptClocks(
  order: AcceptOrder,
  { sources, network, defense, reading }: OrderParts & Readonly<{ network: LiveNetwork }>,
): string[] {
  const isRefused = ({ action }: Readonly<{ action: string }>) => action === "refuse_order";
  const acceptBySentinel = (id: string): boolean =>
    sources.sentinel(id)?.acceptClock(order, reading).accepted === true;
  const cores: (readonly [string, () => boolean])[] = [
    ...sources.nodeIds().map((id) => [`sentinel ${id}`, () => acceptBySentinel(id)] as const),
    ["dqsn", () => isDone(() => network.acceptClock(order, reading))],
    ["adn", () => !defense.acceptClock(order, reading).actions.some(isRefused)],
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

/** Releases one event of the defence; true as well where it causes nothing there. */
function releaseEvent(
  event_id: string,
  { operator, reason }: Release,
  { defense, reading }: OrderParts,
): boolean {
  const isActive = defense.state(reading).events.some((event) => event.event_id === event_id);
  if (!isActive) return true;
  const { actions } = defense.override({ kind: "release", event_id, operator, reason }, reading);
  return actions.every(({ action }) => action !== "refuse_order");
}
