/** Registers `shield approve`. */
import { type Command, Option } from "commander";
import { EXIT } from "../../errors.js";
import type { CommandIo } from "../command-io.js";
import { duration } from "../options.js";
import {
  approve,
  approveKeygen,
  type ApproveKeygenOptions,
  type ApproveOptions,
  TOKEN_VARIABLE,
} from "./approve.js";

const DAY_SECONDS = 86_400;

const HELP = `
What is signed is shown first: scripts are decoded here, not taken from the service. ${TOKEN_VARIABLE} is the approver's
bearer token. Without --service the signed approval is printed, to be sent as the body of POST /v1/payments/{id}/approvals.

Examples:
  shield approve keygen --approver ada --key ada.key
  shield approve w-1001 --key ada.key --service https://shield.example:8480
  shield approve --file terms.json --key ada.key --yes > approval.json

Exit code ${EXIT.refused}: declined.`;

/** Adds the commands. */
export function addApprove(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  // What stands behind keygen is keygen's.
  const command = shield
    .enablePositionalOptions()
    .command("approve")
    .enablePositionalOptions()
    .description("show what a payment pays, and sign the approval with a local key")
    .argument("[payment]", "id of the payment")
    .option("--key <file>", "the approver's key, of shield approve keygen")
    .option("--service <url>", "address of the service")
    .option("--file <file>", "terms of the payment in a file, in place of the service's")
    .addOption(
      new Option("--valid <time>", "how long the approval counts, such as 2h")
        .argParser(duration)
        .default(DAY_SECONDS, "24h"),
    )
    .option("--yes", "sign without asking", false)
    .option("--json", "print the signed approval", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (payment: string | undefined, options: ApproveOptions) => {
      process.exitCode = await approve(payment, options, {
        ...ioOf(),
        stdin: process.stdin,
        nowMs: Date.now(),
      });
    });
  command
    .command("keygen")
    .description("make an approver's key: the secret half in a file, the public half printed")
    .requiredOption("--approver <name>", "who approves: letters and digits, with . _ @ + - between")
    .requiredOption("--key <file>", "where the secret half is written, for its owner alone")
    .option("--key-id <id>", "name of the key; default: the approver's and the day")
    .action((options: ApproveKeygenOptions) => {
      process.exitCode = approveKeygen(options, { ...ioOf(), nowMs: Date.now() });
    });
}
