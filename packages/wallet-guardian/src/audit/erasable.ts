/**
 * Records whose personal values are committed to under a salt, so that they can be erased and the tree still verifies
 * (design, section 7: erasure). Such a record has a member `personal`.
 */
import {
  canonicalize,
  hash256Schema,
  type JsonObject,
  type JsonValue,
  sha256Hex,
} from "@dgb-shield/contract";
import { z } from "zod";
import { safeParse } from "../internal/parse.js";
import type { LedgerRecord } from "../ports.js";
import { readPersonal } from "./personal.js";

const personalSchema = z.strictObject({
  /** Salts of the values that are there, by JSON Pointer. */
  salts: z.record(z.string(), hash256Schema),
  /** Commitments to the values that were erased, in whose places is null. */
  erased: z.record(z.string(), hash256Schema),
});

/** The member `personal` of a record. */
type Personal = Readonly<z.infer<typeof personalSchema>>;

/** What a leaf is over, of a record with commitments. */
type Committed = Readonly<{ commitments: Readonly<Record<string, string>>; record: JsonObject }>;

/** Salt of one value: the SHA-256 of the canonical text of `[salt of the record, pointer]`. */
const saltAt = (salt: string, pointer: string): string => sha256Hex(canonicalize([salt, pointer]));

/** Commitment to a value: the SHA-256 of the canonical text of `[salt of the value, value]`. */
const commitmentTo = (salt: string, value: JsonValue): string =>
  sha256Hex(canonicalize([salt, value]));

/**
 * Hashes a record as a leaf, its personal values under a salt: SHA-256 of the byte 0x00 and the canonical text of
 * `{at_ms, commitments, kind, record, seq}`, where `record` has null in place of each personal value.
 *
 * @param salt 64 hexadecimal digits; null: the record was entered without one
 * @returns what `leafHash` gives for the same record with its salts, or without any
 */
export function saltedLeafHash(record: LedgerRecord, salt: string | null): string {
  if (salt === null || Object.hasOwn(record.record, "personal")) return leafHash(record);
  const { values, rest } = readPersonal(record.record);
  if (values.length === 0) return plainLeaf(record);
  const commitments = Object.fromEntries(
    values.map(({ pointer, value }) => [pointer, commitmentTo(saltAt(salt, pointer), value)]),
  );
  return committedLeaf(record, { commitments, record: rest });
}

/**
 * Hashes a record as a leaf. One with the member `personal` is hashed by its commitments; any other one as SHA-256 of the byte
 * 0x00 and the UTF-8 bytes of the canonical JSON text of `{at_ms, kind, record, seq}`.
 *
 * @returns 64 lower-case hexadecimal digits
 * @throws ContractError where the record has no canonical form
 */
export function leafHash(record: LedgerRecord): string {
  const committed = committedIn(record.record);
  return committed === null ? plainLeaf(record) : committedLeaf(record, committed);
}

/** Whether a record has personal values that are there, so that a salt belongs to it where it was entered with one. */
export const isCommitted = ({ record }: Pick<LedgerRecord, "record">): boolean =>
  !Object.hasOwn(record, "personal") && readPersonal(record).values.length > 0;

const plainLeaf = ({ seq, at_ms, kind, record }: LedgerRecord): string =>
  sha256Hex(`\0${canonicalize({ seq, at_ms, kind, record })}`);

const committedLeaf = (
  { seq, at_ms, kind }: LedgerRecord,
  { commitments, record }: Committed,
): string => sha256Hex(`\0${canonicalize({ seq, at_ms, kind, commitments, record })}`);

/**
 * Adds the salts of a record's personal values, so that it can be verified by itself.
 *
 * @param salt the record's; null: it was entered without one, and stays as it is
 */
export function openRecord(record: LedgerRecord, salt: string | null): LedgerRecord {
  if (salt === null || Object.hasOwn(record.record, "personal")) return record;
  const { values } = readPersonal(record.record);
  if (values.length === 0) return record;
  const salts = Object.fromEntries(values.map(({ pointer }) => [pointer, saltAt(salt, pointer)]));
  return { ...record, record: { ...record.record, personal: { erased: {}, salts } } };
}

