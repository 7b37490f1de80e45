/** Finds whether the ledger has a record of an order that a process gave before it ended. */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { lastSeq } from "../runtime/decisions/last-seq.js";

/** Records of one read of the ledger. */
const PAGE = 1_000;
/** Records that are searched, the newest ones: an order is resumed soon after the process that gave it has ended. */
const MAX_SEARCHED = 100_000;

/** Whether one of the newest records is of an order in a name. */
export async function hasOrderOf(
  ledger: Pick<Ledger, "records">,
  operator: string,
): Promise<boolean> {
  for (let after = Math.max(0, (await lastSeq(ledger)) - MAX_SEARCHED); ;) {
    const page = await ledger.records(after, PAGE);
    if (page.some(({ record }) => record["operator"] === operator)) return true;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return false;
    after = last.seq;
  }
}
