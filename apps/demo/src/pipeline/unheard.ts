/** Leaves own nodes out of the network's silence until each was heard once after the start (design, section 10). */
import type { CheckedTime } from "@dgb-shield/contract";
import type { NetworkState } from "@dgb-shield/dqsn";

/** The own nodes that were not heard yet. */
export type Unheard = Readonly<{
  /** Counts a node from now on, whose first signals were taken in. */
  heard(nodeId: string, now: CheckedTime | undefined): void;
  /** Counts every node once the grace is over. */
  look(now: CheckedTime | undefined): void;
  /** Whether the process has just started: no node was heard, and the grace is not over. That the network is unknown then is no event. */
  isStarting(now: CheckedTime): boolean;
}>;

/** Which nodes, of whom, and how long after the first reading they may be silent, in milliseconds. */
export type UnheardOptions = Readonly<{
  node_ids: readonly string[];
  operator: string;
  graceMs: number;
}>;

/**
 * Mutes the nodes at the start: the first of several to report would else find the others silent, and that silence would be
 * held against the network after they have reported. Withdrawals need fresh reports of a majority all the same.
 */
export function createUnheard(
  network: NetworkState,
  { node_ids, operator, graceMs }: UnheardOptions,
): Unheard {
  const waiting = new Set(node_ids.length > 1 ? node_ids : []);
  for (const node_id of waiting) network.mute({ node_id, operator });
  let firstMs: number | undefined;
  let hasHeard = false;

  const isOver = ({ time_ms }: CheckedTime): boolean => time_ms - (firstMs ?? time_ms) > graceMs;
  const count = (nodeId: string, now: CheckedTime): void => {
    waiting.delete(nodeId);
    network.unmute({ node_id: nodeId, operator }, now.wall_ms);
  };
  function look(now: CheckedTime | undefined): void {
    if (now === undefined) return;
    firstMs ??= now.time_ms;
    if (waiting.size > 0 && isOver(now)) for (const nodeId of [...waiting]) count(nodeId, now);
  }
  return Object.freeze({
    look,
    isStarting: (now) => !hasHeard && !isOver(now),
    heard(nodeId, now) {
      hasHeard = true;
      if (now !== undefined && waiting.has(nodeId)) count(nodeId, now);
      look(now);
    },
  } satisfies Unheard);
}
