/**
 * Reads objects by a table of their fields. `readFields` accepts and copies in one pass; `firstOffence` walks the
 * same table over a plain copy and names the first offence (design, section 2).
 */
import { pointer } from "@dgb-shield/contract";

const { getOwnPropertyDescriptor, getOwnPropertyNames, getOwnPropertySymbols, getPrototypeOf } =
  Object;

/** How one value is read. */
export type Kind = Readonly<{
  /** The value, copied where it holds others; undefined where it is not accepted. Runs no accessor. */
  read(value: unknown): unknown;
  /** Pointer of the first offence inside a plain value that `read` rejects; `""`: the value itself. */
  offence(value: unknown): string;
}>;

/** One field of an object. */
type Field = Readonly<{ name: string; isRequired: boolean; kind: Kind }>;

/** Fields of an object, in the order in which offences are named. */
export type FieldTable<T extends object> = Readonly<{
  fields: readonly Field[];
  byName: ReadonlyMap<string, Field>;
  required: number;
  /** Makes an object that has every field, so that all copies have one shape. */
  blank(): T;
}>;

/** Describes one field that must be there. */
export const required = (kind: Kind) => ({ isRequired: true, kind }) as const;

/** Describes one field that can be absent. */
export const optional = (kind: Kind) => ({ isRequired: false, kind }) as const;

/** Makes the table of an object's fields. */
export function fieldTable<T extends object>(
  kinds: Readonly<Record<keyof T & string, Omit<Field, "name">>>,
  blank: () => T,
): FieldTable<T> {
  const fields = Object.entries<Omit<Field, "name">>(kinds).map(([name, field]): Field =>
    Object.freeze({ name, ...field }),
  );
  return Object.freeze({
    fields: Object.freeze(fields),
    byName: new Map(fields.map((field) => [field.name, field])),
    required: fields.filter(({ isRequired }) => isRequired).length,
    blank,
  });
}

/**
 * Copies an object whose fields are all accepted; no accessor is run.
 *
 * @returns the copy; undefined for anything else
 * @throws what a proxy throws
 */
export function readFields<T extends object>(table: FieldTable<T>, value: unknown): T | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const prototype: unknown = getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const names = getOwnPropertyNames(value);
  if (names.length > table.fields.length || getOwnPropertySymbols(value).length > 0)
    return undefined;
  const copy = table.blank() as Record<string, unknown>;
  let missing = table.required;
  for (const name of names) {
    const field = table.byName.get(name);
    if (field === undefined) return undefined;
    const read = field.kind.read(ownData(value, name));
    if (read === undefined) return undefined;
    copy[name] = read;
    if (field.isRequired) missing--;
  }
  return missing === 0 ? (copy as T) : undefined;
}

/**
 * Names the first offence in a plain value: the fields in the order of the table, then unknown keys, of which
 * the first in UTF-16 order.
 *
 * @param value of `copyUntrusted`
 * @returns its JSON Pointer; undefined where `readFields` accepts the value
 */
export function firstOffence<T extends object>(
  table: FieldTable<T>,
  value: unknown,
): string | undefined {
  if (!isPlainObject(value)) return "";
  for (const { name, isRequired, kind } of table.fields) {
    const isAbsent = !Object.hasOwn(value, name);
    if (isAbsent ? isRequired : kind.read(value[name]) === undefined) {
      return pointer([name]) + (isAbsent ? "" : kind.offence(value[name]));
    }
  }
  const [unknown] = Object.keys(value)
    .filter((name) => !table.byName.has(name))
    .sort();
  return unknown === undefined ? undefined : pointer([unknown]);
}

/** Reads an object by a table of its own. */
export const objectOf = <T extends object>(table: FieldTable<T>): Kind => ({
  read: (value) => readFields(table, value),
  offence: (value) => firstOffence(table, value) ?? "",
});

/** Reads a dense list of at most so many items; a longer one is an offence itself, before those of its items. */
export const listOf = (item: Kind, most: number): Kind => ({
  read: (value) => readList(item, most, value),
  offence: (value) => {
    if (!Array.isArray(value) || value.length > most) return "";
    const at = value.findIndex((one) => item.read(one) === undefined);
    return at < 0 ? "" : pointer([at]) + item.offence(value[at]);
  },
});

/** Reads null, too. */
export const orNull = (kind: Kind): Kind => ({
  read: (value) => (value === null ? null : kind.read(value)),
  offence: kind.offence,
});

/** Reads what passes a test, as it is. */
export const where = (accepts: (value: unknown) => boolean): Kind => ({
  read: (value) => (accepts(value) ? value : undefined),
  offence: () => "",
});

function readList(item: Kind, most: number, value: unknown): unknown[] | undefined {
  if (!Array.isArray(value) || getPrototypeOf(value) !== Array.prototype) return undefined;
  const { length } = value;
  // A dense list owns its items and its length, and nothing else.
  if (length > most || Reflect.ownKeys(value).length !== length + 1) return undefined;
  const list: unknown[] = [];
  for (let at = 0; at < length; at++) {
    const read = item.read(ownData(value, at));
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
