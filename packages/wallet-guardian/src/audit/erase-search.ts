/** Finds what an order to erase is about: records, rows of payments, and salts that were left. */
import type { JsonObject } from "@dgb-shield/contract";
import type { Ledger, LedgerRecord } from "../ports.js";
import { erasedRow, idsOfPayment } from "./erase-rows.js";
import { isCommitted, saltedLeafHash } from "./erasable.js";
import { accountOf, ErasureError, type ErasureParts, type Whose } from "./erasure.js";
import { isAbout } from "./payment-proof.js";
import { readPersonal } from "./personal.js";
import { recordPages } from "./record-source.js";
import { saltsFrom } from "./salt-store.js";

/** What was found. */
export type Found = {
  seqs: number[];
  /** Payments and payouts whose rows may hold something. */
  ids: Set<string>;
  /** Indexes of salts whose records are erased already. */
  leftover: number[];
  unsalted: number;
};

/**
 * Reads all records once.
 *
 * @throws ErasureError `not_in_tree`; what reading rejects with
 */
export async function search(parts: ErasureParts, whose: Whose): Promise<Found> {
  const { ledger, salts, tree_size, tree_grows, progress } = parts;
  const found: Found = { seqs: [], ids: new Set(), leftover: [], unsalted: 0 };
  if ("payment_id" in whose) found.ids.add(whose.payment_id);
  for await (const page of recordPages(ledger)) {
    const records = page.flatMap((item) => ("record" in item ? [item.record] : []));
    const [first, last] = [records[0]?.seq ?? 1, records.at(-1)?.seq ?? 0];
    const own = await saltsFrom(salts, first - 1, Math.max(last - first + 1, 0));
    const stored = await storedFrom(parts, first, records.length === 0 ? 0 : last - first + 1);
    const check = checkOf(stored, first);
    // Two of each page, also where none is the account's: salts that are not this ledger's are found before any is erased.
    for (const one of [records.find(isCommitted), records.findLast(isCommitted)])
      if (one !== undefined) check(one, own[one.seq - first] ?? null);
    for (const one of records) {
      const salt = own[one.seq - first] ?? null;
      if (Object.hasOwn(one.record, "personal") && salt !== null) found.leftover.push(one.seq - 1);
      const ids = await paymentsIn(ledger, one.record, accountOf(whose));
      if (!isOf(one, whose, ids.length > 0)) continue;
      check(one, salt);
      for (const id of ids) found.ids.add(id);
      // What is in the tree with its leaf over the plain record cannot change without a finding.
      const isPlain = salt === null && !Object.hasOwn(one.record, "personal");
      if (isPlain && one.seq <= tree_size) found.unsalted++;
      else if (tree_grows && one.seq > tree_size)
        throw new ErasureError(
          "not_in_tree",
          `record ${one.seq} is not in the tree yet, which has ${tree_size}: let the service take it in, and repeat the order`,
        );
      else found.seqs.push(one.seq);
    }
    progress?.(last);
  }
  return found;
}

async function storedFrom(
  { hashes = null, tree_size }: ErasureParts,
  seq: number,
  count: number,
): Promise<readonly string[]> {
  const there = hashes === null ? 0 : Math.min(tree_size, await hashes.count(0));
  const stored = Math.min(count, there - (seq - 1));
  return hashes === null || stored <= 0 ? [] : hashes.read(0, seq - 1, stored);
}

/** Checks that records are those that were entered; the hashes are those from the record `first` on. */
const checkOf =
  (hashes: readonly string[], first: number) =>
  (one: LedgerRecord, salt: string | null): void => {
    const stored = hashes[one.seq - first];
    if (stored === undefined || saltedLeafHash(one, salt) === stored) return;
    if (salt === null && isCommitted(one))
      throw new ErasureError(
        "salts_missing",
        `the salt of record ${one.seq} is missing, so that nothing can be erased: restore the salts (the file audit/salts, or the table audit_salts) from the backup of the same time as the ledger, and repeat the order`,
      );
    throw new ErasureError(
      "record_differs",
      `record ${one.seq} is not the one that was entered in the tree: it was changed, or the salts are not those of this ledger; restore what was exchanged, shield audit verify shows what differs, and repeat the order`,
    );
  };

/** Whether a record has something to erase; `isAccounts`: it is about a payment of the account, which it need not name. */
function isOf({ record: given }: LedgerRecord, whose: Whose, isAccounts: boolean): boolean {
  const { personal, ...rest } = given;
  const { values } = readPersonal(rest);
  const salts = (personal as Readonly<{ salts?: JsonObject }> | undefined)?.salts;
  const there = values.filter(
    ({ pointer }) => salts === undefined || Object.hasOwn(salts, pointer),
  );
  return "account_id" in whose
    ? there.some(({ account }) => account === whose.account_id || (isAccounts && account === null))
    : there.length > 0 && isAbout(given, whose.payment_id);
}

/** The ids under which an account was paid by what a record decides, and that of the payment that these are payouts of. */
async function paymentsIn(
  ledger: Ledger,
  given: JsonObject,
  account: string | null,
): Promise<readonly string[]> {
  if (account === null) return [];
  const { withdrawal, payment } = given;
  // A record without the request names the payment alone, and its row the account.
  const id = (payment as JsonObject | undefined)?.["payment_id"];
  if (typeof id === "string") {
    const row = await ledger.withdrawal(id);
    return row !== null && erasedRow(row, account, () => row.content_hash) !== null ? [id] : [];
  }
  const ids = idsUnder(given, account);
  const head = (withdrawal as JsonObject | undefined)?.["payment_id"];
  return ids.length > 0 && typeof head === "string" ? [head, ...ids] : ids;
}

function idsUnder(value: unknown, account: string): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((member) => idsUnder(member, account));
  const { account_id, withdrawal_id } = value as JsonObject;
  const own = account_id === account && typeof withdrawal_id === "string" ? [withdrawal_id] : [];
  return [...own, ...Object.values(value).flatMap((member) => idsUnder(member, account))];
}

/** The ids of rows with something to erase, of payments of several payouts and of second transactions too. */
export async function rowsOf(
  ledger: Ledger,
  ids: ReadonlySet<string>,
  account: string | null,
): Promise<readonly string[]> {
  const all = new Set<string>();
  for (const id of ids) {
    const row = await ledger.withdrawal(id);
    if (row === null) continue;
    for (const other of idsOfPayment(row)) {
      const its = other === id ? row : await ledger.withdrawal(other);
      if (its !== null && erasedRow(its, account, () => its.content_hash) !== null) all.add(other);
    }
  }
  return [...all];
}
