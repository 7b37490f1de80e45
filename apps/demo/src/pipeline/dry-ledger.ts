/** Wraps a ledger so that a guardian on it decides as usual and writes nothing (design, section 8: simulate). */
import type { Ledger } from "@dgb-shield/wallet-guardian";

/** A ledger whose transactions read and decide under the locks, and write nothing, not even the time. */
export function dryLedger(ledger: Ledger): Ledger {
  const dry: Partial<Ledger> = {
    transact: (reads, decide) =>
      ledger.transact(reads, (snapshot) => ({ result: decide(snapshot).result, writes: null })),
    acceptClock: () => Promise.reject(new Error("a simulation accepts no clock")),
    prune: () => Promise.reject(new Error("a simulation prunes nothing")),
  };
  return new Proxy(ledger, {
    get(target, key) {
      if (Object.hasOwn(dry, key)) return dry[key as keyof Ledger];
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}
