/** Parses the text of an answer, and refuses one that two readers could understand differently. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The value of a text; undefined where it is no JSON, or where an object has a key twice. JSON.parse drops the first
 * of two such values: in any text, quotes that are not escaped are twice as many as keys and strings, so that what
 * was dropped is missed.
 */
export function parseAnswer(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return countQuotes(text) === 2 * countTexts(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Quotes that are not escaped. */
function countQuotes(text: string): number {
  let quotes = 0;
  for (let i = text.indexOf('"'); i >= 0; i = text.indexOf('"', i + 1)) {
    quotes++;
    // Inside a string now: on to its end.
    i = endOfString(text, i + 1);
    quotes++;
  }
  return quotes;
}

/** Where the string ends that begins here; the text is JSON. */
function endOfString(text: string, from: number): number {
  let i = from;
  while (text.charCodeAt(i) !== QUOTE) i += text.charCodeAt(i) === BACKSLASH ? 2 : 1;
  return i;
}

/** Keys and strings of a value, however deep. */
function countTexts(value: unknown): number {
  let texts = 0;
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === "string") texts++;
    else if (Array.isArray(one)) for (const item of one) left.push(item);
    else if (typeof one === "object" && one !== null) {
      for (const key of Object.keys(one)) {
        texts++;
        left.push((one as Record<string, unknown>)[key]);
      }
    }
  }
  return texts;
}
