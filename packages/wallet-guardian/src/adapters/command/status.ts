/** Lists what in a ledger needs an operator's attention. */
import { omit } from "../../internal/own.js";
import type { ListedFreeze, PaymentStatus } from "../../operations/listing.js";
import { paymentStatus } from "../../operations/listing.js";
import { freezeKey } from "../../ledger/freeze-key.js";
import { type Ledger, type LedgerIdentity, MAX_LISTED_RECORDS } from "../../ports.js";

/** What a ledger holds. */
export type Status = LedgerIdentity &
  Readonly<{
    frozen: readonly ListedFreeze[];
    /** Payments that are not settled, by status. */
    payments: Readonly<Record<PaymentStatus, number>>;
  }>;

/** Reads a ledger's status, without side effects. */
export async function statusOf(ledger: Ledger, nowMs: number): Promise<Status> {
  const identity = await ledger.identity();
  return { ...identity, frozen: await allFrozen(ledger), payments: await counted(ledger, nowMs) };
}

async function allFrozen(ledger: Ledger): Promise<readonly ListedFreeze[]> {
  const all: ListedFreeze[] = [];
  let after = "";
  for (;;) {
    const page = await ledger.frozen(after, MAX_LISTED_RECORDS);
    for (const freeze of page) {
      const { type, id } = freeze.scope;
      all.push({ scope: type, id, ...omit(freeze, ["scope"]) });
    }
    const last = page.at(-1);
    if (page.length < MAX_LISTED_RECORDS || last === undefined) return all;
    after = freezeKey(last);
  }
}

async function counted(ledger: Ledger, nowMs: number): Promise<Status["payments"]> {
  const counts = { reserved: 0, lapsed: 0, claimed: 0, unsettled: 0 };
  let after = "";
  for (;;) {
    const page = await ledger.unsettled(after, MAX_LISTED_RECORDS);
    for (const head of page) counts[paymentStatus(head, nowMs)] += 1;
    const last = page.at(-1);
    if (page.length < MAX_LISTED_RECORDS || last === undefined) return counts;
    after = last.withdrawal_id;
  }
}
