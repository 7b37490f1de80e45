/** One of several processes that decide at the same time: reads its environment, and sends its decisions to its parent. */
import pg from "pg";
import { createPostgresLedger } from "../src/adapters/postgres/index.js";
import { createGuardian } from "../src/index.js";
import type { ProcessFigures, ProcessOrder } from "./postgres-processes.js";

const order = JSON.parse(process.env["BENCH_ORDER"] ?? "null") as ProcessOrder;
const { url, schema, name, callers, wallets, isGlobal, milliseconds } = order;
const pool = new pg.Pool({ connectionString: url, max: 8 });
pool.on("error", () => undefined);
const ledger = createPostgresLedger({ pool, schema });
const guardian = createGuardian({
  policy: {
    max_24h: "100000000",
    ...(isGlobal ? { limits: { global: { max_24h: "100000000" } } } : {}),
  },
  ledger,
  clock: () => Date.now(),
  monotonic: () => performance.now(),
});
await guardian.wallet("none");
process.send?.("ready");
await new Promise((resolve) => process.once("message", resolve));
const codes: Record<string, number> = {};
const latencies: number[] = [];
const end = performance.now() + milliseconds;
let asked = 0;
await Promise.all(
  Array.from({ length: callers }, async (_, caller) => {
    while (performance.now() < end) {
      const begun = performance.now();
      const answer = await guardian.evaluate(
        {
          withdrawal_id: `${name}-${asked++}`,
          wallet_id: `wallet-${caller % wallets}`,
          account_id: `account-${asked % 50}`,
          amount: "1",
        },
        "LOW",
      );
      latencies.push(performance.now() - begun);
      for (const code of answer.reason_codes) codes[code] = (codes[code] ?? 0) + 1;
    }
  }),
);
latencies.sort((a, b) => a - b);
const figures: ProcessFigures = {
  codes,
  p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
};
process.send?.(figures);
await ledger.close();
await pool.end();
process.disconnect();
