/** The cases of the matrix: races, kills, clocks, locks, cut connections, full disks. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { createGuardian, createMemoryLedger, type GuardianPolicyInput } from "../src/index.js";
import { breaches, type CheckedLimit, losses, wrongSums } from "./check.js";
import { type Client, type Common, reportsOf, startClients } from "./clients.js";
import type { Acknowledged, Report } from "./plan.js";
import type { Store } from "./stores.js";

/** How long the cases are. */
export type Size = Readonly<{ requests: number; rounds: number; seconds: number }>;

/** Where a case runs. */
export type Place = Readonly<{
  worker: string;
  store: Store;
  size: Size;
  progress: (text: string) => void;
  /** Lets the disk of the ledger be full, and not any more; absent where that cannot be done. */
  disk?: Readonly<{ fill(): void; free(): void }>;
  /** Stops the server of the ledger at once, and starts it again. */
  restart?: () => Promise<void>;
}>;

/** What a case came to: nothing wrong, or what. */
export type Verdict = Readonly<{ faults: readonly string[]; figures: string }>;

/** A case. */
export type MatrixCase = Readonly<{
  name: string;
  needs?: "postgres" | "disk" | "restart";
  run(place: Place): Promise<Verdict>;
}>;

const COIN = 100_000_000n;
const DAY_MS = 86_400_000;
const START_MS = 1_782_664_805_000;
const NAMES = ["a", "b", "c", "d"];

type Check = Readonly<{
  store: Store;
  told: readonly Acknowledged[];
  limits: readonly CheckedLimit[];
  /** How many withdrawals must count in the end. */
  exactly?: number;
}>;

/** All that must hold of any ledger after any case. */
async function check({ store, told, limits, exactly }: Check): Promise<string[]> {
  const contents = await store.read();
  const counted = contents.rows.filter(({ counts }) => counts === "allowed").length;
  const locked = await store.leftLocked();
  return [
    ...contents.faults,
    ...breaches(contents.rows, limits).map((text) => `over the limit: ${text}`),
    ...losses(contents.rows, told).map((text) => `lost: ${text}`),
    ...wrongSums(contents).map((text) => `wrong sum: ${text}`),
    ...(locked === 0 ? [] : [`left locked: ${locked}`]),
    ...(exactly === undefined || exactly === counted
      ? []
      : [`${counted} allowed, a sequential run allows ${exactly}`]),
  ];
}

type Race = Readonly<{
  policy: GuardianPolicyInput;
  limits: readonly CheckedLimit[];
  wallets: number;
  accounts: number;
  clock?: Common["clock"];
  /** What happens meanwhile. */
  meanwhile?: (place: Place, done: () => boolean) => Promise<void>;
}>;

/** Many clients at once, until every request is decided; then once more one after the other, in memory. */
async function race(place: Place, given: Race): Promise<Verdict> {
  const { store, size, worker } = place;
  const { policy, limits, wallets, accounts, clock = "right" } = given;
  const common = { ledger: store.address, policy, wallets, accounts, clock, settles: false };
  const { requests } = size;
  const clients = await startClients(worker, NAMES, () => ({
    ...common,
    requests,
    concurrency: requests,
  }));
  let isDone = false;
  const begun = performance.now();
  const reporting = reportsOf(clients).finally(() => {
    isDone = true;
  });
  await given.meanwhile?.(place, () => isDone);
  const report = await reporting;
  const took = (performance.now() - begun) / 1_000;
  const told = toldOf(clients);
  const exactly = await sequential(policy, { wallets, accounts, requests });
  const faults = [
    ...(await check({ store, told, limits, exactly })),
    ...(report.failed === 0 ? [] : [`${report.failed} clients ended without a word`]),
    ...(report.undecided === 0 ? [] : [`${report.undecided} never decided`]),
    ...(told.length === report.allowed ? [] : [`${told.length} of ${report.allowed} in the logs`]),
  ];
  return { faults, figures: figuresOf(report, took, requests * NAMES.length) };
}

function toldOf(clients: readonly Client[]): Acknowledged[] {
  const told = clients.flatMap((client) => client.told());
  for (const client of clients) client.remove();
  return told;
}

function figuresOf(report: Report, took: number, requests: number): string {
  const { allowed, delayed, busy, unavailable, untrusted, stood_ms } = report;
  const parts = [
    `${requests} requests in ${took.toFixed(1)} s: ${allowed} allowed, ${delayed} delayed`,
    ...(untrusted === 0 ? [] : [`${untrusted} clock_untrusted`]),
    ...(busy === 0 ? [] : [`${busy} × ledger_busy`]),
    ...(unavailable === 0 ? [] : [`${unavailable} × ledger_unavailable`]),
    `event loop stood ≤ ${stood_ms} ms`,
  ];
  return parts.join(", ");
}

