/** The long form of the model-based test: `pnpm --filter @dgb-shield/wallet-guardian model [histories] [seed]`. */
import fc from "fast-check";
import { agree, newTally } from "./agree.js";
import { histories } from "./history.js";

const BATCH = 1_000;
const total = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? 1);
const tally = newTally();
const startMs = performance.now();

const elapsed = () => `${((performance.now() - startMs) / 1_000).toFixed(0)} s`;
const progress = () =>
  `\r${tally.histories} of ${total} histories agree, ${tally.steps} steps, ${elapsed()}`;

for (let done = 0; done < total; done += BATCH) {
  await fc.assert(
    fc.asyncProperty(histories, (history) => agree(history, tally)),
    { seed: seed + done, numRuns: Math.min(BATCH, total - done) },
  );
  process.stderr.write(progress());
}

process.stderr.write("\n");
const { histories: played, steps, answers, retries, amounts, said } = tally;
const figures = {
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
