/** The plan of a client process, and what the process records. */
import type { GuardianPolicyInput } from "../../src/index.js";

/** Where the ledger is. */
export type LedgerAddress =
  | Readonly<{ kind: "sqlite"; path: string }>
  | Readonly<{ kind: "postgres"; url: string; schema: string }>;

type Shared = Readonly<{
  name: string;
  ledger: LedgerAddress;
  policy: GuardianPolicyInput;
  /** File that it writes its acknowledged answers to, synced. */
  log: string;
  concurrency: number;
  /** What the wall clock does: it is right; it steps back, again and again; it jumps a day ahead half-way. */
  clock: "right" | "back" | "ahead";
}>;

/** Requests withdrawals of 1 coin, until each is decided. */
export type RacePlan = Shared &
  Readonly<{
    kind: "race";
    requests: number;
    /** Request i is for wallet i mod `wallets` and, where there are any, account i mod `accounts`. */
    wallets: number;
    accounts: number;
  }>;

/** Does everything that a client can do, at random, on ids that all clients share. */
export type WanderPlan = Shared &
  Readonly<{
    kind: "wander";
    round: string;
    seed: number;
    /** Withdrawals that are requested; a third as many payments of several payouts. */
    ids: number;
    milliseconds: number;
    /** Whether risk is ever above LOW. */
    isRisky: boolean;
  }>;

/** Is traced while it uses one ledger after the other, `rounds` times. */
export type TracedPlan = Readonly<{ kind: "traced"; path: string; rounds: number; asks: number }>;

/** One client's work. */
export type Plan = RacePlan | WanderPlan;

/** One acknowledged answer; `asked_us` and `told_us` by the host's monotonic clock. */
export type Acknowledged = Readonly<{ asked_us: number; told_us: number; id: string }> &
  (
    | Readonly<{ act: "allowed"; client: string; n: number; until_ms: number }>
    | Readonly<{ act: "claimed"; signer: string; clock_ms: number; until_ms: number }>
    | Readonly<{ act: "committed"; txid: string; isRepeated: boolean }>
    | Readonly<{ act: "released"; isRepeated: boolean }>
    | Readonly<{ act: "froze"; cause: string }>
    | Readonly<{ act: "lifted"; operator: string }>
  );

/** The first line of a log: whose policy has which version. */
export type Introduction = Readonly<{ act: "began"; version: string; policy: GuardianPolicyInput }>;

/** A client's report at its end. */
export type Report = Readonly<{
  allowed: number;
  delayed: number;
  /** Answers by rejecting code whose request was repeated until it was decided. */
  busy: number;
  unavailable: number;
  untrusted: number;
  /** Requests that were never decided. */
  undecided: number;
  /** Longest time for which the event loop stood still, in milliseconds. */
  stood_ms: number;
}>;
