/** Keeps personal data out of what is exported: which fields that is, and what replaces them (design, section 9). */
import { type JsonObject, type JsonValue, type ShieldEvent, sha256Hex } from "@dgb-shield/contract";

/** `hashed`: persons by salted hashes, amounts left out. `clear`: everything as it was emitted. */
export const PERSONAL_DATA_MODES = Object.freeze(["hashed", "clear"] as const);
/** How personal data is exported. */
export type PersonalDataMode = (typeof PERSONAL_DATA_MODES)[number];

/** Words in the name of a field that names a person, or what belongs to one. */
const PERSONAL = new Set(
  (
    "user users customer customers account accounts device devices address addresses destination destinations " +
    "recipient recipients sender senders payee payer beneficiary owner holder person email mail phone ip script scripts " +
    "xpub operator operators approver approvers session login contact username fullname firstname lastname surname"
  ).split(" "),
);
/** Words in the name of a field that has an amount of money, or gives one away. */
const AMOUNT = new Set(
  "amount amounts balance balances fee fees limit limits funds sats satoshis coins spent turnover volume".split(
    " ",
  ),
);
/** Last words of fields with sentences, which may name persons and amounts. */
const SENTENCE = new Set(
  "reason note notes comment memo message label description summary".split(" "),
);
/** Fields that name the kind of the `id` beside them, and the kinds that are not personal. */
const KINDS = ["type", "scope", "kind"] as const;
const IMPERSONAL = new Set("wallet global cause node chain withdrawal signal finding".split(" "));

/** Names of fields that describe an object, whatever it is of. */
const FIELDS = new Set(
  "id type scope kind status count value to from created_at updated_at at_ms".split(" "),
);

/** Addresses (bech32, Base58) and e-mail addresses in any text. */
const BECH32 = /\b[a-z]{2,6}1[02-9ac-hj-np-z]{25,87}\b/gi;
const BASE58 =
  /\b(?=[a-km-zA-HJ-NP-Z1-9]*[A-Z])(?=[A-HJ-NP-Z1-9]*[a-km-z])[1-9A-HJ-NP-Za-km-z]{26,35}\b/g;
const EMAIL = /[^\s@"':;,<>()]{1,64}@[^\s@"':;,<>()]{1,255}/g;

const REMOVED = "removed";
const HASH_DIGITS = 32;
const BLOCK_BYTES = 64;

/** Replaces a personal text; undefined where it is left out. */
type Pseudonym = (text: string) => string | undefined;

/**
 * The function that prepares an event for export. By default (`hashed`) user ids, account ids, device ids, addresses,
 * operators and the like become `hmac-` and the first 32 digits of their HMAC-SHA-256 under `salt`; without a salt they
 * are left out. Amounts, balances, limits and sentences are left out. The same text always has the same hash.
 *
 * @param mode see `PERSONAL_DATA_MODES`
 * @param salt a secret of the integrator, the same for all processes whose exports are compared
 */
export function createProtection(
  mode: PersonalDataMode,
  salt: string | undefined,
): (event: ShieldEvent) => ShieldEvent {
  if (mode === "clear") return (event) => event;
  const pseudonym: Pseudonym = salt === undefined ? () => undefined : hmac(salt);
  return (event) => protectEvent(event, pseudonym);
}

function protectEvent(event: ShieldEvent, pseudonym: Pseudonym): ShieldEvent {
  const { event_id, layer, action, severity, fingerprint, extra } = event;
  const user = Object.hasOwn(event, "user_id") ? event.user_id : undefined;
  const user_id = user === undefined ? undefined : pseudonym(user);
  return {
    event_id,
    layer,
    action,
    severity,
    fingerprint: protectFingerprint(fingerprint, pseudonym),
    ...(user_id === undefined ? {} : { user_id }),
    extra: protectObject(extra, pseudonym),
  };
}

/** A fingerprint such as `account:alice` has its kind before the colon. */
function protectFingerprint(fingerprint: string, pseudonym: Pseudonym): string {
  const colon = fingerprint.indexOf(":");
  const kind = fingerprint.slice(0, Math.max(colon, 0));
  if (subjectOf(kind) !== "person") return protectText(fingerprint, pseudonym);
  return `${kind}:${pseudonym(fingerprint.slice(colon + 1)) ?? REMOVED}`;
}

function protectObject(object: JsonObject, pseudonym: Pseudonym): JsonObject {
  const result: Record<string, JsonValue> = {};
  for (const [key, value] of Object.entries(object)) {
    const kept = protectMember({ object, key, value }, pseudonym);
    if (kept !== undefined) result[protectText(key, pseudonym)] = kept;
  }
  return result;
}

type Member = Readonly<{ object: JsonObject; key: string; value: JsonValue }>;

function protectMember(
  { object, key, value }: Member,
  pseudonym: Pseudonym,
): JsonValue | undefined {
  const subject = subjectOf(key);
  if (subject === "amount" || subject === "sentence") return undefined;
  return subject === "person" || isPersonalId(object, key)
    ? hidden(value, pseudonym)
    : protectValue(value, pseudonym);
}

function protectValue(value: JsonValue, pseudonym: Pseudonym): JsonValue {
  if (typeof value === "string") return protectText(value, pseudonym);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => protectValue(item, pseudonym));
  return protectObject(value, pseudonym);
}

