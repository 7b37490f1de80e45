/**
 * Reads values by a table of fields. One pass copies a value that the table accepts; only for one that it
 * rejects the same table is walked again, to name the first error.
 */
import { pointer } from "@dgb-shield/contract";

/** A string, a number, a boolean or null, by a predicate. */
export type ValueRule = Readonly<{ kind: "value"; accepts: (value: unknown) => boolean }>;

/** An object with these fields and no other; `recordRule` makes one. */
export type RecordRule = Readonly<{
  kind: "record";
  fields: readonly Field[];
  /** Whether null stands for it too. */
  isNullable: boolean;
  /** Makes the copy of values in any order; `at` has the place of each field of the table, one past the end where it is absent. */
  make: MakeRecord;
  /** Orders of keys that were met. */
  layouts: Layout[];
  /** Name of the field that contradicts another one; called where every field is right by itself. */
  conflict?: ((record: never) => string | undefined) | undefined;
}>;

/** Makes a record as one literal: what is made field by field is a slow object to all that read it. */
export type MakeRecord = (values: readonly unknown[], at: readonly number[]) => object;

/** One order of keys of a record: what each value must be, and where that of each field of the table is. */
type Layout = Readonly<{ keys: readonly string[]; rules: readonly Rule[]; at: readonly number[] }>;

/** Most orders of keys that are remembered for a record: a source has a few. */
const MAX_LAYOUTS = 16;

/** An array of values of one rule; named properties of an array are not read. */
export type ListRule = Readonly<{ kind: "list"; of: Rule; most: number }>;

/** An object with keys of one form and values of one rule. */
export type MapRule = Readonly<{
  kind: "map";
  isKey: (key: string) => boolean;
  of: ValueRule;
  most: number;
}>;

/** What a value must be. */
export type Rule = ValueRule | RecordRule | ListRule | MapRule;

/** A field of a record. */
export type Field = Readonly<{ name: string; rule: Rule; isOptional: boolean }>;

/** Stands for a value that a rule rejects. */
export const REFUSED = Symbol("refused");

/**
 * State of one pass: how many values may still come, and the first record that was read. A header is often
 * given twice, as the tip and as the last block: the same object is then read once.
 */
type Pass = {
  left: number;
  given: unknown;
  copy: unknown;
  fields: readonly Field[] | undefined;
};

/**
 * Copies a value by a rule. Each member is read once and must be the object's own; an optional field that is
 * absent is `undefined` as an own member of the copy.
 *
 * @param value anything
 * @param most values in all, containers included
 * @returns the copy, or `REFUSED`
 * @throws what an accessor of the value throws
 */
export const readByRule = (rule: Rule, value: unknown, most: number): unknown =>
  read(rule, value, { left: most - 1, given: undefined, copy: undefined, fields: undefined });

function read(rule: Rule, value: unknown, pass: Pass): unknown {
  switch (rule.kind) {
    case "value":
      return rule.accepts(value) ? value : REFUSED;
    case "record":
      return value === null && rule.isNullable ? null : readRecord(rule, value, pass);
    case "list":
      return readList(rule, value, pass);
    case "map":
      return readMap(rule, value, pass);
  }
}

function readRecord(rule: RecordRule, value: unknown, pass: Pass): unknown {
  const { fields } = rule;
  if (value === pass.given && fields === pass.fields) {
    pass.left -= fields.length;
    return pass.copy;
  }
  if (!isPlainObject(value)) return REFUSED;
  const keys = Object.keys(value);
  const layout = layoutOf(rule, keys);
  if (layout === undefined) return REFUSED;
  const values: unknown[] = Object.values(value);
  pass.left -= keys.length;
  // An accessor can take keys away.
  if (values.length !== keys.length || pass.left < 0) return REFUSED;
  const { rules, at } = layout;
  for (let i = 0; i < values.length; i++) {
    const inner = rules[i] as Rule;
    if (inner.kind === "value") {
      if (!inner.accepts(values[i])) return REFUSED;
      continue;
    }
    const inside = read(inner, values[i], pass);
    if (inside === REFUSED) return REFUSED;
    values[i] = inside;
  }
  const copy = rule.make(values, at);
  if (rule.conflict?.(copy as never) !== undefined) return REFUSED;
  if (pass.fields === undefined) {
    pass.given = value;
    pass.copy = copy;
    pass.fields = fields;
  }
  return copy;
}

