/** Names the commands of the service for the texts of a ledger's errors, in log, doctor and commands alike. */
import type { LedgerCommands } from "@dgb-shield/wallet-guardian/sqlite";

/** What an operator of the service runs about its ledger. */
export const LEDGER_COMMANDS: LedgerCommands = Object.freeze({
  adopt: "shield ledger adopt",
  create: "shield init",
});
