/** The cases of the matrix: races, wandering clients, kills, clocks, locks, cut connections, full disks, power cuts. */
import { raceAgainstClock, raceOfAccounts, raceOfClocks, raceOn } from "./race-cases.js";
import type { MatrixCase } from "./case.js";
import {
  cut,
  cutInCommit,
  fillDisk,
  holdLocks,
  restartServer,
  stepDatabaseBack,
} from "../clients/injected-faults.js";
import { powerCut } from "../power/power-case.js";
import { killIn, takeOver, wanderWith } from "./wander-cases.js";

const MIXED = ["implicit", "explicit", "cooling", "accounts"] as const;

/** Widens the moment in which a transaction is made durable. */
const SLOW_COMMIT = "options=-c%20commit_delay%3D20000%20-c%20commit_siblings%3D0";

/** Stretches each sync before and after the disk is reached; the client is traced by a process beside it, and killed itself. */
const SLOW_SYNC = [
  ...["strace", "-D", "-qq", "-o", "/dev/null", "-f", "-e", "trace=fsync,fdatasync"],
  ...["-e", "inject=fsync,fdatasync:delay_enter=10000:delay_exit=10000"],
];

/** All cases, in the order in which they run. */
export const CASES: readonly MatrixCase[] = [
  { name: "race on one wallet", run: raceOn(1) },
  { name: "race on 50 wallets", run: raceOn(50) },
  { name: "race of 500 accounts on one wallet", run: raceOfAccounts },
  {
    name: "wandering, claims at once",
    run: wanderWith({ policies: ["implicit", "implicit", "implicit"], isRisky: true }),
  },
  {
    name: "wandering, signers",
    run: wanderWith({ policies: ["explicit", "explicit", "explicit"], isRisky: true }),
  },
  {
    name: "wandering, several policies",
    run: wanderWith({ policies: MIXED, isRisky: true }),
  },
  { name: "a newer policy takes over", run: takeOver },
  { name: "kill -9", run: killIn({ policies: MIXED, isRisky: true }) },
  {
    name: "kill -9 inside the sync",
    needs: "strace",
    run: killIn({ policies: MIXED, isRisky: true, under: SLOW_SYNC }),
  },
  { name: "callers' clocks step back", run: raceOfClocks("back") },
  { name: "callers' clocks jump ahead", run: raceOfClocks("ahead") },
  {
    name: "the database's clock steps back",
    needs: "postgres",
    run: raceAgainstClock(stepDatabaseBack),
  },
  { name: "lock contention", run: raceOn(1, { meanwhile: holdLocks }) },
  { name: "connections cut", needs: "postgres", run: raceOn(1, { meanwhile: cut }) },
  {
    name: "connections cut inside COMMIT",
    needs: "postgres",
    run: wanderWith({
      policies: MIXED,
      isRisky: true,
      meanwhile: cutInCommit,
      settings: SLOW_COMMIT,
    }),
  },
  {
    name: "server stopped and started",
    needs: "restart",
    run: raceOn(1, { meanwhile: restartServer }),
  },
  { name: "disk full", needs: "disk", run: raceOn(1, { meanwhile: fillDisk }) },
  { name: "power cut", needs: "strace", run: powerCut },
];
