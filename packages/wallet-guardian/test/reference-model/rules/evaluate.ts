/** One evaluation: the id, the destinations, the freezes, the limits, and what is stored of it. */
import {
  isWellFormed,
  listFindings,
  newFindings,
  remember as rememberPlaces,
} from "./destinations.js";
import { areFrozen, freeze, frozenBy, lift, persistence } from "./freezes.js";
import { hintsOf, lapseFindings, noticeLapse } from "../history/hints.js";
import { limitFindings } from "./limits.js";
import { isOutdated, type Moment, momentOf, type Process, register, remember } from "../process.js";
import { isLapsed, type Refused, refusalOf } from "../history/ids.js";
import {
  type Ask,
  type Expected,
  type Finding,
  isAttempt,
  type Payment,
  RISKS,
  unique,
  worst,
} from "../types.js";
import { scopesOfAsk } from "../world.js";

/** Answers a request and stores it. */
export function evaluate(process: Process, ask: Ask): Expected {
  const scopes = scopesOfAsk(ask);
  const faults = [
    ...(ask.payouts.every((one) => isWellFormed(process.policy, one))
      ? []
      : ["invalid_withdrawal"]),
    ...(RISKS.includes(ask.risk) ? [] : ["invalid_risk"]),
  ];
  if (faults.length > 0) return malformed(process, ask, faults);
  const { now, told, trusted } = momentOf(process, scopes);
  const refuse = (code: string, wait = {}) =>
    lastWord(ask, { decision: "REJECT", codes: [code], final: false, at: told, ...wait });
  if (isOutdated(process)) return refuse("policy_outdated");
  if (!trusted) return refuse("clock_untrusted", { retryAfter: 5_000 });
  register(process);
  return decide(process, ask, { now, told });
}

function malformed(process: Process, ask: Ask, faults: readonly string[]): Expected {
  const { now: at, trusted } = process.clock.read();
  const codes = [...faults, ...(trusted ? [] : ["clock_untrusted"])];
  return lastWord(ask, { decision: "REJECT", codes, final: false, at });
}

function decide(process: Process, ask: Ask, moment: Moment): Expected {
  const { world } = process;
  const payment = world.payment(ask.id);
  const refused = refusalOf(world, ask, moment.now);
  if (refused === null && payment !== undefined && isStanding(process, payment, { ask, moment })) {
    return again(process, payment, { ask, moment });
  }
  const unsettled: Refused | null =
    refused === null && payment?.status === "claimed" ? { code: "claim_unsettled" } : refused;
  const { said: ruled, waits } = rule(process, ask, { moment, refused: unsettled });
  const said = lastWord(ask, ruled);
  remember(process, scopesOfAsk(ask), moment.now);
  if (unsettled === null) store(process, ask, { said, ruled, waits, moment });
  return withValidity(said, moment.told);
}

/** Whether the ALLOW still holds for this risk, by this policy, with nothing frozen. */
export function isStanding(
  { world, policy, version }: Process,
  payment: Payment,
  { ask, moment: { now, told } }: Readonly<{ ask: Pick<Ask, "risk">; moment: Moment }>,
): boolean {
  const { answer, status } = payment;
  const until = answer?.said.validUntil;
  if (answer === null || until === undefined || !["reserved", "claimed"].includes(status)) {
    return false;
  }
  const scopes = scopesOfAsk(payment.ask);
  return (
    !isLapsed(payment, now) &&
    told < until &&
    until - told <= policy.allowValidSeconds * 1_000 + policy.maxClockJumpMs &&
    !areFrozen(world, policy, { scopes, at: now }) &&
    RISKS.indexOf(ask.risk) <= RISKS.indexOf(answer.risk) &&
    answer.policy === version
  );
}

/** The same answer again, if the finalize hook still agrees; else it is in force no more. */
function again(
  process: Process,
  payment: Payment,
  { ask, moment }: Readonly<{ ask: Ask; moment: Moment }>,
): Expected {
  const { answer } = payment;
  if (answer === null) throw new Error("nothing to say again");
  remember(process, scopesOfAsk(ask), moment.now);
  const said = lastWord(ask, answer.said);
  if (said.final) return { ...withValidity(said, moment.told), repeated: true };
  payment.answer = null;
  if (payment.status === "reserved") endReservation(process, payment);
  return said;
}

