/** Parses the cells of a SQLite ledger's rows: a wrong cell fails the whole read. */
import { idSchema } from "@dgb-shield/contract";
import { LedgerError } from "../../errors.js";

const HASH_BYTES = 32;
const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A row as it comes. */
export type Cells = readonly unknown[];

/** Makes the error of a malformed row. */
export const damaged = (what: string): LedgerError =>
  new LedgerError("ledger_unavailable", `a row of the ledger is damaged: ${what}`);

/** A row of so many cells. */
export function cells(row: unknown, count: number): Cells {
  if (!Array.isArray(row) || row.length !== count) throw damaged("columns");
  return row;
}

/** A whole number of 0 or more, up to 2^53 − 1, of a column whose integers come as numbers or as bigint. */
export function whole(value: unknown, what: string): number {
  if (typeof value === "bigint" && value >= 0n && value <= SAFE) return Number(value);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw damaged(what);
}

/** A whole number that may be below 0. */
export function signed(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw damaged(what);
}

/** A whole number of 0 or more, or nothing. */
export const wholeOrNull = (value: unknown, what: string): number | null =>
  value === null ? null : whole(value, what);

/** An id of the contract. */
export function id(value: unknown, what: string): string {
  const parsed = idSchema.safeParse(value);
  if (!parsed.success) throw damaged(what);
  return parsed.data;
}

/** An id, or nothing. */
export const idOrNull = (value: unknown, what: string): string | null =>
  value === null ? null : id(value, what);

/** A text. */
export function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw damaged(what);
  return value;
}

/** A hash, as hexadecimal digits. */
export function hash(value: unknown, what: string): string {
  if (!(value instanceof Uint8Array) || value.length !== HASH_BYTES) throw damaged(what);
  return Buffer.from(value).toString("hex");
}

/** An amount in base units. */
export function units(value: unknown, least: bigint): bigint {
  if (typeof value !== "bigint" || value < least) throw damaged("amount");
  return value;
}

/** What a small number stands for. */
export function member<T>(all: readonly T[], value: unknown, what: string): T {
  const found = all[whole(value, what)];
  if (found === undefined) throw damaged(what);
  return found;
}

/** One of the texts that may stand there. */
export function oneOf<T extends string>(all: readonly T[], value: unknown, what: string): T {
  const found = all.find((one) => one === value);
  if (found === undefined) throw damaged(what);
  return found;
}
