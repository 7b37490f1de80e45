/** What the rules find in a request, from plain sums over the book. */
import type { Book, Payment } from "./book.js";
import {
  type Level,
  type Limits,
  type Rules,
  type TableCode,
  type Verdict,
  worst,
} from "./rules.js";
import {
  addFreeze,
  attemptsOf,
  freezesOf,
  hasEnded,
  isOver,
  limitsOf,
  ownIds,
  type Risk,
  type Share,
  sharesOf,
  sinceAllow,
  usage,
} from "./scopes.js";

/** What is decided on. */
type Case = Readonly<{
  payment: Payment;
  risk: Risk;
  rules: Rules;
  now: number;
  /** Why the id is rejected; null: it is not. */
  refused: string | null;
  waitUntil: number;
}>;

type Finding = Readonly<{
  code: string;
  decision: Verdict;
  freezes?: Readonly<{ scope: string; kind: "risk" | "limit" }>;
}>;

/** What was found. */
export type Findings = Readonly<{
  codes: readonly string[];
  verdict: Verdict;
  freezes: readonly Readonly<{ scope: string; kind: "risk" | "limit" }>[];
  /** Freezes that have ended. */
  ended: readonly Readonly<{ scope: string; kind: string }>[];
  /** Scopes frozen now, and not before. */
  fresh: readonly string[];
  /** Scopes of which an attempt counts. */
  attempts: readonly string[];
  accounts: readonly string[];
}>;

/** Applies every rule. */
export function findings(book: Book, given: Case): Findings {
  const { payment, risk, rules, now } = given;
  const scopes = sharesOf(payment).map(({ scope }) => scope);
  const there = freezesOf(book, scopes);
  const ended = there.filter((freeze) => hasEnded(rules, freeze, { risk, now }));
  const frozen = new Set(there.filter((one) => !ended.includes(one)).map(({ scope }) => scope));
  const first = withAccounts(book, given, { frozen, found: firstFindings(book, given, frozen) });
  const verdict = worst(first.map(({ decision }) => decision));
  const newly = first.flatMap(({ freezes }) => (freezes ? [freezes.scope] : []));
  const affected = scopes.filter((scope) => frozen.has(scope) || newly.includes(scope));
  const fresh = affected.filter((scope) => !frozen.has(scope));
  const isPersistent = affected.some((scope) => {
    const before = fresh.includes(scope) ? 0 : attemptsOf(book, rules, { scope, now });
    return isAttempt(verdict) && before + 1 >= rules.attempts.count;
  });
  const all = isPersistent ? [...first, PERSISTENT] : first;
  const decision = worst(all.map((one) => one.decision));
  return {
    codes: [...new Set(all.map(({ code }) => code))],
    verdict: decision,
    freezes: distinct(all.flatMap(({ freezes }) => freezes ?? [])),
    ended,
    fresh,
    attempts: isAttempt(decision) ? affected : [],
    accounts: freshAccounts(given, first, frozen),
  };
}

const PERSISTENT: Finding = { code: "frozen_persistent_attempts", decision: "REJECT" };
const isAttempt = (verdict: Verdict): boolean => verdict === "FREEZE" || verdict === "REJECT";

const distinct = (freezes: readonly NonNullable<Finding["freezes"]>[]) => [
  ...new Map(freezes.map((one) => [`${one.kind} ${one.scope}`, one])).values(),
];

function firstFindings(book: Book, given: Case, frozen: ReadonlySet<string>): Finding[] {
  const { payment, risk, rules, refused } = given;
  const denied = payment.payouts.some((one) => one.destinations.some((to) => rules.denied.has(to)));
  const wallet = { scope: `wallet:${payment.wallet}`, kind: "risk" } as const;
  const isHigh = risk.level === "HIGH";
  return [
    ...(refused === null ? [] : [{ code: refused, decision: "REJECT" } as const]),
    ...(denied ? [{ code: "destination_denied", decision: "REJECT" } as const] : []),
    ...(frozen.size > 0 ? [frozenFinding(risk.level)] : []),
    ...(isHigh && rules.freezesAtHigh
      ? [{ code: "high_risk_freeze", decision: "FREEZE", freezes: wallet } as const]
      : []),
    ...(refused === null ? limitFindings(book, given) : []),
  ];
}

const frozenFinding = (level: Level): Finding => ({
  code: level === "HIGH" ? "high_risk_lockdown" : "wallet_frozen",
  decision: "REJECT",
});

