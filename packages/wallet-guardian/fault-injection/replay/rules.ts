/** A policy as the checker reads it, by itself: base units, milliseconds, a table. */
import { createHash } from "node:crypto";
import type { GuardianPolicyInput } from "../../src/index.js";

/** Levels of risk, from the lowest. */
export const RISKS = ["LOW", "MEDIUM", "HIGH"] as const;
export type Level = (typeof RISKS)[number];

/** Decisions, from the mildest. */
const DECISIONS = ["ALLOW", "DELAY", "FREEZE", "REJECT"] as const;
export type Verdict = (typeof DECISIONS)[number];

/** One rolling window. */
export type Window = Readonly<{
  code: "daily_limit" | "window_limit";
  ms: number;
  amount: bigint | null;
  count: number | null;
}>;

/** The limits of one scope. */
export type Limits = Readonly<{
  perTx: bigint | null;
  windows: readonly Window[];
  cooldownMs: number;
}>;

/** The codes that a table decides. */
export type TableCode = "per_tx_limit" | "daily_limit" | "window_limit" | "cooldown_breach";

/** A policy. */
export type Rules = Readonly<{
  name: string;
  version: string;
  isExplicit: boolean;
  validMs: number;
  skewMs: number;
  ofAccounts: boolean;
  accountsFrozen: Readonly<{ count: number; ms: number }>;
  attempts: Readonly<{ count: number; ms: number }>;
  freezesAtHigh: boolean;
  endAtLow: "risk" | "all" | "none";
  lowMs: number;
  freezeMs: number | null;
  denied: ReadonlySet<string>;
  limits: Readonly<Record<"account" | "wallet" | "global", Limits | null>>;
  verdict: (code: TableCode, risk: Level) => Verdict;
}>;

const DAY_MS = 86_400_000;
const TABLE: Readonly<Record<TableCode, readonly [Verdict, Verdict, Verdict]>> = {
  per_tx_limit: ["REJECT", "REJECT", "REJECT"],
  daily_limit: ["DELAY", "FREEZE", "FREEZE"],
  window_limit: ["DELAY", "FREEZE", "FREEZE"],
  cooldown_breach: ["DELAY", "DELAY", "REJECT"],
};

/** An amount in base units. */
export function units(text: string | number): bigint {
  const [whole = "0", part = ""] = String(text).split(".");
  return BigInt(whole) * 100_000_000n + BigInt(part.padEnd(8, "0"));
}

/** The worst of several decisions. */
export const worst = (verdicts: readonly Verdict[]): Verdict =>
  DECISIONS[Math.max(0, ...verdicts.map((verdict) => DECISIONS.indexOf(verdict)))] ?? "ALLOW";

type LimitsInput = Pick<
  GuardianPolicyInput,
  "max_per_tx" | "max_24h" | "windows" | "cooldown_seconds"
>;

const unitsOrNull = (value: string | number | null | undefined): bigint | null =>
  value === null || value === undefined ? null : units(value);

function limitsOf(given: LimitsInput): Limits {
  const day = unitsOrNull(given.max_24h);
  const daily: Window[] =
    day === null ? [] : [{ code: "daily_limit", ms: DAY_MS, amount: day, count: null }];
  const further = (given.windows ?? []).map(({ seconds, max_amount, max_count }): Window => ({
    code: "window_limit",
    ms: seconds * 1_000,
    amount: unitsOrNull(max_amount),
    count: max_count ?? null,
  }));
  return {
    perTx: unitsOrNull(given.max_per_tx),
    windows: [...daily, ...further],
    cooldownMs: (given.cooldown_seconds ?? 0) * 1_000,
  };
}

/** Reads a policy of the matrix; what no policy of it has is not read. */
export function rulesOf(policy: GuardianPolicyInput, version: string): Rules {
  const { account, global } = policy.limits ?? {};
  const counted = (
    given: Partial<Record<"count" | "seconds", number | undefined>> | undefined,
    count: number,
  ) => ({
    count: given?.count ?? count,
    seconds: given?.seconds,
  });
  const accounts = counted(policy.accounts_frozen, 5);
  const attempts = counted(policy.persistent_attempts, 3);
  const table = policy.table as Partial<Record<TableCode, Record<Level, Verdict>>> | undefined;
  return {
    name: policy.name ?? "default",
    version,
    isExplicit: policy.claim === "explicit",
    validMs: (policy.allow_valid_seconds ?? 60) * 1_000,
    skewMs: policy.max_clock_jump_ms ?? 5_000,
    ofAccounts: policy.freeze_scope === "account",
    accountsFrozen: { count: accounts.count, ms: (accounts.seconds ?? 3_600) * 1_000 },
    attempts: { count: attempts.count, ms: (attempts.seconds ?? 1_800) * 1_000 },
    freezesAtHigh: policy.high_risk_freeze ?? true,
    endAtLow: policy.release_freeze_at_low ?? "risk",
    lowMs: (policy.lift_after_low_seconds ?? 600) * 1_000,
    freezeMs: typeof policy.freeze_seconds === "number" ? policy.freeze_seconds * 1_000 : null,
    denied: new Set(policy.deny_destinations ?? []),
    limits: {
      account: account ? limitsOf(account) : null,
      wallet: limitsOf(policy),
      global: global ? limitsOf(global) : null,
    },
    verdict: (code, risk) => table?.[code]?.[risk] ?? TABLE[code][RISKS.indexOf(risk)] ?? "REJECT",
  };
}

/** Length of the shortest window; Infinity where there is none. */
export const shortestMs = ({ limits }: Rules): number =>
  Math.min(
    Infinity,
    ...Object.values(limits).flatMap((one) => one?.windows.map(({ ms }) => ms) ?? []),
  );

/** SHA-256 of the canonical text of a plain value: keys in order, no white space. */
export const contentHash = (value: unknown): string =>
  createHash("sha256").update(canonical(value)).digest("hex");

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(",")}}`;
}
