/**
 * The fast way through `observationSchema`, for what replay and polling mostly give: blocks and a mempool's
 * size, and neither tips nor anything that is asked seldom. It accepts nothing that the schema refuses.
 */
import type { BlockHeader, Observation } from "../observation.js";

const HASH = /^[0-9a-f]{64}$/;
const ID = /^(?!\s)[^\p{Cc}\p{Cs}]{1,128}(?<!\s)$/u;
const INT32 = 2 ** 31;
const UINT32 = 2 ** 32;
const OBSERVATION_KEYS = 8;
const HEADER_KEYS = 5;
const MEMPOOL_KEYS = 2;

type Fields<T> = { [Key in keyof T]?: unknown };

/**
 * A copy of an observation, each field read once.
 *
 * @returns undefined for anything else than the plain case: the schema decides then
 */
export function copySound(
  input: unknown,
  { maxBlocks }: { maxBlocks: number },
): Observation | undefined {
  if (!isPlain(input, OBSERVATION_KEYS)) return undefined;
  const { node_id, at_ms, syncing, reachable, tip, blocks, tips, mempool } =
    input as Fields<Observation>;
  if (!isEmpty(tips) || !Array.isArray(blocks)) return undefined;
  if (typeof node_id !== "string" || !ID.test(node_id) || !isWhole(at_ms)) return undefined;
  if (typeof syncing !== "boolean" || typeof reachable !== "boolean") return undefined;
  const headers = copyHeaders(blocks, maxBlocks);
  const last = headers?.at(-1);
  const isLast = tip === blocks[blocks.length - 1];
  const head = last !== undefined && isLast ? last : copyHeader(tip);
  const pool = mempool === null ? null : copyMempool(mempool);
  if (headers === undefined || head === undefined || pool === undefined) return undefined;
  return {
    node_id,
    at_ms,
    syncing,
    reachable,
    tip: head,
    blocks: headers,
    tips: [],
    mempool: pool,
  };
}

function copyMempool(input: unknown): Observation["mempool"] | undefined {
  if (!isPlain(input, MEMPOOL_KEYS)) return undefined;
  const { count, bytes } = input as Fields<NonNullable<Observation["mempool"]>>;
  return isWhole(count) && isWhole(bytes) ? { count, bytes } : undefined;
}

function copyHeaders(blocks: readonly unknown[], most: number): BlockHeader[] | undefined {
  const { length } = blocks;
  if (length > most) return undefined;
  const headers: BlockHeader[] = [];
  let below = -1;
  for (let i = 0; i < length; i++) {
    const header = copyHeader(blocks[i]);
    if (header === undefined || header.height <= below) return undefined;
    below = header.height;
    headers.push(header);
  }
  return headers;
}

function copyHeader(input: unknown): BlockHeader | undefined {
  if (!isPlain(input, HEADER_KEYS)) return undefined;
  const { hash, previous_hash, height, version, time_s } = input as Fields<BlockHeader>;
  if (!isHash(hash) || !isHash(previous_hash)) return undefined;
  if (!isWhole(height) || !isWhole(time_s) || time_s >= UINT32) return undefined;
  if (!Number.isSafeInteger(version)) return undefined;
  const bits = version as number;
  if (bits < -INT32 || bits >= INT32) return undefined;
  return { hash, previous_hash, height, version: bits, time_s };
}

/** A plain object of so many keys: with as many known fields read, it has no other. */
function isPlain(input: unknown, keys: number): input is object {
  if (typeof input !== "object" || input === null) return false;
  if (Object.getPrototypeOf(input) !== Object.prototype) return false;
  return Object.keys(input).length === keys;
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const isHash = (value: unknown): value is string => typeof value === "string" && HASH.test(value);

const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
