/** Starts `shield testnet` as a process of its own, and reads what it prints. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { type TestnetFile, TESTNET_FILE } from "../../src/testnet/testnet-file.js";
import type { TestnetEvent } from "../../src/testnet/events.js";
import { readFileSync } from "node:fs";
import { until } from "./service.js";

/** A testnet in its process. */
export type TestnetProcess = Readonly<{
  child: ChildProcess;
  events: readonly TestnetEvent[];
  file(): TestnetFile;
  /** Resolves with its exit code. */
  ended: Promise<number | null>;
}>;

/** Time that it may take until it is ready, in milliseconds. */
const READY_MS = 90_000;

/** Runs a command line that starts a testnet in `folder` with `--json`, and waits until it is ready. */
export async function startTestnet(
  command: string,
  folder: string,
  options: Readonly<{ cwd?: string; env?: NodeJS.ProcessEnv }> = {},
): Promise<TestnetProcess> {
  const child = spawn("sh", ["-euc", `exec ${command} --json`], {
    ...options,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const events: TestnetEvent[] = [];
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    const lines = (text + more).split("\n");
    text = lines.pop() ?? "";
    events.push(...lines.map((line) => JSON.parse(line) as TestnetEvent));
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await until(
    () => Promise.resolve(child.exitCode ?? events.some((event) => event.text === "ready")),
    (state) => {
      if (typeof state === "number") throw new Error(`testnet ended with ${state}`);
      return state;
    },
    READY_MS,
  );
  const path = join(folder, TESTNET_FILE);
  return {
    child,
    events,
    file: () => JSON.parse(readFileSync(path, "utf8")) as TestnetFile,
    ended,
  };
}

/** Whether one of the nodes still answers at its port. */
export async function isAnyNodeUp({ nodes }: Pick<TestnetFile, "nodes">): Promise<boolean> {
  const answers = nodes.map(({ url }) =>
    fetch(url, { method: "POST", body: "{}" }).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(answers)).includes(true);
}
