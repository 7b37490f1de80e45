/** Which values of a record are personal, and of which account (design, section 7: erasure). */
import type { JsonObject, JsonValue } from "@dgb-shield/contract";

/** A personal value of a record. */
export type PersonalValue = Readonly<{
  /** JSON Pointer into the record. */
  pointer: string;
  value: JsonValue;
  /** The account that it belongs to; null: it belongs to several, or to none that the record names. */
  account: string | null;
}>;

/** A record's personal values, and a copy of it with null in their places. */
export type PersonalRead = Readonly<{ values: readonly PersonalValue[]; rest: JsonObject }>;

/**
 * Members that are personal wherever they are. Hashes are among them where they are of something that can be guessed, such as
 * an address that is public on the chain. The list is part of the tree's form: changing it changes leaves.
 */
const PERSONAL = new Set([
  "account_id",
  "address",
  "script",
  "user_id",
  "device_id",
  "approvals",
  "binds",
  "content_hash",
  "context_hash",
  "event_id",
]);

/** Members of a request that are not personal; any other one is, so that a malformed request hides none. */
const KEPT_OF_REQUEST = new Set([
  "withdrawal_id",
  "payment_id",
  "wallet_id",
  "amount",
  "max_fee",
  "destinations",
  "payouts",
]);

/** Members of a request that are lists; anything else in their place is personal, such as addresses that are names of members. */
const LISTS_OF_REQUEST = new Set(["destinations", "payouts"]);

const ACCOUNT = "account:";

/** Where a value is. */
type Place = Readonly<{ above: Place | null; key: string }>;

type Walk = Readonly<{
  found: PersonalValue[];
  account: string | null;
  /** Whether the value is of a request, of which only known members are not personal. */
  isRequest: boolean;
}>;

/**
 * Finds the personal values of a record. A value belongs to the account that the nearest object around it names.
 *
 * @param record a ledger's record, as it was written
 */
export function readPersonal(record: JsonObject): PersonalRead {
  const found: PersonalValue[] = [];
  const rest = withoutPersonal(record, null, { found, account: null, isRequest: false });
  return { values: found, rest };
}

function withoutPersonal(object: JsonObject, place: Place | null, walk: Walk): JsonObject {
  const account = accountIn(object) ?? walk.account;
  const entries = Object.entries(object).map(([key, value]): [string, JsonValue] => {
    const at = { above: place, key };
    if (value !== null && isPersonal(object, key, walk.isRequest))
      return [key, taken(value, at, { ...walk, account })];
    const isRequest = walk.isRequest || (place === null && key === "withdrawal");
    return [key, remaining(value, at, { ...walk, account, isRequest })];
  });
  // No assignment: a member may be named __proto__.
  return Object.fromEntries(entries);
}

/** A value without what is personal in it. */
function remaining(value: JsonValue, place: Place, walk: Walk): JsonValue {
  if (typeof value === "string" && value.startsWith(ACCOUNT))
    return taken(value, place, { ...walk, account: value.slice(ACCOUNT.length) });
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) return withoutPersonal(value, place, walk);
  return value.map((member: JsonValue, index) => {
    const at = { above: place, key: String(index) };
    if (!walk.isRequest) return remaining(member, at, walk);
    if (typeof member === "string") return taken(member, at, walk);
    if (!hasOtherNames(member)) return remaining(member, at, walk);
    return taken(member, at, { ...walk, account: accountIn(member) ?? walk.account });
  });
}

/** Whether an object of a request has a name that is none of a request: a name can be an address. */
const hasOtherNames = (value: JsonValue): value is JsonObject =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).some((name) => !KEPT_OF_REQUEST.has(name) && !PERSONAL.has(name));

function taken(value: JsonValue, place: Place, { found, account }: Walk): null {
  found.push({ pointer: pointerTo(place), value, account });
  return null;
}

function isPersonal(object: JsonObject, key: string, isRequest: boolean): boolean {
  if (PERSONAL.has(key)) return true;
  if (isRequest && LISTS_OF_REQUEST.has(key)) return !Array.isArray(object[key]);
  if (isRequest) return !KEPT_OF_REQUEST.has(key);
  return key === "id" && isAccountScope(object);
}

const isAccountScope = ({ scope, type }: JsonObject): boolean =>
  scope === "account" || type === "account";

/** The account that an object names; null where it names none. */
function accountIn(object: JsonObject): string | null {
  const { account_id, owner, id } = object;
  if (typeof account_id === "string") return account_id;
  if (typeof owner === "string" && owner.startsWith(ACCOUNT)) return owner.slice(ACCOUNT.length);
  return typeof id === "string" && isAccountScope(object) ? id : null;
}

function pointerTo({ above, key }: Place): string {
  const escaped = key.replaceAll("~", "~0").replaceAll("/", "~1");
  return `${above === null ? "" : pointerTo(above)}/${escaped}`;
}
