/**
 * The independent checker of what a ledger holds: reads it with SQL of its own, recomputes every window at every
 * moment, and adds up the sums. It shares no code with the engine, on purpose: what both had wrong would go unnoticed.
 */

/** One id as the ledger stores it. */
export type Row = Readonly<{
  id: string;
  payment: string;
  wallet: string;
  account: string | null;
  amount: bigint;
  content: string;
  status: string;
  counts: string;
  at: number | null;
  allowedAt: number | null;
  txid: string | null;
}>;

/** One freeze as the ledger stores it. */
export type FrozenRow = Readonly<{
  scope: string;
  kind: string;
  cause: string;
  first: number;
  last: number;
  count: number;
}>;

/** A part of what a scope's stored sums come to: the newest running sum, or a correction, of what counts as one thing. */
export type Total = Readonly<{ scope: string; counts: string; amount: bigint; count: bigint }>;

/** What the checker reads of a ledger. */
export type Contents = Readonly<{
  rows: readonly Row[];
  freezes: readonly FrozenRow[];
  totals: readonly Total[];
  /** Faults that the database itself found. */
  faults: readonly string[];
}>;

/** A limit, in base units and milliseconds. */
export type CheckedLimit = Readonly<{
  scope: "account" | "wallet" | "global";
  window_ms: number;
  max_amount?: bigint;
  max_count?: number;
}>;

type Group = Readonly<{ name: string; entries: readonly { at: number; amount: bigint }[] }>;

/** Every breach of every limit at every moment: a window is never fuller than at the time of one of its entries. */
export function breaches(rows: readonly Row[], limits: readonly CheckedLimit[]): string[] {
  return limits.flatMap((limit) =>
    groupsOf(rows, limit.scope).flatMap((group) => breachesOf(group, limit)),
  );
}

function groupsOf(rows: readonly Row[], scope: CheckedLimit["scope"]): Group[] {
  const groups = new Map<string, { at: number; amount: bigint }[]>();
  for (const { wallet, account, amount, counts, at } of rows) {
    const name = { account, wallet, global: "all" }[scope];
    if (counts !== "allowed" || at === null || name === null) continue;
    const entries = groups.get(name) ?? [];
    entries.push({ at, amount });
    groups.set(name, entries);
  }
  return [...groups].map(([name, entries]) => ({
    name: `${scope} ${name}`,
    entries: entries.sort((a, b) => a.at - b.at),
  }));
}

/** A window is fullest at the last of the entries of one moment; the oldest leave as the moment moves. */
function breachesOf({ name, entries }: Group, limit: CheckedLimit): string[] {
  const found: string[] = [];
  let [first, amount] = [0, 0n];
  entries.forEach((entry, index) => {
    amount += entry.amount;
    for (let old = entries[first]; old !== undefined && entry.at - old.at >= limit.window_ms;) {
      amount -= old.amount;
      old = entries[++first];
    }
    const count = index - first + 1;
    const isOver =
      (limit.max_amount !== undefined && amount > limit.max_amount) ||
      (limit.max_count !== undefined && count > limit.max_count);
    if (isOver) found.push(`${name}: ${amount} in ${count} at ${entry.at}, ${limit.window_ms} ms`);
  });
  return found;
}

const COUNTED = ["allowed", "reserved", "asked"] as const;

/** Every scope whose stored sums are not the sums of its rows. */
export function wrongSums({ rows, totals }: Pick<Contents, "rows" | "totals">): string[] {
  const [stored, mine] = [new Map<string, Sum>(), new Map<string, Sum>()];
  for (const { scope, counts, amount, count } of totals)
    add(stored, `${scope} ${counts}`, { amount, count });
  for (const { wallet, account, counts, amount } of rows) {
    if (!(COUNTED as readonly string[]).includes(counts)) continue;
    const scopes = [
      `wallet:${wallet}`,
      "global",
      ...(account === null ? [] : [`account:${account}`]),
    ];
    for (const scope of scopes) add(mine, `${scope} ${counts}`, { amount, count: 1n });
  }
  return [...new Set([...stored.keys(), ...mine.keys()])].flatMap((key) => {
    const [is, ought] = [stored.get(key) ?? NONE, mine.get(key) ?? NONE];
    return is.amount === ought.amount && is.count === ought.count
      ? []
      : [`${key}: ${is.amount} in ${is.count}, its rows have ${ought.amount} in ${ought.count}`];
  });
}

type Sum = Readonly<{ amount: bigint; count: bigint }>;
const NONE: Sum = { amount: 0n, count: 0n };

function add(sums: Map<string, Sum>, key: string, { amount, count }: Sum): void {
  const sum = sums.get(key) ?? NONE;
  sums.set(key, { amount: sum.amount + amount, count: sum.count + count });
}
