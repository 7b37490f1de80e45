/** State that a fleet keeps of each of its nodes. */
import { hash256Schema, heightSchema, idSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { headersOf, isWatched, type Observation } from "../observation/observation.js";

/** Blocks of a node's active chain that are kept, to find where two nodes part. */
const MAX_BLOCKS_KEPT = 1_024;

/** Invalid tips of a node that are kept: the highest. */
const MAX_INVALID = 64;

const linkSchema = z.strictObject({ hash: hash256Schema, height: heightSchema });

/** The fleet's view of one node; times are the fleet's running time. */
export const nodeViewSchema = z.strictObject({
  node_id: idSchema,
  /** Its active chain, ascending, without gaps; empty before it was first seen. */
  chain: z.array(linkSchema).max(MAX_BLOCKS_KEPT),
  /** Chainwork of its tip; null where the node gives none. */
  chainwork: hash256Schema.nullable(),
  software: z.string().max(256).nullable(),
  /** Tips that it calls invalid. */
  invalid: z.array(linkSchema).max(MAX_INVALID),
  /** Whether the last observation showed its tip. */
  is_watched: z.boolean(),
  /** Whether more of its chain is still to come, so that its tip is not the newest. */
  is_catching_up: z.boolean(),
  /** When its tip moved last. */
  moved_ms: z.int(),
  /** Since when it does not answer; null while it does. */
  down_ms: z.int().nullable(),
});
/** The fleet's view of one node. */
export type NodeView = z.infer<typeof nodeViewSchema>;

/** A node that was not seen yet. */
export const unseenNode = (node_id: string): NodeView => ({
  node_id,
  chain: [],
  chainwork: null,
  software: null,
  invalid: [],
  is_watched: false,
  is_catching_up: false,
  moved_ms: 0,
  down_ms: null,
});

/** The tip of a node; undefined before it was first seen. */
export const tipOf = ({ chain }: NodeView): NodeView["chain"][number] | undefined => chain.at(-1);

/** The block of a node's chain at a height; undefined where it is not kept, or above the tip. */
export function blockAt({ chain }: NodeView, height: number): string | undefined {
  const [first] = chain;
  return first === undefined ? undefined : chain[height - first.height]?.hash;
}

/** Blocks ahead of the tip, known by their headers, from which a node is catching up. */
const FAR_BEHIND = 3;

/** Takes an observation of the node in. */
export function withObservation(view: NodeView, observation: Observation, nowMs: number): NodeView {
  const { node, chainwork, tips, reachable, more, restarted, best_header_height = 0 } = observation;
  const software = node?.software ?? view.software;
  if (!isWatched(observation)) {
    const down_ms = reachable ? null : (view.down_ms ?? nowMs);
    return { ...view, software, down_ms, is_watched: false };
  }
  const { tip } = observation;
  const isMoved = tipOf(view)?.hash !== tip.hash;
  const invalid =
    tips.length === 0
      ? view.invalid
      : tips
          .filter(({ status }) => status === "invalid")
          .toSorted((a, b) => b.height - a.height)
          .slice(0, MAX_INVALID)
          .map(({ hash, height }) => ({ hash, height }));
  const chain = isMoved ? chainAfter(view.chain, headersOf(observation)) : view.chain;
  return {
    node_id: view.node_id,
    chain,
    chainwork: chainwork ?? (isMoved ? null : view.chainwork),
    software,
    // What it follows it does not call invalid any more, whatever its last list said.
    invalid: invalid.filter(({ hash, height }) => blockAt({ ...view, chain }, height) !== hash),
    is_watched: true,
    is_catching_up: more === true || (isMoved && best_header_height >= tip.height + FAR_BEHIND),
    // A node that was away has to catch up first.
    moved_ms: isMoved || !view.is_watched || restarted === true ? nowMs : view.moved_ms,
    down_ms: null,
  };
}

/** A chain with new headers on it: where they do not stand on it, it begins with them. */
function chainAfter(
  chain: NodeView["chain"],
  headers: ReturnType<typeof headersOf>,
): NodeView["chain"] {
  let after = chain;
  for (const { hash, height, previous_hash } of headers) {
    const first = after[0]?.height ?? height;
    const below = after.slice(0, Math.max(0, height - first));
    const isOn = below.length > 0 && below.at(-1)?.hash === previous_hash;
    after = [...(isOn ? below : []), { hash, height }];
  }
  return after.slice(-MAX_BLOCKS_KEPT);
}