/** The layout of some keys; undefined where one is unknown, or a required one is missing. */
function layoutOf(rule: RecordRule, keys: readonly string[]): Layout | undefined {
  for (const layout of rule.layouts) if (isSameList(layout.keys, keys)) return layout;
  const layout = newLayout(rule.fields, keys);
  if (layout !== undefined && rule.layouts.length < MAX_LAYOUTS) rule.layouts.push(layout);
  return layout;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function newLayout(fields: readonly Field[], keys: readonly string[]): Layout | undefined {
  const rules = keys.map((key) => fields.find(({ name }) => name === key)?.rule);
  if (!rules.every((rule) => rule !== undefined)) return undefined;
  const at = fields.map(({ name }) => keys.indexOf(name));
  if (fields.some(({ isOptional }, i) => !isOptional && at[i] === -1)) return undefined;
  return { keys, rules, at: at.map((place) => (place === -1 ? keys.length : place)) };
}

/**
 * Makes the rule of a record.
 *
 * @param make gives each field of the table its own value
 * @throws TypeError where it does not: a mistake in the table
 */
export function recordRule(
  fields: readonly Field[],
  make: MakeRecord,
  { isNullable = false, conflict }: Partial<Pick<RecordRule, "isNullable" | "conflict">> = {},
): RecordRule {
  const names = fields.map(({ name }) => name);
  const made = Object.entries(make(names, [...names.keys()]));
  const isRight = made.length === names.length && made.every(([key, name]) => key === name);
  if (!isRight) throw new TypeError(`fields in other places than ${names.join(", ")}`);
  return { kind: "record", fields, make, isNullable, conflict, layouts: [] };
}

function readList({ of, most }: ListRule, value: unknown, pass: Pass): unknown {
  if (!Array.isArray(value) || value.length > most) return REFUSED;
  const { length } = value;
  pass.left -= length;
  if (pass.left < 0 || Object.getPrototypeOf(value) !== Array.prototype) return REFUSED;
  const copy: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const entry = read(of, value[i], pass);
    if (entry === REFUSED) return REFUSED;
    copy.push(entry);
  }
  return copy;
}

function readMap({ isKey, of, most }: MapRule, value: unknown, pass: Pass): unknown {
  if (!isPlainObject(value)) return REFUSED;
  const keys = Object.keys(value);
  pass.left -= keys.length;
  if (keys.length > most || pass.left < 0) return REFUSED;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const key of keys) {
    const member = value[key];
    if (!isKey(key) || !of.accepts(member)) return REFUSED;
    copy[key] = member;
  }
  return copy;
}

/**
 * Names the first error of a value that a rule rejects: fields in the order of the table, then unknown ones
 * in UTF-16 order, then fields that contradict each other. A list that is too long is named itself, whatever
 * is in it.
 *
 * @param value plain data, as `copyUntrusted` gives it
 * @returns a JSON Pointer; undefined where the rule accepts the value
 */
export const errorPath = (rule: Rule, value: unknown): string | undefined => {
  const path = errorParts(rule, value);
  return path === undefined ? undefined : pointer(path);
};

function errorParts(rule: Rule, value: unknown): readonly PropertyKey[] | undefined {
  switch (rule.kind) {
    case "value":
      return rule.accepts(value) ? undefined : [];
    case "record":
      return value === null && rule.isNullable ? undefined : recordError(rule, value);
    case "list": {
      if (!Array.isArray(value) || value.length > rule.most) return [];
      return firstOf(value.keys(), (i) => errorParts(rule.of, value[i]));
    }
    case "map": {
      if (!isPlainObject(value)) return [];
      return firstOf(Object.keys(value), (key) =>
        rule.isKey(key) ? errorParts(rule.of, value[key]) : [],
      );
    }
  }
}

function recordError(
  { fields, conflict }: RecordRule,
  value: unknown,
): readonly PropertyKey[] | undefined {
  if (!isPlainObject(value)) return [];
  const byName = new Map(fields.map((field) => [field.name, field]));
  const parts = firstOf(byName.keys(), (name) => {
    const { rule, isOptional } = byName.get(name) as Field;
    if (!Object.hasOwn(value, name)) return isOptional ? undefined : [];
    return errorParts(rule, value[name]);
  });
  if (parts !== undefined) return parts;
  const unknown = Object.keys(value)
    .filter((key) => !byName.has(key))
    .sort()[0];
  const named = unknown ?? conflict?.(value as never);
  return named === undefined ? undefined : [named];
}

function firstOf<K extends PropertyKey>(
  keys: Iterable<K>,
  partsOf: (key: K) => readonly PropertyKey[] | undefined,
): readonly PropertyKey[] | undefined {
  for (const key of keys) {
    const parts = partsOf(key);
    if (parts !== undefined) return [key, ...parts];
  }
  return undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
