/** Makes an event of each record of the ledger, under the record's number and mark: the same for every process, and after every restart. */
import { type JsonObject, storedWithdrawalRecordSchema } from "@dgb-shield/contract";
import { eventsOf, type Ledger, type LedgerRecord } from "@dgb-shield/wallet-guardian";
import { newestSeq } from "../../pipeline/state/start.js";
import type { Journal, RecordEvent } from "../service.js";
import { reasonsOf } from "./answer.js";
import { createContinuations } from "./places/continuation.js";
import { markOf } from "./places/place.js";
import { factsIn } from "./publishing/record-events.js";

/** What the events of records are made with. */
export type JournalParts = Readonly<{
  ledger: Pick<Ledger, "records" | "identity">;
  isEnforced: (walletId: string) => boolean;
}>;

/** Makes the methods that read the events of records. */
export function createJournal({ ledger, isEnforced }: JournalParts): Journal {
  const continuations = createContinuations(ledger);
  return {
    journalIdentity: () => ledger.identity(),
    async journalHead() {
      const { ledger_id, epoch } = await ledger.identity();
      const seq = await newestSeq(ledger);
      const [newest] = seq === 0 ? [] : await ledger.records(seq - 1, 1);
      return { ledger_id, epoch, seq, mark: newest?.seq === seq ? markOf(newest) : null };
    },
    journalAfter: async (seq, limit) =>
      (await ledger.records(seq, limit)).map((record) => eventOf(record, isEnforced)),
    journalContinuation: (place, most) => continuations.of(place, most),
  };
}

/** Exactly one event a record: what was decided and done, without persons and amounts. */
function eventOf(stored: LedgerRecord, isEnforced: JournalParts["isEnforced"]): RecordEvent {
  const { seq, at_ms, kind, record } = stored;
  const mark = markOf(stored);
  if (kind === "decision") {
    const data = paymentIn(record, isEnforced);
    if (data !== undefined) return { seq, mark, at_ms, type: "payment", data };
  }
  if (kind === "event") {
    const alerts = eventsOf(stored);
    const events = alerts.map(({ layer, action, severity }) => ({ layer, action, severity }));
    // The fingerprint of an account would name a person.
    const [, wallet_id] = /^wallet:(.+)$/s.exec(alerts[0]?.fingerprint ?? "") ?? [];
    const data = { ...(wallet_id ? { wallet_id } : {}), events };
    return { seq, mark, at_ms, type: "alert", data };
  }
  return { seq, mark, at_ms, type: kind, data: factsIn(record) };
}

function paymentIn(
  record: JsonObject,
  isEnforced: JournalParts["isEnforced"],
): JsonObject | undefined {
  const { success, data } = storedWithdrawalRecordSchema.safeParse(record);
  if (!success) return undefined;
  const { final, guardian } = data;
  const { withdrawal_id: payment_id, wallet_id } = guardian;
  const codes = reasonsOf(data).map(({ code }) => code);
  return { payment_id, wallet_id, final, enforced: isEnforced(wallet_id), codes };
}
