/**
 * Bytes a payment of a SQLite ledger before and after retention, and callers beside export and prune:
 * `pnpm --filter @dgb-shield/wallet-guardian size [payments]` (1,000,000). The clock is simulated, 10 payments a second.
 */
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { createSqliteLedger } from "../src/adapters/sqlite/index.js";
import {
  createGuardian,
  exportRecords,
  type Exported,
  parsePolicy,
  pruneLedger,
} from "../src/index.js";
import { median, newFolder } from "./durable.js";
import { openSqlite } from "./sqlite.js";

const CALLERS = 64;
const ACCOUNTS = 500;
const SPACING_MS = 100;
const START_MS = 1_780_000_000_000;
const PAUSE_MS = 3 * 86_400_000;
const A_YEAR = 10 * 86_400 * 365;

const payments = Number(process.argv[2] ?? 1_000_000);
if (!Number.isSafeInteger(payments) || payments < CALLERS)
  throw new Error(`payments: ${CALLERS} or more`);

const folder = newFolder();
const path = folder.file("guardian.db");
const ledger = createSqliteLedger({ path, create: true });
let elapsedMs = 0;
const policy = parsePolicy({ max_per_tx: "5000", max_24h: "100000000" });
const guardian = createGuardian({
  policy: { max_per_tx: "5000", max_24h: "100000000" },
  ledger,
  clock: () => START_MS + elapsedMs,
  monotonic: () => elapsedMs,
});
let next = 0;

async function pay(): Promise<void> {
  const number = next++;
  elapsedMs += SPACING_MS;
  const account_id = `customer-${number % ACCOUNTS}`;
  const withdrawal_id = `withdrawal-${String(number).padStart(12, "0")}`;
  const answer = await guardian.evaluate(
    { withdrawal_id, wallet_id: "hot-1", account_id, amount: "1.25" },
    "LOW",
  );
  if (!answer.final) throw new Error(`size: ${answer.reason_codes.join()}`);
  const txid = number.toString(16).padStart(64, "0");
  const settled = await guardian.commit(withdrawal_id, { txid });
  if (!settled.accepted) throw new Error(`size: ${settled.reason_codes.join()}`);
}

const callers = (goOn: () => boolean, took: number[] = []) =>
  Promise.all(
    Array.from({ length: CALLERS }, async () => {
      while (goOn()) {
        const begun = performance.now();
        await pay();
        took.push(performance.now() - begun);
        if (next % 20_000 === 0) process.stderr.write(`\r${next} payments `);
      }
    }),
  );

/** Bytes of the pages in use, without those that are free to be used again. */
function usedBytes(): number {
  const db = openSqlite(path);
  db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  const [pages, free, size] = ["page_count", "freelist_count", "page_size"].map((name) =>
    Number((db.prepare(`PRAGMA ${name}`).get() as unknown[])[0]),
  ) as [number, number, number];
  db.close();
  return (pages - free) * size;
}

async function exported(): Promise<Exported & { bytes: number }> {
  const file = createWriteStream(folder.file("records.jsonl"), { highWaterMark: 1 << 22 });
  const all = await exportRecords(ledger, {
    write: (line) => (file.write(`${line}\n`) ? undefined : once(file, "drain")),
  });
  file.end();
  await once(file, "close");
  return { ...all, bytes: file.bytesWritten };
}

await callers(() => next < payments);
const before = usedBytes();
elapsedMs += PAUSE_MS;
await pay();

let isDone = false;
const took: number[] = [];
const beside = callers(() => !isDone, took);
const begun = performance.now();
const records = await exported();
const exportedMs = performance.now() - begun;
const order = { policies: [policy], operator: "bench", reason: "size" };
const rows = await pruneLedger(ledger, {
  ...order,
  now_ms: START_MS + elapsedMs,
  exported: records,
  progress: (done) => {
    if (done % 50_000 < 500) process.stderr.write(`\r${done} rows pruned `);
  },
});
const prunedMs = performance.now() - begun - exportedMs;
isDone = true;
await beside;
const younger = next - payments - 1;

// What the callers paid meanwhile is pruned as well, so that every payment counts alike.
elapsedMs += PAUSE_MS;
await pay();
const rest = await exportRecords(ledger, { write: () => undefined });
await pruneLedger(ledger, { ...order, now_ms: START_MS + elapsedMs, exported: rest });
const after = usedBytes();
await ledger.close();
folder.remove();

const each = (bytes: number, of = payments) => (bytes / of).toFixed(0);
const gigabytes = (bytes: number, of = payments) => ((bytes / of) * A_YEAR * 1e-9).toFixed(1);
took.sort((a, b) => a - b);
process.stderr.write("\r");
console.log(`${payments.toLocaleString("en")} payments, evaluated and committed, SQLite
  before retention   ${each(before)} bytes a payment   a year at 10 a second: ${gigabytes(before)} GB
  after              ${each(after, next)} bytes a payment   a year at 10 a second: ${gigabytes(after, next)} GB
  exported records   ${each(records.bytes)} bytes a payment   a year at 10 a second: ${gigabytes(records.bytes)} GB
  ${records.records} records exported in ${(exportedMs / 1e3).toFixed(0)} s, ${rows} rows pruned in ${(prunedMs / 1e3).toFixed(0)} s
  beside it, ${CALLERS} callers: ${younger} payments, median ${median(took).toFixed(1)} ms, 99 % ${(took[Math.floor(took.length * 0.99)] ?? 0).toFixed(1)} ms, longest ${(took.at(-1) ?? 0).toFixed(0)} ms`);