/** Ends a reservation: nothing of it could be signed. What came from elsewhere meanwhile counts as it did there. */
function endReservation({ world }: Process, payment: Payment): void {
  payment.status = "open";
  payment.answer = null;
  for (const entry of world.entriesOf(payment)) {
    if (entry.counts === "reserved") entry.counts = "nothing";
  }
}

type Ruled = Readonly<{ said: Expected; waits: Payment["lapse"] }>;

function rule(
  process: Process,
  ask: Ask,
  { moment: { now, told }, refused }: Readonly<{ moment: Moment; refused: Refused | null }>,
): Ruled {
  const { world, policy } = process;
  const waits = noticeLapse(world.payment(ask.id), now);
  lift(world, policy, { scopes: scopesOfAsk(ask), ...ask, at: now });
  const first = findings(process, ask, { at: now, firstAt: now, refused, waits });
  const frozen = frozenBy(world, ask, first);
  const all = [...first, ...persistence(world, policy, { first, frozen, risk: ask.risk, at: now })];
  const decision = worst(all);
  if (isAttempt(decision)) for (const scope of frozen) world.attempts.push({ scope, at: now });
  const news = freeze(world, policy, { ask, findings: all, at: now });
  const codes = unique(all.map(({ code }) => code));
  const breaches = all.flatMap(({ code, limit }) =>
    limit === undefined ? [] : [`${code} ${limit}`],
  );
  const passes = (at: number, units?: number) =>
    worst(
      findings(process, ask, {
        at,
        firstAt: now,
        refused,
        waits,
        ...(units === undefined ? {} : { units }),
      }),
    );
  const said: Expected = {
    decision,
    codes: codes.length === 0 ? ["within_limits"] : codes,
    final: decision === "ALLOW",
    at: now,
    ...(refused === null ? hintsOf({ process, ask, now, waits, all, passes }) : {}),
    ...(decision === "ALLOW" ? { validUntil: told + policy.allowValidSeconds * 1_000 } : {}),
    ...(news.length === 0 ? {} : { newlyFrozen: news }),
    ...(breaches.length === 0 ? {} : { breaches }),
    ...(refused?.txid === undefined ? {} : { txid: refused.txid }),
  };
  return { said, waits };
}

type Sought = Readonly<{
  at: number;
  /** When the request is made, from which its destinations are known. */
  firstAt: number;
  refused: Refused | null;
  waits: Payment["lapse"];
  units?: number;
}>;

/** Every rule but persistent attempts, in the order in which they report. */
function findings(process: Process, ask: Ask, sought: Sought): Finding[] {
  const { at, firstAt, refused, waits, units } = sought;
  const { world, policy } = process;
  const { risk } = ask;
  const id: Finding[] = refused === null ? [] : [{ code: refused.code, verdict: "REJECT" }];
  const places = { ...process, ask, at };
  const standing = [...id, ...listFindings(places)];
  const frozen = frozenFindings(process, ask);
  if (refused !== null) return [...standing, ...frozen];
  return [
    ...standing,
    ...newFindings(places, firstAt),
    ...frozen,
    ...limitFindings({ world, policy, ask, risk, at, ...(units === undefined ? {} : { units }) }),
    ...lapseFindings(policy, waits, at),
  ];
}

function frozenFindings({ world, policy }: Process, ask: Ask): Finding[] {
  const { risk } = ask;
  const row = (name: string) => policy.table[name]?.[risk] ?? "REJECT";
  const freezes = { freezes: `wallet:${ask.wallet}`, kind: "risk" } as const;
  const found: Finding[] = [];
  if (scopesOfAsk(ask).some((scope) => world.isFrozen(scope))) {
    const code = risk === "HIGH" ? "high_risk_lockdown" : "wallet_frozen";
    found.push({ code, verdict: row("wallet_frozen") });
  }
  if (risk === "HIGH" && policy.highRiskFreeze) {
    found.push({ code: "high_risk_freeze", verdict: "FREEZE", ...freezes });
  }
  const always = row("within_limits");
  if (always !== "ALLOW") {
    found.push({ code: "elevated_risk", verdict: always, ...(always === "FREEZE" ? freezes : {}) });
  }
  return found;
}

