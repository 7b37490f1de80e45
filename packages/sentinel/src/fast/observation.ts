/**
 * The fast way through `observationSchema`, for what replay and polling mostly give: blocks, a few tips, a
 * mempool's size and difficulties, and nothing that is asked seldom. It accepts nothing that the schema
 * refuses.
 */
import { checkTimeMs } from "@dgb-shield/contract";
import {
  type BlockHeader,
  type ChainTip,
  type Observation,
  TIP_STATUSES,
} from "../observation/observation.js";

const HASH = /^[0-9a-f]{64}$/;
const ID = /^(?!\s)[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]{1,128}(?<!\s)$/u;
const INT32 = 2 ** 31;
const UINT32 = 2 ** 32;
const OBSERVATION_KEYS = [
  "node_id",
  "at_ms",
  "syncing",
  "reachable",
  "tip",
  "blocks",
  "tips",
  "mempool",
] as const;
const EXTRA_KEYS = ["monotonic_ms", "difficulties"] as const;
const HEADER_KEYS = ["hash", "previous_hash", "height", "version", "time_s"] as const;
const MEMPOOL_KEYS = ["count", "bytes"] as const;
const TIP_KEYS = ["hash", "height", "branchlen", "status"] as const;
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
  if (!hasOwnKeys(input, OBSERVATION_KEYS, EXTRA_KEYS)) return undefined;
  const given = input as Fields<Observation>;
  const { node_id, at_ms, syncing, reachable, tip, blocks, tips, mempool } = given;
  const isTold = Object.hasOwn(given, "difficulties");
  const difficulties = isTold ? given.difficulties : undefined;
  const isTimed = Object.hasOwn(given, "monotonic_ms");
  const monotonic_ms = isTimed ? given.monotonic_ms : undefined;
  if (isTimed && !Number.isFinite(monotonic_ms)) return undefined;
  if (!Array.isArray(tips) || !Array.isArray(blocks)) return undefined;
  if (typeof node_id !== "string" || !ID.test(node_id)) return undefined;
  if (checkTimeMs(at_ms) !== undefined) return undefined;
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
  // Each field is the copy's own, absent ones too: none is read through a prototype.
  return {
    node_id,
    at_ms: at_ms as number,
    monotonic_ms: monotonic_ms as number | undefined,
    syncing,
    reachable,
    tip: head,
    blocks: headers,
    tips: sides,
    mempool: pool,
    difficulties: isTold ? told : undefined,
    peers: undefined,
    signatures: undefined,
    unavailable: undefined,
  };
}

function copyTips(tips: readonly unknown[]): ChainTip[] | undefined {
  if (tips.length > MAX_TIPS) return undefined;
  const copies: ChainTip[] = [];
  for (const tip of tips) {
    if (!hasOwnKeys(tip, TIP_KEYS)) return undefined;
    const { hash, height, branchlen, status } = tip as Fields<ChainTip>;
    if (!isHash(hash) || !isWhole(height) || !isWhole(branchlen)) return undefined;
    if (!STATUSES.has(status)) return undefined;
    copies.push({ hash, height, branchlen, status: status as ChainTip["status"] });
  }
  return copies;
}

function copyDifficulties(input: unknown): Record<string, number> | undefined {
  if (!isPlain(input)) return undefined;
  const names = Object.keys(input);
  if (names.length > MAX_DIFFICULTIES) return undefined;
  const copy = Object.create(null) as Record<string, number>;
  for (const name of names) {
    const difficulty = (input as Record<string, unknown>)[name];
    if (!WORD.test(name) || typeof difficulty !== "number") return undefined;
    if (!(difficulty > 0 && difficulty < Infinity)) return undefined;
    copy[name] = difficulty;
  }
  return copy;
}

function copyMempool(input: unknown): Observation["mempool"] | undefined {
  if (!hasOwnKeys(input, MEMPOOL_KEYS)) return undefined;
  const { count, bytes } = input as Fields<NonNullable<Observation["mempool"]>>;
  return isWhole(count) && isWhole(bytes) ? { count, bytes, fee_floor: undefined } : undefined;
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
  if (!hasOwnKeys(input, HEADER_KEYS)) return undefined;
  const { hash, previous_hash, height, version, time_s } = input as Fields<BlockHeader>;
  if (!isHash(hash) || !isHash(previous_hash)) return undefined;
  if (!isWhole(height) || !isWhole(time_s) || time_s >= UINT32) return undefined;
  if (!Number.isSafeInteger(version)) return undefined;
  const bits = version as number;
  if (bits < -INT32 || bits >= INT32) return undefined;
  return { hash, previous_hash, height, version: bits, time_s };
}

/** A plain object that has these keys itself, some of the optional ones, and no other. */
function hasOwnKeys(
  input: unknown,
  keys: readonly string[],
  optional: readonly string[] = [],
): input is object {
  if (!isPlain(input)) return false;
  const own = Object.keys(input);
  let required = 0;
  for (let i = 0; i < own.length; i++) {
    const key = own[i] ?? "";
    // The usual order first: it is told without a search.
    if (key === keys[i] || keys.includes(key)) required++;
    else if (!optional.includes(key)) return false;
  }
  return required === keys.length;
}

const isPlain = (input: unknown): input is object =>
  typeof input === "object" && input !== null && Object.getPrototypeOf(input) === Object.prototype;

const isHash = (value: unknown): value is string => typeof value === "string" && HASH.test(value);

const isWhole = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
