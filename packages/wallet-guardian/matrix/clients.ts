/** Client processes of the matrix: started together, killed, and heard. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Acknowledged, Plan, Report } from "./plan.js";

/** A running client. */
export type Client = Readonly<{
  child: ChildProcess;
  /** Resolves at its end; null where it was killed before it could say anything. */
  report: Promise<Report | null>;
  /** What it has written down so far: a last line that was cut off was not acknowledged. */
  told(): Acknowledged[];
  remove(): void;
}>;

/** What all clients of one start have in common. */
export type Common = Omit<Plan, "name" | "log">;

/** Starts clients by plan; they begin at the same time. */
export async function startClients(
  worker: string,
  names: readonly string[],
  plan: (name: string) => Common,
): Promise<Client[]> {
  const started = names.map((name) => startClient(worker, { ...plan(name), name }));
  await Promise.all(started.map(({ ready }) => ready));
  for (const { child } of started) child.stdin?.write("go\n");
  return started;
}

function startClient(worker: string, plan: Omit<Plan, "log">): Client & { ready: Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), "guardian-client-"));
  const log = join(folder, "log");
  const child = spawn(process.execPath, [worker, JSON.stringify({ ...plan, log })], {
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
  const told = () =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .split("\n")
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Acknowledged)
      : [];
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  return { child, report, told, remove, ready };
}

/** Sums of the reports of all clients, the longest standstill of any, and how many ended without a word. */
export async function reportsOf(clients: readonly Client[]): Promise<Report & { failed: number }> {
  const reports = await Promise.all(clients.map(({ report }) => report));
  const none = {
    allowed: 0,
    delayed: 0,
    busy: 0,
    unavailable: 0,
    untrusted: 0,
    undecided: 0,
    failed: 0,
  };
  return reports.reduce<Report & { failed: number }>(
    (sum, one) =>
      one === null
        ? { ...sum, failed: sum.failed + 1 }
        : {
            ...sum,
            allowed: sum.allowed + one.allowed,
            delayed: sum.delayed + one.delayed,
            busy: sum.busy + one.busy,
            unavailable: sum.unavailable + one.unavailable,
            untrusted: sum.untrusted + one.untrusted,
            undecided: sum.undecided + one.undecided,
            stood_ms: Math.max(sum.stood_ms, one.stood_ms),
          },
    { ...none, stood_ms: 0 },
  );
}
