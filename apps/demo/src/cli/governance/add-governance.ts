/** Registers `shield governance`. */
import type { Command } from "commander";
import type { CommandIo } from "../command-io.js";
import { withConfigOptions } from "../config/config-options.js";
import { recover, type RecoverOptions } from "./recover.js";

const HELP = `
For the case that too few keys are left to approve anything, or that what governs was lost. Stop every service of the
deployment first. It accepts the file of keys and the configuration as they are, closes every proposal, and is recorded;
the service says so at each start and in /readyz for 30 days.

Example:
  shield keys add --recovery --role operator --name ann
  shield governance recover --operator ann --reason "two of three keys were in the burnt office"`;

/** Adds the command. */
export function addGovernance(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const governance = shield
    .command("governance")
    .description("recover governed changes, on the host");
  withConfigOptions(
    governance.command("recover").description("take keys and configuration as they are"),
  )
    .requiredOption("--operator <name>", "who does it, for the record")
    .requiredOption("--reason <text>", "why, for the record")
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (options: RecoverOptions) => {
      process.exitCode = await recover(options, ioOf());
    });
}
