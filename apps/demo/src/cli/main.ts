#!/usr/bin/env node
/** The `shield` command. */
import { Command, CommanderError } from "commander";
import { CommandError, EXIT, Interrupted } from "../errors.js";
import { type CommandIo, READER_LEFT } from "./command-io.js";
import { commandsFor, VERSION_FLAGS } from "./commands.js";
import { SHIELD_VERSION } from "./version.js";

const EXIT_HELP = `
Exit codes: ${EXIT.done} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.bad_recording} unusable recording, ${EXIT.bad_data_folder} unusable data folder or state, ${EXIT.bad_config} unusable configuration, ${EXIT.interrupted} interrupted.`;

/** The command with those of its parts that `args` need. */
async function program(args: readonly string[], stop: AbortSignal): Promise<Command> {
  const shield = new Command("shield")
    .description(
      "DigiByte Quantum Shield: five layers of defense for a UTXO chain, as one pipeline.",
    )
    .version(SHIELD_VERSION, VERSION_FLAGS.join(", "), "print the version")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", EXIT_HELP);
  const ioOf = (): CommandIo => {
    const { stdout, stderr, env } = process;
    return { stdout, stderr, env, stop };
  };
  for (const add of await commandsFor(args)) add(shield, ioOf, EXIT_HELP);
  return shield;
}

async function main(): Promise<void> {
  const stopping = new AbortController();
  stopOnSignals(stopping);
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    stopping.abort(READER_LEFT);
  });
  // What cannot be logged ends nothing: a service pays on without the reader of its log.
  process.stderr.on("error", () => undefined);
  try {
    const shield = await program(process.argv.slice(2), stopping.signal);
    await shield.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error, stopping.signal);
  }
}

/**
 * Stops in good order at the first signal, and at once at another one a second later: a terminal sends Ctrl-C
 * to npm and to this process, so that one key press may arrive twice.
 */
function stopOnSignals(stopping: AbortController): void {
  let firstMs: number | undefined;
  const stop = (): void => {
    firstMs ??= performance.now();
    if (performance.now() - firstMs > 1_000) process.exit(EXIT.interrupted);
    stopping.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
}

function exitCodeOf(error: unknown, stop: AbortSignal): number {
  if (error instanceof Interrupted) {
    return stop.reason === READER_LEFT ? EXIT.done : EXIT.interrupted;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CommandError) {
    process.stderr.write(`shield: ${error.message}\n`);
    return error.exitCode;
  }
  process.stderr.write(`shield: unexpected failure: ${String(error)}\n`);
  return EXIT.failed;
}

await main();
