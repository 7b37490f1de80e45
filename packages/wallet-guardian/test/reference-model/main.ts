/**
 * The long form of the model-based tests:
 * `pnpm --filter @dgb-shield/wallet-guardian fuzz [histories] [seed] [--ledger memory|sqlite|postgres]`.
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { agree, newTally } from "./agree.js";
import { histories } from "./history/index.js";
import { createStore, type StoreName, STORES } from "./stores.js";

const BATCH = 500;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { ledger: { type: "string", default: "memory" } },
});
const total = Number(positionals[0] ?? 100_000);
const seed = Number(positionals[1] ?? 1);
const name = STORES.find((one) => one === values.ledger);
if (name === undefined || !(total > 0) || !Number.isInteger(seed)) {
  throw new Error(`give histories, a seed and --ledger ${STORES.join("|")}`);
}

await run(name);

async function run(ledger: StoreName): Promise<void> {
  const tally = newTally();
  const store = await createStore(ledger);
  const startMs = performance.now();
  for (let done = 0; done < total; done += BATCH) {
    await fc.assert(
      fc.asyncProperty(histories, (history) => agree(history, tally, store.next)),
      { seed: seed + done, numRuns: Math.min(BATCH, total - done) },
    );
    const elapsed = ((performance.now() - startMs) / 1_000).toFixed(0);
    process.stderr.write(
      `\r${tally.histories} of ${total} histories agree, ${tally.steps} steps, ${elapsed} s`,
    );
  }
  await store.close();
  process.stderr.write("\n");
  report(ledger, tally);
}

function report(ledger: StoreName, tally: ReturnType<typeof newTally>): void {
  const { histories: played, steps, answers, retries, amounts, said } = tally;
  const figures = {
    ledger,
    seed,
    histories: played,
    steps,
    answers,
    retry_after_ms_tried: retries,
    allowed_now_tried: amounts,
    differences: 0,
    said: Object.fromEntries([...said].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}
