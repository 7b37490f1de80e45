/** The last blocks of a node's active chain, in chunks, so that a block more copies few of them. */
import { heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { BlockHeader } from "../../observation/observation.js";
import { forkOf, type Link, TAIL_DIGITS } from "./fork.js";

/** Blocks in a chunk; the last one may have fewer. */
const CHUNK = 32;

/** Chunks that are kept. */
const MAX_CHUNKS = 12;

/** Newest chunks whose hashes are kept whole; of older ones their last digits. */
const WHOLE_CHUNKS = 3;

/** Most blocks that are kept. */
const MAX_RECENT = CHUNK * MAX_CHUNKS;

const recentLinkSchema = z.strictObject({
  hash: z.string().regex(/^(?:[0-9a-f]{64}|[0-9a-f]{16})$/),
  height: heightSchema,
});

/** The stored form of a recent chain. */
export const recentChainSchema = z.array(z.array(recentLinkSchema).min(1));

/** Ascending; no chunk is empty. */
export type RecentChain = Link[][];

/** The newest block. */
export const newestOf = (recent: RecentChain): Link | undefined => recent.at(-1)?.at(-1);

/** All of them, ascending. */
export const linksOf = (recent: RecentChain): Link[] => ([] as Link[]).concat(...recent);

/** The chain up to a height. */
export function upTo(recent: RecentChain, height: number): RecentChain {
  const newest = newestOf(recent);
  if (newest === undefined || newest.height <= height) return recent;
  return chunked(linksOf(recent).filter((link) => link.height <= height));
}

/** The chain with more blocks on it. Those before share their chunks. */
export function withHeaders(recent: RecentChain, fresh: readonly BlockHeader[]): RecentChain {
  const last = recent.at(-1) ?? [];
  const [only] = fresh;
  if (fresh.length === 1 && only !== undefined && last.length > 0 && last.length < CHUNK) {
    const { hash, height } = only;
    return [...recent.slice(0, -1), [...last, { hash, height }]];
  }
  const links = fresh.slice(-MAX_RECENT).map(({ hash, height }) => ({ hash, height }));
  const chunks = [...recent.slice(0, -1), ...chunked([...last, ...links])];
  return shortened(chunks.length > MAX_CHUNKS ? chunks.slice(-MAX_CHUNKS) : chunks);
}

/** The chain with blocks in it that end at its own tip: they fill what was not shown before. */
export function filledWith(recent: RecentChain, shown: readonly BlockHeader[]): RecentChain {
  const lower = upTo(recent, (shown[0]?.height ?? 0) - 1);
  const fork = forkOf(linksOf(lower), shown);
  return withHeaders(upTo(lower, fork?.fork_height ?? Infinity), shown);
}

function chunked(links: readonly Link[]): RecentChain {
  return Array.from({ length: Math.ceil(links.length / CHUNK) }, (_, i) =>
    links.slice(i * CHUNK, (i + 1) * CHUNK),
  );
}

const shortened = (chunks: RecentChain): RecentChain =>
  chunks.map((chunk, i) =>
    i >= chunks.length - WHOLE_CHUNKS || chunk[0]?.hash.length === TAIL_DIGITS
      ? chunk
      : chunk.map(({ hash, height }) => ({ hash: hash.slice(-TAIL_DIGITS), height })),
  );
