#!/usr/bin/env node
/** The `shield` command. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { demo } from "./demo.js";
import { more, positive } from "./options.js";
import { EXIT, CommandError, Interrupted } from "../errors.js";
import { type CommandIo, READER_LEFT } from "./command-io.js";
import { SCENARIO_NAMES } from "../scenarios/index.js";
import { CHAIN_NAMES } from "../scenarios/recording.js";
import { addAudit } from "./audit/add-audit.js";
import { addConfig } from "./config/add-config.js";
import { addDoctor } from "./doctor/add-doctor.js";
import { addGateway } from "./gateway/add-gateway.js";
import { addInit } from "./init/add-init.js";
import { addKeyCommands } from "./keys/add-key-commands.js";
import { addLedger } from "./ledger/add-ledger.js";
import { addPolicy } from "./policy/add-policy.js";
import { addRecord } from "./record/add-record.js";
import { replayNode, type ReplayNodeOptions } from "./history/replay-node.js";
import { addTip } from "./tip/add-tip.js";
import { addServe } from "./serve/add-serve.js";
import { addApprove } from "./approve/add-approve.js";
import { addToken } from "./token/add-token.js";
import { addVerify } from "./verify/add-verify.js";
import { watch, type WatchOptions } from "./watch.js";
import { FILE_FORMATS, MAX_AT_ONCE, replayCommand, type ReplayCommandOptions } from "./replay.js";

const DEFAULT_PORT = 8720;

const EXIT_HELP = `
Exit codes: ${EXIT.done} done, ${EXIT.failed} failed, ${EXIT.usage} wrong usage, ${EXIT.bad_recording} unusable recording, ${EXIT.bad_data_folder} unusable data folder or state, ${EXIT.bad_config} unusable configuration, ${EXIT.interrupted} interrupted.`;

const DEMO_HELP = `
Scenarios:
  gw-sim-001    one wallet while risk rises from LOW to HIGH (simulation)
  dgb-regtest   a real DigiByte Core node: stall, reorganisation, a retired algorithm (recording)
  groestl-2026  DigiByte, June 2026: a retired algorithm is switched back on (reconstruction)

Examples:
  shield demo --once                       all scenarios, as fast as they go, then end
  shield demo groestl-2026 --data ./data   keep the ledger; started again, it goes on where it was
  shield demo gw-sim-001 --speed 60        one minute of the scenario a second
${EXIT_HELP}`;

const WATCH_HELP = `
Where no cookie file is given, SHIELD_RPC_USER and SHIELD_RPC_PASSWORD are the credentials of all nodes.
In a pipe it prints a line for each change.

Examples:
  shield watch --node http://127.0.0.1:14022 --cookie ~/.digibyte/.cookie
  shield watch --node a=http://10.0.0.1:14022 --node b=http://10.0.0.2:14022 --json
  shield watch --node a=http://10.0.0.1:14022 --state watch.json   goes on after a restart

Exit code ${EXIT.found}, with --once: something is wrong.${EXIT_HELP}`;

function program(stop: AbortSignal): Command {
  const shield = new Command("shield")
    .description(
      "DigiByte Quantum Shield: five layers of defense for a UTXO chain, as one pipeline.",
    )
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", EXIT_HELP);
  shield
    .command("demo")
    .description("replay an incident through all five layers while customers request withdrawals")
    .argument("[scenario]", `one of ${SCENARIO_NAMES.join(", ")}; all of them where it is left out`)
    .option("--once", "end when the scenarios have been played", false)
    .option("--json", "one JSON object a line instead of text", false)
    .option(
      "--speed <factor>",
      "times as fast as it happened; as fast as it goes where left out",
      positive,
    )
    .option(
      "--data <folder>",
      "keep ledger and events in this folder, and go on from what it holds",
    )
    .option("--recording <file>", "play this recording (raw or compact, .gz too) by itself")
    .addOption(
      new Option("--chain <name>", "the chain, where a recording does not show which one").choices(
        CHAIN_NAMES,
      ),
    )
    .addOption(
      new Option("--port <number>", "where the timelines can be read afterwards, on loopback")
        .argParser(portNumber)
        .default(DEFAULT_PORT),
    )
    .addHelpText("after", DEMO_HELP)
    .action(async (scenario: string | undefined, options: Parsed) => {
      const { stdout, stderr, env } = process;
      process.exitCode = await demo({ scenario, ...options }, { stdout, stderr, env, stop });
    });
  shield
    .command("replay")
    .description("run a recording or a list of headers through Sentinel's detectors alone")
    .argument(
      "[file]",
      "a recording, compact or raw, or a list of headers; .gz too, - is standard input",
    )
    .option("--node <[name=]url>", "instead of a file: the past of a live node", more)
    .option("--cookie <file>", "its cookie file", more, [])
    .option("--days <number>", "of a live node: how far back", positive, 30)
    .option("--transactions", "of a live node: read the blocks as well, one call each", false)
    .option("--svg <file>", "of a live node: write a picture, too")
    .addOption(
      new Option("--format <name>", "by the file's name: csv for .csv, else recording").choices(
        FILE_FORMATS,
      ),
    )
    .addOption(
      new Option("--chain <name>", "the one that a recording fits; for a list digibyte").choices(
        CHAIN_NAMES,
      ),
    )
    .option("--node-id <id>", "name of the node where the file has none", "replayed-node")
    .addOption(
      new Option("--at-once <number>", "headers of a list in one observation; more is faster")
        .argParser(atOnceNumber)
        .default(1),
    )
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `\nExit code ${EXIT.found}: something was found.${EXIT_HELP}`)
    .action(async (file: string | undefined, options: ReplayCommandOptions & ReplayNodeOptions) => {
      const { stdout, stderr, env } = process;
      const isNode = (options.node as readonly string[] | undefined) !== undefined;
      if ((file === undefined) !== isNode) {
        throw new CommandError("usage", "replay: give a file, or a live node by --node");
      }
      process.exitCode =
        file === undefined
          ? await replayNode(options, { stdout, stderr, env, stop })
          : replayCommand(file, options, process);
    });
  shield
    .command("watch")
    .description("watch live nodes: which one follows which chain, since when, and what is wrong")
    .requiredOption("--node <[name=]url>", "RPC address of a node; repeat it for more nodes", more)
    .option("--cookie <file>", "its cookie file; one for all nodes, or one for each", more, [])
    .addOption(
      new Option("--chain <name>", "the chain, where the nodes do not show which one").choices(
        CHAIN_NAMES,
      ),
    )
    .option("--interval <seconds>", "time between two rounds", positive, 5)
    .option("--once", "one round, then end", false)
    .option("--json", "one JSON object a round instead of text", false)
    .option("--state <file>", "keep what is known in this file, and go on from it after a restart")
    .option(
      "--statement <file>",
      "write the signed statement which tip the nodes follow, each round",
    )
    .option("--key <file>", "the secret key that signs it, of shield tip keygen")
    .addHelpText("after", WATCH_HELP)
    .action(async (options: WatchOptions) => {
      const { stdout, stderr, env } = process;
      process.exitCode = await watch(options, { stdout, stderr, env, stop });
    });
  const ioOf = (): CommandIo => {
    const { stdout, stderr, env } = process;
    return { stdout, stderr, env, stop };
  };
  addRecord(shield, ioOf, EXIT_HELP);
  addTip(shield, ioOf, EXIT_HELP);
  addInit(shield, ioOf, EXIT_HELP);
  addConfig(shield, ioOf, EXIT_HELP);
  addDoctor(shield, ioOf, EXIT_HELP);
  addPolicy(shield, ioOf, EXIT_HELP);
  addLedger(shield, ioOf, EXIT_HELP);
  addAudit(shield, ioOf);
  addKeyCommands(shield, ioOf, EXIT_HELP);
  addServe(shield, ioOf, EXIT_HELP);
  addGateway(shield, ioOf, EXIT_HELP);
  addApprove(shield, ioOf, EXIT_HELP);
  addToken(shield, ioOf, EXIT_HELP);
  addVerify(shield, ioOf, EXIT_HELP);
  return shield;
}

type Parsed = Omit<Parameters<typeof demo>[0], "scenario">;

function atOnceNumber(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_AT_ONCE) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_AT_ONCE}.`);
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a port from 0 to 65535.");
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
    await program(stopping.signal).parseAsync();
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
