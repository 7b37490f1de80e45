/** Client processes of the matrix: started together, killed, and read. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Acknowledged, Introduction, Plan, RacePlan, Report, WanderPlan } from "./plan.js";

/** What a client has written down so far: a last line that was cut off was not acknowledged. */
export type Told = Readonly<{ introduction: Introduction; answers: readonly Acknowledged[] }>;

/** A running client. */
export type Client = Readonly<{
  child: ChildProcess;
  /** Resolves at its end; null where it was killed before it could write a report. */
  report: Promise<Report | null>;
  /** Null: it has not begun. */
  told(): Told | null;
  remove(): void;
}>;

/** A plan for one client, but for its log. */
export type Unlogged = Omit<RacePlan, "log"> | Omit<WanderPlan, "log">;

/** Starts clients, perhaps under another program; they begin at the same time. */
export async function startClients(
  worker: string,
  plans: readonly Unlogged[],
  under: readonly string[] = [],
): Promise<Client[]> {
  const started = plans.map((plan) => startClient([...under, process.execPath, worker], plan));
  await Promise.all(started.map(({ ready }) => ready));
  for (const { child } of started) child.stdin?.write("go\n");
  return started;
}

function startClient(
  [program = "", ...before]: readonly string[],
  plan: Unlogged,
): Client & { ready: Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "guardian-client-"));
  const log = join(folder, "log");
  const given: Plan = { ...plan, log };
  const child = spawn(program, [...before, JSON.stringify(given)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => undefined);
  let last = "";
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<void>((resolve) => {
    lines.on("line", (line) => {
      last = line;
      if (line === "ready") resolve();
    });
    child.once("close", () => {
      resolve();
    });
  });
  const report = once(child, "close").then(() =>
    last.startsWith("{") ? (JSON.parse(last) as Report) : null,
  );
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  return { child, report, told: () => toldIn(log), remove, ready };
}

function toldIn(log: string): Told | null {
  if (!existsSync(log)) return null;
  const [first, ...lines] = readFileSync(log, "utf8").split("\n").slice(0, -1);
  if (first === undefined) return null;
  return {
    introduction: JSON.parse(first) as Introduction,
    answers: lines.map((line) => JSON.parse(line) as Acknowledged),
  };
}

/** Sums of the reports of all clients, the longest standstill of any, and how many ended without one. */
export async function reportsOf(clients: readonly Client[]): Promise<Report & { failed: number }> {
  const reports = await Promise.all(clients.map(({ report }) => report));
  const given = reports.filter((report) => report !== null);
  const sum = (name: keyof Report) => given.reduce((all, report) => all + report[name], 0);
  return {
    allowed: sum("allowed"),
    delayed: sum("delayed"),
    busy: sum("busy"),
    unavailable: sum("unavailable"),
    untrusted: sum("untrusted"),
    undecided: sum("undecided"),
    stood_ms: Math.max(0, ...given.map(({ stood_ms }) => stood_ms)),
    failed: reports.length - given.length,
  };
}
