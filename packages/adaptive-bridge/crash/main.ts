/** The full crash test: `pnpm run crash [rounds] [seed]`, 100 rounds by default. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildScript } from "../test/support/build.js";
import { crashRounds } from "./rounds.js";
import { seededRandom } from "./seeded-random.js";

const rounds = Number(process.argv[2] ?? "100");
const seed = Number(process.argv[3] ?? "1");
const folder = await mkdtemp(join(tmpdir(), "outbox-crash-"));
const script = await buildScript("crash/emitter.ts", folder);
const random = seededRandom(seed);
const report = await crashRounds({
  script,
  folder: join(folder, "outbox"),
  rounds,
  lifeMs: () => Math.floor(random() * 400),
  onRound: (round) => process.stderr.write(`\rround ${round + 1} of ${rounds}`),
});
process.stderr.write("\n");
console.log(JSON.stringify({ seed, ...report }, undefined, 2));
await rm(folder, { recursive: true, force: true });
const failed = report.lost.length > 0 || report.outOfOrder > 0 || report.killed < rounds;
process.exitCode = failed ? 1 : 0;
