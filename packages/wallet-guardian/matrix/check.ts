/**
 * The independent checker: reads a ledger with SQL of its own and recomputes every window at every
 * moment. It shares no code with the engine, on purpose: what both had wrong would go unnoticed.
 */

/** One withdrawal as the ledger stores it. */
export type Row = Readonly<{
  id: string;
  wallet: string;
  account: string | null;
  amount: bigint;
  status: string;
  counts: string;
  at: number | null;
  txid: string | null;
}>;

/** A running sum, or the sum of all corrections, of one scope. */
export type Total = Readonly<{ scope: string; allowed: bigint; allowed_count: bigint }>;

/** What the checker reads of a ledger. */
export type Contents = Readonly<{
  rows: readonly Row[];
  /** The newest running sum of each scope, and all corrections of its smallest buckets. */
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

/** Every breach of every limit at every moment at which something began to count. */
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

/** What a client was told. */
export type Told = Readonly<{ id: string; act: string; txid?: string }>;

/** Every acknowledged answer that the ledger does not bear out. */
export function losses(rows: readonly Row[], told: readonly Told[]): string[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const last = new Map(told.map((entry) => [entry.id, entry]));
  return [...last.values()].flatMap(({ id, act, txid }) => {
    const row = byId.get(id);
    const stands = {
      allowed: row !== undefined && row.status !== "open",
      committed: row?.status === "committed" && row.txid === txid,
      released: row?.status === "released" && row.counts === "nothing",
    }[act];
    return stands === true ? [] : [`${id} was ${act}, and is ${row?.status ?? "gone"}`];
  });
}

/** Every scope whose stored sums are not the sums of its rows. */
export function wrongSums({ rows, totals }: Contents): string[] {
  const stored = new Map<string, { amount: bigint; count: bigint }>();
  for (const { scope, allowed, allowed_count } of totals) {
    const sum = stored.get(scope) ?? { amount: 0n, count: 0n };
    stored.set(scope, { amount: sum.amount + allowed, count: sum.count + allowed_count });
  }
  return [...stored].flatMap(([scope, { amount, count }]) => {
    const mine = rows.filter(
      ({ wallet, account, counts }) =>
        counts === "allowed" &&
        [`wallet:${wallet}`, `account:${account ?? ""}`, "global"].includes(scope),
    );
    const expected = mine.reduce((sum, row) => sum + row.amount, 0n);
    return expected === amount && BigInt(mine.length) === count
      ? []
      : [`${scope} has ${amount} in ${count}, its rows have ${expected} in ${mine.length}`];
  });
}
