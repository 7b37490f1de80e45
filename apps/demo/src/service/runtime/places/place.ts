/** Names places in a ledger's history (decision 54): the record that was read last, and in which epoch. */
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { leafHash, readPersonal } from "@dgb-shield/wallet-guardian/audit";

/** A place in a ledger's history. */
export type Place = Readonly<{
  ledger_id: string;
  /** Epoch of the ledger when the record was read; null: kept by a version that knew none. */
  epoch: number | null;
  /** Number of the record; 0: before the first one. */
  seq: number;
  /** The record's mark; null where it is not known, and before the first record. */
  mark: string | null;
}>;

/** Hexadecimal digits of a mark. */
const MARK_DIGITS = 16;

/**
 * Marks a record by its content without personal values: the first 64 bits of the hash of a leaf over that. A restored ledger gives numbers
 * again, and other records have other marks. A record from which personal data was erased keeps its mark, and no mark tells anything of the data.
 */
export function markOf(stored: LedgerRecord): string {
  const given = Object.entries(stored.record).filter(([name]) => name !== "personal");
  const { rest } = readPersonal(Object.fromEntries(given));
  return leafHash({ ...stored, record: rest }).slice(0, MARK_DIGITS);
}

/** Names the event of a record, for good: the same at every attempt, and another one for another record of that number. */
export const eventIdOf = (ledgerId: string, seq: number, mark: string): string =>
  `${ledgerId}-${seq}-${mark}`;

/** Writes a place as the id of an event of the stream. */
export const placeText = ({ ledger_id, epoch, seq, mark }: Place): string =>
  [ledger_id, epoch ?? 0, seq, ...(mark === null ? [] : [mark])].join("-");

const PLACE = /^([0-9a-f]{32})-([1-9]\d{0,15})-(0|[1-9]\d{0,15})(?:-([0-9a-f]{16}))?$/;

/** Reads what `placeText` wrote; null for what is none, an id of a version without epochs among it. */
export function readPlace(text: string | undefined): Place | null {
  const [, ledger_id, epoch, seq, mark = null] = PLACE.exec(text ?? "") ?? [];
  if (ledger_id === undefined) return null;
  const place = { ledger_id, epoch: Number(epoch), seq: Number(seq), mark };
  return Number.isSafeInteger(place.epoch) && Number.isSafeInteger(place.seq) ? place : null;
}
