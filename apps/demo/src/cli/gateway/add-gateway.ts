/** Registers `shield gateway`. */
import type { Command } from "commander";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, withConfigOptions } from "../config/config-options.js";
import { more } from "../options.js";
import { addClient, type ClientOptions } from "./client.js";
import { checkClient, type CheckOptions } from "./check.js";
import { runGateway, type RunOptions } from "./run.js";

const HELP = `
Wallet software that knows nothing of the shield calls the gateway in place of the node; docs/gateway.md shows how to set it up.
shield serve runs the gateway as well, where one is configured. As a process of its own it asks a running service, with a key of the
role wallet from --key-file, or from SHIELD_KEY.

Examples:
  shield gateway client --name backend --role spender --wallet hot      a password, and what to write into the configuration
  shield gateway check --client backend                                 what this client may do in each state
  shield gateway run --service http://127.0.0.1:8480 --key-file wallet.key`;

/** Adds the commands. */
export function addGateway(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const gateway = shield
    .command("gateway")
    .description("a proxy in front of a node that lets out what was allowed alone")
    .addHelpText("after", `${HELP}\n${exitHelp}`);
  withConfigOptions(
    gateway.command("run").description("run the gateway as a process of its own, until Ctrl-C"),
  )
    .option("--service <url>", "where the service listens", "http://127.0.0.1:8480")
    .option("--key-file <file>", "file that holds a key, and nothing else")
    .action(async (options: ConfigOptions & RunOptions) => {
      process.exitCode = await runGateway(options, ioOf());
    });
  withConfigOptions(
    gateway
      .command("check")
      .description("what a client may do in each state, and what it used that it may not")
      .requiredOption("--client <name>", "name of the client"),
  )
    .option("--json", "one JSON object instead of text", false)
    .action((options: ConfigOptions & CheckOptions) => {
      process.exitCode = checkClient(options, ioOf());
    });
  gateway
    .command("client")
    .description("make credentials for a client, and show what to write into the configuration")
    .requiredOption("--name <name>", "name of the client")
    .requiredOption("--role <role>", "chain_reader, wallet_reader, spender, miner or node_operator")
    .option("--wallet <name>", "a wallet of the node that it may use; repeatable", more, [])
    .action((options: ClientOptions) => {
      process.exitCode = addClient(options, ioOf());
    });
}
