/** Registers `shield verify`. */
import type { Command } from "commander";
import { EXIT } from "../../errors.js";
import type { CommandIo } from "../command-io.js";
import { more } from "../options.js";
import { verifySigning, type VerifySigningOptions } from "./verify.js";

const HELP = `
On the signer's machine, before it signs; no connection is made. Pins are what this signer trusts: keys of service and
approvers, thresholds, deployment, chain, wallet, its own name. Descriptors are the wallet's public ones, as listdescriptors
gives them. The folder of used tokens must exist and be kept: it is how a second payment is noticed.

Examples:
  shield verify --token token.jws --psbt pay.psbt --descriptors wallet.json --pins pins.json --used /var/lib/signer/used
  shield verify --inspect --token token.jws --psbt pay.psbt --descriptors wallet.json --pins pins.json

Exit code ${EXIT.done}: sign exactly this, ${EXIT.refused}: refused, ${EXIT.usage}: a file cannot be read.`;

/** Adds the command. */
export function addVerify(shield: Command, ioOf: () => CommandIo, exitHelp: string): void {
  shield
    .command("verify")
    .description("verify, before signing, that a transaction is what was approved and permitted")
    .requiredOption("--token <file>", "the token, of the answer to the claim")
    .option("--psbt <file>", "what is to be signed: Base64 or bytes")
    .option("--tx <file>", "or a raw transaction, as hexadecimal text")
    .option("--previous <file>", "of a raw transaction: what its inputs spend; repeat it", more, [])
    .requiredOption("--descriptors <file>", "the wallet's public descriptors, JSON")
    .requiredOption("--pins <file>", "what this signer trusts, JSON")
    .option("--used <folder>", "where used tokens are recorded")
    .option("--inspect", "verify without a record; not for signing", false)
    .option("--json", "one JSON object instead of text", false)
    .addHelpText("after", `${HELP}\n${exitHelp}`)
    .action(async (options: VerifySigningOptions) => {
      process.exitCode = await verifySigning(options, ioOf().stdout, Date.now());
    });
}
