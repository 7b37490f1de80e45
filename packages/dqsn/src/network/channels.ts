/** The one table of risk channels, by source and type of a v2 signal (design section 4.2: channels). */
import type { Channel, SignalSource } from "@dgb-shield/contract";

type Row = Readonly<{
  /** Channel of every type that is not listed. */
  otherwise: Channel;
  types: ReadonlyMap<string, Channel>;
}>;

const row = (otherwise: Channel, types: Record<string, Channel> = {}): Row =>
  Object.freeze({ otherwise, types: new Map(Object.entries(types)) });

/**
 * Types of Sentinel that are not listed concern the chain; weak nonces endanger the keys of wallets; the
 * health of a node is infrastructure. Each other source has one channel.
 */
const CHANNEL_TABLE: ReadonlyMap<string, Row> = new Map<SignalSource, Row>([
  [
    "sentinel",
    row("consensus", {
      mempool_surge: "mempool",
      nonce_reuse: "wallet",
      entropy_drop: "wallet",
      node_status: "infra",
      node_unreachable: "infra",
      node_overloaded: "infra",
      sync_stuck: "infra",
      peer_isolation: "infra",
    }),
  ],
  ["adn", row("infra")],
  ["wallet_guard", row("wallet")],
  ["oracle", row("infra")],
  ["infra", row("infra")],
]);

const UNKNOWN_SOURCE = row("consensus");

/**
 * Gives the channel of a v2 signal; that of an unknown source is `consensus`.
 *
 * @example channelOf({ source: "sentinel", type: "mempool_surge" }) // "mempool"
 */
export function channelOf(signal: Readonly<{ source: SignalSource; type: string }>): Channel {
  const { otherwise, types } = CHANNEL_TABLE.get(signal.source) ?? UNKNOWN_SOURCE;
  return types.get(signal.type) ?? otherwise;
}
