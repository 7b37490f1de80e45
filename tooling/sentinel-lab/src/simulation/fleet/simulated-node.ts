/** One node of a simulated fleet: blocks reach it late, it follows the longest branch, and it is down at times. */
import type { BlockHeader, Observation } from "@dgb-shield/sentinel";
import { exponential, type Random } from "../random.js";
import type { FoundBlock } from "./block-tree.js";

/** What a node is like. */
export type NodeOptions = Readonly<{
  node_id: string;
  software: string;
  random: Random;
  /** Mean time that a block takes to reach it, exponentially distributed, in seconds. */
  delaySeconds: number;
  /** Restarts a month, each over after five minutes in the mean. */
  restartsPerMonth: number;
  startMs: number;
  /** The tip that it begins with. */
  first: BlockHeader;
}>;

/** A node that hears of blocks and can be polled. */
export type SimulatedNode = Readonly<{
  hear(block: FoundBlock): void;
  /** What a poll shows; times do not go back. */
  poll(atMs: number): Observation;
}>;

const MONTH_MS = 31_557_600_000 / 12;

/** Mean time that a node is down. */
const DOWN_MS = 300_000;

/** Blocks below the tip that are kept: no branch is so long. */
const KEPT = 200;

/** Work of a block: every one has the same. */
const workOf = (height: number): string => height.toString(16).padStart(64, "0");

type Arrival = Readonly<{ header: BlockHeader; atMs: number }>;

/** Makes a node that has one block. */
export function createSimulatedNode(options: NodeOptions): SimulatedNode {
  const { node_id, software, random, delaySeconds, restartsPerMonth, startMs, first } = options;
  const nextDown = (fromMs: number): number =>
    restartsPerMonth === 0 ? Infinity : fromMs + exponential(random, MONTH_MS / restartsPerMonth);
  const known = new Map([[first.hash, first]]);
  let waiting: Arrival[] = [];
  let tip = first;
  let shown: BlockHeader | undefined;
  let down = { fromMs: nextDown(startMs), untilMs: 0 };
  let wasDown = false;

  function take(atMs: number): void {
    const due = waiting.filter((one) => one.atMs <= atMs).sort((a, b) => a.atMs - b.atMs);
    if (due.length === 0) return;
    waiting = waiting.filter((one) => one.atMs > atMs);
    for (const { header } of due) {
      known.set(header.hash, header);
      if (header.height > tip.height) tip = header;
    }
    for (const [hash, { height }] of known) {
      if (height >= tip.height - KEPT) break;
      known.delete(hash);
    }
  }

  /** Blocks from below the tip down to one that is an ancestor of another block. */
  function since(last: BlockHeader, best: BlockHeader): { blocks: BlockHeader[]; fork: number } {
    const ours = new Set(chainOf(last));
    const blocks: BlockHeader[] = [];
    let at: BlockHeader | undefined = best;
    while (at !== undefined && !ours.has(at.hash)) {
      blocks.unshift(at);
      at = known.get(at.previous_hash);
    }
    return { blocks, fork: at?.height ?? 0 };
  }

  function chainOf(from: BlockHeader): string[] {
    const hashes: string[] = [];
    for (let at: BlockHeader | undefined = from; at !== undefined;) {
      hashes.push(at.hash);
      at = known.get(at.previous_hash);
    }
    return hashes;
  }

  function silent(atMs: number): Observation {
    wasDown = true;
    return {
      ...{ node_id, version: 2, at_ms: atMs, monotonic_ms: atMs - startMs },
      ...{ syncing: false, reachable: false, tip: null, blocks: [], tips: [], mempool: null },
      failure: { kind: "connection", code: null },
    };
  }

  return {
    hear({ header, atMs }) {
      const parent = waiting.find((one) => one.header.hash === header.previous_hash);
      // No block is taken before the one that it stands on.
      const arrival = Math.max(atMs + exponential(random, delaySeconds * 1_000), parent?.atMs ?? 0);
      waiting.push({ header, atMs: arrival });
    },
    poll(atMs) {
      if (atMs >= down.fromMs && down.untilMs < down.fromMs) {
        down = { ...down, untilMs: down.fromMs + exponential(random, DOWN_MS) };
      }
      if (atMs >= down.fromMs && atMs < down.untilMs) return silent(atMs);
      if (atMs >= down.untilMs && down.untilMs > down.fromMs) {
        down = { fromMs: nextDown(atMs), untilMs: 0 };
      }
      take(atMs);
      const { blocks, fork } = shown === undefined ? { blocks: [tip], fork: 0 } : since(shown, tip);
      const last = shown !== undefined && shown.hash !== tip.hash ? shown : undefined;
      const observation: Observation = {
        ...{ node_id, version: 2, at_ms: atMs, monotonic_ms: atMs - startMs },
        ...{ syncing: false, reachable: true, tip, blocks, tips: [], mempool: null },
        ...{ node: { software }, chainwork: workOf(tip.height), best_header_height: tip.height },
        ...(wasDown && { restarted: true }),
        ...(last !== undefined && {
          last_tip: {
            ...{ hash: last.hash, height: last.height, fork_height: fork },
            status: fork === last.height ? ("active" as const) : ("lost" as const),
          },
        }),
      };
      shown = tip;
      wasDown = false;
      return observation;
    },
  };
}
