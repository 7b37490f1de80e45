/** Reads comma-separated values strictly (RFC 4180): quoted fields may hold commas, quotes and line breaks. */

/** A row, and the line on which it begins, from 1 on. */
export type CsvRow = Readonly<{ line: number; fields: readonly string[] }>;

/** Thrown for a text that is no CSV. */
export class CsvError extends Error {
  override readonly name = "CsvError";
  readonly line: number;

  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

/**
 * Splits a text into rows; empty lines are left out.
 *
 * @throws CsvError for a quote within an unquoted field, text after a closing quote, or a quote that is never closed
 * @example [...csvRows('a,"b, c"\n')] // [{ line: 1, fields: ["a", "b, c"] }]
 */
export function* csvRows(text: string): Generator<CsvRow> {
  let [at, line] = [0, 1];
  while (at < text.length) {
    const begun = line;
    const fields: string[] = [];
    for (;;) {
      const field = text[at] === '"' ? quoted(text, at, line) : plain(text, at, line);
      fields.push(field.value);
      line += field.value.split("\n").length - 1;
      at = field.end;
      if (text[at] !== ",") break;
      at++;
    }
    const end = /\r?\n/y;
    end.lastIndex = at;
    const found = end.exec(text);
    if (found === null && at < text.length) {
      throw new CsvError(
        line,
        "text after a closing quote: double a quote that is part of a field",
      );
    }
    at += found?.[0].length ?? 0;
    line++;
    if (fields.length > 1 || fields[0] !== "") yield { line: begun, fields };
  }
}

type Field = Readonly<{ value: string; end: number }>;

function plain(text: string, from: number, line: number): Field {
  const found = /[^",\r\n]*/y;
  found.lastIndex = from;
  const value = found.exec(text)?.[0] ?? "";
  const end = from + value.length;
  if (text[end] === '"') {
    throw new CsvError(
      line,
      "a quote within a field: put the whole field in quotes, and double it",
    );
  }
  return { value, end };
}

function quoted(text: string, from: number, line: number): Field {
  let [value, at] = ["", from + 1];
  for (;;) {
    const next = text.indexOf('"', at);
    if (next === -1) throw new CsvError(line, "a quote that is never closed: close it");
    value += text.slice(at, next);
    at = next + 1;
    if (text[at] !== '"') return { value, end: at };
    value += '"';
    at++;
  }
}
