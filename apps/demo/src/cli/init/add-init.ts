/** Registers `shield init`. */
import { type Command, Option } from "commander";
import { CHAIN_NAMES } from "../../scenarios/recording.js";
import type { CommandIo } from "../command-io.js";
import { CREDENTIALS_HELP } from "../live/node-options.js";
import { more } from "../options.js";
import { init, type InitOptions } from "./init.js";

const HELP = `
It makes shield.yaml, in which every field stands with its range and default, shield-data (mode 0700) with an empty
ledger, and a first key of an operator, a wallet and a reader. The service then observes: it stops no payment.
It overwrites nothing. A run that was killed is completed by running it again.
${CREDENTIALS_HELP}

Examples:
  shield init --node http://127.0.0.1:14022 --cookie ~/.digibyte/.cookie
  shield init --dir /etc/shield --chain litecoin --operator my-site --yes
  shield init --governance 2-of-4 --yes                what loosens is proposed by one and approved by two others
  shield init --recording incident.jsonl.gz --yes      a trial, without a node; the unknown network counts as elevated`;

/** Adds the command. */
export function addInit(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  shield
    .command("init")
    .description("make configuration, ledger and first keys of a deployment")
    .option("--dir <folder>", "where", ".")
    .option("--node <[name=]url>", "RPC address of a node; repeat it for more nodes", more, [])
    .option("--cookie <file>", "its cookie file; one for all nodes, or one for each", more, [])
    .addOption(
      new Option(
        "--chain <name>",
        "the chain; default: the first node's or the recording's, else digibyte",
      ).choices(CHAIN_NAMES),
    )
    .option("--operator <name>", "name of the site (default: site-1)")
    .option("--deployment <name>", "name of the deployment; default: a random one")
    .option("--governance <m-of-n>", "what loosens needs m approvals; n operators get keys, n > m")
    .option("--recording <file>", "for a trial: play a recording in place of nodes")
    .option("--yes", "make it without a question", false)
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (options: InitOptions) => {
      process.exitCode = await init(options, ioOf());
    });
}
