/** A process whose wall clock a test moves, while its monotonic one is the machine's. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missing } from "@dgb-shield/testkit/services";

/** Finds the library that fakes the wall clock of a process; false: it is not installed. */
export function fakeClock(): string | false {
  const [folder = ""] = String(spawnSync("gcc", ["-print-multiarch"]).stdout).split("\n");
  const names = [folder, "x86_64-linux-gnu", "aarch64-linux-gnu"];
  const found = names
    .map((name) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
    .find((path) => existsSync(path));
  return found ?? missing("libfaketime", "Debian: apt-get install libfaketime");
}

/** A wall clock, moved by so many seconds from the machine's; `env` is for the processes that have it. */
export function movedClock(library: string, atEnd: (end: () => unknown) => void) {
  const folder = mkdtempSync(join(tmpdir(), "shield-clock-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "offset");
  const move = (seconds: number): void =>
    writeFileSync(file, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}s\n`);
  move(0);
  return {
    move,
    env: {
      LD_PRELOAD: library,
      ...{ FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: "1" },
      ...{ FAKETIME_DONT_FAKE_MONOTONIC: "1", DONT_FAKE_MONOTONIC: "1", NO_FAKE_STAT: "1" },
    },
  };
}
