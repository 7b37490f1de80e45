/** The scopes of a payment: what it adds to each, what counts there, and what is frozen. */
import type { FrozenRow as Freeze, Row } from "../check.js";
import { type Book, type Payment } from "./book.js";
import type { Level, Limits, Rules, Window } from "./rules.js";

/** What a payment adds to a scope. */
export type Share = Readonly<{
  scope: string;
  type: "account" | "wallet" | "global";
  amount: bigint;
  count: number;
  largest: bigint;
}>;

/** The shares of a payment: accounts in order, wallet, all together. */
export function sharesOf({ wallet, payouts }: Payment): Share[] {
  const accounts = [...new Set(payouts.flatMap(({ account }) => account ?? []))].sort();
  const share = (scope: string, type: Share["type"], mine: Payment["payouts"]): Share => ({
    scope,
    type,
    amount: mine.reduce((sum, { amount }) => sum + amount, 0n),
    count: mine.length,
    largest: mine.reduce((most, { amount }) => (amount > most ? amount : most), 0n),
  });
  return [
    ...accounts.map((id) =>
      share(
        `account:${id}`,
        "account",
        payouts.filter(({ account }) => account === id),
      ),
    ),
    share(`wallet:${wallet}`, "wallet", payouts),
    share("global", "global", payouts),
  ];
}

/** How long after its time nothing of the matrix reads a row, in milliseconds. */
const FORGOTTEN_MS = 2 * 86_400_000;

/** A request, as one window counts it. */
type Question = Readonly<{
  scope: string;
  window: Window;
  now: number;
  includeRequested: boolean;
  /** The ids of the payment itself. */
  own: ReadonlySet<string>;
}>;

/** What counts in a window, row by row. */
export function usage(book: Book, question: Question): { amount: bigint; count: number } {
  const { scope, window, now, own } = question;
  let [amount, count] = [0n, 0];
  const rows = book.counting.get(scope) ?? new Map<string, Row>();
  for (const row of rows.values()) {
    if (row.at !== null && now - row.at > FORGOTTEN_MS) rows.delete(row.id);
    if (own.has(row.id) || !countsAt(row, question, window.ms)) continue;
    amount += row.amount;
    count++;
  }
  return { amount, count };
}

function countsAt(
  { counts, at }: Row,
  { now, includeRequested }: Pick<Question, "now" | "includeRequested">,
  windowMs: number,
): boolean {
  if (at === null) return false;
  if (counts === "reserved") return now < at;
  return (counts === "allowed" || (includeRequested && counts === "asked")) && now - at < windowMs;
}

/** The ids of a payment and of its payouts. */
export const ownIds = ({ id, payouts }: Payment): ReadonlySet<string> =>
  new Set([id, ...payouts.map((payout) => payout.id)]);

/** Whether a share does not fit into a window. */
export const isOver = (
  { amount, count }: { amount: bigint; count: number },
  window: Window,
): boolean =>
  (window.amount !== null && amount > window.amount) ||
  (window.count !== null && count > window.count);

/** Milliseconds since the last ALLOW of another payment; Infinity where there was none. */
export function sinceAllow(
  book: Book,
  { id }: Payment,
  at: { scope: string; now: number },
): number {
  const allows = [...(book.allows.get(at.scope) ?? [])].filter(([other]) => other !== id);
  return at.now - Math.max(-Infinity, ...allows.map(([, ms]) => ms));
}

/** The limits of a share's scope. */
export const limitsOf = ({ limits }: Rules, { type }: Share): Limits | null => limits[type];

/** Freezes of some scopes. */
export const freezesOf = (book: Book, scopes: readonly string[]): readonly Freeze[] =>
  book.freezes.filter(({ scope }) => scopes.includes(scope));

/** Whether a freeze has ended by its time. */
export const endedByTime = ({ freezeMs }: Rules, { kind, last }: Freeze, now: number): boolean =>
  freezeMs !== null && kind !== "operator" && now - last >= freezeMs;

/** Risk, and since when it has been LOW. */
export type Risk = Readonly<{ level: Level; lowSince: number | null }>;

const ENDED_AT_LOW = { risk: ["risk"], all: ["risk", "limit"], none: [] } as const;

/** Whether a freeze has ended, since risk has been LOW for long enough or by its time. */
export function hasEnded(
  rules: Rules,
  freeze: Freeze,
  { risk, now }: { risk: Risk; now: number },
): boolean {
  if (endedByTime(rules, freeze, now)) return true;
  const kinds: readonly string[] = ENDED_AT_LOW[rules.endAtLow];
  return (
    risk.level === "LOW" &&
    risk.lowSince !== null &&
    kinds.includes(freeze.kind) &&
    risk.lowSince > freeze.last &&
    now - risk.lowSince >= rules.lowMs
  );
}

/** Sets a freeze; one of the same automatic kind is there once, and counts. */
export function addFreeze(book: Book, added: Omit<Freeze, "last" | "count">): void {
  const { scope, kind, first } = added;
  const same = (one: Freeze) => kind !== "operator" && one.scope === scope && one.kind === kind;
  if (!book.freezes.some(same)) {
    book.freezes = [...book.freezes, { ...added, last: first, count: 1 }];
    return;
  }
  book.freezes = book.freezes.map((one) =>
    same(one) ? { ...one, last: Math.max(one.last, first), count: one.count + 1 } : one,
  );
}

/** Rejected attempts of a frozen scope within the policy's time. */
export const attemptsOf = (book: Book, { attempts }: Rules, at: { scope: string; now: number }) =>
  (book.attempts.get(at.scope) ?? []).filter((ms) => at.now - ms < attempts.ms).length;
