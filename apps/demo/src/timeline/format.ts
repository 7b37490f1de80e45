/** Numbers, times and colours as a person reads them. */
import { stripVTControlCharacters, styleText } from "node:util";

/** A colour or weight of `util.styleText`. */
export type Style = Parameters<typeof styleText>[0];

/** Puts a style on a text, or leaves it plain. */
export type Paint = (style: Style, text: string) => string;

/** Styles for a terminal that shows them (not with `NO_COLOR`), and plain text elsewhere. */
export const paintFor = (stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Paint =>
  stream.isTTY === true && !environment["NO_COLOR"]
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text;

/**
 * A text from a node or a file without control characters: none of them moves the cursor of a terminal or breaks
 * a line.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "�");

/** `23751096` → `23,751,096`; decimals stay as they are. */
export function grouped(number: number | string): string {
  const [whole = "", fraction] = String(number).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? text : `${text}.${fraction}`;
}

/** `1 block`, `2 blocks`. */
export const counted = (count: number, noun: string): string =>
  `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

/** A time as `06-28 16:40:05` (UTC), or as `+00:24:59` from `zeroMs` on. */
export function timeText(clock: "utc" | "elapsed", atMs: number, zeroMs: number): string {
  if (clock === "utc") return new Date(atMs).toISOString().slice(5, 19).replace("T", " ");
  const seconds = Math.floor(Math.abs(atMs - zeroMs) / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const sign = atMs < zeroMs ? "-" : "+";
  return `${sign}${parts.map((part) => String(part).padStart(2, "0")).join(":")}`;
}

/**
 * Breaks a text between words into lines of at most `width` characters, escape sequences not
 * counted; a longer word stays whole.
 */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let room = -1;
  for (const word of text.split(" ")) {
    const length = stripVTControlCharacters(word).length;
    if (length + 1 > room) {
      lines.push(word);
      room = width - length;
    } else {
      lines.push(`${lines.pop() ?? ""} ${word}`);
      room -= length + 1;
    }
  }
  return lines;
}
