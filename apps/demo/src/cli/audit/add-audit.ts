/** Registers `shield audit`. */
import { CHECKPOINT_ROLE } from "@dgb-shield/wallet-guardian/audit";
import type { Command } from "commander";
import { EXIT } from "../../errors.js";
import type { CommandIo } from "../command-io.js";
import { withConfigOptions } from "../config/config-options.js";
import { more, positive } from "../options.js";
import { type KeygenOptions, makeKeyFiles } from "../tip/key-file.js";
import { eraseAudit, type EraseOptions } from "./erase.js";
import { provePaymentOf, type ProveOptions } from "./prove.js";
import { showPayment, type ShowOptions } from "./show.js";
import { verifyAudit, type VerifyAuditOptions } from "./verify.js";

const HELP = `
Examples:
  shield audit keygen --operator exchange --key shield-data/audit-key.json --public audit.pub.json
  shield audit verify --key audit.pub.json
  shield audit verify --key audit.pub.json --checkpoints /mnt/vault/checkpoints.jsonl
  shield audit show w-1042
  shield audit prove w-1042 > proof.json
  shield audit verify --proof proof.json --key audit.pub.json       anywhere, without the ledger
  shield audit erase --account alice --operator ann --reason "request of May 2"`;

const EXITS = `
Exit codes: ${EXIT.done} everything is verified, ${EXIT.found} something was changed (each finding names the records), ${EXIT.refused} nothing is
signed, or a proof or checkpoint is refused, ${EXIT.rules_differ} the tree is verified and some decisions were made by other rules or policies than
those of the configuration, ${EXIT.usage} wrong usage, ${EXIT.bad_data_folder} the ledger or a file cannot be read, ${EXIT.bad_config} unusable configuration.`;

/** Adds the commands. */
export function addAudit(shield: Command, ioOf: () => CommandIo): void {
  const audit = shield
    .command("audit")
    .description("prove what was decided: signed checkpoints, and proofs of single payments")
    .addHelpText("after", `${HELP}\n${EXITS}`);
  addKeygen(audit, ioOf);
  addVerify(audit, ioOf);
  addErase(audit, ioOf);
  withConfigOptions(
    audit
      .command("show")
      .description("everything that is recorded of one payment, in its order")
      .argument("<id>", "of a withdrawal, a payment or a payout"),
  )
    .option("--json", "one JSON object a record", false)
    .addHelpText("after", EXITS)
    .action(async (id: string, options: ShowOptions) => {
      process.exitCode = await showPayment(id, options, ioOf());
    });
  withConfigOptions(
    audit
      .command("prove")
      .description("write the proof of one payment, which verifies without the ledger")
      .argument("<id>", "of a withdrawal, a payment or a payout"),
  )
    .addHelpText("after", EXITS)
    .action(async (id: string, options: ProveOptions) => {
      process.exitCode = await provePaymentOf(id, options, ioOf());
    });
}

function addKeygen(audit: Command, ioOf: () => CommandIo): void {
  audit
    .command("keygen")
    .description("make a key (Ed25519 and ML-DSA-65) that signs checkpoints")
    .requiredOption("--operator <name>", "who signs")
    .requiredOption("--key <file>", "where the secret half is written, for its owner alone")
    .requiredOption("--public <file>", "where the public half is written, for auditors")
    .option("--key-id <id>", "name of the key; default: the operator's and the day")
    .option("--days <number>", "how long it may sign", positive, 1_095)
    .action((options: KeygenOptions) => {
      const id = makeKeyFiles(options, CHECKPOINT_ROLE, Date.now());
      ioOf().stdout.write(
        `key ${id} of ${options.operator}: name ${options.key} as audit.key_file in the configuration, and give ${options.public} to auditors\n`,
      );
    });
}

const ERASE_HELP = `
Removes account ids, destinations and what else is personal from records, the content's hash and the last answer from rows of payments, and the
known destinations of an account, which is frozen by the order. Amounts, counts, ids and decisions stay, so that limits and proofs do.
It cannot be undone. A service may run meanwhile. Exports, backups and what was sent elsewhere stay as they are.

Examples:
  shield audit erase --account alice --operator ann --reason "request of May 2" --check
  shield audit erase --account alice --operator ann --reason "request of May 2"`;

function addErase(audit: Command, ioOf: () => CommandIo): void {
  withConfigOptions(
    audit
      .command("erase")
      .description("erase the personal data of an account or a payment; the tree still verifies"),
  )
    .option("--account <id>", "the account, in all payments")
    .option("--payment <id>", "all accounts in one payment")
    .requiredOption("--operator <name>", "who orders it; recorded")
    .requiredOption("--reason <text>", "why, without personal data; recorded")
    .option("--check", "only count, and change nothing", false)
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${ERASE_HELP}\n${EXITS}`)
    .action(async (options: EraseOptions) => {
      process.exitCode = await eraseAudit(options, ioOf());
    });
}

function addVerify(audit: Command, ioOf: () => CommandIo): void {
  withConfigOptions(
    audit
      .command("verify")
      .description(
        "verify all records and decisions, or a proof or checkpoints without the ledger",
      ),
  )
    .option("--key <file>", "public keys that are trusted; default: the configured key's own half")
    .option("--checkpoints <file>", "checkpoints that were exported; repeatable", more, [])
    .option("--export <file>", "records that were pruned, as guardian-ledger export wrote them")
    .option("--tree-only", "leave the decisions out", false)
    .option("--offline", "the checkpoints alone, without configuration and ledger", false)
    .option("--proof <file>", "a proof of one payment, without configuration and ledger")
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", EXITS)
    .action(async (options: VerifyAuditOptions) => {
      process.exitCode = await verifyAudit(options, ioOf());
    });
}
