/** Registers `shield demo`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { SCENARIO_NAMES } from "../scenarios/index.js";
import { CHAIN_NAMES } from "../scenarios/recording.js";
import type { CommandIo } from "./command-io.js";
import { demo } from "./demo.js";
import { positive } from "./options.js";

const DEFAULT_PORT = 8720;

const HELP = `
Scenarios:
  gw-sim-001    one wallet while risk rises from LOW to HIGH (simulation)
  dgb-regtest   a real DigiByte Core node: stall, reorganisation, a retired algorithm (recording)
  groestl-2026  DigiByte, June 2026: a retired algorithm is switched back on (reconstruction)

Examples:
  shield demo                              on a page, live: play, pause, speed, any moment
  shield demo --once                       in the terminal: all scenarios, as fast as they go
  shield demo groestl-2026 --data ./data   keep the ledger; started again, it goes on where it was
  shield demo gw-sim-001 --speed 300       five minutes of the scenario a second
`;

type Parsed = Omit<Parameters<typeof demo>[0], "scenario">;

/** Adds the command. */
export function addDemo(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  shield
    .command("demo")
    .description("replay an incident through all five layers while customers request withdrawals")
    .argument("[scenario]", `one of ${SCENARIO_NAMES.join(", ")}; all of them where it is left out`)
    .option("--once", "play in the terminal, and end; else on a page", false)
    .option("--json", "one JSON object a line instead of text", false)
    .option(
      "--speed <factor>",
      "times as fast as it happened; left out: 60 on the page, in the terminal as fast as it goes",
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
      new Option("--port <number>", "where the page is served, on loopback")
        .argParser(portNumber)
        .default(DEFAULT_PORT),
    )
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (scenario: string | undefined, options: Parsed) => {
      process.exitCode = await demo({ scenario, ...options }, ioOf());
    });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a port from 0 to 65535.");
}
