/** The types of the model: policies, requests, answers and what is stored, in plain numbers and lists. */

export const RISKS = ["LOW", "MEDIUM", "HIGH"] as const;
export type Risk = (typeof RISKS)[number];
export type Verdict = "ALLOW" | "DELAY" | "FREEZE" | "REJECT";
export type Row = Readonly<Record<Risk, Verdict>>;
export type ScopeType = "account" | "wallet" | "global";
export type LastWord = "none" | "allow" | "refuse" | "throw";

/** Limits of one scope, in base units and seconds. */
export type ModelLimits = Readonly<{
  maxPerTx: number | null;
  max24h: number | null;
  windows: readonly Readonly<{
    seconds: number;
    maxAmount: number | null;
    maxCount: number | null;
  }>[];
  cooldownSeconds: number;
}>;

/** A policy's rules of destinations and fees, in base units, seconds and hundred-millionths. */
export type DestinationPolicy = Readonly<{
  allowed: readonly string[] | null;
  denied: readonly string[];
  maxFee: number | null;
  maxFeeRatio1e8: number | null;
  newSeconds: number | null;
  newFree: number;
  lookalikes: boolean;
}>;

/** A policy, in base units. */
export type ModelPolicy = Readonly<{
  /** The wallet's plain limits. */
  plain: ModelLimits;
  further: Readonly<Record<ScopeType, ModelLimits | null>>;
  claim: "implicit" | "explicit";
  highRiskFreeze: boolean;
  releaseFreezeAtLow: "risk" | "all" | "none";
  liftAfterLowSeconds: number;
  freezeSeconds: number | null;
  freezeScope: "wallet" | "account";
  accountsFrozen: Readonly<{ count: number; seconds: number }>;
  attempts: Readonly<{ count: number; seconds: number }>;
  allowValidSeconds: number;
  maxClockJumpMs: number;
  destinations: DestinationPolicy;
  table: Readonly<Record<string, Row>>;
}>;

/** Where money goes, and how much. */
export type Output = Readonly<{ address: string; units: number }>;

/** One payout of a payment; `to` null: no destinations are named. */
export type Payout = Readonly<{
  id: string;
  account: string | null;
  units: number;
  maxFee: number | null;
  to: readonly Output[] | null;
}>;

/** What is requested: a withdrawal is a payment whose one payout has the payment's id. */
export type Ask = Readonly<{
  form: "withdrawal" | "payment";
  id: string;
  wallet: string;
  payouts: readonly Payout[];
  risk: Risk;
  /** Since when risk has been LOW; null: not stated. */
  lowSince: number | null;
  finalize: LastWord;
}>;

/** What a signer requests. */
export type ClaimAsk = Readonly<{
  id: string;
  signer: string;
  /** Inputs of the transaction; null: not named. */
  inputs: readonly string[] | null;
  risk: Risk;
  finalize: LastWord;
}>;

/** What the answer to a request must be. */
export type Expected = Readonly<{
  decision: Verdict;
  codes: readonly string[];
  final: boolean;
  at: number;
  retryAfter?: number;
  allowedNow?: number;
  validUntil?: number;
  /** Of a final ALLOW: how long it is still valid. */
  validFor?: number;
  repeated?: true;
  txid?: string;
  newlyFrozen?: readonly string[];
  /** `code scope limit`, one for each finding of a limit. */
  breaches?: readonly string[];
}>;

/** What the answer to a claim must be. */
export type ClaimExpected = Readonly<{
  decision: Verdict;
  codes: readonly string[];
  until?: number;
  validFor?: number;
  retryAfter?: number;
  repeated?: true;
}>;

/** What the answer to a commit or a release must be. */
export type SettleExpected = Readonly<{
  accepted: boolean;
  codes: readonly string[];
  retryAfter?: number;
  repeated?: true;
}>;

export type Kind = "risk" | "limit" | "operator";

/** A freeze in force; of an automatic kind a scope has one at most, which counts. */
export type Freeze = {
  readonly scope: string;
  readonly kind: Kind;
  readonly cause: string;
  lastAt: number;
  count: number;
};

/** What one rule finds. */
export type Finding = Readonly<{
  code: string;
  verdict: Verdict;
  freezes?: string;
  kind?: Kind;
  /** `scope limit` of a limit. */
  limit?: string;
}>;

export type Counts = "allowed" | "reserved" | "asked" | "nothing";

/** One payout as stored, and the payment that it belongs to now. */
export type Entry = {
  readonly payout: Payout;
  readonly wallet: string;
  payment: string;
  counts: Counts;
  countedAt: number;
};

export type Claim = Readonly<{
  signer: string | null;
  inputs: readonly string[] | null;
  until: number;
}>;

/** One payment as stored. */
export type Payment = {
  readonly ask: Ask;
  status: "open" | "reserved" | "claimed" | "committed" | "released";
  /** The ALLOW in force, the risk that it was given at, and whose policy it was. */
  answer: Readonly<{ said: Expected; risk: Risk; policy: string }> | null;
  allowedAt: number | null;
  /** When the reservation lapses, or the last claim is counted from. */
  countedAt: number;
  claims: Claim[];
  /** How often a reservation lapsed, and the last time. */
  lapse: Readonly<{ count: number; at: number | null }>;
  txid: string | null;
  commits: Commit[];
};

/** A transaction that paid, or paid once more. */
export type Commit = {
  readonly txid: string;
  readonly isDouble: boolean;
  inputs: readonly string[] | null;
  fee: number | null;
};

/** A destination that an owner has named. */
export type Known = {
  readonly owner: string;
  readonly script: string;
  readonly shape: string | null;
  knownAt: number;
  isApproved: boolean;
  freeUsed: number;
};

const ORDER: readonly Verdict[] = ["ALLOW", "DELAY", "FREEZE", "REJECT"];

export const worseOf = (a: Verdict, b: Verdict): Verdict =>
  ORDER.indexOf(a) > ORDER.indexOf(b) ? a : b;

export const worst = (findings: readonly Finding[]): Verdict =>
  findings.reduce<Verdict>((verdict, finding) => worseOf(verdict, finding.verdict), "ALLOW");

export const isAttempt = (verdict: Verdict): boolean =>
  verdict === "FREEZE" || verdict === "REJECT";

export const unique = <T>(items: readonly T[]): T[] => [...new Set(items)];

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
