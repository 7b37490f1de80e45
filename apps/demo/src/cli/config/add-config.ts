/** Registers `shield config`. */
import type { Command } from "commander";
import type { CommandIo } from "../command-io.js";
import { checkConfig } from "./check.js";
import { type ConfigOptions, withConfigOptions } from "./config-options.js";

const HELP = `
The file is YAML or JSON; environment variables such as SHIELD_HTTP_PORT win over it, and --set over both. Everything
that is wrong is listed at once, with its place and what to do. docs/configuration.md lists every field.

Examples:
  shield config check
  shield config check --config /etc/shield/shield.yaml --set http.port=9000
  SHIELD_MODE=enforce shield config check --json      the complete configuration, without secrets`;

/** Adds the command. */
export function addConfig(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const config = shield.command("config").description("check the configuration of the service");
  withConfigOptions(
    config
      .command("check")
      .description("whether the configuration can be used; nothing is opened or contacted"),
  )
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action((options: ConfigOptions & Readonly<{ json: boolean }>) => {
      process.exitCode = checkConfig(options, ioOf());
    });
}
