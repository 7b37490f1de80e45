/** Holds what a redaction was made of against the record that is there. */
import { canonicalize, type JsonObject } from "@dgb-shield/contract";
import { LedgerError } from "../errors.js";
import type { Redaction } from "../ports.js";

/**
 * Checks that a record is still what its redaction was made of.
 *
 * @throws LedgerError `ledger_busy` where it is not
 */
export function checkRedaction({ seq, was }: Redaction, stored: JsonObject | undefined): void {
  if (stored === undefined || canonicalize(stored) !== canonicalize(was))
    throw new LedgerError("ledger_busy", `record ${seq} was changed meanwhile: repeat the order`);
}
