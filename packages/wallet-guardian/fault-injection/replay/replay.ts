/**
 * The replaying checker: reads the ledger's records in their order and decides anew on every one of them, over plain
 * lists. It shares no code with the engine, on purpose: what both had wrong would go unnoticed.
 */
import { type AskedPayment, requestOf, VARIANTS } from "../clients/world.js";
import { type AnswerIndex, newIndex, note } from "./answers.js";
import { askedPayment, type Book, makeCurrent, mayDecide, newBook, type Payment } from "./book.js";
import { replayClaim } from "./claiming.js";
import { replayEvaluation } from "./evaluation.js";
import type { Level, Rules } from "./rules.js";
import { limitsOf, sharesOf } from "./scopes.js";
import { replayCommit, replayFreeze, replayLift, replayRelease } from "./settling.js";

/** A record as the ledger stores it. */
export type LogRecord = Readonly<{ seq: number; at: number; kind: string; record: string }>;

/** A replay under way. */
export type Replay = Readonly<{
  book: Book;
  index: AnswerIndex;
  counts: { decisions: number; claims: number; settled: number };
  /** Events that must be in the log, and those that were. */
  due: Map<string, number>;
  told: Set<string>;
  /** Calls of one policy that may be under way, and recorded later, when another process makes its own the current one. */
  underWay: number;
}>;

/** Begins before the first record; `policies` by their versions. */
export const newReplay = (policies: Map<string, Rules>, underWay = 0): Replay => ({
  book: Object.assign(newBook(), { policies }),
  index: newIndex(),
  counts: { decisions: 0, claims: 0, settled: 0 },
  due: new Map(),
  told: new Set(),
  underWay,
});

/** Replays further records; whatever does not follow from what came before. */
export function replay(state: Replay, records: readonly LogRecord[]): string[] {
  const faults = records.flatMap((one) =>
    step(state, one).map((fault) => `record ${one.seq} (${one.kind}): ${fault}`),
  );
  const missing = [...state.due].filter(([event]) => !state.told.has(event));
  return [...faults, ...missing.map(([event, seq]) => `record ${seq}: no event ${event}`)];
}

type Fields = Readonly<Record<string, unknown>>;

function step(state: Replay, { seq, at, kind, record }: LogRecord): string[] {
  const given = JSON.parse(record) as Fields;
  const { book, counts } = state;
  note(state.index, { seq, kind, given });
  switch (kind) {
    case "policy":
      makeCurrent(book, text(given["name"]), text(given["policy_version"]), state.underWay);
      return [];
    case "decision":
      counts.decisions++;
      return decision(book, at, given);
    case "claim":
      counts.claims++;
      return claim(book, at, given);
    case "commit":
      counts.settled++;
      return commit(state, seq, { ...given, at });
    case "release":
      counts.settled++;
      return replayRelease(book, {
        id: text(given["withdrawal_id"]),
        operator: textOrNull(given["operator"]),
        signer: textOrNull(given["signer_id"]),
        isUnexecuted: given["not_executed"] === true,
        now: at,
      });
    case "freeze":
      return replayFreeze(book, orderOf(at, given));
    case "unfreeze":
      return replayLift(book, orderOf(at, given));
    case "event":
      return events(state, given);
    default:
      return ["a kind that no client of the matrix causes"];
  }
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);

const orderOf = (now: number, given: Fields) => ({
  scope: text(given["scope"]),
  id: text(given["id"]),
  cause: text(given["cause_id"]),
  now,
});

type Decision = Readonly<{
  reason_codes: readonly string[];
  decision: string;
  risk: Level;
  decided_at_ms: number;
  valid_until_ms?: number;
  policy_version: string;
}>;

