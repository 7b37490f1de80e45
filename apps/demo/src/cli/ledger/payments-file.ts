/** Reads the file of payments that `shield ledger import` counts: CSV with a header, or JSON Lines. */
import {
  ContractError,
  formatAmount,
  isAmount,
  type JsonValue,
  parseAmount,
  parseStrictJson,
} from "@dgb-shield/contract";
import type { OutsidePayment } from "@dgb-shield/wallet-guardian";
import { CsvError, csvRows } from "./csv.js";

/** Forms of the file. */
export const IMPORT_FORMATS = ["csv", "jsonl"] as const;
/** A form of the file. */
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

/** One thing that is wrong, and what to do. */
export type FileIssue = Readonly<{ line: number; problem: string }>;

/** The payments of a file, each with its line; or everything that is wrong. */
export type PaymentsFile = Readonly<{
  payments: readonly OutsidePayment[];
  /** Line of each payment. */
  lines: readonly number[];
  issues: readonly FileIssue[];
}>;

/** Columns of a CSV, and members of a line of JSON; those marked are required. */
const COLUMNS: ReadonlyMap<string, boolean> = new Map([
  ["withdrawal_id", true],
  ["wallet_id", true],
  ["account_id", false],
  ["amount", true],
  ["fee", false],
  ["destination", false],
  ["paid_at", true],
  ["txid", true],
]);

const NAMES = [...COLUMNS.keys()].join(", ");

/**
 * Reads a file as text. `amount` is what left, its share of the fee included; `destination` gets `amount` − `fee`.
 *
 * @example readPayments("withdrawal_id,wallet_id,amount,paid_at,txid\n…", "csv")
 */
export function readPayments(text: string, format: ImportFormat): PaymentsFile {
  const payments: OutsidePayment[] = [];
  const lines: number[] = [];
  const issues: FileIssue[] = [];
  const rows = format === "csv" ? csvMembers(text) : jsonMembers(text);
  for (const row of rows) {
    const problems = has(row, "problem") ? [row.problem] : problemsOf(row.members);
    issues.push(...problems.map((problem) => ({ line: row.line, problem })));
    if (has(row, "problem") || problems.length > 0) continue;
    payments.push(paymentOf(row.members));
    lines.push(row.line);
  }
  if (payments.length === 0 && issues.length === 0) {
    issues.push({ line: 1, problem: "no payment: give one a line" });
  }
  return { payments, lines, issues };
}

type Members = Readonly<Record<string, string>>;
type Row = Readonly<{ line: number }> &
  (Readonly<{ members: Members }> | Readonly<{ problem: string }>);

const has = <K extends "problem">(row: Row, key: K): row is Extract<Row, Record<K, unknown>> =>
  Object.hasOwn(row, key);

function* csvMembers(text: string): Generator<Row> {
  try {
    let header: readonly string[] | null = null;
    for (const { line, fields } of csvRows(text.replace(/^\uFEFF/, ""))) {
      if (header === null) {
        header = fields;
        const problem = headerProblem(fields);
        if (problem === null) continue;
        yield { line, problem };
        return;
      }
      if (fields.length !== header.length) {
        const problem = `${fields.length} fields under ${header.length} columns: give one for each`;
        yield { line, problem };
        continue;
      }
      const named = header.map((name, at) => [name, fields[at] ?? ""] as const);
      yield { line, members: Object.fromEntries(named.filter(([, field]) => field !== "")) };
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield { line: error.line, problem: error.message };
  }
}

function headerProblem(names: readonly string[]): string | null {
  const unknown = names.find((name) => !COLUMNS.has(name));
  if (unknown !== undefined)
    return `no column ${JSON.stringify(unknown)}: the columns are ${NAMES}`;
  if (new Set(names).size < names.length) return "a column is there twice: keep one";
  const missing = [...COLUMNS].find(([name, isRequired]) => isRequired && !names.includes(name));
  return missing === undefined ? null : `the column ${missing[0]} is missing: add it`;
}

function* jsonMembers(text: string): Generator<Row> {
  for (const [at, given] of text.split("\n").entries()) {
    const content = given.replace(/\r$/, "");
    if (content !== "") yield { line: at + 1, ...jsonLine(content) };
  }
}

function jsonLine(content: string): Readonly<{ members: Members }> | Readonly<{ problem: string }> {
  let value: JsonValue;
  try {
    value = parseStrictJson(content);
  } catch (error) {
    const code = error instanceof ContractError ? error.code : "invalid_json";
    return { problem: `no strict JSON (${code}): give one object a line` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { problem: "no object: give one a line" };
  }
  const unknown = Object.keys(value).find((name) => !COLUMNS.has(name));
  if (unknown !== undefined) {
    return { problem: `no field ${JSON.stringify(unknown)}: the fields are ${NAMES}` };
  }
  const other = Object.entries(value).find(([, member]) => typeof member !== "string");
  return other === undefined
    ? { members: value as Members }
    : { problem: `${other[0]}: no text; give a text, or leave it out` };
}

/** With an offset, so that no time zone is guessed. */
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

function problemsOf(members: Members): string[] {
  const missing = [...COLUMNS].flatMap(([name, isRequired]) =>
    isRequired && !Object.hasOwn(members, name) ? [`${name} is missing: give it`] : [],
  );
  const { paid_at, fee } = members;
  const isTime = paid_at === undefined || !Number.isNaN(timeOf(paid_at));
  return [
    ...missing,
    ...(isTime ? [] : ["paid_at: no time; give one such as 2026-11-30T12:00:00Z"]),
    ...(fee === undefined || isAmount(fee) ? [] : ['fee: no amount; give coins such as "0.01"']),
  ];
}

const timeOf = (text: string): number =>
  TIME.test(text) ? Date.parse(text.replace(" ", "T")) : NaN;

function paymentOf(members: Members): OutsidePayment {
  const { withdrawal_id = "", wallet_id = "", amount = "", paid_at = "", txid = "" } = members;
  const { account_id, fee, destination } = members;
  return {
    ...{ withdrawal_id, wallet_id, amount, paid_at_ms: timeOf(paid_at), txid },
    ...(account_id === undefined ? {} : { account_id }),
    ...(fee === undefined ? {} : { max_fee: fee }),
    ...(destination === undefined
      ? {}
      : { destinations: [{ address: destination, amount: leftOf(amount, fee) }] }),
  };
}

/** What a destination got; the amount itself where it cannot be told, which is then rejected with its own text. */
function leftOf(amount: string, fee = "0"): string {
  if (!isAmount(amount)) return amount;
  const left = parseAmount(amount) - parseAmount(fee);
  return left > 0n ? formatAmount(left) : amount;
}
