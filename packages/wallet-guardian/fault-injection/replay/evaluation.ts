/** Replays one evaluation: what it must have been answered, by the rules alone, and what it changes. */
import type { Row } from "../check.js";
import { type Book, change, countedUntil, type Payment } from "./book.js";
import { findings, type Findings, writeFindings } from "./findings.js";
import { contentHash, RISKS, type Rules } from "./rules.js";
import { endedByTime, freezesOf, type Risk, sharesOf } from "./scopes.js";

/** An evaluation as the record has it. */
type Evaluation = Readonly<{
  payment: Payment;
  risk: Risk;
  rules: Rules;
  /** The ledger's time. */
  now: number;
  decision: string;
  codes: readonly string[];
  decidedAt: number;
  validUntil: number | null;
  /** The result of the finalize hook. */
  hook: "allowed" | "refused" | "threw";
}>;

/** Replays an evaluation; what is wrong with the answer. */
export function replayEvaluation(book: Book, given: Evaluation): string[] {
  const refused = refusedCode(book, given);
  if (refused !== null) return decideAfresh(book, given, refused);
  const standing = standingOf(book, given);
  if (standing === "yes" || (standing === "maybe" && looksRepeated(given))) {
    return decideAgain(book, given);
  }
  const isClaimed = given.payment.head?.status === "claimed";
  return decideAfresh(book, given, isClaimed ? "claim_unsettled" : null);
}

/** Why an id is rejected, whatever the limits are. */
function refusedCode(book: Book, { payment, now }: Evaluation): string | null {
  const { id, content, payouts, rows } = payment;
  const stored = book.rows.get(id) ?? null;
  if (stored !== null && stored.content !== content) return "content_changed";
  const isChanged = rows.some((row, index) => row && row.content !== payouts[index]?.content);
  if (isChanged) return "content_changed";
  for (const row of [stored, ...rows]) {
    if (row?.status === "committed") return "already_committed";
    if (row && row.payment !== id && isHeld(row, now)) return "in_other_payment";
  }
  return null;
}

const isHeld = ({ status, at }: Row, now: number): boolean =>
  ["claimed", "committed"].includes(status) || (status === "reserved" && at !== null && now < at);

/** Whether an ALLOW is in force; the caller's clock is not in the record, and may be behind the ledger's time. */
function standingOf(book: Book, given: Evaluation): "yes" | "maybe" | "no" {
  const { payment, rules, now, risk } = given;
  const { answer } = payment.state;
  const until = countedUntil(payment);
  const isHeldNow =
    payment.head?.status === "claimed" ||
    (payment.head?.status === "reserved" && until !== null && now < until);
  if (answer === null || !isHeldNow) return "no";
  if (payment.rows.some((row) => row?.payment !== payment.id)) return "no";
  if (isFrozen(book, given) || answer.version !== rules.version) return "no";
  if (RISKS.indexOf(risk.level) > RISKS.indexOf(answer.risk)) return "no";
  if (now < answer.until) return "yes";
  return now - rules.skewMs < answer.until ? "maybe" : "no";
}

/** Whether a scope of the payment is frozen by what has not ended by its time. */
export const isFrozen = (
  book: Book,
  { payment, rules, now }: Pick<Evaluation, "payment" | "rules" | "now">,
): boolean =>
  freezesOf(
    book,
    sharesOf(payment).map(({ scope }) => scope),
  ).some((freeze) => !endedByTime(rules, freeze, now));

function looksRepeated({ payment, decidedAt }: Evaluation): boolean {
  return payment.state.answer?.decidedAt === decidedAt;
}

/** The ALLOW in force once more; where the hook does not agree any more, it is out of force. */
function decideAgain(book: Book, given: Evaluation): string[] {
  const { payment, hook } = given;
  const { answer, ...rest } = payment.state;
  const isSame = looksRepeated(given) && (hook === "threw" || given.validUntil === answer?.until);
  const isRight =
    hook === "threw"
      ? given.decision === "REJECT" && given.codes.join() === "finalize_failed"
      : given.decision === "ALLOW";
  if (hook !== "allowed") {
    const isClaimed = payment.head?.status === "claimed";
    const counts = isClaimed ? ({ counts: "kept" } as const) : ({ counts: "nothing" } as const);
    const status = isClaimed ? "claimed" : "open";
    change(book, payment, { status, ...counts, at: null, state: { ...rest, answer: null } });
  }
  return isSame && isRight ? [] : [`an ALLOW in force was not repeated: ${said(given)}`];
}

