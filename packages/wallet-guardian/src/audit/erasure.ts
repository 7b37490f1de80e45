/** An order to erase personal data, and what comes of it (design, section 7: erasure). */
import type { Ledger } from "../ports.js";
import type { HashStore } from "./hash-store.js";
import type { SaltStore } from "./salt-store.js";

/** Whose data to erase: an account's, or that of one payment, all of its accounts' together. */
export type Whose = Readonly<{ account_id: string }> | Readonly<{ payment_id: string }>;

/** An order to erase. */
export type ErasureOrder = Readonly<{
  whose: Whose;
  operator: string;
  reason: string;
  now_ms: number;
  /** Only counts, and changes nothing. */
  check?: boolean;
}>;

/** What an erasure works on. */
export type ErasureParts = Readonly<{
  ledger: Ledger;
  /** Salts of the tree over the ledger; null where there is no tree. */
  salts: SaltStore | null;
  /**
   * Hashes of the tree: a record that, with its salt, is not the one that was entered is not erased, since its commitments would hide a change.
   * Absent or null: nothing is compared.
   */
  hashes?: Pick<HashStore, "count" | "read"> | null;
  /** Records in the tree; 0 where there is none. */
  tree_size: number;
  /** Whether later records are still entered in it: they are not erased before they are. */
  tree_grows: boolean;
  /** Makes 64 hexadecimal digits that cannot be guessed. */
  random: () => string;
  /** Is called after each page of records with the number of the last one. */
  progress?: (seq: number) => unknown;
}>;

/** What was erased, or would be. */
export type Erased = Readonly<{
  /** Records without their personal values now. */
  records: number;
  /** Rows of payments and payouts whose content can no longer be guessed. */
  rows: number;
  /** Records that were entered in the tree before salts were kept: they keep what they have until they are pruned. */
  unsalted: number;
  /** Salts that an interrupted erasure had left. */
  leftover_salts: number;
  /** Whether the account was frozen by this order; false where an operator had frozen it before. */
  frozen: boolean;
}>;

/** Why nothing was erased by this call, or not everything. */
export type ErasureCode =
  | "not_in_tree"
  | "unsettled"
  | "part_of_payment"
  | "changed"
  | "malformed"
  /** Salts are missing under which records were entered in the tree. */
  | "salts_missing"
  /** A record is not the one that was entered: it was changed, or the salts are of another ledger. */
  | "record_differs";

/** Refuses an erasure; what earlier transactions of it have erased stays erased. */
export class ErasureError extends Error {
  override readonly name = "ErasureError";
  readonly code: ErasureCode;

  constructor(code: ErasureCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** The id that an order names. */
export const idOf = (whose: Whose): string =>
  "account_id" in whose ? whose.account_id : whose.payment_id;

/** The account of an order; null: it is of a payment. */
export const accountOf = (whose: Whose): string | null =>
  "account_id" in whose ? whose.account_id : null;
