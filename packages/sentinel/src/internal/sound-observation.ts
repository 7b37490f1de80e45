/**
 * The fast way through `observationSchema`, for what replay and polling mostly give: blocks, a few tips, a
 * mempool's size and difficulties, and nothing that is asked seldom. It accepts nothing that the schema
 * refuses.
 */
import { type BlockHeader, type ChainTip, type Observation, TIP_STATUSES } from "../observation.js";

const HASH = /^[0-9a-f]{64}$/;
const ID = /^(?!\s)[^\p{Cc}\p{Cs}]{1,128}(?<!\s)$/u;
const INT32 = 2 ** 31;
const UINT32 = 2 ** 32;
const OBSERVATION_KEYS = 8;
const HEADER_KEYS = 5;
const MEMPOOL_KEYS = 2;
const TIP_KEYS = 4;
const WORD = /^[a-z][a-z0-9_]{0,63}$/;
const STATUSES: ReadonlySet<unknown> = new Set(TIP_STATUSES);

/** More than this is left to the schema. */
const MAX_TIPS = 256;
const MAX_DIFFICULTIES = 16;

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
  if (typeof input !== "object" || input === null) return undefined;
  const { node_id, at_ms, syncing, reachable, tip, blocks, tips, mempool, difficulties } =
    input as Fields<Observation>;
  const isTold = difficulties !== undefined;
  if (!isPlain(input, OBSERVATION_KEYS + (isTold ? 1 : 0))) return undefined;
  if (!Array.isArray(tips) || !Array.isArray(blocks)) return undefined;
  if (typeof node_id !== "string" || !ID.test(node_id) || !isWhole(at_ms)) return undefined;
  if (typeof syncing !== "boolean" || typeof reachable !== "boolean") return undefined;
  const headers = copyHeaders(blocks, maxBlocks);
  const last = headers?.at(-1);
  const isLast = tip === blocks[blocks.length - 1];
  const head = last !== undefined && isLast ? last : copyHeader(tip);
  const pool = mempool === null ? null : copyMempool(mempool);
  const sides = copyTips(tips);
  const told = isTold ? copyDifficulties(difficulties) : {};
  if (headers === undefined || head === undefined || pool === undefined) return undefined;
  if (sides === undefined || told === undefined) return undefined;
  return {
    node_id,
    at_ms,
    syncing,
    reachable,
    tip: head,
    blocks: headers,
    tips: sides,
    mempool: pool,
    ...(isTold && { difficulties: told }),
  };
}

function copyTips(tips: readonly unknown[]): ChainTip[] | undefined {
  if (tips.length > MAX_TIPS) return undefined;
  const copies: ChainTip[] = [];
  for (const tip of tips) {
    if (!isPlain(tip, TIP_KEYS)) return undefined;
    const { hash, height, branchlen, status } = tip as Fields<ChainTip>;
    if (!isHash(hash) || !isWhole(height) || !isWhole(branchlen)) return undefined;
    if (!STATUSES.has(status)) return undefined;
    copies.push({ hash, height, branchlen, status: status as ChainTip["status"] });
  }
  return copies;
}

function copyDifficulties(input: unknown): Record<string, number> | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const names = Object.keys(input);
  if (names.length > MAX_DIFFICULTIES || !isPlain(input, names.length)) return undefined;
  const copy: Record<string, number> = {};
  for (const name of names) {
    const difficulty = (input as Record<string, unknown>)[name];
    if (!WORD.test(name) || typeof difficulty !== "number") return undefined;
    if (!(difficulty > 0 && difficulty < Infinity)) return undefined;
    copy[name] = difficulty;
  }
  return copy;
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

/** A copy of a header; undefined for anything that the schema has to judge. */
export function copyHeader(input: unknown): BlockHeader | undefined {
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

const isHash = (value: unknown): value is string => typeof value === "string" && HASH.test(value);

const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
