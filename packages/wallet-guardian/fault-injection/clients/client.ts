/** A client on its ledger: gets ready, waits for the start, sends requests, reports. */
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import pg from "pg";
import { createPostgresLedger } from "../../src/adapters/postgres/index.js";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import { createGuardian } from "../../src/index.js";
import { openLog } from "./acknowledge.js";
import type { LedgerAddress, Plan, Report } from "./plan.js";
import { race } from "./race.js";
import { wander } from "./wander.js";

const HOUR_MS = 3_600_000;

function openLedger(address: LedgerAddress) {
  if (address.kind === "sqlite") {
    const ledger = createSqliteLedger({ path: address.path, create: true });
    return { ledger, end: () => ledger.close() };
  }
  const pool = new pg.Pool({
    connectionString: address.url,
    max: 4,
    application_name: address.schema,
  });
  pool.on("error", () => undefined);
  const ledger = createPostgresLedger({ pool, schema: address.schema });
  return { ledger, end: () => ledger.close().then(() => pool.end()) };
}

function shiftOf(clock: Plan["clock"], sinceMs: number): number {
  if (clock === "back") return -Math.floor(sinceMs / 20) * HOUR_MS;
  return clock === "ahead" && sinceMs > 700 ? 25 * HOUR_MS : 0;
}

/** Runs the plan. */
export async function beClient(plan: Plan): Promise<void> {
  let begunMs = performance.now();
  const { ledger, end } = openLedger(plan.ledger);
  const guardian = createGuardian({
    policy: plan.policy,
    ledger,
    clock: () => Date.now() + shiftOf(plan.clock, performance.now() - begunMs),
    // A clock that steps back is met without its guard, one that jumps ahead with it.
    ...(plan.clock === "back" ? {} : { monotonic: () => performance.now() }),
  });
  const log = openLog(plan.log);
  log.write({ act: "began", version: guardian.policy_version, policy: plan.policy });
  await guardian.wallet("wallet-0"); // opens the ledger before the start
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  process.stdin.destroy();
  begunMs = performance.now();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const tally = { allowed: 0, delayed: 0, busy: 0, unavailable: 0, untrusted: 0, undecided: 0 };
  if (plan.kind === "race") await race({ guardian, plan, log, tally });
  else await wander({ guardian, plan, log, tally });
  log.close();
  await end();
  const report: Report = { ...tally, stood_ms: Math.round(delay.max / 1e6) };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
