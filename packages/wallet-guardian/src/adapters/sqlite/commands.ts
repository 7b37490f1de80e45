/** Names, in the texts of errors, the commands that an operator has: a service has its own. */
import { LedgerError } from "../../errors.js";

/** What an operator runs, as the texts of errors name it. */
export type LedgerCommands = Readonly<{
  /** Accepts a ledger that was moved or restored. */
  adopt: string;
  /** Makes a new ledger. */
  create: string;
}>;

/** The commands of this package. */
export const OWN_COMMANDS: LedgerCommands = Object.freeze({
  adopt: "guardian-ledger adopt (adoptSqliteLedger)",
  create: "createSqliteLedger({ path, create: true })",
});

/** Puts other commands into the text of an error in the place of {@link OWN_COMMANDS}. */
export function withCommands(error: LedgerError, { adopt, create }: LedgerCommands): LedgerError {
  const text = error.message
    .replaceAll(OWN_COMMANDS.adopt, () => adopt)
    .replaceAll(OWN_COMMANDS.create, () => create);
  if (text === error.message) return error;
  return new LedgerError(error.code, text, error.cause, error.facts);
}
