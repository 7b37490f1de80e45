/** A signer requests permission to sign: once for each payment, and again only for what replaces it. */
import { isStanding } from "./evaluate.js";
import { areFrozen, lift } from "./freezes.js";
import { isLapsed } from "../history/ids.js";
import { momentsAfter } from "../history/hints.js";
import { overWindows, shortestWindow } from "./limits.js";
import { isOutdated, type Moment, momentOf, type Process, remember } from "../process.js";
import { type Claim, type ClaimAsk, type ClaimExpected, type Payment, RISKS } from "../types.js";
import { scopesOfAsk } from "../world.js";

/** Claims of one payment at most. */
const MOST_CLAIMS = 20;

const reject = (code: string, more: Partial<ClaimExpected> = {}): ClaimExpected => ({
  decision: "REJECT",
  codes: [code],
  ...more,
});

/** Answers a claim and stores it. */
export function claim(process: Process, ask: ClaimAsk): ClaimExpected {
  const { world } = process;
  const payment = world.payment(ask.id);
  // A claim of nothing is recorded, too, so that the clock is read.
  if (!RISKS.includes(ask.risk) || payment === undefined) process.clock.read();
  if (!RISKS.includes(ask.risk)) return reject("invalid_claim");
  if (payment === undefined) {
    return reject(world.entry(ask.id) === undefined ? "unknown_withdrawal" : "part_of_payment");
  }
  const scopes = scopesOfAsk(payment.ask);
  const { now, told, trusted } = momentOf(process, scopes);
  // A claim registers no policy: what is not the current one permits nothing.
  if (isOutdated(process) || world.policy?.version !== process.version) {
    return reject("policy_outdated");
  }
  if (!trusted) return reject("clock_untrusted", { retryAfter: 5_000 });
  remember(process, scopes, now);
  return decide(process, payment, { ask, moment: { now, told } });
}

type Question = Readonly<{ ask: ClaimAsk; moment: Moment }>;

function decide(process: Process, payment: Payment, question: Question): ClaimExpected {
  const { told } = question.moment;
  switch (payment.status) {
    case "open":
    case "released":
      return reject("not_reserved");
    case "committed":
      return reject("already_committed");
    case "reserved":
      return first(process, payment, question);
    case "claimed": {
      const last = payment.claims.at(-1);
      if (last === undefined) throw new Error("claimed without a claim");
      if (told >= last.until) return later(process, payment, question);
      if (last.signer !== question.ask.signer) {
        return { decision: "DELAY", codes: ["claimed"], retryAfter: last.until - told };
      }
      return isSameTransaction(last, question.ask)
        ? again(process, payment, { ...question, last })
        : later(process, payment, question);
    }
  }
}

const sorted = (inputs: readonly string[] | null) => JSON.stringify(inputs && [...inputs].sort());

const isSameTransaction = (last: Claim, { inputs }: ClaimAsk): boolean =>
  sorted(last.inputs) === sorted(inputs);

function first(process: Process, payment: Payment, question: Question): ClaimExpected {
  const { ask, moment } = question;
  if (isLapsed(payment, moment.now)) return reject("reservation_lapsed");
  const risky = lookAtRisk(process, payment, question);
  if (risky !== null) return risky;
  if (!isStanding(process, payment, { ask, moment })) return reject("allow_not_in_force");
  if (!isWhole(process, payment)) return reject("allow_not_in_force");
  return fullNow(process, payment, question) ?? lastWord(ask) ?? permit(process, payment, question);
}

function again(
  process: Process,
  payment: Payment,
  { ask, moment, last: { until } }: Question & Readonly<{ last: Claim }>,
): ClaimExpected {
  const risky = lookAtRisk(process, payment, { ask, moment });
  if (risky !== null) return risky;
  const validFor = until - moment.told;
  const { allowValidSeconds, maxClockJumpMs } = process.policy;
  const isTooLong = validFor > allowValidSeconds * 1_000 + maxClockJumpMs;
  if (isTooLong || !isOfTheseRules(process, payment, ask)) return reject("allow_not_in_force");
  const same: ClaimExpected = { decision: "ALLOW", codes: ["claimed_now"], until, validFor };
  return lastWord(ask) ?? { ...same, repeated: true };
}

