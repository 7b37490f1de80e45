/** Reads a caller's request: a private, bounded copy, split into what each layer reads (design, section 10). */
import {
  canonicalize,
  type JsonObject,
  type JsonValue,
  LIMITS,
  utf8Length,
} from "@dgb-shield/contract";

/** What a request is for the Guardian, and what it is for QWG; deeply frozen. */
export type WithdrawalParts = Readonly<{ withdrawal: JsonObject; caller: JsonObject }>;

/** What `readRequest` has made: nothing can change it, so that it is read once. */
const READ = new WeakSet();

/** Characters of a request at most: more than 1,000 destinations need, and small enough to be recorded whole. */
const MAX_REQUEST_LENGTH = 250_000;
/** UTF-8 bytes of a request at most: its record must fit one payload. */
const MAX_REQUEST_BYTES = 450_000;
/** Levels of a record around what a request holds: record, request, and `unread`. */
const LEVELS_AROUND = 3;

/** Members of a request that the Guardian reads. */
const REQUEST_FIELDS: ReadonlySet<string> = new Set([
  "withdrawal_id",
  "payment_id",
  "wallet_id",
  "account_id",
  "amount",
  "max_fee",
  "destinations",
  "payouts",
]);
const LISTS: ReadonlySet<string> = new Set(["destinations", "payouts"]);

/** Fields of a request that QWG reads; all others are the Guardian's, which rejects unknown ones. */
const CONTEXT_FIELDS: ReadonlySet<string> = new Set([
  "wallet_balance",
  "behaviour_score",
  "trusted_device",
  "address_age_days",
  "device_id",
  "user_id",
]);

/**
 * Reads a request. One that cannot be recorded whole, or is no plain object, counts as an empty one; never throws.
 *
 * @param request anything; what this function returned before is returned as it is
 */
export function readRequest(request: unknown): WithdrawalParts {
  if (isRead(request)) return request;
  const fields = Object.entries(plainCopy(request));
  const parts = Object.freeze({
    withdrawal: ownObject(fields.filter(([name]) => !CONTEXT_FIELDS.has(name))),
    caller: ownObject(fields.filter(([name]) => CONTEXT_FIELDS.has(name))),
  });
  READ.add(parts);
  return parts;
}

/**
 * A request as it is recorded. Members that none has, and objects where none belongs, are in one member `unread`: their names can be
 * personal data too, and an erasure removes that member whole.
 */
export function recordedRequest(withdrawal: JsonObject): JsonObject {
  const all = Object.entries(withdrawal);
  const unread = all.filter((member) => !isReadable(member));
  if (unread.length === 0) return withdrawal;
  // No assignment: a member may be named __proto__.
  const known = Object.fromEntries(all.filter(isReadable));
  return { ...known, unread: Object.fromEntries(unread) };
}

/**
 * The JSON Pointer of what is wrong with a request, as it is recorded: up to the first name that no request has.
 */
export function recordedPath(path: string): string {
  const names = path.split("/").slice(1);
  const other = names.findIndex((name) => !PATH_NAMES.has(name) && !/^\d{1,4}$/.test(name));
  if (other < 0) return path;
  return other === 0 ? "/unread" : `/${names.slice(0, other).join("/")}`;
}

const PATH_NAMES: ReadonlySet<string> = new Set([...REQUEST_FIELDS, "address"]);

const isReadable = ([name, value]: readonly [string, JsonValue]): boolean =>
  REQUEST_FIELDS.has(name) && (LISTS.has(name) || typeof value !== "object" || value === null);

const isRead = (request: unknown): request is WithdrawalParts =>
  typeof request === "object" && request !== null && READ.has(request);

function plainCopy(request: unknown): JsonObject {
  try {
    const text = canonicalize(request);
    if (text.length > MAX_REQUEST_LENGTH || utf8Length(text) > MAX_REQUEST_BYTES) return {};
    // Canonical text is strict: it was written from a value that was checked part by part.
    const copy = JSON.parse(text) as JsonValue;
    if (depthOf(copy) + LEVELS_AROUND > LIMITS.maxDepth) return {};
    return typeof copy === "object" && copy !== null && !Array.isArray(copy) ? copy : {};
  } catch {
    return {};
  }
}

/** Deepest nesting; an array or object at the top is depth 1. */
const depthOf = (value: JsonValue): number =>
  typeof value === "object" && value !== null
    ? 1 +
      Object.values(value).reduce(
        (deepest: number, member) => Math.max(deepest, depthOf(member)),
        0,
      )
    : 0;

function ownObject(fields: readonly [string, JsonValue][]): JsonObject {
  const own = Object.create(null) as Record<string, JsonValue>;
  for (const [name, value] of fields) own[name] = deepFrozen(value);
  return Object.freeze(own);
}

function deepFrozen(value: JsonValue): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFrozen(member);
  Object.freeze(value);
  return value;
}
