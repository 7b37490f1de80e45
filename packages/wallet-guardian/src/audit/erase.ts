/** Erases personal data from a ledger, so that its tree still verifies (design, section 7: erasure). */
import { canonicalize, idSchema } from "@dgb-shield/contract";
import {
  type Ledger,
  type LedgerStep,
  MAX_LISTED_RECORDS,
  type Redaction,
  type StoredWithdrawal,
} from "../ports.js";
import { record } from "../records.js";
import { scopeKey } from "../scopes.js";
import { openRecord, withoutPersonalData } from "./erasable.js";
import { erasedRow, unsettledIn } from "./erase-rows.js";
import { rowsOf, search } from "./erase-search.js";
import {
  accountOf,
  type Erased,
  ErasureError,
  type ErasureOrder,
  type ErasureParts,
  idOf,
  type Whose,
} from "./erasure.js";
import { type SaltStore, saltsFrom } from "./salt-store.js";

/** Records and rows of one transaction. */
const CHUNK = 200;

/**
 * Erases personal data: from each record, whose leaf in the tree stays what it is; the content's hash and the last answer from
 * the rows of payments; and, of an account, its known destinations. Amounts, counts, ids, statuses and freezes stay. An account is frozen by the
 * order, since what is erased protects it no more: the look-alike rule compares with known destinations. At most 200 records and as many rows
 * are one transaction; each is whole, and the same order again continues after an interruption.
 *
 * @throws ErasureError `not_in_tree` where records are newer than the tree, `unsettled` where a payment may still be signed,
 * `part_of_payment` for the id of a payout, `changed` where another order erases at the same time, `salts_missing` and `record_differs` where a record is not the
 * one that was entered in the tree under its salt, before anything was erased; what ledger and salts reject with
 */
export async function erasePersonalData(parts: ErasureParts, order: ErasureOrder): Promise<Erased> {
  const { whose, operator, reason } = order;
  if (!idSchema.safeParse(idOf(whose)).success || !idSchema.safeParse(operator).success)
    throw new ErasureError("malformed", "the account, payment or operator is no id");
  if (reason.trim() === "") throw new ErasureError("malformed", "a reason is required");
  await refusePart(parts.ledger, whose);
  const found = await search(parts, whose);
  const rows = await rowsOf(parts.ledger, found.ids, accountOf(whose));
  if (order.check !== true) await eraseSalts(parts.salts, found.leftover);
  const counts = { records: found.seqs.length, rows: rows.length, unsalted: found.unsalted };
  const result = { ...counts, leftover_salts: found.leftover.length, frozen: false };
  if (order.check === true || (found.seqs.length === 0 && rows.length === 0)) return result;
  let frozen = false;
  for (let at = 0; at < Math.max(found.seqs.length, rows.length); at += CHUNK) {
    const chunk = { seqs: found.seqs.slice(at, at + CHUNK), ids: rows.slice(at, at + CHUNK) };
    frozen = (await eraseChunk(parts, order, chunk)) || frozen;
  }
  return { ...result, frozen };
}

/** A payment is erased whole, or an account's part of it. */
async function refusePart(ledger: Ledger, whose: Whose): Promise<void> {
  const row = "payment_id" in whose ? await ledger.withdrawal(whose.payment_id) : null;
  if (row !== null && row.payment_id !== row.withdrawal_id)
    throw new ErasureError(
      "part_of_payment",
      `${row.withdrawal_id} is a payout of ${row.payment_id}: name that payment, or the account`,
    );
}

/** Erases one chunk: the ledger first, and then the salts, without which its commitments say nothing. */
async function eraseChunk(
  parts: ErasureParts,
  order: ErasureOrder,
  { seqs, ids }: Readonly<{ seqs: readonly number[]; ids: readonly string[] }>,
): Promise<boolean> {
  const { ledger, salts, random } = parts;
  const { whose, operator, reason, now_ms } = order;
  const account = accountOf(whose);
  const redactions = await redactionsOf(parts, seqs, account);
  const scope = { type: "account", id: account ?? "" } as const;
  const attempts = { window_ms: 1, limit: 1 };
  const done = await ledger.transact(
    {
      ...{ now_ms, ids, freezes: null },
      scopes: account === null ? [] : [{ scope, lock: false, usages: [], attempts }],
    },
    (snapshot): LedgerStep<boolean | ErasureError> => {
      const rows = snapshot.withdrawals.flatMap((row) => (row === null ? [] : [row]));
      const open = rows.find((row) => unsettledIn(row, snapshot.now_ms));
      if (open !== undefined) return { result: unsettled(open), writes: null };
      const kinds = snapshot.scopes[0]?.frozen_by ?? [];
      const isNew = account !== null && !kinds.some(({ kind }) => kind === "operator");
      const cause_id = `operator-${random().slice(0, 32)}`;
      const facts = {
        ...(account === null ? { of: "payment", payment_id: idOf(whose) } : { of: "account" }),
        ...{ operator, reason, records: [...seqs], rows: rows.length, at_ms: now_ms },
        ...(isNew ? { cause_id } : {}),
      };
      const freeze = { scope, cause_id, operator, reason, frozen_at_ms: now_ms } as const;
      return {
        result: isNew,
        writes: {
          keep_times: true,
          withdrawals: rows.flatMap((row) => erasedRow(row, account, random) ?? []),
          ...(isNew ? { freezes: [{ ...freeze, kind: "operator" }] } : {}),
          ...(account === null ? {} : { forgotten: [scopeKey(scope)] }),
          redactions,
          records: [record("erased", facts)],
        },
      };
    },
  );
  if (typeof done !== "boolean") throw done;
  await eraseSalts(
    salts,
    seqs.map((seq) => seq - 1),
  );
  return done;
}

const unsettled = ({ payment_id, status }: StoredWithdrawal): ErasureError =>
  new ErasureError(
    "unsettled",
    `payment ${payment_id} is ${status}: it may still be signed; commit or release it, and repeat the order`,
  );

/** The texts of records without their personal data; one that is in no tree is committed to under a salt that is not kept. */
async function redactionsOf(
  { ledger, salts, tree_size, random }: ErasureParts,
  seqs: readonly number[],
  account: string | null,
) {
  const redactions: Redaction[] = [];
  for (const seq of seqs) {
    const [one] = await ledger.records(seq - 1, 1);
    const [salt = null] = await saltsFrom(salts, seq - 1, 1);
    if (one?.seq !== seq) continue;
    const isPlain = salt === null && !Object.hasOwn(one.record, "personal");
    if (isPlain && seq <= tree_size)
      throw new ErasureError("changed", `record ${seq} was erased meanwhile: repeat the order`);
    const erased = withoutPersonalData(openRecord(one, salt ?? random()), account);
    if (erased !== null) redactions.push({ seq, was: one.record, json: canonicalize(erased) });
  }
  return redactions;
}

async function eraseSalts(salts: SaltStore | null, indexes: readonly number[]): Promise<void> {
  for (let at = 0; at < indexes.length; at += MAX_LISTED_RECORDS)
    await salts?.erase(indexes.slice(at, at + MAX_LISTED_RECORDS));
}
