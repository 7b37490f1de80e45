/** Registers `shield keys`. */
import { type Command, Option } from "commander";
import { ROLES } from "../../service/keys/key.js";
import type { CommandIo } from "../command-io.js";
import { withConfigOptions } from "../config/config-options.js";
import { duration, more } from "../options.js";
import {
  addKey,
  type AddKeyOptions,
  type KeysOptions,
  listKeys,
  revokeKeyById,
  rotateKeyById,
  type RotateKeyOptions,
} from "./keys.js";

const HELP = `
A token is printed once, on standard output; only its SHA-256 is stored. A running service takes a change over within
a second. Roles: reporter (signals of another site), wallet (payments), approver, operator (orders),
reader, governor (votes on proposals, and gives no orders).

Examples:
  TOKEN=$(shield keys add --role wallet --name "payment backend" --wallet hot-1)
  shield keys add --role reporter --name "site b" --operator site-b --node node-b1 --node node-b2
  shield keys list
  shield keys rotate 0f3a5c7d9e1b --overlap 24h      both tokens count for a day
  shield keys revoke 0f3a5c7d9e1b                    within a second`;

const withKeyOptions = (command: Command): Command =>
  withConfigOptions(command).option(
    "--keys-file <file>",
    "the file of the keys, whatever the configuration is",
  );

/** Adds the commands. */
export function addKeyCommands(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const help = `${HELP}\n${exitHelp}`;
  const keys = shield
    .command("keys")
    .description("add, list, revoke and rotate the keys of callers")
    .addHelpText("after", help);
  withKeyOptions(keys.command("add").description("make a key and print its token, once"))
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .requiredOption("--name <text>", "who or what will hold it")
    .option("--wallet <id>", "a wallet that it may act on; repeatable; default: all", more, [])
    .option("--operator <name>", "of a reporter: the site that it reports for")
    .option("--node <id>", "of a reporter: a node that it reports for; repeatable", more, [])
    .option("--expires <time>", "when it ends, from now: 30d, 12h; default: it does not", duration)
    .option("--create", "begin the file where there is none", false)
    .option("--recovery", "where changes are governed: for shield governance recover", false)
    .option("--json", "one JSON object instead of the token alone", false)
    .addHelpText("after", help)
    .action(async (options: AddKeyOptions) => {
      process.exitCode = await addKey(options, ioOf());
    });
  withKeyOptions(keys.command("list").description("every key with its state; no token is stored"))
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", help)
    .action((options: KeysOptions) => {
      process.exitCode = listKeys(options, ioOf());
    });
  withKeyOptions(keys.command("revoke").description("end a key at once").argument("<id>", "its id"))
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", help)
    .action(async (id: string, options: KeysOptions) => {
      process.exitCode = await revokeKeyById(id, options, ioOf());
    });
  withKeyOptions(
    keys
      .command("rotate")
      .description("make a key with the rights of another, which ends after an overlap")
      .argument("<id>", "the old key's id"),
  )
    .option("--overlap <time>", "how long both count, such as 24h", duration, 86_400)
    .option("--json", "one JSON object instead of the token alone", false)
    .addHelpText("after", help)
    .action(async (id: string, options: RotateKeyOptions) => {
      process.exitCode = await rotateKeyById(id, options, ioOf());
    });
}
