/** What the limits of the scopes find in a payment, by adding up everything that is stored. */
import type {
  Ask,
  Entry,
  Finding,
  ModelLimits,
  ModelPolicy,
  Risk,
  ScopeType,
  Verdict,
} from "../types.js";
import { sum, worseOf } from "../types.js";
import { idsOf, scopesOf, scopesOfAsk, typeOf, type World } from "../world.js";

const DAY = 86_400;

type Window = Readonly<{
  code: "daily_limit" | "window_limit";
  limit: string;
  seconds: number;
  maxAmount: number | null;
  maxCount: number | null;
}>;

type Limits = Readonly<{
  perTx: Readonly<{ most: number; limit: string }> | null;
  windows: readonly Window[];
  cooldown: Readonly<{ seconds: number; limit: string }> | null;
}>;

/** The limits of a kind of scope, each with the place where it stands in the policy; null: it has none. */
export function limitsOf(policy: ModelPolicy, type: ScopeType): Limits | null {
  const further = policy.further[type];
  const places: (readonly [string, ModelLimits])[] = [
    ...(type === "wallet" ? [["", policy.plain] as const] : []),
    ...(further === null ? [] : [[`limits/${type}/`, further] as const]),
  ];
  if (places.length === 0) return null;
  const days = places.flatMap(([place, { max24h }]): Window[] =>
    max24h === null
      ? []
      : [
          {
            code: "daily_limit",
            limit: `${place}max_24h`,
            seconds: DAY,
            maxAmount: max24h,
            maxCount: null,
          },
        ],
  );
  const more = places.flatMap(([place, { windows }]) =>
    windows.map((one, n): Window => ({
      code: "window_limit",
      limit: `${place}windows/${n}`,
      ...one,
    })),
  );
  const perTx = places.flatMap(([place, { maxPerTx: most }]) =>
    most === null ? [] : [{ most, limit: `${place}max_per_tx` }],
  );
  const cooldowns = places.flatMap(([place, { cooldownSeconds: seconds }]) =>
    seconds === 0 ? [] : [{ seconds, limit: `${place}cooldown_seconds` }],
  );
  return { perTx: perTx[0] ?? null, windows: [...days, ...more], cooldown: cooldowns[0] ?? null };
}

/** The shortest rolling window of any scope, in milliseconds. */
export const shortestWindow = (policy: ModelPolicy): number =>
  Math.min(
    ...(["account", "wallet", "global"] as const).flatMap((type) =>
      (limitsOf(policy, type)?.windows ?? []).map(({ seconds }) => seconds * 1_000),
    ),
  );

/** A question to the limits: `units`, where given, in place of the one payout's own. */
export type LimitQuestion = Readonly<{
  world: World;
  policy: ModelPolicy;
  ask: Ask;
  risk: Risk;
  at: number;
  units?: number;
}>;

/** All `per_tx_limit`, then all windows, then accounts that are frozen one after the other, then all cooldowns. */
export function limitFindings(question: LimitQuestion): Finding[] {
  const { policy, ask } = question;
  const limited = scopesOfAsk(ask).flatMap((scope) => {
    const limits = limitsOf(policy, typeOf(scope));
    return limits === null ? [] : [{ scope, limits }];
  });
  const amounts = limited.flatMap(({ scope, limits }) => perTx(question, scope, limits));
  const windows = limited.flatMap(({ scope, limits }) =>
    limits.windows.flatMap((window) => windowFinding(question, scope, window)),
  );
  const cooldowns = limited.flatMap(({ scope, limits }) => cooldown(question, scope, limits));
  const accounts = accountsFrozen(question, [...amounts, ...windows]);
  return [...amounts, ...windows, ...accounts, ...cooldowns];
}

/** The windows that are full, whatever the table makes of that. */
export const overWindows = (question: LimitQuestion): string[] =>
  scopesOfAsk(question.ask).flatMap((scope) =>
    (limitsOf(question.policy, typeOf(scope))?.windows ?? []).flatMap((window) =>
      windowFinding(question, scope, window).map(({ code }) => code),
    ),
  );

/** What of the payment belongs to a scope. */
const partOf = ({ ask, units }: LimitQuestion, scope: string): number[] =>
  ask.payouts
    .filter((payout) => scopesOf(ask.wallet, [payout]).includes(scope))
    .map((payout) => units ?? payout.units);

