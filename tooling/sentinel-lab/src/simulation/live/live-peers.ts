/** The peers of a simulated node: connections that end and are replaced, as a source reads them. */
import type { Peer } from "@dgb-shield/sentinel";
import { exponential, normal, type Random } from "../random.js";
import type { PeerConditions } from "./conditions.js";

/** How long a connection lasts and how long it takes to open another, in seconds. */
const LASTS_S = 3_600;
const REOPENS_S = 120;
const STARTS_S = 20;

/** Network groups, and the share of the largest. */
const GROUPS = 200;
const LARGEST = 0.1;

/** Blocks that a peer far behind is behind, and that one which lies states too many. */
const BEHIND_BLOCKS = 1_000;
const LIE_BLOCKS = 5_000;

/** Share of the outbound connections that relay blocks alone, and of reads in which a peer is a block ahead. */
const BLOCKS_ONLY = 0.2;
const AHEAD = 0.02;

const SOFTWARE = ["/DigiByte:8.22.2/", "/DigiByte:9.26.5/", "/DigiByte:9.26.7/"] as const;

type Connection = {
  upS: number;
  downS: number;
  behind: number;
  peer: Required<Omit<Peer, "height" | "synced_blocks">>;
};

/** The peers at a moment, by the height of the chain that most of them follow. */
export type LivePeers = Readonly<{
  at(nowS: number, height: number): Peer[];
  /** Height of another chain that a share of them follows. */
  follow(share: number, height: number): void;
  restart(nowS: number): void;
}>;

/** The peers of a node that has run for a while. */
export function createLivePeers(conditions: PeerConditions, random: Random): LivePeers {
  const { outbound, inbound, onionShare, behindShare, lyingShare } = conditions;
  let connections: Connection[] = [];
  let startedS = Number.NEGATIVE_INFINITY;
  let other: Readonly<{ share: number; height: number }> | undefined;

  function connect(nowS: number, at: number, height: number, isFirst: boolean): Connection {
    const isInbound = at >= outbound;
    const waitS =
      isFirst && nowS > startedS + STARTS_S
        ? 0
        : exponential(random, isFirst ? STARTS_S : REOPENS_S);
    const isOnion = !isInbound && random() < onionShare;
    const group = random() < LARGEST ? 0 : 1 + Math.floor(random() * GROUPS);
    const behind = random() < behindShare ? BEHIND_BLOCKS : 0;
    const lie = random() < lyingShare ? LIE_BLOCKS : 0;
    const type = isInbound
      ? "inbound"
      : random() < BLOCKS_ONLY
        ? "block-relay-only"
        : "outbound-full-relay";
    return {
      upS: nowS + waitS,
      downS: nowS + waitS + exponential(random, LASTS_S),
      behind,
      peer: {
        group: isOnion ? "onion" : `group-${group}`,
        inbound: isInbound,
        starting_height: Math.max(0, height - behind + lie),
        connection_type: type,
        network: isOnion ? "onion" : "ipv4",
        software: SOFTWARE[Math.floor(random() * SOFTWARE.length)] ?? "",
        time_offset_s: Math.round(2 * normal(random)),
      },
    };
  }

  return Object.freeze({
    at(nowS, height) {
      connections = Array.from({ length: outbound + inbound }, (_, i) => {
        const before = connections[i];
        if (before !== undefined && nowS < before.downS) return before;
        return connect(nowS, i, height, before === undefined);
      });
      const up = connections.filter(({ upS }) => upS <= nowS);
      return up.map(({ peer, behind }, i) => {
        const ahead = random() < AHEAD ? 1 : 0;
        const isOther = other !== undefined && i < other.share * up.length;
        const best = isOther ? (other?.height ?? height) : height + ahead - behind;
        return {
          group: peer.group,
          inbound: peer.inbound,
          height: Math.max(0, best),
          starting_height: peer.starting_height,
          synced_blocks: Math.max(0, Math.min(best, height)),
          connection_type: peer.connection_type,
          network: peer.network,
          software: peer.software,
          time_offset_s: peer.time_offset_s,
        };
      });
    },
    follow(share, height) {
      other = { share, height };
    },
    restart(nowS) {
      startedS = nowS;
      connections = [];
    },
  } satisfies LivePeers);
}
