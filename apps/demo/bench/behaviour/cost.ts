/**
 * What `judgeBehaviour` costs a decision on SQLite, by the length of the history: `pnpm --filter @dgb-shield/demo run behaviour:cost`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGuardian } from "@dgb-shield/wallet-guardian";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";

const DAY_MS = 86_400_000;
const SPAN_MS = 180 * DAY_MS;
/** Payments of one import at most: its list has to be hashed whole. */
const CHUNK = 1_000;
const DECISIONS = 2_000;
const ORDER = { operator: "bench", reason: "bench" };

const folder = mkdtempSync(join(tmpdir(), "shield-behaviour-"));
const ledgerOf = async (size: number) => {
  const path = join(folder, `${size}.sqlite`);
  const ledger = createSqliteLedger({ path, create: true });
  const now = Date.now();
  const policy = { name: "import", max_24h: "1" };
  const importer = createGuardian({ policy, ledger, clock: () => now });
  for (let from = 0; from < size; from += CHUNK) {
    const payments = Array.from({ length: Math.min(CHUNK, size - from) }, (_, i) => ({
      ...{ withdrawal_id: `o-${from + i}`, wallet_id: "hot", account_id: "ada", amount: "1" },
      paid_at_ms: now - Math.floor(((size - from - i) * SPAN_MS) / size),
      txid: (from + i).toString(16).padStart(64, "0"),
    }));
    const { accepted } = await importer.importPayments(payments, ORDER);
    if (!accepted) throw new Error("the import was refused");
  }
  return ledger;
};

let ids = 0;
try {
  for (const size of [1_000, 100_000]) {
    const ledger = await ledgerOf(size);
    for (const judgeBehaviour of [false, true, false, true]) {
      const name = `bench-${judgeBehaviour}`;
      const policy = { name, max_24h: "1000000", claim: "explicit" } as const;
      const guardian = createGuardian({ policy, ledger, clock: Date.now, judgeBehaviour });
      const ask = () =>
        guardian.evaluate(
          { withdrawal_id: `w-${++ids}`, wallet_id: "hot", account_id: "ada", amount: "0.001" },
          "LOW",
          { finalize: () => ({ allow: true, record: {} }) },
        );
      await ask();
      const from = performance.now();
      const answers = await Promise.all(Array.from({ length: DECISIONS }, ask));
      const each = (performance.now() - from) / DECISIONS;
      if (answers.some(({ final }) => !final)) throw new Error("a payment was refused");
      process.stdout.write(
        `${size} payments in 180 days, behaviour ${judgeBehaviour ? "judged" : "not judged"}: ${each.toFixed(3)} ms a decision\n`,
      );
    }
    await ledger.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
