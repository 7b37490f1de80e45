/** JSON Pointers (RFC 6901). */

/** The pointer of `key` inside the value at `path`. */
export const pointer = (path: string, key: string | number): string =>
  `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
