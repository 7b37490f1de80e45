/** Holds the rows of a ledger against what the replay of its records comes to. */
import type { Contents, FrozenRow, Row } from "../check.js";
import type { Book } from "./book.js";

/** Every row and freeze that is not what the records make of it. */
export const differences = (book: Book, { rows, freezes }: Contents): string[] => [
  ...rowDifferences(book, rows),
  ...freezeDifferences(book, freezes),
];

function rowDifferences(book: Book, rows: readonly Row[]): string[] {
  const stored = new Set(rows.map(({ id }) => id));
  const missing = [...book.rows.keys()].filter((id) => !stored.has(id));
  const other = rows.flatMap((row) => {
    const mine = book.rows.get(row.id);
    const [is, ought] = [lineOf(row), mine === undefined ? "nothing" : lineOf(mine)];
    return is === ought ? [] : [`row ${row.id} is ${is}, by the records ${ought}`];
  });
  return [...missing.map((id) => `row ${id} is missing`), ...other];
}

const lineOf = (row: Row): string =>
  [
    row.payment,
    row.wallet,
    row.account ?? "–",
    row.amount,
    row.content.slice(0, 8),
    row.status,
    row.counts,
    row.at ?? "–",
    row.allowedAt ?? "–",
    row.txid?.slice(0, 8) ?? "–",
  ].join(" ");

function freezeDifferences({ freezes }: Book, stored: readonly FrozenRow[]): string[] {
  const line = ({ scope, kind, cause, first, last, count }: FrozenRow) =>
    [scope, kind, cause, first, last, count].join(" ");
  const [is, ought] = [stored.map(line).sort(), freezes.map(line).sort()];
  return is.join("; ") === ought.join("; ")
    ? []
    : [`freezes are ${is.join("; ")}, by the records ${ought.join("; ")}`];
}
