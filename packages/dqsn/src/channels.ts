/** The one table of risk channels, by source and type of a v2 signal (DQSN v2, section 2). */
import type { Channel, SignalSource } from "@dgb-shield/contract";

type Row = Readonly<{
  /** Channel of every type that is not listed. */
  otherwise: Channel;
  types: ReadonlyMap<string, Channel>;
}>;

const row = (otherwise: Channel, types: Record<string, Channel> = {}): Row =>
  Object.freeze({ otherwise, types: new Map(Object.entries(types)) });

/**
 * Sentinel speaks of the chain unless its type says otherwise; weak nonces endanger the keys of
 * wallets; the health of a node is infrastructure. The other sources speak of one thing each.
 */
const CHANNEL_TABLE: Readonly<Record<SignalSource, Row>> = Object.freeze({
  sentinel: row("consensus", {
    mempool_surge: "mempool",
    nonce_reuse: "wallet",
    entropy_drop: "wallet",
    node_status: "infra",
    node_unreachable: "infra",
    peer_isolation: "infra",
  }),
  adn: row("infra"),
  wallet_guard: row("wallet"),
  oracle: row("infra"),
  infra: row("infra"),
});

/**
 * The channel of a v2 signal.
 *
 * @example channelOf({ source: "sentinel", type: "mempool_surge" }) // "mempool"
 */
export function channelOf(signal: Readonly<{ source: SignalSource; type: string }>): Channel {
  const { otherwise, types } = CHANNEL_TABLE[signal.source];
  return types.get(signal.type) ?? otherwise;
}
