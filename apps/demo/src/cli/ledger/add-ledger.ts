/** Registers `shield ledger`. */
import { type Command, Option } from "commander";
import type { CommandIo } from "../command-io.js";
import { withConfigOptions } from "../config/config-options.js";
import { duration, wholeNumber } from "../options.js";
import { adoptLedger, type AdoptLedgerOptions } from "./adopt.js";
import {
  exportLedger,
  type ExportLedgerOptions,
  pruneLedgerFile,
  type PruneLedgerOptions,
} from "./export.js";
import { importIntoLedger, type ImportLedgerOptions } from "./import.js";
import { IMPORT_FORMATS } from "./payments-file.js";

const IMPORT_HELP = `
Each payment counts in the limits from its own time on, and its id is never paid again. All of the file or nothing; the same file again
changes nothing. A service may run meanwhile; while more than 500 payments are counted, everything is frozen.

CSV has a header, JSON Lines one object of texts a line, both with these names:
  withdrawal_id   unique, as a later request for it would have it
  wallet_id
  account_id      required where the policy limits accounts
  amount          coins that left, its share of the fee included
  fee             that share, where it is known
  destination     its address, where it is known: it got amount - fee
  paid_at         with an offset: 2026-11-30T12:00:00Z
  txid

Examples:
  shield ledger import paid.csv --check --operator ann --reason "before the first day"
  shield ledger import paid.csv --operator ann --reason "before the first day"`;

const EXPORT_HELP = `
A file that is there gets what it lacks; the file of another ledger, or of one before an adoption, is refused. Each record has a
proof of its place. A service may run meanwhile.

Examples:
  shield ledger export records.jsonl
  shield ledger export - --after 12000 | gzip > part.jsonl.gz`;

const PRUNE_HELP = `
Exports what the file lacks first, then removes exported records that are older than --keep, and what no window of the configured
policy reads any more. Ids of payments stay. A service may run meanwhile.

Example:
  shield ledger prune records.jsonl --keep 90d --operator ann --reason monthly`;

const ADOPT_HELP = `
Stop every service on the ledger first. Adopt a ledger that was moved or restored from a backup, and once at the upgrade
from a version that kept no state. What was written after a backup is lost: look for payments that it lacks first.

Example:
  shield ledger adopt --operator ann --reason "restored from Monday's backup"`;

/** Adds the command. */
export function addLedger(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const ledger = shield.command("ledger").description("look after the ledger of the service");
  addImport(ledger, ioOf, exitHelp);
  addExport(ledger, ioOf, exitHelp);
  addPrune(ledger, ioOf, exitHelp);
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
    .addHelpText("after", `${ADOPT_HELP}\n${exitHelp}`)
    .action(async (options: AdoptLedgerOptions) => {
      process.exitCode = await adoptLedger(options, ioOf());
    });
}

function addImport(ledger: Command, ioOf: () => CommandIo, exitHelp: string): void {
  withConfigOptions(
    ledger
      .command("import")
      .description("count payments that were paid without the service, from their own times on")
      .argument("<file>", "CSV or JSON Lines; - is standard input"),
  )
    .requiredOption("--operator <name>", "who orders it; recorded")
    .requiredOption("--reason <text>", "why; recorded")
    .option("--check", "only check, and change nothing", false)
    .addOption(
      new Option("--format <name>", "by the file's name: csv for .csv, else jsonl").choices(
        IMPORT_FORMATS,
      ),
    )
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${IMPORT_HELP}\n${exitHelp}`)
    .action(async (file: string, options: ImportLedgerOptions) => {
      process.exitCode = await importIntoLedger(file, options, ioOf());
    });
}

function addExport(ledger: Command, ioOf: () => CommandIo, exitHelp: string): void {
  withConfigOptions(
    ledger
      .command("export")
      .description("write the records as JSON Lines")
      .argument("<file>", "the file to go on with; - is standard output"),
  )
    .option("--after <number>", "with -: records above this number", wholeNumber)
    .option("--json", "the summary as one JSON object", false)
    .addHelpText("after", `${EXPORT_HELP}\n${exitHelp}`)
    .action(async (file: string, options: ExportLedgerOptions) => {
      process.exitCode = await exportLedger(file, options, ioOf());
    });
}

function addPrune(ledger: Command, ioOf: () => CommandIo, exitHelp: string): void {
  withConfigOptions(
    ledger
      .command("prune")
      .description("remove old records that a file has, and what no limit reads any more")
      .argument("<file>", "the export; it gets what it lacks first"),
  )
    .requiredOption("--keep <time>", "records younger than this stay, as in 90d", duration)
    .requiredOption("--operator <name>", "who orders it; recorded")
    .requiredOption("--reason <text>", "why; recorded")
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${PRUNE_HELP}\n${exitHelp}`)
    .action(async (file: string, options: PruneLedgerOptions) => {
      process.exitCode = await pruneLedgerFile(file, options, ioOf());
    });
}
