/** Registers `shield propose` and `shield proposals`. */
import { type Command, Option } from "commander";
import { CommandError } from "../../errors.js";
import { ROLES } from "../../service/keys/key.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, withConfigOptions } from "../config/config-options.js";
import { duration, more } from "../options.js";
import {
  actOn,
  listProposals,
  propose,
  proposeConfiguration,
  proposeKey,
  type ProposeKeyOptions,
  type ProposeOptions,
} from "./propose.js";
import type { ApiOptions } from "./service-api.js";

const HELP = `
Where changes are governed, what loosens is proposed by one operator and approved by others (docs/governance.md). The key is
read from --key-file, or from SHIELD_KEY; its role is operator or governor.

Examples:
  shield propose unfreeze --scope wallet --id hot-1 --reason "the customer confirmed"
  shield propose release-incident deep_reorg-1780000000000 --reason "the nodes agree again"
  shield propose key-add --role wallet --name "payment backend" --wallet hot-1 --reason "rotation"
  shield propose configuration --config new.yaml --reason "higher limit of hot-1"
  shield proposals
  shield proposals show p-0f3a5c7d9e1b
  shield proposals approve p-0f3a5c7d9e1b`;

const withApi = (command: Command): Command =>
  command
    .option("--url <url>", "where the service listens", "http://127.0.0.1:8480")
    .option("--key-file <file>", "file that holds a key, and nothing else")
    .option("--json", "one JSON object instead of text", false);

/** Adds the commands. */
export function addPropose(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const help = `${HELP}\n${exitHelp}`;
  const command = shield
    .command("propose")
    .description("propose a change that loosens, for others to approve")
    .addHelpText("after", help);
  const add = (usage: string, text: string): Command =>
    withApi(command.command(usage).description(text))
      .requiredOption("--reason <text>", "why, for those who approve and for the record")
      .addHelpText("after", help);

  add("unfreeze", "lift the automatic freezes of a scope, or a freeze by its cause")
    .addOption(
      new Option("--scope <scope>", "of what")
        .choices(["account", "wallet", "global", "cause"])
        .makeOptionMandatory(),
    )
    .requiredOption("--id <id>", "id of it, or the cause_id")
    .action(async (options: ProposeOptions & { scope: "wallet"; id: string }) => {
      const { scope, id } = options;
      process.exitCode = await propose({ kind: "unfreeze", scope, id }, options, ioOf());
    });
  add("accept-clock", "accept the clock, after it was mended").action(
    async (options: ProposeOptions) => {
      process.exitCode = await propose({ kind: "accept_clock" }, options, ioOf());
    },
  );
  add("release-incident", "release what an incident latched")
    .argument("<id>", "id of the incident")
    .action(async (incident_id: string, options: ProposeOptions) => {
      const change = { kind: "release_incident", incident_id } as const;
      process.exitCode = await propose(change, options, ioOf());
    });
  add("release-payment", "give back a payment that was claimed, and never signed")
    .argument("<id>", "id of the payment")
    .action(async (payment_id: string, options: ProposeOptions) => {
      const change = { kind: "release_payment", payment_id } as const;
      process.exitCode = await propose(change, options, ioOf());
    });
  add("approve-destination", "let a destination be paid without its waiting time")
    .option("--account <id>", "whose destination it is")
    .option("--wallet <id>", "the wallet, where its withdrawals have no account")
    .requiredOption("--address <address>", "the destination")
    .action(async (options: ProposeOptions & Destination) => {
      const { account, wallet, address } = options;
      if ((account === undefined) === (wallet === undefined)) {
        throw new CommandError("usage", "give --account, or --wallet");
      }
      const owner = account === undefined ? { wallet_id: wallet } : { account_id: account };
      const change = { kind: "approve_destination", ...owner, address } as const;
      process.exitCode = await propose(change, options, ioOf());
    });
  add("key-add", "make a key; its token is made here and printed once")
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .requiredOption("--name <text>", "who or what will hold it")
    .option("--wallet <id>", "a wallet that it may act on; repeatable; default: all", more, [])
    .option("--operator <name>", "of a reporter: the site that it reports for")
    .option("--node <id>", "of a reporter: a node that it reports for; repeatable", more, [])
    .option("--expires <time>", "when it ends, from now: 30d, 12h; default: it does not", duration)
    .option("--revoke <id>", "a key that it takes the place of; repeatable", more, [])
    .action(async (options: ProposeKeyOptions) => {
      process.exitCode = await proposeKey(options, ioOf());
    });
  add("key-revoke", "end keys, one of the last that govern among them")
    .argument("<id...>", "ids of the keys")
    .action(async (revoke: string[], options: ProposeOptions) => {
      process.exitCode = await propose({ kind: "keys", add: [], revoke }, options, ioOf());
    });
  withConfigOptions(add("configuration", "start with another configuration, once")).action(
    async (options: ProposeOptions & ConfigOptions) => {
      process.exitCode = await proposeConfiguration(options, ioOf());
    },
  );
  addProposals(shield, ioOf, help);
}

type Destination = Readonly<{ account?: string; wallet?: string; address: string }>;

function addProposals(shield: Command, ioOf: () => CommandIo, help: string): void {
  const proposals = withApi(shield.command("proposals"))
    .description("list proposals that wait, and vote on them")
    .option("--all", "closed ones too", false)
    .addHelpText("after", help)
    .action(async (options: ApiOptions & { all: boolean; json: boolean }) => {
      process.exitCode = await listProposals(options, ioOf());
    });
  const acts = [
    ["show", "read a proposal", false],
    ["approve", "approve a proposal", false],
    ["reject", "reject a proposal, or take an approval back", true],
    ["withdraw", "end an own proposal", true],
  ] as const;
  for (const [act, text, needsReason] of acts) {
    const command = withApi(proposals.command(act).description(text)).argument("<id>", "its id");
    const flag = "--reason <text>";
    if (needsReason) command.requiredOption(flag, "why, for the record");
    else if (act === "approve") command.option(flag, "why, for the record");
    command.addHelpText("after", help);
    type Options = ApiOptions & { reason?: string; json: boolean };
    command.action(async (id: string, _: Options, self: Command) => {
      // `--url` may stand before the word as well.
      process.exitCode = await actOn(act, id, self.optsWithGlobals<Options>(), ioOf());
    });
  }
}
