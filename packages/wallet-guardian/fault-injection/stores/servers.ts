/** Places with a full disk or a server that stops: a small file system, and a PostgreSQL cluster of one's own on it. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** A file system of its own. */
export type SmallDisk = Readonly<{
  folder: string;
  fill(): void;
  free(): void;
  remove(): void;
}>;

const run = (name: string, ...args: string[]) => spawnSync(name, args, { encoding: "utf8" });

/** A file system of so many megabytes; null where this user may not mount one. */
export function smallDisk(megabytes: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), "guardian-disk-"));
  chmodSync(folder, 0o755);
  const options = `size=${megabytes}m,mode=777`;
  if (run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder).status !== 0) {
    rmSync(folder, { recursive: true });
    return null;
  }
  const filler = join(folder, "filler");
  return {
    folder,
    fill() {
      const file = openSync(filler, "w");
      for (const size of [65_536, 4_096, 1]) writeUntilFull(file, size);
      closeSync(file);
    },
    free() {
      rmSync(filler, { force: true });
    },
    remove() {
      run("umount", "-l", folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeUntilFull(file: number, size: number): void {
  const block = Buffer.alloc(size);
  try {
    while (writeSync(file, block) === size) continue;
  } catch {
    return;
  }
}

/** A PostgreSQL server of one's own. */
export type Cluster = Readonly<{
  url: string;
  /** Stops it without any goodbye, and starts it again. */
  restart(): Promise<void>;
  /** Starts it where it has gone down. */
  start(): void;
  remove(): void;
}>;

/** A cluster in a folder; null where PostgreSQL's programs are not installed. */
export async function newCluster(folder: string): Promise<Cluster | null> {
  const bin = programs();
  if (bin === null) return null;
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  const asRoot = userInfo().uid === 0;
  if (asRoot) {
    const { stdout } = run("id", "-u", "postgres");
    const { stdout: group } = run("id", "-g", "postgres");
    chownSync(data, Number(stdout), Number(group));
  }
  const pgRun = (program: string, ...args: string[]) => {
    const command = join(bin, program);
    const result = asRoot
      ? spawnSync("runuser", ["-u", "postgres", "--", command, ...args], {
          cwd: "/",
          stdio: "ignore",
        })
      : spawnSync(command, args, { cwd: "/", stdio: "ignore" });
    return result.status === 0;
  };
  const port = await freePort();
  const made = pgRun(
    "initdb",
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "trust",
    "--no-sync",
    "--wal-segsize=1",
  );
  if (!made) return null;
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_wal_size=16MB -c min_wal_size=2MB -c shared_buffers=16MB`;
  const log = join(data, "server.log");
  const start = () =>
    void pgRun("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "-t", "30", "start");
  start();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start,
    async restart() {
      pgRun("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
      await new Promise((resolve) => setTimeout(resolve, 200));
      start();
    },
    remove() {
      pgRun("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop");
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function programs(): string | null {
  const versions = "/usr/lib/postgresql";
  try {
    const [latest] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    return latest === undefined ? null : join(versions, latest, "bin");
  } catch {
    return null;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
