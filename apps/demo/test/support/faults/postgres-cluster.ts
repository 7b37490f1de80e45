/** PostgreSQL servers of a test: a primary that it stops, and a streaming standby that it promotes. */
import { spawnSync } from "node:child_process";
import { appendFileSync, chownSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@dgb-shield/testkit/servers";
import { missing } from "@dgb-shield/testkit/services";

/** A server that runs. */
export type Cluster = Readonly<{
  port: number;
  folder: string;
  /** Ends it as a crash does. */
  crash(): void;
  start(): void;
  /** Makes a standby a primary. */
  promote(): void;
  remove(): void;
}>;

const ROOT = "/usr/lib/postgresql";

/** Folder of the server's programs; reported as missing where there is none. */
function programs(): string | false {
  const versions = statSync(ROOT, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(ROOT);
  const [newest] = versions.sort((a, b) => Number(b) - Number(a));
  return newest === undefined
    ? missing("PostgreSQL's server programs", "Debian: apt-get install postgresql")
    : join(ROOT, newest, "bin");
}
const bin = programs();

/** Whether servers can be started here. */
export const hasClusters = bin !== false;

/** The server rejects root: it runs as its own user then. */
const isRoot = process.getuid?.() === 0;

function run(program: string, ...args: readonly string[]): void {
  const command = [join(String(bin), program), ...args];
  const [file = "", ...rest] = isRoot ? ["setpriv", ...ownUser(), ...command] : command;
  const { status, stderr, stdout } = spawnSync(file, rest, {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`${program}: ${String(stderr)} ${String(stdout)}`);
}

const idOf = (flag: string): number => Number(spawnSync("id", [flag, "postgres"]).stdout);
const ownUser = () => [`--reuid=${idOf("-u")}`, `--regid=${idOf("-g")}`, "--clear-groups"];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "shield-postgres-"));
  if (isRoot) chownSync(folder, idOf("-u"), idOf("-g"));
  return folder;
}

const PASSWORDLESS = ["-A", "trust", "-U", "postgres"];

/** Starts a server of its own. */
export async function startPrimary(): Promise<Cluster> {
  const folder = newFolder();
  const data = join(folder, "data");
  run("initdb", "-D", data, ...PASSWORDLESS, "--no-sync");
  return begin(folder, await freePort());
}

/** Starts a standby that follows a primary, with or without an acknowledgement of its commits. */
export async function startStandby(primary: Cluster): Promise<Cluster> {
  const folder = newFolder();
  const address = ["-h", "127.0.0.1", "-p", String(primary.port), "-U", "postgres"];
  run("pg_basebackup", ...address, "-D", join(folder, "data"), "-R", "-X", "stream", "-c", "fast");
  return begin(folder, await freePort());
}

function begin(folder: string, port: number): Cluster {
  const data = join(folder, "data");
  const control = (...args: readonly string[]): void => run("pg_ctl", "-D", data, "-w", ...args);
  const start = (): void => {
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -k ${folder}`;
    control("-o", options, "-l", join(folder, "log"), "start");
  };
  appendFileSync(join(data, "postgresql.auto.conf"), "\nmax_wal_senders = 4\n");
  start();
  return Object.freeze({
    ...{ port, folder, start },
    crash: () => control("-m", "immediate", "stop"),
    promote: () => control("promote"),
    remove() {
      try {
        control("-m", "immediate", "stop");
      } catch {
        // It does not run any more.
      }
      rmSync(folder, { recursive: true, force: true });
    },
  } satisfies Cluster);
}
