/** The last blocks of a node's active chain, in chunks, so that a block more copies few of them. */
import type { BlockHeader } from "../../observation/observation.js";
import type { Link } from "./fork.js";

/** Blocks in a chunk; the last one may have fewer. */
const CHUNK = 32;

/** Chunks that are kept. */
const MAX_CHUNKS = 12;

/** Most blocks that are kept. */
const MAX_RECENT = CHUNK * MAX_CHUNKS;

/** Ascending; no chunk is empty. */
export type RecentChain = Link[][];

/** The newest block. */
export const newestOf = (recent: RecentChain): Link | undefined => recent.at(-1)?.at(-1);

/** All of them, ascending. */
export const linksOf = (recent: RecentChain): Link[] => recent.flat();

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
  return chunks.length > MAX_CHUNKS ? chunks.slice(-MAX_CHUNKS) : chunks;
}

function chunked(links: readonly Link[]): RecentChain {
  return Array.from({ length: Math.ceil(links.length / CHUNK) }, (_, i) =>
    links.slice(i * CHUNK, (i + 1) * CHUNK),
  );
}
