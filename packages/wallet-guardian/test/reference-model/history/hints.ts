/** When to retry, and how much would pass: tried out, one moment and one amount after the other. */
import { areRequired } from "../rules/destinations.js";
import { limitsOf } from "../rules/limits.js";
import { isLapsed } from "./ids.js";
import type { Process } from "../process.js";
import type { Ask, Expected, Finding, ModelPolicy, Payment, Verdict } from "../types.js";
import { worst } from "../types.js";
import { SCOPES } from "../world.js";

/** More than any amount in the model's limits. */
const PLENTY = 1_000;
const LONGEST_WAIT = 3_600_000;

const NEVER: Payment["lapse"] = { count: 0, at: null };

/** What is known of a payment's lapses when it is requested: its present reservation may be another one. */
export function noticeLapse(payment: Payment | undefined, now: number): Payment["lapse"] {
  if (payment === undefined) return NEVER;
  if (!isLapsed(payment, now)) return payment.lapse;
  return { count: payment.lapse.count + 1, at: payment.countedAt };
}

/** When a payment that lapsed before may have a place again. */
function waitEnd({ allowValidSeconds }: ModelPolicy, { count, at }: Payment["lapse"]): number {
  // The first lapse is forgiven.
  if (at === null || count < 2) return 0;
  return at + Math.min(LONGEST_WAIT, allowValidSeconds * 1_000 * 2 ** (count - 2));
}

/** Asking again and again for what is never signed takes no place from others. */
export const lapseFindings = (
  policy: ModelPolicy,
  lapse: Payment["lapse"],
  at: number,
): Finding[] =>
  at < waitEnd(policy, lapse) ? [{ code: "reservation_lapsed", verdict: "DELAY" }] : [];

type Hinted = Readonly<{
  process: Process;
  ask: Ask;
  now: number;
  waits: Payment["lapse"];
  all: readonly Finding[];
  /** The verdict at a time, for an amount in place of the payout's own. */
  passes: (at: number, units?: number) => Verdict;
}>;

export function hintsOf(hinted: Hinted): Pick<Expected, "retryAfter" | "allowedNow"> {
  const { process, ask, now, all } = hinted;
  // Where destinations are required, the amount does not change alone.
  const isSingle = ask.payouts.length === 1 && !areRequired(process.policy);
  // What this request froze, it froze for any amount.
  if (all.some(({ freezes }) => freezes !== undefined)) return isSingle ? { allowedNow: 0 } : {};
  const most = isSingle ? largest(hinted) : null;
  const retry = worst(all) === "ALLOW" ? null : firstPass(hinted);
  return {
    ...(retry === null ? {} : { retryAfter: retry - now }),
    ...(most === null ? {} : { allowedNow: most }),
  };
}

/** The largest amount that would pass; null: any would. Tried out, by halves. */
function largest({ now, passes }: Hinted): number | null {
  if (passes(now, PLENTY) === "ALLOW") return null;
  let [good, bad] = [0, PLENTY];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (passes(now, middle) === "ALLOW") good = middle;
    else bad = middle;
  }
  return good;
}

/** The first moment from now on at which the request would pass if nothing else happened. */
const firstPass = ({ process, now, waits, passes }: Hinted): number | null =>
  momentsAfter(process, now, [waitEnd(process.policy, waits)]).find(
    (at) => passes(at) === "ALLOW",
  ) ?? null;

/** Every later moment at which anything that is stored may count no more. */
export function momentsAfter(
  { world, policy }: Pick<Process, "world" | "policy">,
  now: number,
  more: readonly number[] = [],
): number[] {
  const spans = SCOPES.flatMap((type) => {
    const limits = limitsOf(policy, type);
    return limits === null
      ? []
      : [...limits.windows.map(({ seconds }) => seconds), limits.cooldown?.seconds ?? 0];
  });
  const starts = [
    ...[...world.entries, ...world.doubles].map(({ countedAt }) => countedAt),
    ...world.allows.map(({ at }) => at),
  ];
  const { newSeconds } = policy.destinations;
  const known = newSeconds === null ? [] : [...world.known.map(({ knownAt }) => knownAt), now];
  const moments = [
    ...starts.flatMap((at) => [at, ...spans.map((seconds) => at + seconds * 1_000)]),
    ...known.map((at) => at + (newSeconds ?? 0) * 1_000),
    ...more,
  ];
  return moments.filter((at) => at > now).sort((a, b) => a - b);
}