type Requests = Readonly<{ wallets: number; accounts: number; requests: number }>;

/** How many of the same requests are allowed one after the other. */
async function sequential(
  policy: GuardianPolicyInput,
  { wallets, accounts, requests }: Requests,
): Promise<number> {
  const guardian = createGuardian({ policy, ledger: createMemoryLedger(), clock: () => START_MS });
  let allowed = 0;
  for (const name of NAMES) {
    for (let i = 0; i < requests; i++) {
      const account = accounts === 0 ? {} : { account_id: `account-${i % accounts}` };
      const wallet_id = `wallet-${i % wallets}`;
      const request = { withdrawal_id: `${name}-${i}`, wallet_id, ...account, amount: "1" };
      if ((await guardian.evaluate(request, "LOW")).final) allowed++;
    }
  }
  return allowed;
}

const day = (scope: CheckedLimit["scope"], coins: number): CheckedLimit => ({
  scope,
  window_ms: DAY_MS,
  max_amount: BigInt(coins) * COIN,
});

/** A day's limit of an eighth of what is asked of each wallet. */
function raceOn(wallets: number, more: Partial<Race> = {}) {
  return (place: Place): Promise<Verdict> => {
    const coins = Math.max(1, Math.floor((place.size.requests * NAMES.length) / wallets / 8));
    return race(place, {
      policy: { max_24h: String(coins) },
      limits: [day("wallet", coins)],
      wallets,
      accounts: 0,
      ...more,
    });
  };
}

/** One wallet of 500 accounts, each with a limit of its own. */
function raceOfAccounts(place: Place): Promise<Verdict> {
  const accounts = Math.min(500, place.size.requests / 4);
  const coins = 2 * accounts;
  return race(place, {
    policy: { max_24h: String(coins), limits: { account: { max_24h: "3" } } },
    limits: [day("wallet", coins), day("account", 3)],
    wallets: 1,
    accounts,
  });
}

/** Short windows, so that they fill and empty all the time, on all three scopes. */
const SHORT: Readonly<{ policy: GuardianPolicyInput; limits: readonly CheckedLimit[] }> = {
  policy: {
    windows: [
      { seconds: 1, max_amount: "20" },
      { seconds: 5, max_count: 70 },
    ],
    limits: {
      account: { windows: [{ seconds: 2, max_amount: "15" }] },
      global: { windows: [{ seconds: 1, max_amount: "45" }] },
    },
  },
  limits: [
    { scope: "wallet", window_ms: 1_000, max_amount: 20n * COIN },
    { scope: "wallet", window_ms: 5_000, max_count: 70 },
    { scope: "account", window_ms: 2_000, max_amount: 15n * COIN },
    { scope: "global", window_ms: 1_000, max_amount: 45n * COIN },
  ],
};

/** Rounds of three clients, each killed at a random point; all that was acknowledged is looked for each time. */
async function kill(place: Place): Promise<Verdict> {
  const { store, size, worker, progress } = place;
  const told: Acknowledged[] = [];
  const faults: string[] = [];
  let kills = 0;
  for (let round = 0; round < size.rounds && faults.length === 0; round++) {
    const names = ["a", "b", "c"].map((name) => `${round}-${name}`);
    const clients = await startClients(worker, names, () => ({
      ledger: store.address,
      policy: SHORT.policy,
      wallets: 3,
      accounts: 7,
      clock: "right",
      settles: true,
      requests: 1_000_000,
      concurrency: 8,
    }));
    await Promise.all(
      clients.map(async ({ child, report }) => {
        await sleep(20 + Math.random() * 280);
        child.kill("SIGKILL");
        kills++;
        await report;
      }),
    );
    told.push(...toldOf(clients));
    // Of a killed client's connection the server hears a moment later.
    for (let tries = 0; tries < 50 && (await store.leftLocked()) > 0; tries++) await sleep(20);
    faults.push(...(await check({ store, told, limits: SHORT.limits })));
    if (round % 10 === 9) progress(`${round + 1} of ${size.rounds} rounds, ${told.length} answers`);
  }
  if (told.length < size.rounds / 10) faults.push("hardly anything was acknowledged");
  const figures = `${size.rounds} rounds, ${kills} kills, ${told.length} acknowledged answers, each found`;
  return { faults, figures };
}

/** Somebody else holds the lock for longer than anybody waits, again and again. */
async function holdLocks({ store, size }: Place, done: () => boolean): Promise<void> {
  const end = performance.now() + size.seconds * 1_000;
  while (!done() && performance.now() < end) {
    const release = await store.hold();
    await sleep(50 + Math.random() * 400);
    await release();
    await sleep(Math.random() * 60);
  }
}

