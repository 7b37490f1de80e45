/** `shield serve` as a process of its own, for tests that kill it. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { addKeys } from "../../src/service/keys/change-keys.js";

const CLI = join(import.meta.dirname, "..", "..", "dist", "cli.js");

/** A process that serves. */
export type ServeProcess = Readonly<{
  child: ChildProcess;
  /** What it has written to standard error. */
  log: () => string;
  /** Kills it, and waits until it is gone. */
  kill(): Promise<void>;
}>;

/** Starts `shield serve`, and waits until it listens. */
export async function serveProcess(configFile: string): Promise<ServeProcess> {
  const child = spawn(process.execPath, [CLI, "serve", "--config", configFile], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (more: string) => (text += more));
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (more: string) => {
      if (more.includes("shield serves")) resolve();
    });
    child.once("exit", (code) => reject(new Error(`ended with ${String(code)}: ${text}`)));
  });
  return {
    child,
    log: () => text,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}

/** Makes a file of keys: of a wallet's back end, and of a reader. */
export async function makeKeys(
  path: string,
): Promise<Readonly<{ wallet: string; reader: string }>> {
  const any = { wallets: null, reports_for: null, expires_at_ms: null };
  const added = await addKeys(
    { path, nowMs: Date.now, random: randomBytes },
    [
      { role: "wallet", name: "backend", ...any },
      { role: "reader", name: "auditor", ...any },
    ],
    { create: true },
  );
  const [wallet = "", reader = ""] = added.map(({ token }) => token);
  return { wallet, reader };
}
