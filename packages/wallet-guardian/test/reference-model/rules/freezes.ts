/** What is frozen, for how long, and who keeps asking all the same. */
import { newlyFrozenAccounts } from "./limits.js";
import type { Ask, Finding, Freeze, Kind, ModelPolicy, Risk } from "../types.js";
import { isAttempt, unique, worst } from "../types.js";
import { type World, scopesOfAsk } from "../world.js";

const LIFTED_AT_LOW = { risk: ["risk"], all: ["risk", "limit"], none: [] } as const;

/** Whether a freeze has ended by itself: no operator's ever does. */
const hasEnded = ({ freezeSeconds }: ModelPolicy, freeze: Freeze, at: number): boolean =>
  freezeSeconds !== null &&
  freeze.kind !== "operator" &&
  at - freeze.lastAt >= freezeSeconds * 1_000;

/** Whether any of the scopes is frozen now. */
export const areFrozen = (
  world: World,
  policy: ModelPolicy,
  { scopes, at }: Readonly<{ scopes: readonly string[]; at: number }>,
): boolean =>
  world.freezes.some((freeze) => scopes.includes(freeze.scope) && !hasEnded(policy, freeze, at));

/** Ends what has ended by itself, and what risk that has been low for a while ends. */
export function lift(
  world: World,
  policy: ModelPolicy,
  asked: Readonly<{ scopes: readonly string[]; risk: Risk; lowSince: number | null; at: number }>,
): void {
  const { scopes, risk, lowSince, at } = asked;
  const kinds: readonly Kind[] = LIFTED_AT_LOW[policy.releaseFreezeAtLow];
  const isLowEnough = (freeze: Freeze) =>
    risk === "LOW" &&
    lowSince !== null &&
    kinds.includes(freeze.kind) &&
    lowSince > freeze.lastAt &&
    at - lowSince >= policy.liftAfterLowSeconds * 1_000;
  world.freezes = world.freezes.filter(
    (freeze) =>
      !scopes.includes(freeze.scope) || !(hasEnded(policy, freeze, at) || isLowEnough(freeze)),
  );
}

/** The third FREEZE or REJECT of a frozen scope, the freezing one counted. */
export function persistence(
  world: World,
  policy: ModelPolicy,
  asked: Readonly<{ first: readonly Finding[]; frozen: readonly string[]; risk: Risk; at: number }>,
): Finding[] {
  const { first, frozen, risk, at } = asked;
  if (!isAttempt(worst(first))) return [];
  const { count, seconds } = policy.attempts;
  const isPersistent = frozen.some((scope) => {
    const recent = world.attempts.filter((a) => a.scope === scope && at - a.at < seconds * 1_000);
    return recent.length + 1 >= count;
  });
  const code = "frozen_persistent_attempts";
  const verdict = policy.table[code]?.[risk];
  if (verdict === undefined) throw new Error(`no row ${code}`);
  return isPersistent ? [{ code, verdict }] : [];
}

/** Sets what the findings freeze; returns the scopes that were not frozen in that way before. */
export function freeze(
  world: World,
  policy: ModelPolicy,
  { ask, findings, at }: Readonly<{ ask: Ask; findings: readonly Finding[]; at: number }>,
): string[] {
  const accounts = newlyFrozenAccounts(world, policy, findings);
  const news = findings.flatMap(({ freezes: scope, kind }) =>
    scope !== undefined && kind !== undefined && !world.hasKind(scope, kind) ? [scope] : [],
  );
  for (const { freezes: scope, kind } of findings) {
    if (scope === undefined || kind === undefined) continue;
    const cause = kind === "risk" ? "risk" : `breach:${ask.id}`;
    world.addFreeze({ scope, kind, cause, at });
  }
  // Accounts are counted, each by its latest freeze.
  world.accountFreezes = [
    ...world.accountFreezes.filter(
      (one) => one.wallet !== ask.wallet || !accounts.includes(one.account),
    ),
    ...accounts.map((account) => ({ wallet: ask.wallet, account, at })),
  ];
  return unique(news);
}

/** The scopes that are frozen when the findings have been applied; those newly frozen begin a new series. */
export function frozenBy(world: World, ask: Ask, findings: readonly Finding[]): string[] {
  const scopes = scopesOfAsk(ask);
  const frozen = scopes.filter(
    (scope) => world.isFrozen(scope) || findings.some(({ freezes }) => freezes === scope),
  );
  for (const scope of frozen) world.beginSeries(scope);
  return frozen;
}
