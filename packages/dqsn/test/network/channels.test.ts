import type { Channel, SignalSource } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { channelOf } from "../../src/index.js";

const table: [SignalSource, string, Channel][] = [
  ...[
    "block_stall",
    "block_cadence",
    "reorg",
    "retired_algorithm",
    "algo_share",
    "tip_divergence",
    "something_new",
    "constructor",
  ].map((type): [SignalSource, string, Channel] => ["sentinel", type, "consensus"]),
  ["sentinel", "mempool_surge", "mempool"],
  ["sentinel", "nonce_reuse", "wallet"],
  ["sentinel", "entropy_drop", "wallet"],
  ["sentinel", "node_status", "infra"],
  ["sentinel", "node_unreachable", "infra"],
  ["sentinel", "node_overloaded", "infra"],
  ["sentinel", "sync_stuck", "infra"],
  ["sentinel", "peer_isolation", "infra"],
  ["adn", "lockdown", "infra"],
  ["wallet_guard", "withdrawal_pattern", "wallet"],
  ["oracle", "price_divergence", "infra"],
  ["infra", "latency", "infra"],
];

describe("channelOf", () => {
  it.each(table)("puts %s %s into %s", (source, type, channel) => {
    expect(channelOf({ source, type })).toBe(channel);
  });
});
