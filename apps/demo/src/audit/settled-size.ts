/** Finds how much of a stored tree is of the ledger as it is: all of it, but after a restored ledger was adopted. */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import {
  type Checkpoint,
  frontierOf,
  isCommitted,
  type HashStore,
  type SaltStore,
  saltedLeafHash,
  saltsFrom,
} from "@dgb-shield/wallet-guardian/audit";
import { AuditError } from "./audit-error.js";

type Parts = Readonly<{
  ledger: Pick<Ledger, "records">;
  hashes: HashStore;
  salts: Pick<SaltStore, "count" | "read">;
}>;

/**
 * Compares the stored tree with ledger and last checkpoint.
 *
 * @param last the last checkpoint that was signed
 * @param epoch the ledger's
 * @returns how many leaves are right
 * @throws AuditError where the ledger is not the one that was signed, and was not adopted since
 */
export async function settledSize(
  parts: Parts,
  last: Checkpoint | null,
  epoch: number,
): Promise<number> {
  const stored = await parts.hashes.count(0);
  const isAdopted = last !== null && last.epoch < epoch;
  await checkSalts(parts, stored, isAdopted || last === null);
  if (isAdopted || (last === null && !(await agrees(parts, stored))))
    return commonSize(parts, stored);
  if (!(await agrees(parts, stored)))
    throw new AuditError(
      `record ${stored} is not the one that is in the tree, and the ledger was not adopted: shield audit verify shows what differs`,
    );
  if (last !== null && stored >= last.tree_size) {
    const { root } = await frontierOf(parts.hashes, last.tree_size);
    if (root() !== last.root)
      throw new AuditError(
        "the stored tree is not the one that was signed: shield audit verify shows what differs",
      );
  }
  return stored;
}

const RESTORE =
  "restore the salts (the file audit/salts, or the table audit_salts) from the backup of the same time as the ledger; shield audit verify shows what differs";

/** Records that are read at once, backwards. */
const PAGE = 256;

/**
 * Holds the last record with personal values against its leaf: without its salt no later audit could compute it, and new salts in the
 * places of lost ones would hide that they are lost.
 */
async function checkSalts(parts: Parts, stored: number, mayDiffer: boolean): Promise<void> {
  const { ledger, hashes, salts } = parts;
  for (let end = stored; end > 0; end -= PAGE) {
    const begin = Math.max(0, end - PAGE);
    const page = await ledger.records(begin, PAGE);
    const one = page.filter(({ seq }) => seq <= end).findLast(isCommitted);
    if (one === undefined) continue;
    const [leaf] = await hashes.read(0, one.seq - 1, 1);
    const [salt = null] = await saltsFrom(salts, one.seq - 1, 1);
    if (saltedLeafHash(one, salt) === leaf) return;
    if (salt === null) throw new AuditError(`the salt of record ${one.seq} is missing: ${RESTORE}`);
    // A ledger that was restored, and adopted, differs from the tree at its end.
    if (mayDiffer) return;
    throw new AuditError(
      `record ${one.seq} is not the one that is in the tree: it was changed, or the salts are not those of this ledger: ${RESTORE}`,
    );
  }
}

/** Whether a stored leaf is that of the ledger's record; of one that was pruned, that there is a later one. */
async function agrees({ ledger, hashes, salts }: Parts, size: number): Promise<boolean> {
  if (size === 0) return true;
  const [record] = await ledger.records(size - 1, 1);
  if (record === undefined) return false;
  const [stored] = await hashes.read(0, size - 1, 1);
  const [salt = null] = await saltsFrom(salts, size - 1, 1);
  return record.seq !== size || saltedLeafHash(record, salt) === stored;
}

/** The largest size up to which both agree: two histories are the same up to a point, and differ from there. */
async function commonSize(parts: Parts, stored: number): Promise<number> {
  let [same, other] = [0, stored + 1];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (await agrees(parts, middle)) same = middle;
    else other = middle;
  }
  return same;
}
