/** The full crash tests: `pnpm run fault-injection [rounds] [seed]` kills, `pnpm run fault-injection owners [rounds]` competes for a folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildScript } from "../test/support/build.js";
import { ownerRounds } from "./owner-rounds.js";
import { crashRounds } from "./rounds.js";
import { createRandom } from "@dgb-shield/testkit/random";

const folder = await mkdtemp(join(tmpdir(), "outbox-crash-"));
const onRound = (round: number): unknown => process.stderr.write(`\rround ${round + 1}`);

async function kill(rounds: number, seed: number): Promise<boolean> {
  const random = createRandom(seed).next;
  const report = await crashRounds({
    script: await buildScript("fault-injection/emitter.ts", folder),
    folder: join(folder, "outbox"),
    rounds,
    lifeMs: () => Math.floor(random() * 400),
    onRound,
  });
  console.log(JSON.stringify({ seed, ...report }, undefined, 2));
  return report.lost.length === 0 && report.outOfOrder === 0 && report.killed === rounds;
}

async function compete(rounds: number): Promise<boolean> {
  const script = await buildScript("fault-injection/contender.ts", folder);
  let isGood = true;
  for (const isNamespaced of [false, true]) {
    const place = join(folder, String(isNamespaced));
    const plan = { script, folder: place, rounds, sizes: [2, 4], isNamespaced, onRound };
    const report = await ownerRounds(plan);
    console.log(JSON.stringify({ isNamespaced, ...report }));
    isGood &&= report.oneOwner === rounds && report.lost.length === 0 && report.damaged === 0;
  }
  return isGood;
}

const [first = "100", second] = process.argv.slice(2);
const isGood =
  first === "owners"
    ? await compete(Number(second ?? "1000"))
    : await kill(Number(first), Number(second ?? "1"));
await rm(folder, { recursive: true, force: true });
process.exitCode = isGood ? 0 : 1;
