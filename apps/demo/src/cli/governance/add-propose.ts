/** Registers `shield propose` and `shield proposals`. */
import { type Command, Option } from "commander";
import { CommandError } from "../../errors.js";
import { ROLES } from "../../service/keys/key.js";
import type { CommandIo } from "../command-io.js";
import { type ConfigOptions, withConfigOptions } from "../config/config-options.js";
import { duration, more } from "../options.js";
import { addProposals } from "./add-proposals.js";
import { helpOf, withApi } from "./api-options.js";
import {
  propose,
  proposeConfiguration,
  proposeKey,
  type ProposeKeyOptions,
  type ProposeOptions,
} from "./propose.js";

/** An example of each kind of proposal. */
const EXAMPLES = {
  unfreeze: 'unfreeze --scope wallet --id hot-1 --reason "the customer confirmed"',
  "accept-clock": 'accept-clock --reason "compared with two other hosts"',
  "release-incident": 'release-incident deep_reorg-1780000000000 --reason "the nodes agree again"',
  "release-payment": 'release-payment w-1001 --reason "the signer was rebuilt before it signed"',
  "approve-destination":
    'approve-destination --account alice --address dgb1q… --reason "confirmed by telephone"',
  "key-add": 'key-add --role wallet --name "payment backend" --wallet hot-1 --reason "rotation"',
  "key-revoke": 'key-revoke 0f3a5c7d9e1b --reason "dora has left"',
  configuration: 'configuration --config new.yaml --reason "higher limit of hot-1"',
} as const;
const exampleOf = (name: keyof typeof EXAMPLES): string => `shield propose ${EXAMPLES[name]}`;

/** Adds the commands. */
export function addPropose(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  const names = Object.keys(EXAMPLES) as (keyof typeof EXAMPLES)[];
  const command = shield
    .command("propose")
    .description("propose a change that loosens, for others to approve")
    .addHelpText("after", helpOf(names.map(exampleOf), exitHelp));
  const add = (name: keyof typeof EXAMPLES, text: string): Command =>
    withApi(command.command(name).description(text))
      .requiredOption("--reason <text>", "why, for those who approve and for the record")
      .addHelpText("after", helpOf([exampleOf(name)], exitHelp));

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
  addProposals(shield, ioOf, exitHelp);
}

type Destination = Readonly<{ account?: string; wallet?: string; address: string }>;
