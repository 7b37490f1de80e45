/** Makes an event of each record of the ledger, under the record's number: the same for every process, and after every restart. */
import { type JsonObject, storedWithdrawalRecordSchema } from "@dgb-shield/contract";
import { eventsOf, type Ledger, type LedgerRecord } from "@dgb-shield/wallet-guardian";
import { newestSeq } from "../../pipeline/state/start.js";
import type { RecordEvent, Service } from "../service.js";
import { reasonsOf } from "./answer.js";
import { factsIn } from "./publishing/record-events.js";

/** What the events of records are made with. */
export type JournalParts = Readonly<{
  ledger: Pick<Ledger, "records" | "identity">;
  isEnforced: (walletId: string) => boolean;
}>;

/** Makes the methods that read the events of records. */
export const createJournal = ({
  ledger,
  isEnforced,
}: JournalParts): Pick<Service, "journalHead" | "journalAfter"> => ({
  async journalHead() {
    const { ledger_id } = await ledger.identity();
    return { ledger_id, seq: await newestSeq(ledger) };
  },
  journalAfter: async (seq, limit) =>
    (await ledger.records(seq, limit)).map((record) => eventOf(record, isEnforced)),
});

/** Exactly one event a record: what was decided and done, without persons and amounts. */
function eventOf(stored: LedgerRecord, isEnforced: JournalParts["isEnforced"]): RecordEvent {
  const { seq, at_ms, kind, record } = stored;
  if (kind === "decision") {
    const data = paymentIn(record, isEnforced);
    if (data !== undefined) return { seq, at_ms, type: "payment", data };
  }
  if (kind === "event") {
    const alerts = eventsOf(stored);
    const events = alerts.map(({ layer, action, severity }) => ({ layer, action, severity }));
    // The fingerprint of an account would name a person.
    const [, wallet_id] = /^wallet:(.+)$/s.exec(alerts[0]?.fingerprint ?? "") ?? [];
    return { seq, at_ms, type: "alert", data: { ...(wallet_id ? { wallet_id } : {}), events } };
  }
  return { seq, at_ms, type: kind, data: factsIn(record) };
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
