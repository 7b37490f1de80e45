/** Peers that state a chain far above the node's own tip. */
import { isConfiguredNetwork } from "../../observation/peer-group.js";
import type { Peer } from "../../observation/observation.js";
import { MAX_SEVERITY, severityOfReturnPeriod } from "../../stats/severity.js";
import { SCALE } from "@dgb-shield/contract";
import { binomialTail } from "../../stats/tails.js";

/** A peer is ahead when it states so many blocks more than the tip. */
const AHEAD_BLOCKS = 6;

/** Fewest network groups that count: one or two are easily owned. */
const LEAST_GROUPS = 3;

/** Share of a network's groups that state a chain that is not there: an assumption of this project. */
const LIARS = 0.05;

/** Independent samples a year: connections last for about an hour. */
const LOOKS_PER_YEAR = 8_766;

/** How long it must last, in milliseconds. */
export const AHEAD_GRACE_MS = 600_000;

/** Statements cost nothing: they alone are never critical. */
const MOST = SCALE.critical - 0.000001;

/** What the peers that the node chose state. */
export type Statement = Readonly<{
  /** Network groups among them, and those in which most peers are ahead. */
  groups: number;
  ahead: number;
  /** The lowest height that a majority of the groups states; null where no majority is ahead. */
  goal: number | null;
}>;

/**
 * What the peers state that the node connected to itself; inbound ones choose themselves, so that any number of
 * them counts nothing. Each network group has one vote, and all of an overlay or private network together have one.
 */
export function statementOf(peers: readonly Peer[], height: number): Statement {
  // The lowest of a group: one peer of many in it gives it no vote.
  const votes = new Map<string, number>();
  for (const { group, inbound, height: known, starting_height } of peers) {
    if (inbound) continue;
    const key = isConfiguredNetwork(group) ? "configured" : group;
    const stated = Math.max(known ?? 0, starting_height ?? 0);
    votes.set(key, Math.min(stated, votes.get(key) ?? Infinity));
  }
  let [ahead, lowest] = [0, Infinity];
  for (const stated of votes.values()) {
    if (stated < height + AHEAD_BLOCKS) continue;
    ahead++;
    lowest = Math.min(lowest, stated);
  }
  const isMajority = votes.size >= LEAST_GROUPS && 2 * ahead > votes.size;
  return { groups: votes.size, ahead, goal: isMajority ? lowest : null };
}

/** Return period of so many groups that state what is not there, in years. */
export const aheadYears = ({ groups, ahead }: Statement): number =>
  1 / (LOOKS_PER_YEAR * binomialTail(groups - ahead, groups, 1 - LIARS));

/** Severity of a majority of the groups ahead: at most high. */
export const severityOfAhead = (statement: Statement): number =>
  Math.min(
    MOST,
    MAX_SEVERITY,
    Math.max(SCALE.elevated, severityOfReturnPeriod(aheadYears(statement))),
  );
