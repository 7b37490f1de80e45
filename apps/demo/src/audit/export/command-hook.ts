/** Gives checkpoints to a program on its standard input. */
import { spawn } from "node:child_process";
import type { ExportHook } from "./hook.js";

/** Variables that the program gets: none that could hold a secret of the service. */
const VARIABLES = ["PATH", "HOME", "LANG", "TZ"] as const;
/** Characters of its standard error that a failure names. */
const MAX_DETAIL = 200;

/**
 * Creates a hook that starts a program for each line, without a shell. The line is there when it ends with 0.
 *
 * @param command program and arguments
 * @param timeoutMs after which the program is killed
 */
export function createCommandHook(
  name: string,
  command: readonly string[],
  timeoutMs: number,
): ExportHook {
  const [program = "", ...args] = command;
  return Object.freeze({
    name,
    send: (line, stop) =>
      new Promise<void>((resolve, reject) => {
        const child = spawn(program, args, {
          stdio: ["pipe", "ignore", "pipe"],
          env: Object.fromEntries(
            VARIABLES.flatMap((key) => {
              const value = process.env[key];
              return value === undefined ? [] : [[key, value]];
            }),
          ),
          signal: AbortSignal.any([stop, AbortSignal.timeout(timeoutMs)]),
          killSignal: "SIGKILL",
        });
        let detail = "";
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          detail = (detail + text).slice(0, MAX_DETAIL);
        });
        // A program that does not read its input is judged by its exit code.
        child.stdin.on("error", () => undefined).end(`${line}\n`);
        child.on("error", (error) => {
          reject(new Error(error.name === "AbortError" ? "it took too long" : error.message));
        });
        child.on("close", (code) => {
          if (code === 0) resolve();
          else reject(new Error(`it ended with ${String(code)}: ${detail.trim()}`));
        });
      }),
  } satisfies ExportHook);
}
