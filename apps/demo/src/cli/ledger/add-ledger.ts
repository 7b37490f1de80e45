/** Registers `shield ledger`. */
import type { Command } from "commander";
import type { CommandIo } from "../command-io.js";
import { withConfigOptions } from "../config/config-options.js";
import { adoptLedger, type AdoptLedgerOptions } from "./adopt.js";

const HELP = `
Stop every service on the ledger first. Adopt a ledger that was moved or restored from a backup, and once at the upgrade
from a version that kept no state. What was written after a backup is lost: look for payments that it lacks first.

Example:
  shield ledger adopt --operator ann --reason "restored from Monday's backup"`;

/** Adds the command. */
export function addLedger(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const ledger = shield.command("ledger").description("look after the ledger of the service");
  withConfigOptions(
    ledger
      .command("adopt")
      .description(
        "take a ledger that was moved or restored, and the state beside it, as they are",
      ),
  )
    .requiredOption("--operator <name>", "who orders it; recorded")
    .requiredOption("--reason <text>", "why; recorded")
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (options: AdoptLedgerOptions) => {
      process.exitCode = await adoptLedger(options, ioOf());
    });
}
