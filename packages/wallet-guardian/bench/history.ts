/** A wallet with 1,000,000 withdrawals inside 24 hours against one with 1,000: the same time, the same memory. */
import { MIGRATIONS } from "../src/adapters/sqlite/schema/index.js";
import {
  beRefused,
  guardianOf,
  guardianOver,
  median,
  newFolder,
  timed,
  withdraw,
} from "./durable.js";
import { makeSqlite } from "./sqlite.js";

const DAY_MS = 86_400_000;
const ROUNDS = 15;
const SLICE = 64;

/** A file of the first version with `count` withdrawals, evenly over the last 24 hours less 5 minutes. */
function seed(path: string, count: number): void {
  const db = makeSqlite(path);
  db.exec("PRAGMA synchronous = OFF");
  db.exec(MIGRATIONS[0] ?? "");
  const insert = db.prepare(`INSERT INTO withdrawals VALUES
    (?, 'hot-1', NULL, 100000000, ?, 'reserved', 'allowed', ?, ?, NULL, NULL)`);
  const begin = Date.now() - DAY_MS + 300_000;
  const step = (DAY_MS - 300_000) / count;
  db.exec("BEGIN");
  for (let i = 0; i < count; i++) {
    const at = Math.floor(begin + i * step);
    insert.run(`old-${i}`, "0".repeat(64), at, at);
  }
  db.exec("COMMIT; PRAGMA user_version = 1");
  db.close();
}

/** Compares wallets by their history. */
export async function compareHistories(counts: readonly number[]): Promise<void> {
  const folder = newFolder();
  const cases = [];
  for (const count of counts) {
    const path = folder.file(`${count}.db`);
    seed(path, count);
    const begun = performance.now();
    const { guardian, ledger } = guardianOf(path);
    await withdraw(guardian);
    const openMs = performance.now() - begun;
    const run = async () => {
      for (let i = 0; i < SLICE; i++) await withdraw(guardian);
    };
    const strict = guardianOver(ledger, String(count / 2), "strict");
    const refuse = async () => {
      for (let i = 0; i < SLICE; i++) await beRefused(strict);
    };
    const [allow, deny]: [number[], number[]] = [[], []];
    cases.push({ count, ledger, run, refuse, openMs, allow, deny });
  }
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round <= ROUNDS; round++) {
    for (const one of cases) {
      const us = await timed(SLICE, one.run);
      const denied = await timed(SLICE, one.refuse);
      if (round > 0) one.allow.push(us);
      if (round > 0) one.deny.push(denied);
    }
  }
  globalThis.gc?.();
  const grown = process.memoryUsage().heapUsed - before;
  console.log("\nOne caller, by how many withdrawals the wallet made in the last 24 hours");
  const [first] = cases;
  for (const { count, allow, deny, openMs } of cases) {
    const ratio = (all: readonly number[], base: readonly number[] = all) =>
      median(all.map((us, i) => us / (base[i] ?? us))).toFixed(2);
    console.log(
      `  ${count.toLocaleString("en").padStart(9)} withdrawals: allowed ${median(allow).toFixed(1).padStart(9)} µs ` +
        `${ratio(allow, first?.allow).padStart(6)} ×   refused ${median(deny).toFixed(1).padStart(9)} µs ` +
        `${ratio(deny, first?.deny).padStart(6)} ×   (opened and migrated in ${(openMs / 1e3).toFixed(1)} s)`,
    );
  }
  console.log(
    `  heap after ${cases.length * 2 * ROUNDS * SLICE} decisions: ${(grown / 1e6).toFixed(1)} MB more`,
  );
  await Promise.all(cases.map(({ ledger }) => ledger.close()));
  folder.remove();
}
