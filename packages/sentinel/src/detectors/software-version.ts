/** Versions of nodes, as they name themselves. */

/** Name and version as BIP 14 has them: `/DigiByte:9.26.5/`. */
const SOFTWARE = /^\/([^:/]{1,64}):v?(\d{1,6}(?:\.\d{1,6}){0,3})(?![\d.])/;

/** Name, in lower case, and version; undefined where the text names none. */
export function softwareOf(
  text: string,
): Readonly<{ program: string; version: string }> | undefined {
  const [, program, version] = SOFTWARE.exec(text) ?? [];
  return program === undefined || version === undefined
    ? undefined
    : { program: program.toLowerCase(), version };
}

/** Whether a version is below another; what one of them lacks is 0. */
export function isBelow(version: string, floor: string): boolean {
  const [given, needed] = [version, floor].map((one) => one.split(".").map(Number));
  for (let i = 0; i < 4; i++) {
    const difference = (given?.[i] ?? 0) - (needed?.[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