function later(process: Process, payment: Payment, question: Question): ClaimExpected {
  const { ask } = question;
  const { inputs } = ask;
  const isReplacement =
    inputs !== null &&
    payment.claims.every((one) => one.inputs?.some((input) => inputs.includes(input)) === true);
  if (!isReplacement) return reject("not_a_replacement");
  if (payment.claims.length >= MOST_CLAIMS) return reject("claims_exhausted");
  const risky = lookAtRisk(process, payment, question);
  if (risky !== null) return risky;
  if (!isOfTheseRules(process, payment, ask)) return reject("allow_not_in_force");
  const full = outOfRoom(process, payment, question);
  return full ?? lastWord(ask) ?? permit(process, payment, question);
}

/** Whether every payout still belongs to the payment. */
const isWhole = ({ world }: Process, payment: Payment): boolean =>
  world.entriesOf(payment).length === payment.ask.payouts.length;

/** Where the entry has left a window, it has to fit once more. */
const outOfRoom = (process: Process, payment: Payment, question: Question): ClaimExpected | null =>
  question.moment.now - payment.countedAt < shortestWindow(process.policy)
    ? null
    : fullNow(process, payment, question);

/** The first window without room beside all others. */
function fullNow(
  { world, policy }: Process,
  { ask }: Payment,
  { moment: { now } }: Question,
): ClaimExpected | null {
  const fullAt = (at: number) => overWindows({ world, policy, ask, risk: "LOW", at });
  const [code] = fullAt(now);
  if (code === undefined) return null;
  const free = momentsAfter({ world, policy }, now).find((at) => fullAt(at).length === 0);
  return {
    decision: "DELAY",
    codes: [code],
    ...(free === undefined ? {} : { retryAfter: free - now }),
  };
}

/** Freezes and risk as they are now; null: nothing forbids it. */
function lookAtRisk(
  { world, policy }: Process,
  payment: Payment,
  { ask: { risk }, moment: { now } }: Question,
): ClaimExpected | null {
  const scopes = scopesOfAsk(payment.ask);
  if (areFrozen(world, policy, { scopes, at: now })) {
    return reject(risk === "HIGH" ? "high_risk_lockdown" : "wallet_frozen");
  }
  if (risk !== "HIGH" || !policy.highRiskFreeze) return null;
  const scope = `wallet:${payment.ask.wallet}`;
  // What has ended by itself makes way for the new one.
  lift(world, policy, { scopes, risk, lowSince: null, at: now });
  world.beginSeries(scope);
  world.attempts.push({ scope, at: now });
  world.addFreeze({ scope, kind: "risk", cause: "risk", at: now });
  return reject("high_risk_freeze");
}

/** Whether the ALLOW was made at this risk or a higher one, by this policy, and was not taken back. */
const isOfTheseRules = ({ version }: Process, { answer }: Payment, { risk }: ClaimAsk): boolean =>
  answer !== null && answer.policy === version && RISKS.indexOf(risk) <= RISKS.indexOf(answer.risk);

/** The finalize hook, before anything is stored; null: it agrees. */
function lastWord({ finalize }: ClaimAsk): ClaimExpected | null {
  if (finalize === "throw") return reject("finalize_failed");
  return finalize === "refuse" ? reject("finalize_refused") : null;
}

function permit(
  { world, policy }: Process,
  payment: Payment,
  { ask, moment: { told } }: Question,
): ClaimExpected {
  const validFor = policy.allowValidSeconds * 1_000;
  const until = told + validFor;
  const countedAt = until + policy.maxClockJumpMs;
  const isFirst = payment.status === "reserved";
  payment.countedAt = isFirst ? countedAt : Math.max(payment.countedAt, countedAt);
  payment.status = "claimed";
  payment.claims.push({ signer: ask.signer, inputs: ask.inputs, until });
  for (const entry of world.entriesOf(payment)) {
    entry.counts = "allowed";
    entry.countedAt = payment.countedAt;
  }
  return { decision: "ALLOW", codes: ["claimed_now"], until, validFor };
}
