/** What must hold for every input, whatever it is. */
import { isDeepStrictEqual } from "node:util";
import jcs from "canonicalize";
import { canonicalize as jsonCanonicalize } from "json-canonicalize";
import {
  canonicalize,
  canonicalSlices,
  ContractError,
  parseJsonList,
  parseStrictJson,
  toJsonValue,
} from "./subject.js";

/**
 * Checks one input.
 *
 * @returns whether it was accepted
 * @throws Error that names what does not hold
 */
export function check(input: string | Uint8Array): boolean {
  const value = verdictOf(() => parseStrictJson(input));
  const listText = verdictOf(() => parseJsonList(input, "").value);
  expect(sameVerdict(value, listText), "the text of a list is judged differently");
  const text = typeof input === "string" ? input : decoded(input);
  if (text !== undefined) {
    const authority = verdictOf(() => toJsonValue(text));
    expect(sameVerdict(value, authority), "the reader and the fast way differ");
  }
  if (value.refused !== undefined) return false;
  expect(text !== undefined, "bytes that are not UTF-8 were accepted");
  expect(isDeepStrictEqual(value.value, JSON.parse(text ?? "")), "JSON.parse reads another value");
  const canonical = canonicalize(value.value);
  expect(
    canonicalize(parseStrictJson(canonical)) === canonical,
    "canonical form does not parse back to itself",
  );
  expect(jcs(value.value) === canonical, "the oracle canonicalize writes another text");
  // json-canonicalize calls a member named toJSON, function or not.
  if (!canonical.includes('"toJSON":')) {
    const other = jsonCanonicalize(value.value);
    expect(other === canonical, "the oracle json-canonicalize writes another text");
  }
  checkSpans(text ?? "", canonical);
  checkItems(input, value.value);
  checkItems(canonical, value.value);
  return true;
}

/** Canonical text is recognised, and no other; of keys that begin with a digit the writer decides. */
function checkSpans(text: string, canonical: string): void {
  const isRecognised = canonicalSlices(text, JSON.parse(text), "") !== undefined;
  expect(!isRecognised || text === canonical, "text was taken for canonical");
  const isLeft = /[{,]"\d/.test(text) || text.includes("\\ud");
  expect(isRecognised || isLeft || text !== canonical, "canonical text was not recognised");
}

/** The text of each item of each list is its canonical form. */
function checkItems(input: string | Uint8Array, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  for (const [list, items] of Object.entries(value)) {
    if (!Array.isArray(items)) continue;
    const { itemText } = parseJsonList(input, list);
    items.forEach((item, index) => {
      expect(itemText(index) === canonicalize(item), "an item has another text");
    });
  }
}

type Verdict = Readonly<{ value?: unknown; refused?: ContractError }>;

function verdictOf(read: () => unknown): Verdict {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ContractError) return { refused: error };
    throw error;
  }
}

const sameVerdict = (a: Verdict, b: Verdict): boolean =>
  a.refused?.code === b.refused?.code &&
  a.refused?.path === b.refused?.path &&
  isDeepStrictEqual(a.value, b.value);

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
