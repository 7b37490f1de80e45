/** The source of a simulated live node: turns events of its chain into observations with all their fields. */
import type { LabelledObservation, NodeInfo, Observation } from "@dgb-shield/sentinel";
import type { ChainEvent } from "../events.js";
import type { Random } from "../random.js";
import type { Conditions } from "./conditions.js";
import { detailOf, signaturesOf } from "./live-blocks.js";
import { createLiveMempool, feesOf } from "./live-mempool.js";
import type { LiveMining } from "./live-mining.js";
import { createLivePeers } from "./live-peers.js";
import { createNodeChain } from "./node-chain.js";
import { createOutages, type NodeMode } from "./outages.js";

/** How a live node is watched. */
export type LiveWatchOptions = Readonly<{
  node_id: string;
  conditions: Conditions;
  mining: LiveMining;
  /** Source of what surrounds the node. */
  random: Random;
  /** Blocks until the end. */
  blocks: number;
  /** Share of the peers that follow a branch which the node does not, where there is one. */
  peersFollow?: number;
}>;

const PEERS_EVERY_MS = 60_000;
const TIPS_EVERY_MS = 900_000;
const SIGNATURES_EVERY = 20;
const CATCH_UP_POLL_MS = 5_000;
const SYNCING_AGE_S = 86_400;
const DAY_MS = 86_400_000;
const MONOTONIC_START_MS = 1_000_000;

/**
 * The observations of a live node, lazily: at each new block where it is a long poll, and at each poll.
 *
 * @param events in the order of their times
 */
export function* liveWatch(
  events: Iterable<ChainEvent>,
  options: LiveWatchOptions,
): Generator<LabelledObservation> {
  const { conditions, blocks: most } = options;
  const { observing, startMs, startHeight } = conditions;
  const { longPollBlocks = Infinity } = observing;
  const source = createSource(options);
  let pollMs = startMs + observing.pollMs;
  let isFirst = true;
  let label: ChainEvent["label"] = "honest";
  for (const event of events) {
    while (!isFirst && pollMs < event.atMs) {
      // What is over is so when it comes; an attack is one while it can be waited for.
      const during = event.label === "over" ? label : event.label;
      yield { label: during, observation: source.observe(pollMs) };
      pollMs += source.isCatchingUp() ? CATCH_UP_POLL_MS : observing.pollMs;
    }
    source.take(event);
    ({ label } = event);
    const isLongPoll = observing.isLongPoll && source.height() - startHeight <= longPollBlocks;
    if (isFirst || isLongPoll) {
      yield { label: event.label, observation: source.observe(event.atMs) };
      pollMs = event.atMs + observing.pollMs;
    }
    isFirst = false;
    if (source.height() - startHeight >= most) return;
  }
}

