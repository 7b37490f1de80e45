/**
 * Comparisons in one run: the cases take turns, so that a machine that slows down slows all of them
 * down. A slice is short enough to run between two interruptions; of each round's slices the best one
 * counts, and of the rounds the median.
 */
const SLICE_NS = 400_000n;
const SLICES_PER_ROUND = 40;
const WARM_UP_MS = 300;

/** Kept, so that no case can be optimised away. */
export let last;

export function compare(cases, { rounds = 15 } = {}) {
  const runs = cases.map(([name, run]) => ({ name, run, size: warmUp(run), bests: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const timed of runs) timed.bests.push(bestSlice(timed));
  }
  const medians = runs.map(({ bests }) => bests.sort((a, b) => a - b)[bests.length >> 1]);
  return runs.map(({ name }, i) => ({ name, us: medians[i], ratio: medians[i] / medians[0] }));
}

/** Runs a case until it is hot; gives how often it runs in one slice. */
function warmUp(run) {
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < WARM_UP_MS) {
    last = run();
    count++;
  }
  return Math.max(1, Math.round((count / WARM_UP_MS) * (Number(SLICE_NS) / 1e6)));
}

function bestSlice({ run, size }) {
  let best = Infinity;
  for (let slice = 0; slice < SLICES_PER_ROUND; slice++) {
    const begun = process.hrtime.bigint();
    for (let i = 0; i < size; i++) last = run();
    best = Math.min(best, Number(process.hrtime.bigint() - begun) / 1e3 / size);
  }
  return best;
}

export function print(title, timings) {
  console.log(`\n${title}`);
  for (const { name, us, ratio } of timings) {
    console.log(
      `  ${name.padEnd(48)} ${us.toFixed(2).padStart(10)} µs  ${ratio.toFixed(2).padStart(6)} ×`,
    );
  }
}
