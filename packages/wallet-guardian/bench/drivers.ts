/**
 * `node:sqlite` against better-sqlite3, in turns in one process, each on files of its own:
 * `pnpm --filter @dgb-shield/wallet-guardian bench:drivers`. Needs Node 22.16 or 24, and better-sqlite3 with its binary.
 */
import type * as DriverCopy from "./driver-copy.js";
import { isComplete, type NodeSqlite } from "../src/adapters/sqlite/driver/node-sqlite.js";
import { median, newFolder, timed } from "./durable.js";

const ROUNDS = 200;
const WARM_UP = 20;
const COMMITS = 16;
const ROWS = 1_000;
const CALLERS = 64;

type Copy = typeof DriverCopy;
type Work = () => unknown;
type Case = Readonly<{
  title: string;
  /** How many of them one call of the work makes. */
  count: number;
  /** Opens what is needed at a path. */
  open: (copy: Copy, path: string) => Work;
}>;

/** Calls a work so many times. */
const times = (count: number, work: Work) => async () => {
  for (let i = 0; i < count; i++) await work();
};

/** A table of numbered rows. */
function table({ makeSqlite }: Copy, path: string) {
  const db = makeSqlite(path);
  db.exec(
    "CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL, amount INTEGER NOT NULL)",
  );
  const insert = db.prepare("INSERT INTO rows (text, amount) VALUES (?, ?)");
  db.exec("BEGIN");
  for (let i = 0; i < ROWS; i++) insert.run(`withdrawal-${i}`, i * 100_000_000);
  db.exec("COMMIT");
  return db;
}

const CASES: readonly Case[] = [
  {
    title: "one row, one durable commit",
    count: COMMITS,
    open: ({ rawCommits }, path) => {
      const commit = rawCommits(path);
      return () => {
        for (let i = 0; i < COMMITS; i++) commit();
      };
    },
  },
  {
    title: "one row read by its key",
    count: ROWS,
    open: (copy, path) => {
      const read = table(copy, path).prepare("SELECT text, amount FROM rows WHERE id = ?");
      return () => {
        for (let i = 1; i <= ROWS; i++) if (read.get(i) === undefined) throw new Error("no row");
      };
    },
  },
  {
    title: `one of ${ROWS.toLocaleString("en")} rows read in order`,
    count: ROWS,
    open: (copy, path) => {
      const read = table(copy, path).prepare("SELECT id, text, amount FROM rows ORDER BY id");
      return () => {
        if (read.all().length !== ROWS) throw new Error("rows are missing");
      };
    },
  },
  {
    title: "decision, durable, one caller",
    count: COMMITS,
    open: ({ guardianOf, withdraw }, path) => {
      const { guardian } = guardianOf(path);
      return times(COMMITS, () => withdraw(guardian));
    },
  },
  {
    title: `decision, durable, ${CALLERS} callers`,
    count: CALLERS,
    open: ({ guardianOf, withdraw }, path) => {
      const { guardian } = guardianOf(path);
      return () => Promise.all(Array.from({ length: CALLERS }, () => withdraw(guardian)));
    },
  },
];

/** Loads a copy; without the built-in module it chooses better-sqlite3. */
async function load(name: string, hasBuiltin: boolean): Promise<Copy> {
  const getBuiltinModule = process.getBuiltinModule.bind(process);
  const address = new URL(`driver-copy.js?${name}`, import.meta.url).href;
  const copy = (await import(address)) as Copy;
  if (!hasBuiltin) process.getBuiltinModule = () => undefined;
  try {
    copy.openSqlite(":memory:").close();
  } finally {
    process.getBuiltinModule = getBuiltinModule;
  }
  return copy;
}

/** The SQLite of a copy. */
function versionOf({ openSqlite }: Copy): string {
  const db = openSqlite(":memory:");
  const [version] = db.prepare("SELECT sqlite_version()").get() as [string];
  db.close();
  return version;
}

const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? NaN;

/** Microseconds of one of `count`: on the clock, and of the processor, which other programs do not lengthen. */
type Took = Readonly<{ wall: number; processor: number }>;

async function measured(count: number, work: Work): Promise<Took> {
  const before = process.cpuUsage();
  const wall = await timed(count, work);
  const { user, system } = process.cpuUsage(before);
  return { wall, processor: (user + system) / count };
}

/** Both sides of a case, as many times in turns as there are rounds, after some to warm up. */
async function compare({ count }: Case, sides: readonly [Work, Work]): Promise<[Took, Took][]> {
  const rounds: [Took, Took][] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    if (round % 2 === 0) {
      const first = await measured(count, sides[0]);
      rounds.push([first, await measured(count, sides[1])]);
    } else {
      const first = await measured(count, sides[1]);
      rounds.push([await measured(count, sides[0]), first]);
    }
  }
  return rounds.slice(WARM_UP);
}

function print(title: string, rounds: readonly [Took, Took][]): void {
  const cells = (["wall", "processor"] as const).flatMap((kind) => {
    const us = (side: 0 | 1) => median(rounds.map((pair) => pair[side][kind])).toFixed(1);
    const ratios = rounds.map(([a, b]) => a[kind] / b[kind]);
    const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(2));
    return [us(0), us(1), `${middle} (${low} to ${high})`];
  });
  console.log(`| ${[title, ...cells].join(" | ")} |`);
}

const module = process.getBuiltinModule("node:sqlite") as NodeSqlite | undefined;
if (module === undefined || !isComplete(module))
  throw new Error("this Node has no complete node:sqlite: run Node 24");

const builtin = await load("builtin", true);
const addon = await load("addon", false);
const folder = newFolder();
console.log(`Node ${process.version}: node:sqlite (A, SQLite ${versionOf(builtin)}) and better-sqlite3 (B, SQLite ${versionOf(addon)})
µs each, medians of ${ROUNDS} rounds in turns; A / B with its quartiles

| | A | B | A / B | A, processor | B, processor | A / B |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |`);
for (const [number, one] of CASES.entries()) {
  const open = (copy: Copy, side: string) => one.open(copy, folder.file(`${number}-${side}.db`));
  print(one.title, await compare(one, [open(builtin, "a"), open(addon, "b")]));
}
folder.remove();
