/** What the matrix tells a client process to do, and what it says in the end. */
import type { GuardianPolicyInput } from "../src/index.js";

/** Where the ledger is. */
export type LedgerAddress =
  | Readonly<{ kind: "sqlite"; path: string }>
  | Readonly<{ kind: "postgres"; url: string; schema: string }>;

/** One client's work. */
export type Plan = Readonly<{
  name: string;
  ledger: LedgerAddress;
  policy: GuardianPolicyInput;
  /** File that it writes its acknowledged decisions to, synced. */
  log: string;
  /** Requests of 1 coin each; so many at once. */
  requests: number;
  concurrency: number;
  /** Request i asks of wallet i mod `wallets` and, where there are any, account i mod `accounts`. */
  wallets: number;
  accounts: number;
  /** Whether some of what was allowed is committed, and some released. */
  settles: boolean;
  /** What the wall clock does: it is right; it steps back, again and again; it jumps a day ahead half-way. */
  clock: "right" | "back" | "ahead";
}>;

/** One acknowledged answer. */
export type Acknowledged = Readonly<{
  id: string;
  act: "allowed" | "committed" | "released";
  txid?: string;
}>;

/** A client's last word. */
export type Report = Readonly<{
  allowed: number;
  delayed: number;
  /** Answers by refusing code that was asked again until it was decided. */
  busy: number;
  unavailable: number;
  untrusted: number;
  /** Requests that were never decided. */
  undecided: number;
  /** Longest time for which the event loop stood still, in milliseconds. */
  stood_ms: number;
}>;
