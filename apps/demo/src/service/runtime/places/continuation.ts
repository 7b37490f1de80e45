/** Finds where a reader goes on after a place: behind it, or where the history that it had ended in a restored ledger. */
import type { Ledger, LedgerRecord } from "@dgb-shield/wallet-guardian";
import { newestSeq } from "../../../pipeline/state/start.js";
import { markOf, type Place } from "./place.js";

/**
 * Where to go on. `same`: behind the place. `epoch`: what the reader has from `from_seq` on is not in the ledger any more; it goes
 * on there. `pruned`: behind records that are no longer there. `unknown`: of another ledger, or of a history whose
 * end is not known.
 */
export type Continuation = Readonly<
  | { kind: "same" | "pruned"; place: Place }
  | { kind: "epoch"; place: Place; from_seq: number }
  | { kind: "unknown"; place: null }
>;

/** Finds continuations in one ledger. */
export type Continuations = Readonly<{
  /**
   * @param most records before the newest one that are searched for where an epoch began
   * @throws what the ledger rejects with
   */
  of(place: Place, most: number): Promise<Continuation>;
}>;

const PAGE = 1_000;
const UNKNOWN = { kind: "unknown", place: null } as const;

type Reading = Pick<Ledger, "records" | "identity">;
type Adoption = Readonly<{ seq: number; epoch: number }>;

/** Creates the search. What was found of an epoch is kept: many readers come back at once. */
export function createContinuations(ledger: Reading): Continuations {
  const found = new Map<string, Promise<Adoption | null>>();

  function ended(epoch: number, now: number, most: number): Promise<Adoption | null> {
    const key = `${epoch} ${now} ${most}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const searching = firstAdoptionAfter(ledger, epoch, most);
    found.set(key, searching);
    searching.catch(() => found.delete(key));
    return searching;
  }

  return Object.freeze({
    async of(place, most) {
      const { ledger_id, epoch } = await ledger.identity();
      if (place.ledger_id !== ledger_id) return UNKNOWN;
      const here = { ledger_id, epoch };
      if (place.seq === 0) return { kind: "same", place: { ...here, seq: 0, mark: null } };
      const [own] = await ledger.records(place.seq - 1, 1);
      if (own?.seq === place.seq && markOf(own) === place.mark)
        return { kind: "same", place: { ...here, seq: own.seq, mark: place.mark } };
      if (place.epoch === null) return fromBefore(place, own, here);
      if (place.epoch < epoch) {
        const end = await ended(place.epoch, epoch, most);
        if (end !== null && end.seq <= place.seq) {
          const before = await placeAt(ledger, end.seq - 1, here);
          return { kind: "epoch", from_seq: end.seq, place: before };
        }
      }
      return own !== undefined && own.seq > place.seq
        ? { kind: "pruned", place: { ...here, seq: own.seq - 1, mark: null } }
        : UNKNOWN;
    },
  } satisfies Continuations);
}

/** Accepts a place that a version without epochs kept where the ledger has its record. */
function fromBefore(
  { seq }: Place,
  own: LedgerRecord | undefined,
  here: Readonly<{ ledger_id: string; epoch: number }>,
): Continuation {
  if (own === undefined) return UNKNOWN;
  return own.seq === seq
    ? { kind: "same", place: { ...here, seq, mark: markOf(own) } }
    : { kind: "pruned", place: { ...here, seq: own.seq - 1, mark: null } };
}

async function placeAt(
  ledger: Reading,
  seq: number,
  here: Readonly<{ ledger_id: string; epoch: number }>,
): Promise<Place> {
  const [record] = seq === 0 ? [] : await ledger.records(seq - 1, 1);
  return { ...here, seq, mark: record?.seq === seq ? markOf(record) : null };
}

/**
 * Finds the first order to adopt that ended an epoch: the records before it are those of that epoch.
 *
 * @returns null where none of the newest `most` records is known to be it
 */
async function firstAdoptionAfter(
  ledger: Reading,
  epoch: number,
  most: number,
): Promise<Adoption | null> {
  const newest = await newestSeq(ledger);
  let first: Adoption | null = null;
  let isFirst = false;
  for (let through = newest; through > 0 && newest - through < most; through -= PAGE) {
    const after = Math.max(0, through - PAGE);
    const page = (await ledger.records(after, through - after)).filter(({ seq }) => seq <= through);
    for (const record of page.toReversed()) {
      const at = adoptionIn(record);
      // A backup of an earlier epoch needs several orders, one behind the other.
      if (at !== null && (at.epoch > epoch || at.seq + 1 === first?.seq)) {
        first = at;
        isFirst ||= at.epoch <= epoch + 1;
      } else if (isFirst || at !== null) return first;
    }
    if (after === 0 || page[0]?.seq !== after + 1) return first;
    // Requests of others go on between two pages.
    await new Promise(setImmediate);
  }
  return null;
}

function adoptionIn({ seq, kind, record }: LedgerRecord): Adoption | null {
  const epoch = kind === "adopted" ? record["epoch"] : undefined;
  return typeof epoch === "number" ? { seq, epoch } : null;
}
