/** Registers `shield testnet`. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { ATTACK_NAMES, ATTACKS } from "../../testnet/attacks/index.js";
import { PROGRAM_NAMES } from "../../testnet/programs.js";
import type { CommandIo } from "../command-io.js";
import { positive } from "../options.js";
import { attackCommand, type AttackOptions } from "./attack.js";
import { runTestnet, type RunTestnetOptions } from "./run-testnet.js";
import { stopTestnet, type StopOptions } from "./stop-testnet.js";

const HELP = `
Three real nodes on regtest, in a folder of their own: two are the site's, one is the rest of the network. Beside them a service in
enforce mode, a gateway, and payments of customers through both. Nothing of it reaches another machine, and no coin has a value.

Examples:
  shield testnet                       until Ctrl-C; in a temporary folder
  shield testnet --dir ./testnet       keep the folder
  shield testnet attack split          in another terminal: what do the layers do?
  shield testnet attack heal           one chain again, and payments flow
  shield testnet stop                  end it, and what a killed one has left`;

const attackHelp = (): string =>
  `\nAttacks:\n${[
    ...ATTACK_NAMES.map((name) => `  ${name.padEnd(13)} ${ATTACKS[name].summary}`),
    `  ${"heal".padEnd(13)} all nodes connected, one chain, incidents released`,
  ].join("\n")}

Exit code 0: it was found, the service stopped and the gateway refused (heal: payments flow); 1: not so.`;

/** Adds the commands. */
export function addTestnet(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const testnet = shield
    .command("testnet")
    .description("a testnet in a box: real nodes, service, gateway, payments, and attacks on them")
    .option("--dir <folder>", "keep everything in this folder, which is made or empty")
    .addOption(
      new Option("--program <name>", "the node program; the first that is installed").choices(
        PROGRAM_NAMES,
      ),
    )
    .option("--spacing <seconds>", "time between two blocks, by which detectors judge", positive, 3)
    .option("--rate <number>", "payments a second", positive, 1)
    .option("--port <number>", "of the service, on loopback; 0: any free one", portNumber, 0)
    .option("--gateway-port <number>", "of the gateway; 0: any free one", portNumber, 0)
    .option("--json", "one JSON object a line instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (options: RunTestnetOptions) => {
      process.exitCode = await runTestnet(options, ioOf());
    });
  testnet
    .command("attack")
    .description("attack a running testnet, and wait for what comes of it")
    .argument("<name>", [...ATTACK_NAMES, "heal"].join(", "))
    .option("--dir <folder>", "folder of the testnet, where there are several")
    .option("--json", "one JSON object a line instead of text", false)
    .addHelpText("after", () => `${attackHelp()}\n${exitHelp}`)
    .action(async (name: string, _: AttackOptions, command: Command) => {
      process.exitCode = await attackCommand(name, command.optsWithGlobals(), ioOf());
    });
  testnet
    .command("stop")
    .description("end a testnet, and the nodes that a killed one has left")
    .option("--dir <folder>", "folder of the testnet, where there are several")
    .action(async (_: StopOptions, command: Command) => {
      process.exitCode = await stopTestnet(command.optsWithGlobals(), ioOf());
    });
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("It must be a port from 0 to 65535.");
}
