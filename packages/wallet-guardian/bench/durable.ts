/** Durable decisions held against the raw commits of the same disk, in turns, so that both see the same moment. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSqliteLedger } from "../src/adapters/sqlite/index.js";
import { createGuardian, type Guardian, type Ledger } from "../src/index.js";
import { rawCommits } from "./sqlite.js";

const ROUNDS = 15;
const SLICE = 64;
const CALLERS = 64;
const BATCHES = 8;

/** A folder on the disk that is measured; removed by `remove`. */
export function newFolder(): Readonly<{ file: (name: string) => string; remove: () => void }> {
  const folder = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "guardian-bench-"));
  return {
    file: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A guardian over a ledger; policies of one ledger have a name each. */
export const guardianOver = (ledger: Ledger, max_24h: string, name = "default"): Guardian =>
  createGuardian({
    policy: { name, max_per_tx: "5000", max_24h },
    ledger,
    clock: () => Date.now(),
    monotonic: () => performance.now(),
  });

/** A guardian over a SQLite file. */
export function guardianOf(path: string) {
  const ledger = createSqliteLedger({ path, create: true });
  return { ledger, guardian: guardianOver(ledger, "100000000") };
}

let asked = 0;

const ask = (guardian: Guardian) =>
  guardian.evaluate({ withdrawal_id: `bench-${asked++}`, wallet_id: "hot-1", amount: "1" }, "LOW");

/** One withdrawal of 1 coin from the wallet `hot-1`, allowed. */
export async function withdraw(guardian: Guardian): Promise<void> {
  const answer = await ask(guardian);
  if (!answer.final) throw new Error(`bench: ${answer.reason_codes.join()}`);
}

/** One withdrawal that the day's limit delays, for how long is searched. */
export async function beRefused(guardian: Guardian): Promise<void> {
  const answer = await ask(guardian);
  if (answer.retry_after_ms === undefined) throw new Error(`bench: ${answer.decision}`);
}

/** Microseconds that one of `count` takes. */
export async function timed(count: number, run: () => unknown): Promise<number> {
  const begun = performance.now();
  await run();
  return ((performance.now() - begun) * 1_000) / count;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** One caller and 64 callers against raw one-row commits. */
export async function compareDurable(): Promise<void> {
  const folder = newFolder();
  const raw = rawCommits(folder.file("raw.db"));
  const { guardian, ledger } = guardianOf(folder.file("guardian.db"));
  const one = async () => {
    for (let i = 0; i < SLICE; i++) await withdraw(guardian);
  };
  const many = () =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (let i = 0; i < BATCHES; i++) await withdraw(guardian);
      }),
    );
  const rounds: { raw: number; one: number; many: number }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    rounds.push({
      raw: await timed(SLICE, () => {
        for (let i = 0; i < SLICE; i++) raw();
      }),
      one: await timed(SLICE, one),
      many: await timed(CALLERS * BATCHES, many),
    });
  }
  rounds.shift();
  await ledger.close();
  folder.remove();
  const of = (pick: "raw" | "one" | "many") => median(rounds.map((round) => round[pick]));
  const ratio = (pick: "one" | "many") => median(rounds.map((round) => round.raw / round[pick]));
  console.log(
    `\nDurable decisions, SQLite WAL, synchronous FULL (median of ${ROUNDS} rounds in turn)`,
  );
  const line = (name: string, us: number, times: number) =>
    console.log(
      `  ${name.padEnd(34)} ${us.toFixed(1).padStart(9)} µs ${Math.round(1e6 / us)
        .toString()
        .padStart(8)}/s ${times.toFixed(2).padStart(7)} ×`,
    );
  line("raw one-row commit", of("raw"), 1);
  line("one caller", of("one"), ratio("one"));
  line(`${CALLERS} callers`, of("many"), ratio("many"));
}
