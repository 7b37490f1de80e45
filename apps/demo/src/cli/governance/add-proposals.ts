/** Registers `shield proposals`. */
import type { Command } from "commander";
import type { CommandIo } from "../command-io.js";
import { helpOf, withApi } from "./api-options.js";
import { actOn, listProposals } from "./propose.js";
import type { ApiOptions } from "./service-api.js";

type Options = ApiOptions & { reason?: string; json: boolean };

/** What is done with one proposal, its text, whether a reason is taken, and an example. */
const ACTS = [
  ["show", "read a proposal", "none", "show p-0f3a5c7d9e1b"],
  ["approve", "approve a proposal", "optional", "approve p-0f3a5c7d9e1b"],
  [
    "reject",
    "reject a proposal, or take an approval back",
    "required",
    'reject p-0f3a5c7d9e1b --reason "the customer did not ask for it"',
  ],
  [
    "withdraw",
    "end an own proposal",
    "required",
    'withdraw p-0f3a5c7d9e1b --reason "the wrong wallet"',
  ],
] as const;

/** Adds the command. */
export function addProposals(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const examples = ACTS.map(([, , , example]) => `shield proposals ${example}`);
  const proposals = withApi(shield.command("proposals"))
    .description("list proposals that wait, and vote on them")
    .option("--all", "closed ones too", false)
    .addHelpText("after", helpOf(["shield proposals", ...examples], exitHelp))
    .action(async (options: ApiOptions & { all: boolean; json: boolean }) => {
      process.exitCode = await listProposals(options, ioOf());
    });
  for (const [act, text, reason, example] of ACTS) {
    const command = withApi(proposals.command(act).description(text))
      .argument("<id>", "its id")
      .addHelpText("after", helpOf([`shield proposals ${example}`], exitHelp))
      .action(async (id: string, _: Options, self: Command) => {
        // `--url` may stand before the word as well.
        process.exitCode = await actOn(act, id, self.optsWithGlobals<Options>(), ioOf());
      });
    const flag = "--reason <text>";
    if (reason === "required") command.requiredOption(flag, "why, for the record");
    else if (reason === "optional") command.option(flag, "why, for the record");
  }
}
