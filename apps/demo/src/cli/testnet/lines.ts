/** An event of the testnet as a line. */
import type { TestnetEvent } from "../../testnet/events.js";
import { type Paint, printable } from "../../timeline/format.js";

/** Width of the column of sources. */
const SOURCE = 9;

/** One line without its end: JSON, or text for a person. */
export function lineOf(
  event: TestnetEvent,
  { json, paint }: Readonly<{ json: boolean; paint: Paint }>,
): string {
  if (json) return JSON.stringify(event);
  const { at_ms, source, text, is_alarm } = event;
  const time = new Date(at_ms).toISOString().slice(11, 23);
  const shown = printable(text);
  return `${time} ${source.padEnd(SOURCE)}${is_alarm ? paint("red", shown) : shown}`;
}