type Storing = Ruled & Readonly<{ ruled: Expected; moment: Moment }>;

/** Only a final ALLOW takes room; what was delayed is stored as requested. */
function store(process: Process, ask: Ask, { said, ruled, waits, moment: { now } }: Storing): void {
  const { world, version } = process;
  const payment = paymentOf(process, ask);
  payment.answer = null;
  payment.lapse = waits;
  rememberPlaces({ ...process, ask, at: now }, said.final);
  const entries = world.entriesOf(payment);
  if (said.final) return allow(process, payment, { said, risk: ask.risk, policy: version });
  if (payment.status === "reserved") endReservation(process, payment);
  if (ruled.decision !== "DELAY") return;
  for (const entry of entries) Object.assign(entry, { counts: "asked", countedAt: now });
  payment.countedAt = now;
}

/** The payment as stored; its payouts move over from where they were. */
function paymentOf({ world }: Process, ask: Ask): Payment {
  for (const payout of ask.payouts) {
    const entry = world.entry(payout.id);
    const nothing = { counts: "nothing", countedAt: 0 } as const;
    if (entry === undefined) {
      world.entries.push({ payout, wallet: ask.wallet, payment: ask.id, ...nothing });
    } else if (entry.payment !== ask.id) {
      world.forget(entry.payment);
      entry.payment = ask.id;
      if (entry.counts === "reserved") entry.counts = "nothing";
    }
  }
  const known = world.payment(ask.id);
  if (known !== undefined) return known;
  const payment: Payment = {
    ask,
    status: "open",
    answer: null,
    allowedAt: null,
    countedAt: 0,
    claims: [],
    lapse: { count: 0, at: null },
    txid: null,
    commits: [],
  };
  world.payments.push(payment);
  return payment;
}

function allow(
  { world, policy }: Process,
  payment: Payment,
  answer: NonNullable<Payment["answer"]>,
): void {
  const { at, validUntil = 0 } = answer.said;
  const isImplicit = policy.claim === "implicit";
  payment.answer = answer;
  payment.allowedAt = at;
  payment.status = isImplicit ? "claimed" : "reserved";
  payment.claims = isImplicit ? [{ signer: null, inputs: null, until: validUntil }] : [];
  payment.countedAt = validUntil + (isImplicit ? policy.maxClockJumpMs : 0);
  for (const entry of world.entriesOf(payment)) {
    entry.counts = isImplicit ? "allowed" : "reserved";
    entry.countedAt = payment.countedAt;
  }
  for (const scope of scopesOfAsk(payment.ask)) {
    world.allows.push({ payment: payment.ask.id, scope, at });
  }
}

/** A final ALLOW has how long it is still valid. */
const withValidity = (said: Expected, told: number): Expected =>
  said.final && said.validUntil !== undefined
    ? { ...said, validFor: said.validUntil - told }
    : said;

/** The finalize hook, which cannot turn a rejection into an ALLOW. */
function lastWord(ask: Ask, ruled: Expected): Expected {
  if (ask.finalize === "refuse") return { ...ruled, final: false };
  if (ask.finalize !== "throw") return ruled;
  const codes = [...ruled.codes.filter((code) => code !== "within_limits"), "finalize_failed"];
  const { at, txid, newlyFrozen, breaches } = ruled;
  return {
    decision: "REJECT",
    codes,
    final: false,
    at,
    ...(txid === undefined ? {} : { txid }),
    ...(newlyFrozen === undefined ? {} : { newlyFrozen }),
    ...(breaches === undefined ? {} : { breaches }),
  };
}
