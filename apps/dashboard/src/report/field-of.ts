/** Reads a field of a record as text. */
import type { Recorded } from "./collect.js";

/** The field; empty where there is none. */
export const fieldOf = (record: Recorded["record"], name: string): string => {
  const value = record[name];
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};
