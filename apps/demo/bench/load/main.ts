/**
 * `pnpm --filter @dgb-shield/demo run load [--seconds 600]`: loads the service from another process over loopback, and prints
 * ratios to a bare Fastify handler with one raw durable commit a request, in turns within one run.
 */
import { parseArgs } from "node:util";
import { mine, pollsUntilRefused, startMiningNode } from "./finding.js";
import { type Memory, startServed } from "./processes.js";
import { batch, createCallers, type Round } from "./requests.js";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { seconds: { type: "string", default: "600" } },
});
const seconds = Number(values.seconds);
if (!(seconds >= 10)) {
  console.error("usage: load [--seconds number, at least 10]");
  process.exit(2);
}

/** Seconds of one turn. */
const TURN = 2;
/** Answers of the service before anything is compared: the first ones take several times as long, until its code is compiled. */
const WARM_UP = 5_000;
const MOST_CALLERS = 16;
/** A block is mined so often: a node that stalls is a finding. */
const BLOCK_MS = 30_000;

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
const sortedOf = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b);
const median = (all: readonly number[]): number => at(sortedOf(all), 0.5);
const latencies = (rounds: readonly Round[]): number[] => sortedOf(rounds.flatMap(({ ms }) => ms));
const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(0);

const node = await startMiningNode();
const mining = setInterval(() => void mine(node, 1).catch(() => undefined), BLOCK_MS);
const [bare, shield] = await Promise.all([
  startServed("bare-process"),
  startServed("service-process", node.url, node.cookieFile),
]).catch(async (error: unknown) => {
  clearInterval(mining);
  await node.remove();
  throw error;
});

/** Lets both answer in turns until they are as fast as they become, and prints how they began. */
async function warmUp(): Promise<void> {
  const [ours, theirs] = [createCallers(shield, MOST_CALLERS), createCallers(bare, MOST_CALLERS)];
  const ratios: number[] = [];
  for (let answers = 0; answers < WARM_UP;) {
    const [own, raw] = [await ours.round(TURN), await theirs.round(TURN)];
    answers += own.ms.length;
    ratios.push(own.perSecond / raw.perSecond);
  }
  await ours.close();
  await theirs.close();
  const [first = NaN] = ratios;
  console.log(
    `${MOST_CALLERS} callers, cold: ${first.toFixed(2)} × bare in the first ${TURN} s; compared after ${ratios.length * TURN} s each`,
  );
}

/** Turns of `callers` callers for a time; a ratio is of two turns that follow each other. */
async function compare(callers: number, wholeSeconds: number) {
  const [ours, theirs] = [createCallers(shield, callers), createCallers(bare, callers)];
  await ours.round(TURN);
  await theirs.round(TURN);
  const rounds: { own: Round; raw: Round }[] = [];
  const memory: Memory[] = [await shield.memory()];
  const began = performance.now();
  const share = () => (performance.now() - began) / 1_000 / wholeSeconds;
  while (share() < 1) {
    rounds.push({ own: await ours.round(TURN), raw: await theirs.round(TURN) });
    if (memory.length === 1 && share() >= 0.5) memory.push(await shield.memory());
    if (process.stderr.isTTY)
      process.stderr.write(
        `\r\u001b[2K${callers} callers: ${Math.floor(Math.min(1, share()) * 100)} %`,
      );
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
  memory.push(await shield.memory());
  await ours.close();
  await theirs.close();
  const own = latencies(rounds.map((round) => round.own));
  const raw = latencies(rounds.map((round) => round.raw));
  const ratio = median(rounds.map((round) => round.own.perSecond / round.raw.perSecond));
  console.log(
    `${callers} callers: ${ratio.toFixed(2)} × bare, median of ${rounds.length} turns; p50 ${at(own, 0.5).toFixed(1)} ms (bare ${at(raw, 0.5).toFixed(1)}), p99 ${(at(own, 0.99) / at(own, 0.5)).toFixed(1)} × p50 (bare ${(at(raw, 0.99) / at(raw, 0.5)).toFixed(1)}), ${own.length} answers`,
  );
  const [first, ...later] = memory;
  console.log(
    `  memory after a collection, begin, middle, end: heap ${memory.map(({ heapUsed }) => mb(heapUsed)).join(", ")} MB, rss ${memory.map(({ rss }) => mb(rss)).join(", ")} MB; heap ${((later.at(-1)?.heapUsed ?? NaN) / (first?.heapUsed ?? NaN)).toFixed(2)} × begin`,
  );
}

/** Payments of 200 payouts and of one, in turns. */
async function compareBatches(turns: number): Promise<void> {
  const caller = createCallers(shield, 1);
  const ratios: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const one = await caller.round(0.5);
    const many = await caller.round(0.5, batch);
    ratios.push(median(many.ms) / median(one.ms));
  }
  await caller.close();
  console.log(`200 payouts: ${median(ratios).toFixed(1)} × one, median of ${turns} turns`);
}

try {
  await warmUp();
  await compare(1, seconds * 0.2);
  await compare(MOST_CALLERS, seconds * 0.7);
  await compareBatches(Math.max(5, Math.round(seconds / 10)));
} finally {
  clearInterval(mining);
  await Promise.all([bare.end(), shield.end()]);
  await node.remove();
}
console.log(`finding on a live node: refused after ${await pollsUntilRefused()} polls`);
