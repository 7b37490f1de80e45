/** The options of every command that reads live nodes. */
import { type Command, Option } from "commander";
import { CHAIN_NAMES } from "../../scenarios/recording.js";
import { more } from "../options.js";

/** What the help texts of such commands say about credentials. */
export const CREDENTIALS_HELP =
  "Where no cookie file is given, SHIELD_RPC_USER and SHIELD_RPC_PASSWORD are the credentials of all nodes.";

/** Adds `--node`, `--cookie` and `--chain`. */
export const withNodeOptions = (command: Command): Command =>
  command
    .requiredOption("--node <[name=]url>", "RPC address of a node; repeat it for more nodes", more)
    .option("--cookie <file>", "its cookie file; one for all nodes, or one for each", more, [])
    .addOption(
      new Option("--chain <name>", "the chain, where the nodes do not show which one").choices(
        CHAIN_NAMES,
      ),
    );