function limitFindings(book: Book, given: Case): Finding[] {
  const found = sharesOf(given.payment).flatMap((share) => {
    const limits = limitsOf(given.rules, share);
    return limits === null ? [] : shareFindings(book, given, { share, limits });
  });
  return given.now < given.waitUntil
    ? [...found, { code: "reservation_lapsed", decision: "DELAY" }]
    : found;
}

type Limited = Readonly<{ share: Share; limits: Limits }>;

function shareFindings(book: Book, given: Case, { share, limits }: Limited): Finding[] {
  const { payment, rules, now } = given;
  const { scope } = share;
  const perTx = limits.perTx !== null && share.largest > limits.perTx;
  const { cooldownMs } = limits;
  const isCooling = cooldownMs > 0 && sinceAllow(book, payment, { scope, now }) < cooldownMs;
  return [
    ...(perTx ? [breach(given, share, "per_tx_limit")] : []),
    ...windowFindings(book, given, { share, limits }),
    // A cooldown freezes nothing.
    ...(isCooling
      ? [
          {
            code: "cooldown_breach",
            decision: contained(rules, share, rules.verdict("cooldown_breach", given.risk.level)),
          },
        ]
      : []),
  ];
}

function windowFindings(book: Book, given: Case, { share, limits }: Limited): Finding[] {
  const { payment, rules, now, risk } = given;
  const { scope, type } = share;
  const includeRequested = risk.level !== "LOW" && (!rules.ofAccounts || type === "account");
  const own = ownIds(payment);
  return limits.windows.flatMap((window): Finding[] => {
    const found = breach(given, share, window.code);
    if (isOver(share, window)) return [{ ...found, decision: worst([found.decision, "REJECT"]) }];
    const used = usage(book, { scope, window, now, includeRequested, own });
    const together = { amount: used.amount + share.amount, count: used.count + share.count };
    return isOver(together, window) ? [found] : [];
  });
}

/** With frozen accounts a limit that others use up, too, freezes nothing. */
const contained = ({ ofAccounts }: Rules, { type }: Share, verdict: Verdict): Verdict =>
  ofAccounts && type !== "account" && verdict === "FREEZE" ? "DELAY" : verdict;

function breach({ rules, risk }: Case, share: Share, code: TableCode): Finding {
  const decision = contained(rules, share, rules.verdict(code, risk.level));
  const freezes = { scope: share.scope, kind: "limit" } as const;
  return { code, decision, ...(decision === "FREEZE" ? { freezes } : {}) };
}

function freshAccounts(
  { rules }: Case,
  found: readonly Finding[],
  frozen: ReadonlySet<string>,
): string[] {
  if (!rules.ofAccounts) return [];
  const scopes = found.flatMap(({ freezes }) => freezes?.scope ?? []);
  return [...new Set(scopes)].filter((scope) => scope.startsWith("account:") && !frozen.has(scope));
}

type Found = Readonly<{ frozen: ReadonlySet<string>; found: readonly Finding[] }>;

function withAccounts(book: Book, given: Case, { frozen, found }: Found): readonly Finding[] {
  const { rules, now, payment } = given;
  const fresh = freshAccounts(given, found, frozen).length;
  const before = book.accountFreezes.filter(
    ({ wallet, at }) => wallet === payment.wallet && now - at < rules.accountsFrozen.ms,
  ).length;
  if (fresh === 0 || before + fresh < rules.accountsFrozen.count) return found;
  const freezes = { scope: `wallet:${payment.wallet}`, kind: "limit" } as const;
  return [...found, { code: "accounts_frozen", decision: "FREEZE", freezes }];
}

/** Where and when findings are written. */
type Written = Readonly<{ now: number; wallet: string; cause: string; rules: Rules }>;

/** Writes what follows from the findings for freezes and attempts. */
export function writeFindings(book: Book, found: Findings, { now, wallet, cause }: Written): void {
  const { ended, freezes, fresh, attempts, accounts } = found;
  const isEnded = (one: { scope: string; kind: string }) =>
    ended.some(({ scope, kind }) => scope === one.scope && kind === one.kind);
  book.freezes = book.freezes.filter((freeze) => !isEnded(freeze));
  for (const { scope, kind } of freezes) {
    addFreeze(book, { scope, kind, cause: kind === "risk" ? "risk_high" : cause, first: now });
  }
  for (const scope of fresh) book.attempts.delete(scope);
  for (const scope of attempts) {
    book.attempts.set(scope, [...(book.attempts.get(scope) ?? []), now]);
  }
  book.accountFreezes.push(...accounts.map(() => ({ wallet, at: now })));
}