/** Every connection of the clients is cut, again and again. */
async function cut({ store, size }: Place, done: () => boolean): Promise<void> {
  if (store.address.kind !== "postgres") return;
  const client = new pg.Client({ connectionString: store.address.url });
  await client.connect();
  const end = performance.now() + size.seconds * 1_000;
  while (!done() && performance.now() < end) {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND query LIKE $1`,
      [`%${store.address.schema}%`],
    );
    await sleep(Math.random() * 60);
  }
  await client.end();
}

/** The database's clock steps back by hours, again and again. */
async function stepDatabaseBack({ store, size }: Place, done: () => boolean): Promise<void> {
  if (store.address.kind !== "postgres") return;
  const client = new pg.Client({ connectionString: store.address.url });
  await client.connect();
  for (let hours = 1; !done() && hours < size.seconds * 20; hours++) {
    await client.query(`CREATE OR REPLACE FUNCTION ${store.address.schema}.now_ms() RETURNS bigint
      LANGUAGE sql VOLATILE AS $$ SELECT floor(extract(epoch FROM clock_timestamp()
        - interval '${hours} hours') * 1000)::bigint $$`);
    await sleep(50);
  }
  await client.end();
}

async function fillDisk({ disk, size }: Place, done: () => boolean): Promise<void> {
  for (let times = 0; times < 3 && !done(); times++) {
    disk?.fill();
    await sleep(Math.min(1_000, size.seconds * 100));
    disk?.free();
    await sleep(100);
  }
  disk?.free();
}

async function restartServer({ restart, size }: Place, done: () => boolean): Promise<void> {
  for (let times = 0; times < Math.ceil(size.seconds / 5) && !done(); times++) {
    await sleep(100 + Math.random() * 200);
    await restart?.();
  }
}

/** All cases, in the order in which they run. */
export const CASES: readonly MatrixCase[] = [
  { name: "race on one wallet", run: raceOn(1) },
  { name: "race on 50 wallets", run: raceOn(50) },
  { name: "race of 500 accounts on one wallet", run: raceOfAccounts },
  { name: "kill -9", run: kill },
  {
    name: "callers' clocks step back",
    run: raceOfClocks("back"),
  },
  {
    name: "callers' clocks jump ahead",
    run: raceOfClocks("ahead"),
  },
  {
    name: "the database's clock steps back",
    needs: "postgres",
    run: (place) => wrongClocks(place, { clock: "right", meanwhile: stepDatabaseBack }),
  },
  { name: "lock contention", run: raceOn(1, { meanwhile: holdLocks }) },
  { name: "connections cut", needs: "postgres", run: raceOn(1, { meanwhile: cut }) },
  {
    name: "server stopped and started",
    needs: "restart",
    run: raceOn(1, { meanwhile: restartServer }),
  },
  { name: "disk full", needs: "disk", run: raceOn(1, { meanwhile: fillDisk }) },
];

type Clocks = Readonly<{ clock: Common["clock"]; meanwhile?: Race["meanwhile"] }>;

/** Callers' clocks are wrong: no matter where the database's counts, else whoever has one is refused. */
function raceOfClocks(clock: Common["clock"]) {
  return (place: Place): Promise<Verdict> =>
    place.store.address.kind === "postgres"
      ? raceOn(1, { clock })(place)
      : wrongClocks(place, { clock });
}

/** A clock that counts is wrong: requests are refused, and no more than the day's limit is allowed. */
async function wrongClocks(place: Place, { clock, meanwhile }: Clocks): Promise<Verdict> {
  const coins = Math.max(1, Math.floor(place.size.requests / 8));
  const policy = { max_24h: String(coins) };
  const { store, worker, size } = place;
  const begun = performance.now();
  const clients = await startClients(worker, NAMES, () => ({
    ledger: store.address,
    policy,
    wallets: 1,
    accounts: 0,
    clock,
    settles: false,
    requests: size.requests,
    concurrency: 16,
  }));
  let isDone = false;
  const reporting = reportsOf(clients).finally(() => {
    isDone = true;
  });
  await meanwhile?.(place, () => isDone);
  const report = await reporting;
  const told = toldOf(clients);
  const faults = await check({ store, told, limits: [day("wallet", coins)] });
  const overall = report.allowed > coins ? [`${report.allowed} allowed of ${coins}`] : [];
  const took = (performance.now() - begun) / 1_000;
  return {
    faults: [
      ...faults,
      ...overall,
      ...(report.failed === 0 ? [] : ["a client ended without an answer"]),
    ],
    figures: figuresOf(report, took, size.requests * NAMES.length),
  };
}
