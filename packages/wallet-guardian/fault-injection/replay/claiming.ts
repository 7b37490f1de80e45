/** Replays one claim. */
import {
  type Book,
  change,
  type Claim,
  countedUntil,
  type Payment,
  storedPayment,
} from "./book.js";
import { isFrozen } from "./evaluation.js";
import { type Level, RISKS, type Rules, shortestMs } from "./rules.js";
import { addFreeze, isOver, limitsOf, ownIds, sharesOf, usage } from "./scopes.js";

/** A claim as the record has it. */
type ClaimRecord = Readonly<{
  id: string;
  signer: string;
  inputs: readonly string[] | null;
  risk: Level;
  rules: Rules;
  decision: string;
  code: string;
  /** The signer's guardian's time, and the ledger's. */
  clock: number;
  now: number;
  /** Null: none was given anew. */
  until: number | null;
}>;

type Given = ClaimRecord & Readonly<{ payment: Payment }>;

/** Most claims of one payment. */
const MAX_CLAIMS = 20;

/** Replays a claim; what is wrong with its answer. */
export function replayClaim(book: Book, given: ClaimRecord): string[] {
  // The id is read before the transaction that records its rejection.
  if (UNFIT.has(given.code)) return given.decision === "REJECT" ? [] : ["an ALLOW of nothing"];
  const payment = storedPayment(book, given.id);
  if (payment === null) return [`a claim of ${given.id}, which is no payment`];
  const all = { ...given, payment };
  const last = payment.state.claims.at(-1);
  const isRepeated = last !== undefined && given.clock < last.until && isSame(last, given);
  const refusal = refusalOf(book, all, { last, isRepeated });
  if (refusal !== null) {
    if (refusal === "high_risk_freeze") freezeWallet(book, all);
    const isRefused = given.code === refusal && given.decision !== "ALLOW";
    return isRefused ? [] : [`a claim got ${given.decision} ${given.code}, expected ${refusal}`];
  }
  // The hook may reject what all rules have let pass.
  if (["finalize_refused", "finalize_failed"].includes(given.code)) return [];
  if (given.decision !== "ALLOW" || given.code !== "claimed_now") {
    return [`a claim got ${given.decision} ${given.code}, expected ALLOW`];
  }
  if (isRepeated) return given.until === null ? [] : ["a repeated claim has a new end"];
  return grant(book, all);
}

/** Codes of ids that were no payments when they were read. */
const UNFIT: ReadonlySet<string> = new Set(["unknown_withdrawal", "part_of_payment"]);

type Before = Readonly<{ last: Claim | undefined; isRepeated: boolean }>;

function refusalOf(book: Book, given: Given, { last, isRepeated }: Before): string | null {
  const { payment, clock, signer } = given;
  const status = payment.head?.status ?? "open";
  if (status === "committed") return "already_committed";
  if (status !== "reserved" && status !== "claimed") return "not_reserved";
  const until = countedUntil(payment);
  if (status === "reserved" && (until === null || given.now >= until)) return "reservation_lapsed";
  if (last !== undefined && clock < last.until && last.signer !== signer) return "claimed";
  const isLater = status === "claimed" && !isRepeated;
  if (isLater && !replacesAll(given)) return "not_a_replacement";
  if (isLater && payment.state.claims.length >= MAX_CLAIMS) return "claims_exhausted";
  const early = riskRefusal(book, given) ?? answerRefusal(given);
  if (early !== null || isRepeated) return early;
  return isLater ? overAgain(book, given) : overNow(book, given);
}

const replacesAll = ({ payment, inputs }: Given): boolean =>
  payment.state.claims.length > 0 &&
  payment.state.claims.every((one) => shares(one.inputs, inputs));

/** Whether two transactions exclude each other. */
export const shares = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a?.some((input) => b?.includes(input) === true) === true;

const isSame = (last: Claim, { signer, inputs }: ClaimRecord): boolean =>
  last.signer === signer &&
  [...(last.inputs ?? ["none"])].sort().join() === [...(inputs ?? ["none"])].sort().join();

function riskRefusal(book: Book, given: Given): string | null {
  const isHigh = given.risk === "HIGH";
  if (isFrozen(book, given)) return isHigh ? "high_risk_lockdown" : "wallet_frozen";
  return isHigh && given.rules.freezesAtHigh ? "high_risk_freeze" : null;
}

function answerRefusal({ payment, rules, risk, clock }: Given): string | null {
  const { answer } = payment.state;
  const isOfThese =
    answer?.version === rules.version && RISKS.indexOf(risk) <= RISKS.indexOf(answer.risk);
  const isValid = payment.head?.status !== "reserved" || (answer !== null && clock < answer.until);
  return isOfThese && isValid ? null : "allow_not_in_force";
}

/** What has left a window would be signed in it once more. */
const overAgain = (book: Book, given: Given): string | null =>
  given.now - (countedUntil(given.payment) ?? 0) < shortestMs(given.rules)
    ? null
    : overNow(book, given);

/** The first window without room beside all others. */
function overNow(book: Book, { payment, rules, now }: Given): string | null {
  const own = ownIds(payment);
  const codes = sharesOf(payment).flatMap((share) =>
    (limitsOf(rules, share)?.windows ?? []).flatMap((window) => {
      const used = usage(book, { scope: share.scope, window, now, includeRequested: false, own });
      const together = { amount: used.amount + share.amount, count: used.count + share.count };
      return isOver(together, window) ? [window.code] : [];
    }),
  );
  return codes[0] ?? null;
}

function freezeWallet(book: Book, { payment, now }: Given): void {
  const scope = `wallet:${payment.wallet}`;
  addFreeze(book, { scope, kind: "risk", cause: "risk_high", first: now });
  book.attempts.set(scope, [now]);
}

function grant(book: Book, given: Given): string[] {
  const { payment, rules, clock, signer, inputs } = given;
  const until = clock + rules.validMs;
  const before = payment.head?.status === "claimed" ? (countedUntil(payment) ?? 0) : 0;
  const claims = [...payment.state.claims, { signer, until, inputs }];
  change(book, payment, {
    status: "claimed",
    counts: "allowed",
    at: Math.max(before, until + rules.skewMs),
    state: { ...payment.state, claims },
  });
  return given.until === until ? [] : [`claimed until ${given.until}, expected ${until}`];
}
