/** Simulates power cuts: a trace shows what was synced, and the rest is lost. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import { policyVersion, parsePolicy } from "../../src/index.js";
import type { Place, Verdict } from "../cases/case.js";
import { wrongSums } from "../check.js";
import type { TracedPlan } from "../clients/plan.js";
import { differences } from "../replay/compare.js";
import { newReplay, replay } from "../replay/replay.js";
import { rulesOf } from "../replay/rules.js";
import { sqliteContents, sqliteRecords } from "../stores/sqlite-store.js";
import { transactionOf } from "../clients/world.js";
import { type Disk, type Image, type Kept, newDisk } from "./disk.js";
import { type Call, readTrace, straceArguments } from "./trace.js";
import { TRACED_POLICY } from "./traced.js";

/** What the disk has kept of what was not synced: nothing; nothing but the witness; any of it. */
const KEPT: readonly Kept[] = [
  () => false,
  (path) => path.endsWith(".witness"),
  () => Math.random() < 0.5,
];

/** After every answer the power is cut; what the ledger holds then has every answer. */
export async function powerCut({ store, worker, size }: Place): Promise<Verdict> {
  if (store.address.kind !== "sqlite") return { faults: ["of a SQLite ledger alone"], figures: "" };
  const { path } = store.address;
  const asks = Math.max(10, Math.min(100, Math.round(size.seconds * 4)));
  const calls = await trace(worker, { kind: "traced", path, rounds: 2, asks });
  const disk = newDisk();
  const answers: string[] = [];
  const faults: string[] = [];
  let images = 0;
  for (const call of calls) {
    disk.apply(call);
    const said = answersIn(call);
    if (said.length === 0) continue;
    answers.push(...said);
    const open = disk.unsynced("-wal");
    if (open > 0) faults.push(`${said.join()} was said before ${open} writes were synced`);
    const found = await cutNow(path, disk, answers);
    images += KEPT.length;
    faults.push(...found);
    if (faults.length > 10) break;
  }
  if (answers.length < 2 * asks) faults.push(`${answers.length} answers alone`);
  const syncs = calls.filter(({ kind }) => kind === "sync").length;
  const figures = `${answers.length} answers, ${syncs} syncs; ${images} images after a power cut opened, each with every answer`;
  return { faults, figures };
}

async function trace(worker: string, plan: TracedPlan): Promise<readonly Call[]> {
  const output = `${plan.path}.trace`;
  const program = [process.execPath, worker, JSON.stringify(plan)];
  const child = spawn("strace", [...straceArguments(output), ...program], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "close");
  return readTrace(readFileSync(output, "utf8"));
}

function answersIn(call: Call): string[] {
  if (call.kind !== "said") return [];
  return call.text.split("\n").flatMap((line) => (line.startsWith("answer ") ? [line] : []));
}

async function cutNow(path: string, disk: Disk, answers: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const [index, kept] of KEPT.entries()) {
    restore(path, disk.image(kept));
    const found = [...(await missing(path, answers)), ...inconsistent(path)];
    faults.push(...found.map((fault) => `image ${index} after ${answers.at(-1)}: ${fault}`));
  }
  return faults;
}

/** The ledger is put back at its own path, from where alone it may be opened. */
function restore(path: string, image: Image): void {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  for (const [name, bytes] of image) {
    const isLedger = name.startsWith(path) && !name.endsWith("-shm");
    if (isLedger) writeFileSync(name, bytes);
  }
}

/** Opens the ledger as every process does, and checks the answers. */
async function missing(path: string, answers: readonly string[]): Promise<string[]> {
  const ledger = createSqliteLedger({ path });
  try {
    const lost: string[] = [];
    for (const answer of answers) {
      const [, act, id = ""] = answer.split(" ");
      const row = await ledger.withdrawal(id);
      const isPaid = row?.status === "committed" && row.txid === transactionOf(id, 0).txid;
      if (!isPaid && (act === "committed" || row?.status !== "claimed")) lost.push(answer);
    }
    return lost.map((answer) => `lost: ${answer}`);
  } catch (error) {
    return [`cannot be opened: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    await ledger.close();
  }
}

function inconsistent(path: string): string[] {
  const version = policyVersion(parsePolicy(TRACED_POLICY));
  const state = newReplay(new Map([[version, rulesOf(TRACED_POLICY, version)]]));
  const contents = sqliteContents(path);
  return [
    ...contents.faults,
    ...replay(state, sqliteRecords(path, 0)),
    ...differences(state.book, contents),
    ...wrongSums(contents),
  ];
}
