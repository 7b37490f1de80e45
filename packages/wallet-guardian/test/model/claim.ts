/** A signer asks whether it may sign: once for each payment, and again only for what replaces it. */
import { isStanding } from "./evaluate.js";
import { areFrozen, lift } from "./freezes.js";
import { isLapsed } from "./ids.js";
import { limitFindings, shortestWindow } from "./limits.js";
import { isOutdated, type Moment, momentOf, type Process, remember } from "./process.js";
import {
  type Claim,
  type ClaimAsk,
  type ClaimExpected,
  type Payment,
  RISKS,
  unique,
} from "./types.js";
import { scopesOfAsk } from "./world.js";

const reject = (code: string, more: Partial<ClaimExpected> = {}): ClaimExpected => ({
  decision: "REJECT",
  codes: [code],
  ...more,
});

/** Answers a claim and remembers it. */
export function claim(process: Process, ask: ClaimAsk): ClaimExpected {
  const { world } = process;
  const payment = world.payment(ask.id);
  if (!RISKS.includes(ask.risk)) {
    process.clock.read();
    return reject("invalid_claim");
  }
  const entry = world.entry(ask.id);
  if (payment === undefined && entry === undefined) {
    process.clock.read();
    return reject("unknown_withdrawal");
  }
  const scopes = scopesOfAsk((payment ?? world.payment(entry?.payment ?? ""))?.ask ?? NOWHERE);
  const { now, told, trusted } = momentOf(process, scopes);
  if (isOutdated(process)) return reject("policy_outdated");
  if (!trusted) return reject("clock_untrusted", { retryAfter: 5_000 });
  remember(process, scopes, now);
  if (payment === undefined || (entry !== undefined && entry.payment !== ask.id)) {
    return reject("in_other_payment");
  }
  return decide(process, payment, { ask, moment: { now, told } });
}

const NOWHERE = { wallet: "", payouts: [] } as never;

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
  const { now } = question.moment;
  if (isLapsed(payment, now)) return reject("reservation_lapsed");
  return withLooks(process, payment, { ...question, isFirst: true }, () =>
    permit(process, payment, question),
  );
}

function again(
  process: Process,
  payment: Payment,
  question: Question & Readonly<{ last: Claim }>,
): ClaimExpected {
  const { until } = question.last;
  return withLooks(process, payment, { ...question, isFirst: false }, () => ({
    decision: "ALLOW",
    codes: ["within_limits"],
    until,
    validFor: until - question.moment.told,
    repeated: true,
  }));
}

function later(process: Process, payment: Payment, question: Question): ClaimExpected {
  const { inputs } = question.ask;
  const isReplacement =
    inputs !== null &&
    payment.claims.every((one) => one.inputs?.some((input) => inputs.includes(input)) === true);
  if (!isReplacement) return reject("not_a_replacement");
  return withLooks(process, payment, { ...question, isFirst: false }, () => {
    const codes = outOfRoom(process, payment, question);
    return codes.length > 0 ? { decision: "DELAY", codes } : permit(process, payment, question);
  });
}

/** Where the entry has left a window, it has to fit once more. */
function outOfRoom(
  { world, policy }: Process,
  { ask, countedAt }: Payment,
  { ask: { risk }, moment: { now: at } }: Question,
): string[] {
  if (at - countedAt < shortestWindow(policy)) return [];
  const found = limitFindings({ world, policy, ask, risk, at });
  return unique(found.filter(({ verdict }) => verdict !== "ALLOW").map(({ code }) => code));
}

/** Freezes, risk, policy and the last word are asked again; then what it comes to. */
function withLooks(
  process: Process,
  payment: Payment,
  { ask, moment, isFirst }: Question & Readonly<{ isFirst: boolean }>,
  otherwise: () => ClaimExpected,
): ClaimExpected {
  const { world, policy, version } = process;
  const scopes = scopesOfAsk(payment.ask);
  if (areFrozen(world, policy, { scopes, at: moment.now })) {
    return reject(ask.risk === "HIGH" ? "high_risk_lockdown" : "wallet_frozen");
  }
  if (ask.risk === "HIGH" && policy.highRiskFreeze) {
    const scope = `wallet:${payment.ask.wallet}`;
    // What has ended by itself makes way for the new one.
    lift(world, policy, { scopes, risk: "HIGH", lowSince: null, at: moment.now });
    world.addFreeze({ scope, kind: "risk", cause: "risk", at: moment.now });
    return reject("high_risk_freeze");
  }
  const { answer } = payment;
  const holds = isFirst
    ? isStanding(process, payment, { ask, moment })
    : answer !== null &&
      answer.policy === version &&
      RISKS.indexOf(ask.risk) <= RISKS.indexOf(answer.risk);
  if (!holds) return reject("allow_not_in_force");
  return finalized(ask, otherwise);
}

/** The last word is asked before anything is remembered. */
function finalized({ finalize }: ClaimAsk, otherwise: () => ClaimExpected): ClaimExpected {
  if (finalize === "throw") return reject("finalize_failed");
  if (finalize === "refuse") return reject("finalize_refused");
  return otherwise();
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
  return { decision: "ALLOW", codes: ["within_limits"], until, validFor };
}