/**
 * Erases personal values from a record. Its leaf stays the same; without their salts, the commitments say nothing of the values.
 *
 * @param record one with its salts (`openRecord`)
 * @param account one that the record is about: its values are erased, and those that belong to no single account; null: everyone's
 * @returns the record without them; null where there is nothing to erase, or it has no salts
 */
export function withoutPersonalData(
  record: LedgerRecord,
  account: string | null,
): JsonObject | null {
  const { personal: given, ...rest } = record.record;
  const personal = personalIn(given);
  if (personal === null) return null;
  const accounts = new Map(readPersonal(rest).values.map((one) => [one.pointer, one.account]));
  const isErased = (pointer: string): boolean =>
    account === null || (accounts.get(pointer) ?? account) === account;
  const gone = Object.entries(personal.salts).filter(([pointer]) => isErased(pointer));
  if (gone.length === 0) return null;
  const copy = structuredClone(rest);
  const erased: Record<string, string> = { ...personal.erased };
  for (const [pointer, salt] of gone) {
    const value = takeAt(copy, pointer);
    if (value === undefined || value === null) return null;
    erased[pointer] = commitmentTo(salt, value);
  }
  const salts = Object.fromEntries(
    Object.entries(personal.salts).filter(([pointer]) => !isErased(pointer)),
  );
  return { ...copy, personal: { erased, salts } };
}

/** How many values of a record were erased. */
export const erasedValues = ({ record }: Pick<LedgerRecord, "record">): number =>
  Object.keys(personalIn(record["personal"])?.erased ?? {}).length;

const personalIn = (value: JsonValue | undefined): Personal | null => {
  if (value === undefined) return null;
  const read = safeParse(personalSchema, value);
  return read.success ? read.data : null;
};

/** What the leaf of a record with the member `personal` is over; null where that is not what it says. */
function committedIn(record: JsonObject): Committed | null {
  const { personal: given, ...rest } = record;
  const personal = personalIn(given);
  if (personal === null) return null;
  const copy = structuredClone(rest);
  const commitments: Record<string, string> = {};
  // In this order a pointer into another one's value finds nothing.
  const pointers = [...Object.keys(personal.salts), ...Object.keys(personal.erased)].sort();
  for (const pointer of pointers) {
    const value = takeAt(copy, pointer);
    const salt = personal.salts[pointer];
    const erased = personal.erased[pointer];
    // Nothing may stand where a value was erased: no hash would be over it.
    const isSound =
      salt === undefined ? value === null && erased !== undefined : value !== null && !erased;
    if (value === undefined || !isSound) return null;
    commitments[pointer] = salt === undefined ? (erased ?? "") : commitmentTo(salt, value);
  }
  return { commitments, record: copy };
}

/** Puts null in the place of a value, and returns it; undefined where a record has no such place. */
function takeAt(record: JsonObject, pointer: string): JsonValue | undefined {
  const [first, ...keys] = pointer.split("/");
  const last = keys.pop();
  if (first !== "" || last === undefined) return undefined;
  let parent: unknown = record;
  for (const key of keys) parent = memberOf(parent, key);
  const value = memberOf(parent, last);
  if (value === undefined) return undefined;
  Object.defineProperty(parent, unescaped(last), {
    ...{ value: null, enumerable: true, writable: true, configurable: true },
  });
  return value;
}

function memberOf(parent: unknown, key: string): JsonValue | undefined {
  const name = unescaped(key);
  if (typeof parent !== "object" || parent === null || !Object.hasOwn(parent, name))
    return undefined;
  if (Array.isArray(parent) && !/^(?:0|[1-9]\d*)$/.test(name)) return undefined;
  return (parent as Record<string, JsonValue>)[name];
}

const unescaped = (key: string): string => key.replaceAll("~1", "/").replaceAll("~0", "~");
