/** JSON Pointers (RFC 6901) of schema paths. */

/** Longest path that a decision carries. */
const MAX_PATH_LENGTH = 256;

/** The pointer of a path of keys. */
export const pointerOf = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** A pointer cut to what a decision may carry. */
export const boundedPointer = (path: string): string =>
  path.slice(0, MAX_PATH_LENGTH).toWellFormed();

/** Longest explanation. */
const MAX_DETAIL_LENGTH = 512;

/** An explanation cut to what an answer may carry. */
export const boundedDetail = (detail: string): string =>
  detail.slice(0, MAX_DETAIL_LENGTH).toWellFormed();

/** Longest id that an answer repeats. */
const MAX_ID_LENGTH = 128;

/** An id as an answer may carry it; empty where it is no text of at most 128 characters. */
export const boundedId = (id: unknown): string =>
  typeof id === "string" && id.length <= MAX_ID_LENGTH ? id.toWellFormed() : "";
