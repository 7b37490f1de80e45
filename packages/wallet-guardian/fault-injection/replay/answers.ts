/** Compares the acknowledged answers with the records: none is missing, and the log keeps the order in which they were given. */
import type { Acknowledged } from "../clients/plan.js";

/** The records by what answers they bear out. */
export type AnswerIndex = Map<string, number[]>;

/** No records yet. */
export const newIndex = (): AnswerIndex => new Map();

type Noted = Readonly<{ seq: number; kind: string; given: Readonly<Record<string, unknown>> }>;

/** Takes note of a record. */
export function note(index: AnswerIndex, noted: Noted): void {
  const key = keyOf(noted);
  if (key === null) return;
  const seqs = index.get(key);
  if (seqs === undefined) index.set(key, [noted.seq]);
  else seqs.push(noted.seq);
}

const said = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

function keyOf({ kind, given }: Noted): string | null {
  const id = said(given["withdrawal_id"]);
  switch (kind) {
    case "decision": {
      const { decision, valid_until_ms } = given["decision"] as Record<string, unknown>;
      if (decision !== "ALLOW" || given["allow"] !== true) return null;
      return `allowed ${said(given["by"])} ${said(given["n"])} ${said(valid_until_ms)}`;
    }
    case "claim":
      if (given["decision"] !== "ALLOW") return null;
      return `claimed ${id} ${said(given["signer_id"])} ${said(given["clock_ms"])}`;
    case "commit":
      // A payout's id stands for its payment: the transaction distinguishes them.
      return `committed ${said(given["txid"])}`;
    case "release":
      return `released ${id}`;
    case "freeze":
      return `froze ${said(given["cause_id"])}`;
    case "unfreeze":
      return `lifted ${said(given["operator"])}`;
    default:
      return null;
  }
}

function answerKey(answer: Acknowledged): string {
  switch (answer.act) {
    case "allowed":
      return `allowed ${answer.client} ${answer.n} ${answer.until_ms}`;
    case "claimed":
      return `claimed ${answer.id} ${answer.signer} ${answer.clock_ms}`;
    case "committed":
      return `committed ${answer.txid}`;
    case "released":
      return `released ${answer.id}`;
    case "froze":
      return `froze ${answer.cause}`;
    case "lifted":
      return `lifted ${answer.operator}`;
  }
}

/** Every acknowledged answer that has no record. */
export const unborne = (index: AnswerIndex, told: readonly Acknowledged[]): string[] =>
  told.flatMap((answer) =>
    index.has(answerKey(answer)) ? [] : [`acknowledged, and not in the log: ${answerKey(answer)}`],
  );

/** Every answer whose record comes before that of an answer that was given before it was requested. */
export function disordered(index: AnswerIndex, told: readonly Acknowledged[]): string[] {
  const placed = told.flatMap((answer) => {
    const seqs = index.get(answerKey(answer)) ?? [];
    const isRepeated = Object.hasOwn(answer, "isRepeated") && (answer as Repeatable).isRepeated;
    return isRepeated || seqs[0] === undefined || seqs.length > 1 ? [] : [{ answer, seq: seqs[0] }];
  });
  const byEnd = [...placed].sort((a, b) => a.answer.told_us - b.answer.told_us);
  const byBegin = [...placed].sort((a, b) => a.answer.asked_us - b.answer.asked_us);
  let [next, latest] = [0, 0];
  return byBegin.flatMap(({ answer, seq }) => {
    for (let one = byEnd[next]; one !== undefined && one.answer.told_us < answer.asked_us;) {
      latest = Math.max(latest, one.seq);
      one = byEnd[++next];
    }
    return seq < latest ? [`out of order: ${answerKey(answer)} is ${seq}, after ${latest}`] : [];
  });
}

type Repeatable = Readonly<{ isRepeated: boolean }>;
