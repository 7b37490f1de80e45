/** A process that requests withdrawals of 1 coin, and prints each id that it may sign. */
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import { createGuardian } from "../../src/index.js";

const [path = "", name = "", max_24h = "", count = ""] = process.argv.slice(2);
const ledger = createSqliteLedger({ path, create: true });
const guardian = createGuardian({
  policy: { max_24h },
  ledger,
  clock: () => Date.now(),
  monotonic: () => performance.now(),
});
for (let n = 0; n < Number(count); n++) {
  const withdrawal_id = `${name}-${n}`;
  const answer = await guardian.evaluate({ withdrawal_id, wallet_id: "a", amount: "1" }, "LOW");
  if (answer.final) process.stdout.write(`${withdrawal_id}\n`);
}
await ledger.close();
