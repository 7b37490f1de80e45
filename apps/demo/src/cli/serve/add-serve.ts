/** Registers `shield serve` and `shield status`. */
import type { Command } from "commander";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, withConfigOptions } from "../config/config-options.js";
import { serve } from "./serve.js";
import { status, STATUS_EXIT, type StatusOptions } from "./status.js";

const SERVE_HELP = `
Decides on payments over HTTP until Ctrl-C. docs/api.md lists the routes; the service shows them at /docs. The log goes to
standard error, one JSON object a line, without personal data and secrets.

Examples:
  shield init                                  a commented configuration, a ledger and keys
  shield serve
  shield serve --config /etc/shield/shield.yaml --set mode=enforce`;

const STATUS_HELP = `
The key is read from --key-file, or from SHIELD_KEY; its role is wallet, approver, operator or reader.

Exit codes: ${STATUS_EXIT.open} open, ${STATUS_EXIT.restricted} restricted, ${STATUS_EXIT.stopped} stopped, ${STATUS_EXIT.blind} blind, ${STATUS_EXIT.unreachable} the service did not answer, ${STATUS_EXIT.refused} it refused the key.

Examples:
  SHIELD_KEY=shd_… shield status
  shield status --url https://shield.example:8480 --key-file reader.key --json`;

/** Adds the commands. */
export function addServe(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  withConfigOptions(
    shield.command("serve").description("decide on payments over HTTP, in observe or enforce mode"),
  )
    .addHelpText("after", `${SERVE_HELP}\n${exitHelp}`)
    .action(async (options: ConfigOptions) => {
      process.exitCode = await serve(options, ioOf());
    });
  shield
    .command("status")
    .description("may I pay out now, and why (not)? of a running service")
    .option("--url <url>", "where the service listens", "http://127.0.0.1:8480")
    .option("--key-file <file>", "file that holds a key, and nothing else")
    .option("--json", "the whole answer as one JSON object", false)
    .addHelpText("after", STATUS_HELP)
    .action(async (options: StatusOptions) => {
      process.exitCode = await status(options, ioOf());
    });
}
