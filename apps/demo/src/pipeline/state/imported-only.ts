/** Recognises a ledger that has not decided yet (design, section 3). */
import type { JsonObject } from "@dgb-shield/contract";
import { eventsOf, type Ledger, type LedgerRecord } from "@dgb-shield/wallet-guardian";

const PAGE = 1_000;

/**
 * Checks whether a ledger holds nothing but payments that were imported before its first start, and governed changes: no state
 * can be missing then.
 *
 * @throws LedgerError where the ledger cannot be read
 */
export async function hasDecidedNothing(ledger: Ledger): Promise<boolean> {
  for (let after = 0; ;) {
    const page = await ledger.records(after, PAGE);
    if (!page.every(isOfImport)) return false;
    const last = page.at(-1);
    if (page.length < PAGE || last === undefined) return true;
    after = last.seq;
  }
}

/** Checks whether a record is an imported payment's, of the freeze during its import, or of a governed change. */
function isOfImport(record: LedgerRecord): boolean {
  switch (record.kind) {
    case "import":
    // Governed changes rest on no state of layers 1 to 3.
    case "governance":
      return true;
    case "freeze":
    case "unfreeze":
      return isOfCause(record.record);
    case "event": {
      const events = eventsOf(record);
      return events.length > 0 && events.every(({ extra }) => isOfCause(extra));
    }
    default:
      return false;
  }
}

/** A freeze names the import as its cause, its end as what it lifts. */
const isOfCause = ({ cause_id, id }: JsonObject): boolean =>
  [cause_id, id].some((name) => typeof name === "string" && name.startsWith("import-"));
