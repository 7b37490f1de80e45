/** Keeps the latest decision on each payment, by the ledger's records: also of other processes, and of before a restart. */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import type { Decision, DecisionList, DecisionQuery } from "../../service.js";
import { type EntryContext, erasedBy, statedBy } from "./entry.js";
import { lastSeq } from "./last-seq.js";

/** Records of one read of the ledger. */
const PAGE = 1_000;
/** Payments that are kept: those that a record named last. */
const MAX_PAYMENTS = 10_000;
/** Records of one payment that are kept by number. */
const MAX_SEQS = 256;
/** Records before the last one that are read at the first request. */
const MAX_READ_BACK = 40_000;

/** Decisions by payment. */
export type Decisions = Readonly<{
  /** @throws what the ledger rejects with: a list that cannot be read is not an empty one */
  list(query: DecisionQuery): Promise<DecisionList>;
  /** The latest decision on a payment; undefined where none of those that are kept is on it. */
  of(paymentId: string): Promise<Decision | undefined>;
  /** Numbers of the records that name a payment, in order; empty where none of those that are kept does. */
  seqsOf(paymentId: string): Promise<readonly number[]>;
}>;

type Entry = { decision: Decision | undefined; seqs: number[] };

/** Parts of the index. */
export type DecisionParts = Readonly<{ ledger: Pick<Ledger, "records">; context: EntryContext }>;

/** Creates the index; it reads nothing before it is asked. */
export function createDecisions({ ledger, context }: DecisionParts): Decisions {
  const entries = new Map<string, Entry>();
  let next: number | undefined;
  /** Since which record everything is known; 1: since the first. */
  let from = 1;
  let running: Promise<void> | undefined;

  function take(record: Parameters<typeof statedBy>[0]): void {
    const erased = new Set(erasedBy(record));
    // What a later start would not find is not shown any more either.
    for (const entry of erased.size === 0 ? [] : entries.values())
      if (entry.decision !== undefined && erased.has(entry.decision.seq))
        entry.decision = undefined;
    const stated = statedBy(record, context);
    if (stated === undefined) return;
    const { payment_id } = stated;
    const entry = entries.get(payment_id) ?? { decision: undefined, seqs: [] };
    // What was named last is kept longest.
    entries.delete(payment_id);
    entries.set(payment_id, entry);
    entry.seqs.push(record.seq);
    if (entry.seqs.length > MAX_SEQS) entry.seqs.splice(1, 1);
    const before = entry.decision;
    if (stated.kind === "decision" && before !== undefined && isOfId(stated.decision)) {
      // A rejected request changes nothing of the payment, and may belong to another payment or wallet.
      entry.decision = { ...before, attempts: before.attempts + 1 };
    } else if (stated.kind === "decision") {
      const again = before && {
        first_at_ms: before.first_at_ms,
        attempts: before.attempts + 1,
      };
      entry.decision = { ...stated.decision, ...again };
    } else if (stated.kind === "standing" && before !== undefined) {
      entry.decision = { ...before, standing: stated.standing };
    }
    for (const oldest of entries.keys()) {
      if (entries.size <= MAX_PAYMENTS) break;
      entries.delete(oldest);
      from = Math.max(from, 2);
    }
  }

  async function read(): Promise<void> {
    if (next === undefined) {
      next = Math.max(0, (await lastSeq(ledger)) - MAX_READ_BACK);
      from = next + 1;
    }
    for (;;) {
      const page = await ledger.records(next, PAGE);
      for (const record of page) take(record);
      next = page.at(-1)?.seq ?? next;
      if (page.length < PAGE) return;
      // Requests of others go on between two pages.
      await new Promise(setImmediate);
    }
  }

  /** Takes in what is new; callers at the same time wait for one reading. */
  function caughtUp(): Promise<void> {
    running ??= read().finally(() => (running = undefined));
    return running;
  }

  return Object.freeze({
    async list({ final, before = Infinity, limit, isShown }) {
      await caughtUp();
      const found: Decision[] = [];
      for (const { decision } of [...entries.values()].reverse()) {
        if (decision === undefined || decision.seq >= before || !isShown(decision)) continue;
        if (final !== undefined && !isOf(decision, final)) continue;
        found.push(decision);
      }
      found.sort((a, b) => b.seq - a.seq);
      const page = found.slice(0, limit);
      return {
        decisions: page,
        total: found.length,
        complete: from === 1,
        next: found.length > page.length ? (page.at(-1)?.seq ?? null) : null,
      };
    },
    async of(paymentId) {
      await caughtUp();
      return entries.get(paymentId)?.decision;
    },
    async seqsOf(paymentId) {
      await caughtUp();
      return entries.get(paymentId)?.seqs ?? [];
    },
  } satisfies Decisions);
}

/** Codes of requests that are rejected because of what their id stands for already. */
const OF_ID: ReadonlySet<string> = new Set([
  ...["content_changed", "already_committed", "in_other_payment", "claim_unsettled"],
]);
const isOfId = ({ reasons }: Decision): boolean => reasons.some(({ code }) => OF_ID.has(code));

const isOf = ({ final, standing }: Decision, wanted: "ALLOW" | "REFUSED"): boolean =>
  wanted === "REFUSED" ? final === "REFUSED" && standing === "held" : final === "ALLOW";