/** The table's decision, and what it freezes; beyond the account nothing is frozen where accounts are. */
function breach(
  { policy, risk }: LimitQuestion,
  { code, scope, limit }: Readonly<{ code: string; scope: string; limit: string }>,
  floor: Verdict = "ALLOW",
): Finding {
  const row = policy.table[code]?.[risk];
  if (row === undefined) throw new Error(`no row ${code}`);
  const isMild = policy.freezeScope === "account" && typeOf(scope) !== "account";
  const verdict = isMild && row === "FREEZE" ? "DELAY" : row;
  const isFreeze = verdict === "FREEZE" && code !== "cooldown_breach";
  return {
    code,
    verdict: worseOf(verdict, floor),
    limit: `${scope} ${limit}`,
    ...(isFreeze ? { freezes: scope, kind: "limit" } : {}),
  };
}

function perTx(question: LimitQuestion, scope: string, { perTx: limits }: Limits): Finding[] {
  if (limits === null) return [];
  const { most, limit } = limits;
  if (partOf(question, scope).every((units) => units <= most)) return [];
  return [breach(question, { code: "per_tx_limit", scope, limit })];
}

function windowFinding(question: LimitQuestion, scope: string, window: Window): Finding[] {
  const { code, limit, maxAmount, maxCount } = window;
  const part = partOf(question, scope);
  const own = sum(part);
  const finding = { code, scope, limit };
  if ((maxAmount !== null && own > maxAmount) || (maxCount !== null && part.length > maxCount)) {
    return [breach(question, finding, "REJECT")];
  }
  const counted = countedIn(question, scope, window.seconds * 1_000);
  const total = sum(counted.map(({ payout }) => payout.units));
  const isOver =
    (maxAmount !== null && total + own > maxAmount) ||
    (maxCount !== null && counted.length + part.length > maxCount);
  return isOver ? [breach(question, finding)] : [];
}

/** What counts in a window of a scope at a time, without the payment itself. */
function countedIn(question: LimitQuestion, scope: string, windowMs: number): Entry[] {
  const { world, policy, ask, risk, at } = question;
  const isAskedCounted =
    risk !== "LOW" && (policy.freezeScope === "wallet" || typeOf(scope) === "account");
  return world.others(scope, idsOf(ask)).filter(({ counts, countedAt }) => {
    if (counts === "reserved") return at < countedAt;
    const isCounted = counts === "allowed" || (counts === "asked" && isAskedCounted);
    return isCounted && at - countedAt < windowMs;
  });
}

function cooldown(question: LimitQuestion, scope: string, { cooldown: limits }: Limits): Finding[] {
  const { world, ask, at } = question;
  if (limits === null) return [];
  const isSoon = world.allows.some(
    (allow) =>
      allow.payment !== ask.id && allow.scope === scope && at - allow.at < limits.seconds * 1_000,
  );
  const { limit } = limits;
  return isSoon ? [breach(question, { code: "cooldown_breach", scope, limit })] : [];
}

/** Accounts that this payment freezes anew, with those of the last while: enough of them freeze the wallet. */
function accountsFrozen(question: LimitQuestion, found: readonly Finding[]): Finding[] {
  const { world, policy, ask, at } = question;
  const { count, seconds } = policy.accountsFrozen;
  const news = newlyFrozenAccounts(world, policy, found);
  const recent = world.accountFreezes.filter(
    (freeze) => freeze.wallet === ask.wallet && at - freeze.at < seconds * 1_000,
  );
  if (news.length === 0 || recent.length + news.length < count) return [];
  const scope = `wallet:${ask.wallet}`;
  const code = "accounts_frozen";
  return [{ code, verdict: "FREEZE", freezes: scope, kind: "limit", limit: `${scope} ${code}` }];
}

/** Accounts that limits freeze and that nothing froze before. */
export const newlyFrozenAccounts = (
  world: World,
  policy: ModelPolicy,
  found: readonly Finding[],
): string[] =>
  policy.freezeScope === "wallet"
    ? []
    : [
        ...new Set(
          found.flatMap(({ freezes, kind }) =>
            freezes !== undefined &&
            kind === "limit" &&
            typeOf(freezes) === "account" &&
            !world.isFrozen(freezes)
              ? [freezes]
              : [],
          ),
        ),
      ];
