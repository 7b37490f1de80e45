/** Holds back writes to the ledger until the stored state was compared with it (design, section 3). */
import { type Ledger, LedgerError } from "@dgb-shield/wallet-guardian";

/**
 * Wraps a ledger so that it takes no write before it is open: the comparison reads what earlier processes recorded,
 * and would take a record of this one for theirs.
 *
 * @param isOpen whether the comparison is done
 * @returns a ledger whose writes are rejected with `ledger_unavailable` until then; what is no ledger, as it is
 */
export function heldLedger(ledger: Ledger, isOpen: () => boolean): Ledger {
  const given: unknown = ledger;
  if (typeof given !== "object" || given === null) return ledger;
  const held = <T>(task: () => Promise<T>): Promise<T> =>
    isOpen() ? task() : Promise.reject(new LedgerError("ledger_unavailable", NOT_COMPARED));
  const writes: Partial<Ledger> = {
    transact: (...step) => held(() => ledger.transact(...step)),
    acceptClock: (...order) => held(() => ledger.acceptClock(...order)),
    prune: (step) => held(() => ledger.prune(step)),
  };
  return new Proxy(ledger, {
    get(target, key) {
      if (Object.hasOwn(writes, key)) return writes[key as keyof Ledger];
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

const NOT_COMPARED =
  "the stored state was not compared with the ledger yet, which could not be read: ask again";
