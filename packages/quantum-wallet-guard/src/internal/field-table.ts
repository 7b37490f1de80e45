/**
 * Reads objects by a table of their fields. `readFields` accepts and copies in one pass; `firstOffence` runs the
 * same table over a plain copy and names the first offence (design, section 2).
 */
import { pointer } from "@dgb-shield/contract";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf } =
  Object;

/** How one value is read. */
export type Kind<T, Notes = unknown> = Readonly<{
  /** The value, copied where it holds others; undefined where it is not accepted. Runs no accessor. */
  read(value: unknown, notes: Notes): T | undefined;
  /** Pointer of the first offence inside a plain value that `read` rejects; `""`: the value itself. */
  offence(value: unknown): string;
}>;

/** An object whose fields are being read. */
export type Source<Notes = unknown> = {
  readonly value: object;
  /** What kinds keep of a value beside its copy. */
  readonly notes: Notes;
  /** Own properties that no field has accepted so far. */
  left: number;
  /** The first field that was rejected. */
  rejected: Readonly<{ name: string; kind: Kind<unknown, Notes> }> | undefined;
};

/**
 * Table of an object's fields: a literal of all of them, in the order in which offences are named, each by
 * `required` or `optional` under its own name. What it makes of a rejected object is discarded. A literal of calls
 * that can be inlined is faster than a loop over entries, and gives all copies one shape.
 */
export type FieldTable<T extends object, Notes = unknown> = (from: Source<Notes>) => T;

/** Reads a field that must be there. */
export function required<T, Notes>(from: Source<Notes>, name: string, kind: Kind<T, Notes>): T {
  const read = kind.read(ownData(from.value, name), from.notes);
  if (read === undefined) reject(from, name, kind);
  else from.left--;
  return read as T;
}

/** Reads a field that can be absent. */
export function optional<T, Notes>(
  from: Source<Notes>,
  name: string,
  kind: Kind<T, Notes>,
): T | undefined {
  if (from.left <= 0) return undefined;
  const value = ownData(from.value, name);
  // Absent. A property without a value that is read stays among those left, which are an offence.
  if (value === undefined) return undefined;
  const read = kind.read(value, from.notes);
  if (read === undefined) reject(from, name, kind);
  else from.left--;
  return read;
}

/**
 * Copies an object whose fields are all accepted; no accessor is run. Properties are counted, and each field is
 * looked up once: a property that no field accepts is left over. Of the names that a proxy lists, the number counts.
 *
 * @param notes what the table's kinds write to
 * @returns the copy; undefined for anything else
 * @throws what a proxy throws
 */
export function readFields<T extends object, Notes>(
  table: FieldTable<T, Notes>,
  value: unknown,
  notes: Notes,
): T | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  if (getOwnPropertySymbols(value).length > 0) return undefined;
  const source = sourceOf(value, notes);
  const copy = table(source);
  return source.rejected === undefined && source.left === 0 ? copy : undefined;
}

/**
 * Names the first offence in a plain value: the fields in the order of the table, then unknown keys, of which
 * the first in UTF-16 order.
 *
 * @param value of `copyUntrusted`
 * @returns its JSON Pointer; undefined where `readFields` accepts the value
 */
export function firstOffence<T extends object, Notes>(
  table: FieldTable<T, Notes>,
  value: unknown,
  notes: Notes,
): string | undefined {
  if (!isPlainObject(value)) return "";
  const source = sourceOf(value, notes);
  const copy = table(source);
  if (source.rejected !== undefined) {
    const { name, kind } = source.rejected;
    return pointer([name]) + kind.offence(value[name]);
  }
  const [unknown] = Object.keys(value)
    .filter((name) => !Object.hasOwn(copy, name))
    .sort();
  return unknown === undefined ? undefined : pointer([unknown]);
}

/** Names of a table's fields, in its order. */
export const namesOf = <T extends object, Notes>(
  table: FieldTable<T, Notes>,
  notes: Notes,
): readonly (keyof T & string)[] =>
  Object.freeze(Object.keys(table(sourceOf({}, notes))) as (keyof T & string)[]);

/** Reads an object by a table of its own. */
export const objectOf = <T extends object>(table: FieldTable<T>): Kind<T> => ({
  read: (value) => readFields(table, value, undefined),
  offence: (value) => firstOffence(table, value, undefined) ?? "",
});

/** Reads a dense list of at most so many items; a longer one is an offence itself, before those of its items. */
export const listOf = <T>(item: Kind<T>, most: number): Kind<T[]> => ({
  read: (value) => readList(item, most, value),
  offence: (value) => {
    if (!Array.isArray(value) || value.length > most) return "";
    const at = value.findIndex((one) => item.read(one, undefined) === undefined);
    return at < 0 ? "" : pointer([at]) + item.offence(value[at]);
  },
});

/** Reads null, too. */
export const orNull = <T>(kind: Kind<T>): Kind<T | null> => ({
  read: (value, notes) => (value === null ? null : kind.read(value, notes)),
  offence: kind.offence,
});

/** Reads what holds no other values. */
export const single = <T, Notes = unknown>(
  read: (value: unknown, notes: Notes) => T | undefined,
): Kind<T, Notes> => ({ read, offence: () => "" });

/** Keeps the first field that is rejected; those that can be absent are then read no more. */
function reject<Notes>(from: Source<Notes>, name: string, kind: Kind<unknown, Notes>): void {
  from.rejected ??= { name, kind };
  from.left = 0;
}

const sourceOf = <Notes>(value: object, notes: Notes): Source<Notes> => ({
  value,
  notes,
  left: getOwnPropertyNames(value).length,
  rejected: undefined,
});

function readList<T>(item: Kind<T>, most: number, value: unknown): T[] | undefined {
  if (!Array.isArray(value) || getPrototypeOf(value) !== Array.prototype) return undefined;
  const { length } = value;
  // A dense list owns its items and its length, and nothing else.
  if (length > most || Reflect.ownKeys(value).length !== length + 1) return undefined;
  const list: T[] = [];
  for (let at = 0; at < length; at++) {
    const read = item.read(ownData(value, at), undefined);
    if (read === undefined) return undefined;
    list.push(read);
  }
  return list;
}

/** The value of an own property that is enumerable and no accessor; undefined where there is none. */
function ownData(holder: object, name: string | number): unknown {
  const property = getOwnPropertyDescriptor(holder, name);
  if (property?.enumerable !== true) return undefined;
  // An accessor's descriptor owns `get`. `in` is faster, and true for every descriptor where a prototype has one.
  const isAccessor = "get" in property && Object.hasOwn(property, "get");
  return isAccessor ? undefined : property.value;
}

const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
