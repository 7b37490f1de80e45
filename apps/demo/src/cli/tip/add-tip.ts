/** Registers `shield tip`. */
import { type Command, Option } from "commander";
import { TIP_STATEMENT_ROLE } from "@dgb-shield/sentinel/tip-statement";
import { EXIT } from "../../errors.js";
import { CHAIN_NAMES } from "../../scenarios/recording.js";
import type { CommandIo } from "../command-io.js";
import { duration, positive } from "../options.js";
import { type KeygenOptions, makeKeyFiles } from "./key-file.js";
import { verifyCommand, type VerifyOptions } from "./verify.js";

const HELP = `
A statement names the tip that an operator's nodes follow, the nodes and their versions, every other branch with its fork
point, and the findings of that moment. shield watch --statement writes it.

Examples:
  shield tip keygen --operator exchange --key secret.json --public exchange.json
  shield watch --once --node http://127.0.0.1:14022 --statement tip.json --key secret.json
  shield tip verify tip.json --key exchange.json`;

/** Adds the commands. */
export function addTip(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const tip = shield
    .command("tip")
    .description('signed statements "which tip": keys, and verification without a connection')
    .addHelpText("after", `${HELP}\n${exitHelp}`);
  tip
    .command("keygen")
    .description(
      "make a key (Ed25519 and ML-DSA-65): the secret half to sign, the public to hand out",
    )
    .requiredOption("--operator <name>", "who signs; readers see this name")
    .requiredOption("--key <file>", "where the secret half is written, for its owner alone")
    .requiredOption("--public <file>", "where the public half is written")
    .option("--key-id <id>", "name of the key; default: the operator's and the day")
    .option("--days <number>", "how long it is valid", positive, 365)
    .action((options: KeygenOptions) => {
      const id = makeKeyFiles(options, TIP_STATEMENT_ROLE, Date.now());
      const told = `${options.key} signs and stays secret; ${options.public} is for those who verify`;
      ioOf().stdout.write(`key ${id} of ${options.operator}: ${told}\n`);
    });
  tip
    .command("verify")
    .description("verify a signed statement")
    .argument("<file>", "the statement")
    .requiredOption("--key <file>", "the public keys that are trusted")
    .addOption(new Option("--chain <name>", "the chain that it must be of").choices(CHAIN_NAMES))
    .option("--max-age <time>", "how old it may be, such as 10m", duration, 3_600)
    .option("--json", "one JSON object instead of text", false)
    .addHelpText(
      "after",
      `\nExit code ${EXIT.done}: valid, ${EXIT.refused}: refused, ${EXIT.usage}: a file cannot be read.`,
    )
    .action((file: string, options: VerifyOptions) => {
      process.exitCode = verifyCommand(file, options, ioOf().stdout, Date.now());
    });
}