/** A value under a personal name: each text and number in it is hidden; true, false and null identify no person. */
function hidden(value: JsonValue, pseudonym: Pseudonym): JsonValue | undefined {
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object") return pseudonym(String(value));
  if (Array.isArray(value)) {
    const items = value.map((item: JsonValue) => hidden(item, pseudonym));
    return items.filter((item) => item !== undefined);
  }
  const object = value;
  const result: Record<string, JsonValue> = {};
  for (const [key, member] of Object.entries(object)) {
    const kept = subjectOf(key) === "amount" ? undefined : hidden(member, pseudonym);
    const name = nameUnderPerson(key, pseudonym);
    if (kept !== undefined && name !== undefined) result[name] = kept;
  }
  return result;
}

/** A name under a personal one: a person's, as in `users: {"alice": …}`, unless it is in `FIELDS`. */
const nameUnderPerson = (key: string, pseudonym: Pseudonym): string | undefined =>
  FIELDS.has(key) || subjectOf(key) !== "other" ? key : pseudonym(key);

/** Whether an `id` is a person's: unless the object's kind is something else. */
function isPersonalId(object: JsonObject, key: string): boolean {
  if (key.toLowerCase() !== "id") return false;
  const kinds = KINDS.flatMap((name) => (Object.hasOwn(object, name) ? [object[name]] : []));
  return !kinds.some((kind) => typeof kind === "string" && IMPERSONAL.has(kind));
}

function protectText(text: string, pseudonym: Pseudonym): string {
  const hide = (found: string): string => pseudonym(found) ?? REMOVED;
  const withoutMail = text.includes("@") ? text.replace(EMAIL, hide) : text;
  return withoutMail.replace(BECH32, hide).replace(BASE58, hide);
}

/** Kinds of content, by the name of a field. */
type Subject = "person" | "amount" | "sentence" | "other";

/** Cache of the subjects of names. */
const known = new Map<string, Subject>();
const MAX_KNOWN = 1_000;
const MAX_KNOWN_LENGTH = 64;

function subjectOf(name: string): Subject {
  const before = known.get(name);
  if (before !== undefined) return before;
  const words = wordsOf(name);
  const has = (some: ReadonlySet<string>): boolean => words.some((word) => some.has(word));
  const isSentence = SENTENCE.has(words.at(-1) ?? "");
  const subject = has(AMOUNT)
    ? "amount"
    : isSentence
      ? "sentence"
      : has(PERSONAL)
        ? "person"
        : "other";
  if (known.size >= MAX_KNOWN) known.clear();
  if (name.length <= MAX_KNOWN_LENGTH) known.set(name, subject);
  return subject;
}

/** The words of a name, in lower case: `walletBalance` and `wallet_balance` have the same two. */
const wordsOf = (name: string): string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[^a-z0-9]+/);

/** HMAC-SHA-256 (RFC 2104) of a text under a key, shortened. */
function hmac(salt: string): (text: string) => string {
  const encoder = new TextEncoder();
  const given = encoder.encode(salt);
  const key = new Uint8Array(BLOCK_BYTES);
  key.set(given.length > BLOCK_BYTES ? bytesOf(sha256Hex(given)) : given);
  const inner = key.map((byte) => byte ^ 0x36);
  const outer = key.map((byte) => byte ^ 0x5c);
  return (text) => {
    const digest = bytesOf(sha256Hex(joined(inner, encoder.encode(text))));
    return `hmac-${sha256Hex(joined(outer, digest)).slice(0, HASH_DIGITS)}`;
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
