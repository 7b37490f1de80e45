/** Runs a `shield` command inside the test's process, where starting one for each call would take most of the time. */
import { Command, CommanderError } from "commander";
import type { CommandIo } from "../../src/cli/command-io.js";
import { CommandError } from "../../src/errors.js";
import type { Run } from "./shield.js";

type Register = (shield: Command, ioOf: () => CommandIo, exitHelp: string) => void;

/** Runs a command line of the commands that `register` adds; what it writes is collected. */
export async function runInProcess(register: Register, args: readonly string[]): Promise<Run> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    ({ write: (text: string) => ((written[name] += text), true) }) as unknown as NodeJS.WriteStream;
  const io: CommandIo = {
    ...{ stdout: stream("stdout"), stderr: stream("stderr"), env: {} },
    stop: new AbortController().signal,
  };
  const shield = new Command("shield").exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
  });
  register(shield, () => io, "");
  const before = process.exitCode;
  try {
    await shield.parseAsync([...args], { from: "user" });
    return { code: Number(process.exitCode), ...written };
  } catch (error) {
    if (error instanceof CommandError) {
      return { ...written, code: error.exitCode, stderr: `${written.stderr}${error.message}\n` };
    }
    if (error instanceof CommanderError) return { code: 2, ...written };
    throw error;
  } finally {
    process.exitCode = before;
  }
}
