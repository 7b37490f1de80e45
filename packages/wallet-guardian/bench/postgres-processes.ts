/** 64 callers on one PostgreSQL ledger, spread over more and more processes: one wallet, and several under a global limit. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { median } from "./durable.js";

const URL_TEXT =
  process.env["SHIELD_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";
const CALLERS = 64;
const PROCESSES = [1, 2, 4, 6];
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 3);
const MILLISECONDS = 3_000;

/** The environment of one process. */
export type ProcessOrder = Readonly<{
  url: string;
  schema: string;
  name: string;
  callers: number;
  wallets: number;
  isGlobal: boolean;
  milliseconds: number;
}>;

/** What one process answers. */
export type ProcessFigures = Readonly<{ codes: Record<string, number>; p99Ms: number }>;

type Round = Readonly<{ perSecond: number; busy: number; p99Ms: number }>;

/** Compares; in one run, one number of processes after the other, in rounds. */
export async function comparePostgresProcesses(): Promise<void> {
  const pool = new pg.Pool({ connectionString: URL_TEXT, max: 1 });
  pool.on("error", () => undefined);
  if ((await pool.query("SELECT 1").catch(() => null)) === null) {
    console.log(`\nPostgreSQL, several processes: skipped, needs a server at ${URL_TEXT}`);
  } else {
    await compare(pool, "one wallet", { wallets: 1, isGlobal: false });
    await compare(pool, "4 wallets, a global limit", { wallets: 4, isGlobal: true });
  }
  await pool.end();
}

async function compare(
  pool: pg.Pool,
  name: string,
  shape: Pick<ProcessOrder, "wallets" | "isGlobal">,
): Promise<void> {
  const rounds = new Map<number, Round[]>(PROCESSES.map((processes) => [processes, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const processes of PROCESSES) {
      const schema = `guardian_bench_${randomBytes(4).toString("hex")}`;
      rounds.get(processes)?.push(await decide(processes, { ...shape, schema }));
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    }
  }
  console.log(`\nPostgreSQL, ${CALLERS} callers, ${name} (median of ${ROUNDS} rounds in turn)`);
  const of = (processes: number, pick: (round: Round) => number) =>
    median((rounds.get(processes) ?? []).map(pick));
  const alone = of(1, ({ perSecond }) => perSecond);
  for (const processes of PROCESSES) {
    const perSecond = of(processes, (round) => round.perSecond);
    const busy = (rounds.get(processes) ?? []).reduce((sum, round) => sum + round.busy, 0);
    const p99Ms = Math.round(of(processes, (round) => round.p99Ms));
    console.log(
      `  ${processes} process${processes === 1 ? "  " : "es"} ${Math.round(perSecond).toString().padStart(8)}/s ${(perSecond / alone).toFixed(2).padStart(6)} ×  refused ${busy}  p99 ${p99Ms} ms`,
    );
  }
}

async function decide(
  processes: number,
  shape: Pick<ProcessOrder, "wallets" | "isGlobal" | "schema">,
): Promise<Round> {
  const children: ChildProcess[] = [];
  for (let n = 0; n < processes; n++) {
    const callers = Math.floor(CALLERS / processes) + (n < CALLERS % processes ? 1 : 0);
    children.push(
      await start({ ...shape, url: URL_TEXT, name: `p${n}`, callers, milliseconds: MILLISECONDS }),
    );
  }
  const answers = await Promise.all(
    children.map(
      (child) =>
        new Promise<ProcessFigures>((resolve, reject) => {
          child.once("message", (figures) => {
            resolve(figures as ProcessFigures);
          });
          child.once("exit", () => {
            reject(new Error("bench: a process ended early"));
          });
          child.send("go");
        }),
    ),
  );
  const count = (isFinal: boolean) =>
    answers
      .flatMap(({ codes }) => Object.entries(codes))
      .filter(([code]) => (code === "within_limits") === isFinal)
      .reduce((sum, [, times]) => sum + times, 0);
  return {
    perSecond: count(true) / (MILLISECONDS / 1_000),
    busy: count(false),
    p99Ms: Math.max(...answers.map(({ p99Ms }) => p99Ms)),
  };
}

async function start(order: ProcessOrder): Promise<ChildProcess> {
  const path = fileURLToPath(new URL("./postgres-process.js", import.meta.url));
  const child = fork(path, { env: { ...process.env, BENCH_ORDER: JSON.stringify(order) } });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => {
      resolve();
    });
    child.once("exit", () => {
      reject(new Error("bench: a process did not start"));
    });
  });
  child.removeAllListeners("exit");
  return child;
}
