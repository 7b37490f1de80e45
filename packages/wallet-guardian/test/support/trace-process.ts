/** A process to trace: it prints `answer` after each decision, first of one caller, then of many at once. */
import { writeSync } from "node:fs";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import { createGuardian } from "../../src/index.js";

const [path = "", alone = "", together = ""] = process.argv.slice(2);
const ledger = createSqliteLedger({ path, create: true });
const guardian = createGuardian({
  policy: { max_24h: "1000000" },
  ledger,
  clock: () => Date.now(),
  monotonic: () => performance.now(),
});

async function ask(withdrawal_id: string): Promise<void> {
  const answer = await guardian.evaluate({ withdrawal_id, wallet_id: "a", amount: "1" }, "LOW");
  writeSync(1, `answer ${withdrawal_id} ${answer.decision}\n`);
}

for (let n = 0; n < Number(alone); n++) await ask(`alone-${n}`);
await Promise.all(Array.from({ length: Number(together) }, (_, n) => ask(`together-${n}`)));
await ledger.close();
