/** Reads all records of a ledger in order, also those of a ledger that was damaged. */
import { type Ledger, type LedgerRecord, MAX_LISTED_RECORDS } from "../ports.js";

/** A record, or the number of one that cannot be read. */
export type SourceItem = Readonly<{ record: LedgerRecord }> | Readonly<{ unreadable_seq: number }>;

/** Records that cannot be read, after which it is the ledger that cannot. */
const MAX_UNREADABLE = 1_000;

/**
 * Reads the records after a number, page by page. Where a page cannot be read, its records are read one by one.
 *
 * @throws what the ledger rejects with, where it gives nothing
 */
export async function* recordPages(
  ledger: Pick<Ledger, "records">,
  after = 0,
): AsyncGenerator<readonly SourceItem[]> {
  let [last, unreadable] = [after, 0];
  for (;;) {
    const page = await pageAfter(ledger, last, unreadable);
    const end = page.at(-1);
    if (end === undefined) return;
    unreadable += page.filter((item) => "unreadable_seq" in item).length;
    yield page;
    last = seqOf(end);
  }
}

/** The number of an item's record. */
export const seqOf = (item: SourceItem): number =>
  "record" in item ? item.record.seq : item.unreadable_seq;

async function pageAfter(
  ledger: Pick<Ledger, "records">,
  last: number,
  unreadable: number,
): Promise<readonly SourceItem[]> {
  try {
    return (await ledger.records(last, MAX_LISTED_RECORDS)).map((record) => ({ record }));
  } catch (error) {
    if (unreadable >= MAX_UNREADABLE) throw error;
    return onePageAfter(ledger, last);
  }
}

/** Reads record by record, up to the first one that cannot be read. */
async function onePageAfter(
  ledger: Pick<Ledger, "records">,
  after: number,
): Promise<readonly SourceItem[]> {
  const items: SourceItem[] = [];
  for (let last = after; ;) {
    try {
      const [record] = await ledger.records(last, 1);
      if (record === undefined) return items;
      items.push({ record });
      last = record.seq;
    } catch {
      items.push({ unreadable_seq: last + 1 });
      return items;
    }
    if (items.length >= MAX_LISTED_RECORDS) return items;
  }
}