function decision(book: Book, now: number, given: Fields): string[] {
  const made = given["decision"] as Decision;
  const codes = made.reason_codes;
  const rules = book.policies.get(made.policy_version);
  if (rules === undefined) return [`no client has the policy ${made.policy_version}`];
  const isCurrent = book.current.get(rules.name) === rules.version;
  if (codes.includes("policy_outdated")) {
    return isCurrent ? ["policy_outdated, and the policy is current"] : [];
  }
  // No time could be trusted: nothing was decided, and nothing changes. A new policy becomes the current one later.
  if (codes.includes("clock_untrusted")) return made.decision === "REJECT" ? [] : ["not refused"];
  if (!mayDecide(book, rules.name, rules.version)) {
    return ["decided by a policy that is not the current one"];
  }
  const payment = paymentOf(book, given);
  if (payment === null) return ["a decision on what no client requests"];
  const hook =
    given["record_version"] === 2 ? "threw" : given["allow"] === true ? "allowed" : "refused";
  const risk = given["risk"] as Readonly<{ low_since_ms?: number }> | undefined;
  const faults = timeFaults(book, { payment, rules, now });
  return [
    ...faults,
    ...replayEvaluation(book, {
      payment,
      risk: { level: made.risk, lowSince: risk?.low_since_ms ?? null },
      rules,
      now,
      decision: made.decision,
      codes,
      decidedAt: made.decided_at_ms,
      validUntil: made.valid_until_ms ?? null,
      hook,
    }),
  ];
}

/** The request of a record of the hook's; where the hook threw, the one that has the content. */
function paymentOf(book: Book, given: Fields): Payment | null {
  const request = given["request"] as AskedPayment | undefined;
  if (request !== undefined) return askedPayment(book, request);
  const { payment_id = "", content_hash } = (given["payment"] ?? {}) as Record<string, string>;
  for (let variant = 0; variant < VARIANTS; variant++) {
    const payment = askedPayment(book, requestOf(payment_id, variant));
    if (payment.content === content_hash) return payment;
  }
  return null;
}

type Moment = Readonly<{ payment: Payment; rules: Rules; now: number }>;

/** The time of a scope with limits never runs backwards. */
function timeFaults({ times }: Book, { payment, rules, now }: Moment): string[] {
  const locked = sharesOf(payment).filter(
    (share) => share.type === "wallet" || limitsOf(rules, share) !== null,
  );
  return locked.flatMap(({ scope }) => {
    const before = times.get(scope) ?? 0;
    times.set(scope, Math.max(before, now));
    return now < before ? [`the time of ${scope} ran back from ${before} to ${now}`] : [];
  });
}

function claim(book: Book, now: number, given: Fields): string[] {
  const signer = text(given["signer_id"]);
  const [code = ""] = texts(given["reason_codes"]);
  const rules = [...book.policies.values()].find((one) =>
    signer.startsWith(one.version.slice(0, 8)),
  );
  if (rules === undefined) return [`no client has the signer ${signer}`];
  const isCurrent = book.current.get(rules.name) === rules.version;
  if (code === "clock_untrusted") return [];
  if (code === "policy_outdated") return isCurrent ? ["policy_outdated, and it is current"] : [];
  // A claim of nothing is answered before the policy is read.
  if (["unknown_withdrawal", "part_of_payment", "invalid_claim"].includes(code)) return [];
  if (!mayDecide(book, rules.name, rules.version)) {
    return ["claimed by a policy that is not the current one"];
  }
  const until = given["claimed_until_ms"];
  return replayClaim(book, {
    id: text(given["withdrawal_id"]),
    signer,
    inputs: Array.isArray(given["inputs"]) ? texts(given["inputs"]) : null,
    risk: given["risk"] as Level,
    rules,
    decision: text(given["decision"]),
    code,
    clock: Number(given["clock_ms"]),
    now,
    until: typeof until === "number" ? until : null,
  });
}

const TOLD = ["late_commit", "double_payment", "fee_exceeded"];

function commit(state: Replay, seq: number, given: Fields): string[] {
  const [id, txid] = [text(given["withdrawal_id"]), text(given["txid"])];
  const codes = texts(given["reason_codes"]);
  for (const code of codes.filter((one) => TOLD.includes(one))) {
    state.due.set(`${code} of ${txid}`, seq);
  }
  return replayCommit(state.book, {
    id,
    txid,
    fee: textOrNull(given["fee"]),
    codes,
    status: textOrNull(given["status"]),
    now: Number(given["at"]),
  });
}

function events({ told }: Replay, given: Fields): string[] {
  const list = given["events"] as readonly Readonly<{ action: string; extra: Fields }>[];
  for (const { action, extra } of list) told.add(`${action} of ${text(extra["txid"])}`);
  return list.length > 0 ? [] : ["a record of no events"];
}