function createSource({ node_id, conditions, mining, random, peersFollow = 0 }: LiveWatchOptions) {
  const { startMs, startHeight, observing, isEachSignature } = conditions;
  const chain = createNodeChain(startHeight);
  const mempool = createLiveMempool(conditions.traffic, random, startMs / 1_000);
  const peers = createLivePeers(conditions.peers, random);
  const outages = createOutages(conditions.restarts, random, startMs / 1_000);
  const driftedMs = startMs + random() * DAY_MS;
  let [peersMs, tipsMs, blocksSeen, caughtUp, wasUp] = [0, 0, 0, 0, true];
  let mode: NodeMode = { kind: "up", sinceS: 0 };
  const fees: number[] = [];
  const hasSeveral = conditions.chain.algorithms.length > 1;
  let info: { from: number; node: NodeInfo } | undefined;

  const clockMs = (trueMs: number): number => {
    const sinceStepMs = (trueMs - driftedMs + DAY_MS) % DAY_MS;
    return Math.floor(trueMs + observing.clockAheadMs + (sinceStepMs * observing.driftPpm) / 1e6);
  };

  function nodeInfo(height: number): NodeInfo {
    const found = conditions.software.findLast(([from]) => from <= height) ?? [0, "/Node:1.0/"];
    if (info?.from !== found[0]) {
      const node = { software: found[1], protocol: 70_019, network_active: true, time_offset_s: 0 };
      info = { from: found[0], node };
    }
    return info.node;
  }

  function silent(common: Pick<Observation, "node_id" | "at_ms" | "monotonic_ms">): Observation {
    const failure = { kind: "connection", code: null } as const;
    const empty = { tip: null, blocks: [], tips: [], mempool: null };
    return { ...common, version: 2, syncing: false, reachable: false, ...empty, failure };
  }

  function warming(common: Pick<Observation, "node_id" | "at_ms" | "monotonic_ms">): Observation {
    const failure = { kind: "rpc", code: -28 } as const;
    const empty = { tip: null, blocks: [], tips: [], mempool: null };
    return {
      ...common,
      version: 2,
      syncing: false,
      reachable: true,
      warming_up: true,
      ...empty,
      failure,
    };
  }

  function observe(trueMs: number): Observation {
    const nowS = trueMs / 1_000;
    const before = mode;
    mode = outages.at(nowS);
    const at_ms = clockMs(trueMs);
    const monotonic_ms = trueMs - startMs + MONOTONIC_START_MS;
    const common = { node_id, at_ms, monotonic_ms };
    if (mode.kind === "down" || mode.kind === "warming_up") {
      if (wasUp) chain.forgetAnnounced();
      wasUp = false;
      return mode.kind === "down" ? silent(common) : warming(common);
    }
    // A start that was too quick for any poll to see is one all the same: its uptime fell.
    const restarted = !wasUp || (mode.kind === "catching_up" && before.kind !== mode.kind);
    wasUp = true;
    if (restarted) {
      caughtUp = 0;
      mempool.restart(nowS);
      peers.restart(nowS);
    }
    const isCatchingUp = mode.kind === "catching_up";
    const shown = chain.show(isCatchingUp ? outages.received(nowS) - caughtUp : Infinity);
    const { tip } = shown;
    caughtUp += shown.blocks.length;
    const isReorg = shown.lost !== undefined;
    const isTips = observing.isEachTips || isReorg || restarted || trueMs >= tipsMs;
    if (isTips) tipsMs = trueMs + TIPS_EVERY_MS;
    const isPeers = trueMs >= peersMs;
    if (isPeers) peersMs = trueMs + PEERS_EVERY_MS;
    const details = shown.blocks.map((header) =>
      detailOf(conditions, header, { fees: fees[header.height % FEES] ?? 0, random }),
    );
    blocksSeen += shown.blocks.length;
    const isSigned =
      shown.blocks.length > 0 && (isEachSignature || blocksSeen % SIGNATURES_EVERY === 0);
    // Fields are set one by one: copies of optional ones cost more than all the rest of a simulation.
    const observation: Observation = {
      node_id,
      at_ms,
      monotonic_ms,
      version: 2,
      syncing: isCatchingUp && nowS - tip.time_s > SYNCING_AGE_S,
      reachable: true,
      tip,
      blocks: shown.blocks,
      tips: isTips ? chain.tips() : [],
      mempool: mempool.at(nowS),
      node: nodeInfo(tip.height),
      best_header_height: shown.bestHeaderHeight,
      chainwork: shown.chainwork,
      node_time_s: Math.floor(nowS),
    };
    if (hasSeveral) observation.difficulties = mining.difficulties();
    if (isPeers) observation.peers = peers.at(nowS, chain.bestHeight());
    if (isSigned) observation.signatures = signaturesOf(conditions, random);
    if (restarted) observation.restarted = true;
    if (shown.lastTip !== undefined) observation.last_tip = shown.lastTip;
    if (details.length > 0) observation.details = details;
    return observation;
  }

  return {
    observe,
    take(event: ChainEvent): void {
      chain.take(event, mining.work());
      const nowS = event.atMs / 1_000;
      for (const { height } of event.blocks) fees[height % FEES] = feesOf(mempool.block(nowS));
      const rival = chain.rivalHeight();
      if (rival !== undefined && peersFollow > 0) peers.follow(peersFollow, rival);
    },
    height: () => chain.bestHeight(),
    isCatchingUp: () => mode.kind === "catching_up",
  };
}

/** Heights whose fees are kept. */
const FEES = 4_096;
