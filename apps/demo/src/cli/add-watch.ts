/** Registers `shield watch`. */
import { type Command, Option } from "commander";
import { EXIT } from "../errors.js";
import { CHAIN_NAMES } from "../scenarios/recording.js";
import type { CommandIo } from "./command-io.js";
import { more, positive } from "./options.js";
import { watch, type WatchOptions } from "./watch.js";

const HELP = `
Where no cookie file is given, SHIELD_RPC_USER and SHIELD_RPC_PASSWORD are the credentials of all nodes.
In a pipe it prints a line for each change.

Examples:
  shield watch --node http://127.0.0.1:14022 --cookie ~/.digibyte/.cookie
  shield watch --node a=http://10.0.0.1:14022 --node b=http://10.0.0.2:14022 --json
  shield watch --node a=http://10.0.0.1:14022 --state watch.json   goes on after a restart

Exit code ${EXIT.found}, with --once: something is wrong.`;

/** Adds the command. */
export function addWatch(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
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
    .addHelpText("after", `${HELP}${exitHelp}`)
    .action(async (options: WatchOptions) => {
      process.exitCode = await watch(options, ioOf());
    });
}
