/** Runs cases on ledgers, one after the other, each on a ledger of its own. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { MatrixCase, Place, Size, Verdict } from "./cases/case.js";
import { CASES } from "./cases/all-cases.js";
import { type Cluster, newCluster, smallDisk } from "./stores/servers.js";
import { postgresStore } from "./stores/postgres-store.js";
import { sqliteStore } from "./stores/sqlite-store.js";

/** One line of the table. */
export type Line = Verdict & Readonly<{ ledger: string; name: string; seconds: number }>;

/** What to run. */
export type MatrixOptions = Readonly<{
  worker: string;
  size: Size;
  ledgers: readonly ("sqlite" | "postgres")[];
  /** URL of a PostgreSQL server. */
  url: string;
  /** Only the cases whose names contain it. */
  only: string;
  progress: (text: string) => void;
}>;

type Opened = Readonly<{
  place: Omit<Place, "worker" | "size" | "progress">;
  close(): Promise<void>;
}>;

/** Runs the matrix; a case that cannot run here has the reason in its figures. */
export async function runMatrix(options: MatrixOptions): Promise<Line[]> {
  const lines: Line[] = [];
  for (const ledger of options.ledgers) {
    for (const one of CASES.filter(({ name }) => name.includes(options.only))) {
      if (!isFor(one, ledger)) continue;
      options.progress(`${ledger}: ${one.name} …`);
      const line = await runCase(one, ledger, options);
      lines.push(line);
      const verdict = line.faults.length === 0 ? "holds" : "BROKEN";
      options.progress(`${ledger}: ${one.name}: ${verdict} (${line.seconds} s)`);
    }
  }
  return lines;
}

/** Whether a case is of a ledger. */
const isFor = ({ needs }: MatrixCase, ledger: string): boolean =>
  ledger === "sqlite" ? needs !== "postgres" && needs !== "restart" : needs !== "strace";

async function runCase(one: MatrixCase, ledger: string, options: MatrixOptions): Promise<Line> {
  const begun = performance.now();
  const opened = await open(one, ledger, options.url);
  const seconds = () => Math.round((performance.now() - begun) / 100) / 10;
  if (opened === null) {
    const figures =
      one.needs === "strace"
        ? "skipped: strace is not installed"
        : "skipped: needs root and PostgreSQL's server programs";
    console.warn(`${one.name}: ${figures}`);
    return { ledger, name: one.name, faults: [], figures, seconds: 0 };
  }
  const { worker, size, progress } = options;
  const tell = (text: string) => {
    progress(`${ledger}: ${one.name}: ${text}`);
  };
  try {
    const verdict = await one.run({ ...opened.place, worker, size, progress: tell });
    return { ledger, name: one.name, ...verdict, seconds: seconds() };
  } catch (error) {
    const fault = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ledger, name: one.name, faults: [fault], figures: "", seconds: seconds() };
  } finally {
    await opened.close();
  }
}

async function open({ needs }: MatrixCase, ledger: string, url: string): Promise<Opened | null> {
  if (needs === "strace" && spawnSync("strace", ["-V"]).status !== 0) return null;
  if (needs !== "disk" && needs !== "restart") {
    const store = ledger === "sqlite" ? sqliteStore() : postgresStore(url);
    return { place: { store }, close: () => store.remove() };
  }
  const disk = smallDisk(ledger === "sqlite" ? 64 : 160);
  if (disk === null) return null;
  if (ledger === "sqlite") {
    const folder = join(disk.folder, "ledger");
    mkdirSync(folder);
    const store = sqliteStore(folder);
    const close = async () => {
      await store.remove();
      disk.remove();
    };
    return { place: { store, disk }, close };
  }
  const cluster = await newCluster(disk.folder);
  if (cluster === null) {
    disk.remove();
    return null;
  }
  return onCluster(cluster, disk);
}

function onCluster(cluster: Cluster, disk: NonNullable<ReturnType<typeof smallDisk>>): Opened {
  const store = postgresStore(cluster.url);
  const free = () => {
    disk.free();
    cluster.start(); // a server that could not write its log has gone down
  };
  const close = () => {
    cluster.remove();
    disk.remove();
    return Promise.resolve();
  };
  return {
    place: { store, disk: { fill: () => disk.fill(), free }, restart: () => cluster.restart() },
    close,
  };
}
