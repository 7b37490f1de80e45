/** Finds the records of one payment in a ledger. */
import { idSchema } from "@dgb-shield/contract";
import type { Ledger, LedgerRecord } from "@dgb-shield/wallet-guardian";
import { isAbout, MAX_PROVEN_RECORDS, recordPages } from "@dgb-shield/wallet-guardian/audit";
import { CommandError } from "../../errors.js";

/**
 * Reads all records and gives those that name a payment, in their order.
 *
 * @throws CommandError `usage` where the id is none, names nothing, or too much
 */
export async function paymentRecords(
  ledger: Pick<Ledger, "records">,
  id: string,
): Promise<readonly LedgerRecord[]> {
  const wrong = (detail: string) => new CommandError("usage", detail);
  if (!idSchema.safeParse(id).success) throw wrong("that is no id of a payment: check it");
  const found: LedgerRecord[] = [];
  for await (const page of recordPages(ledger)) {
    for (const item of page) {
      if (!("record" in item) || !isAbout(item.record.record, id)) continue;
      found.push(item.record);
      if (found.length > MAX_PROVEN_RECORDS)
        throw wrong(`more than ${MAX_PROVEN_RECORDS} records name this payment`);
    }
  }
  if (found.length === 0) throw wrong("no record of the ledger names this payment: check the id");
  return found;
}