const said = ({ decision, codes, decidedAt, hook }: Evaluation): string =>
  `${decision} ${codes.join()} of ${decidedAt}, hook ${hook}`;

function decideAfresh(book: Book, given: Evaluation, refused: string | null): string[] {
  const { payment, rules, now } = given;
  const history = lapsed(given);
  const found = findings(book, { ...given, refused, waitUntil: history.waitUntil });
  const faults = answerFaults(given, found);
  if (refused === null) changeRows(book, given, { found, history });
  writeFindings(book, found, { now, wallet: payment.wallet, cause: causeOf(payment.id), rules });
  return faults;
}

/** The cause of a freeze that a payment led to. */
const causeOf = (id: string): string => `breach-${contentHash(id).slice(0, 32)}`;

/** Holds the answer against what was found. */
function answerFaults(given: Evaluation, { codes, verdict }: Findings): string[] {
  const { hook, now, rules, decidedAt, validUntil } = given;
  const spoken = codes.length === 0 ? ["within_limits"] : codes;
  const expected =
    hook === "threw"
      ? [...spoken.filter((code) => code !== "within_limits"), "finalize_failed"]
      : spoken;
  const decision = hook === "threw" ? "REJECT" : verdict;
  const isRight =
    given.decision === decision && [...given.codes].sort().join() === [...expected].sort().join();
  const validMs = (validUntil ?? now) - now;
  const isTimed =
    given.decision !== "ALLOW" ||
    (validMs <= rules.validMs && validMs >= rules.validMs - rules.skewMs);
  return [
    ...(isRight ? [] : [`${said(given)}, expected ${decision} ${expected.join()}`]),
    ...(decidedAt === now && isTimed ? [] : [`decided at ${decidedAt} until ${validUntil}`]),
  ];
}

type History = Readonly<{ lapses: number; waitUntil: number }>;

/** Lapses, the present reservation among them where it has lapsed: the first costs no time, each further one twice the last. */
function lapsed({ payment, rules, now }: Evaluation): History {
  const { state, head } = payment;
  const until = countedUntil(payment);
  if (head?.status !== "reserved" || until === null || now < until) return state;
  const lapses = state.lapses + 1;
  const pauseMs = Math.min(3_600_000, rules.validMs * 2 ** Math.min(lapses - 2, 12));
  return { lapses, waitUntil: lapses === 1 ? 0 : until + pauseMs };
}

type Outcome = Readonly<{ found: Findings; history: History }>;

function changeRows(book: Book, given: Evaluation, { found, history }: Outcome): void {
  const { payment, now, hook } = given;
  const past = { ...payment.state, ...history, answer: null };
  if (found.verdict === "ALLOW" && hook === "allowed") {
    allow(book, given, history);
    return;
  }
  const before = payment.head?.status ?? "reserved";
  const status = before === "reserved" ? "open" : before;
  const asked =
    found.verdict === "DELAY" ? { counts: "asked", at: now } : { counts: "ended", at: null };
  change(book, payment, { status, ...asked, state: past, takes: true });
}

function allow(book: Book, given: Evaluation, history: History): void {
  const { payment, rules, now, risk, validUntil, decidedAt } = given;
  const until = validUntil ?? now;
  const answer = { risk: risk.level, version: rules.version, until, decidedAt };
  const claims = rules.isExplicit ? [] : [{ signer: null, until, inputs: null }];
  const counted = rules.isExplicit
    ? { status: "reserved", counts: "reserved", at: until }
    : { status: "claimed", counts: "allowed", at: until + rules.skewMs };
  const state = { ...payment.state, ...history, answer, claims };
  change(book, payment, { ...counted, allowedAt: now, state, takes: true });
}
