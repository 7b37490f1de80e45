/** One client process of the matrix: asks, and writes down what it was answered, synced to disk. */
import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { once } from "node:events";
import pg from "pg";
import { createPostgresLedger } from "../src/adapters/postgres.js";
import { createSqliteLedger } from "../src/adapters/sqlite.js";
import { createGuardian } from "../src/index.js";
import type { Acknowledged, LedgerAddress, Plan, Report } from "./plan.js";

const HOUR_MS = 3_600_000;
const MAX_TRIES = 300;

const plan = JSON.parse(process.argv[2] ?? "") as Plan;
let begunMs = performance.now();
const counts = { allowed: 0, delayed: 0, busy: 0, unavailable: 0, untrusted: 0, undecided: 0 };
const log = openSync(plan.log, "a");
let unsynced = false;
let isEnded = false;

/** Written at once, synced before anything else happens in this process. */
function acknowledge(entry: Acknowledged): void {
  writeSync(log, `${JSON.stringify(entry)}\n`);
  if (unsynced) return;
  unsynced = true;
  setImmediate(() => {
    unsynced = false;
    if (!isEnded) fsyncSync(log);
  });
}

function openLedger(address: LedgerAddress) {
  if (address.kind === "sqlite") {
    const ledger = createSqliteLedger({ path: address.path });
    return { ledger, end: () => ledger.close() };
  }
  const pool = new pg.Pool({ connectionString: address.url, max: 4 });
  const ledger = createPostgresLedger({ pool, schema: address.schema });
  return { ledger, end: () => ledger.close().then(() => pool.end()) };
}

function clock(): number {
  const shift = {
    right: 0,
    back: -Math.floor((performance.now() - begunMs) / 20) * HOUR_MS,
    ahead: performance.now() - begunMs > 700 ? 25 * HOUR_MS : 0,
  }[plan.clock];
  return Date.now() + shift;
}

const { ledger, end } = openLedger(plan.ledger);
const guardian = createGuardian({
  policy: plan.policy,
  ledger,
  clock,
  // A clock that steps back is met without its guard, one that jumps ahead with it.
  ...(plan.clock === "back" ? {} : { monotonic: () => performance.now() }),
});

async function decide(i: number): Promise<void> {
  const withdrawal_id = `${plan.name}-${i}`;
  const account = plan.accounts === 0 ? {} : { account_id: `account-${i % plan.accounts}` };
  const wallet_id = `wallet-${i % plan.wallets}`;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const request = { withdrawal_id, wallet_id, ...account, amount: "1" };
    const answer = await guardian.evaluate(request, "LOW");
    const codes = new Set<string>(answer.reason_codes);
    if (answer.final) {
      counts.allowed++;
      acknowledge({ id: withdrawal_id, act: "allowed" });
      if (plan.settles) await settle(withdrawal_id, i);
      return;
    }
    if (codes.has("clock_untrusted")) {
      counts.untrusted++;
      return;
    }
    if (codes.has("ledger_busy")) counts.busy++;
    else if (codes.has("ledger_unavailable")) counts.unavailable++;
    else {
      counts.delayed++;
      return;
    }
    await sleep(50 + Math.random() * 200);
  }
  counts.undecided++;
}

async function settle(id: string, i: number): Promise<void> {
  if (i % 3 === 0) {
    const txid = createHash("sha256").update(id).digest("hex");
    const { accepted } = await guardian.commit(id, { txid });
    if (accepted) acknowledge({ id, act: "committed", txid });
  } else if (i % 7 === 0) {
    const { accepted } = await guardian.release(id, { reason: "matrix" });
    if (accepted) acknowledge({ id, act: "released" });
  }
}

await guardian.wallet("wallet-0"); // opens the ledger before the start
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.destroy();
begunMs = performance.now();
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let next = 0;
await Promise.all(
  Array.from({ length: plan.concurrency }, async () => {
    while (next < plan.requests) await decide(next++);
  }),
);
fsyncSync(log);
closeSync(log);
isEnded = true;
await end();
const report: Report = { ...counts, stood_ms: Math.round(delay.max / 1e6) };
process.stdout.write(`${JSON.stringify(report)}\n`);
