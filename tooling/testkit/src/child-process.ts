/** Starts scripts as direct children of the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A child whose lines of output are kept. */
export type Child = Readonly<{
  process: ChildProcess;
  lines: readonly string[];
  /** Resolves with the first line that `matches`; rejects when the child ends before. */
  line(matches: (line: string) => boolean): Promise<string>;
  /** Sends a signal, unless it ended already, and waits for the end of it and of its output. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}>;

/**
 * Starts `node script …args`.
 *
 * @param script path of the script
 * @param args its arguments
 * @param wrapper a program, with its arguments, that starts node in turn
 */
export function startScript(
  script: string,
  args: readonly string[],
  wrapper: readonly string[] = [],
): Child {
  const [command, ...rest] = [...wrapper, process.execPath, script, ...args];
  const child = spawn(command as string, rest, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close") as Promise<[number | null]>;
  return {
    process: child,
    lines,
    async line(matches) {
      for (;;) {
        const found = lines.find(matches);
        if (found !== undefined) return found;
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}`);
        await Promise.race([once(reader, "line"), ended]);
      }
    },
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return (await ended)[0];
    },
  };
}
