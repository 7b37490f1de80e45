/** Lists what is recorded of one payment, with the hash of each record (design, section 8: proof). */
import {
  type JsonObject,
  type JsonValue,
  type Provenance,
  withdrawalRecordSchema,
} from "@dgb-shield/contract";
import type { Ledger, LedgerRecord } from "@dgb-shield/wallet-guardian";
import { leafHash } from "@dgb-shield/wallet-guardian/audit";
import type { Auditor } from "../../../audit/index.js";
import type { CountedFacts, PaymentTimeline, TimelineEntry } from "../../service.js";
import type { Decisions } from "./index.js";

/** What a timeline is made from. */
export type TimelineParts = Readonly<{
  ledger: Pick<Ledger, "records">;
  decisions: Pick<Decisions, "seqsOf">;
  /** Null where none is kept. */
  auditor: Pick<Auditor, "state" | "leafOf"> | null;
}>;

/** Makes the function that reads a timeline; its promise rejects where the ledger cannot be read. */
export const createTimeline =
  ({ ledger, decisions, auditor }: TimelineParts) =>
  async (paymentId: string): Promise<PaymentTimeline> => {
    const seqs = await decisions.seqsOf(paymentId);
    const state = auditor?.state();
    const covered = state?.checkpoint_size ?? 0;
    const entries: TimelineEntry[] = [];
    for (const seq of seqs) {
      const [record] = await ledger.records(seq - 1, 1);
      if (record?.seq !== seq) continue;
      const hash = (await auditor?.leafOf(record)) ?? leafHash(record);
      entries.push(entryOf(record, { hash, proven: seq <= covered }));
    }
    return {
      payment_id: paymentId,
      checkpoint_at_ms: state?.checkpoint_at_ms ?? null,
      entries,
    };
  };

/** Facts of a record that a line of the timeline shows. */
const SHOWN = [
  "final",
  "veto",
  "status",
  "signer_id",
  "txid",
  "fee",
  "operator",
  "reason",
] as const;

function entryOf(
  stored: LedgerRecord,
  place: Pick<TimelineEntry, "hash" | "proven">,
): TimelineEntry {
  const { seq, at_ms, kind, record } = stored;
  const inner = asObject(record["guardian"] ?? record["decision"]);
  const guard = asObject(record["result"]);
  const own = record["decision"];
  const codes = inner["reason_codes"] ?? record["reason_codes"];
  const facts = Object.fromEntries(
    SHOWN.flatMap((name) => {
      const value = record[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
  );
  const provenance = kind === "decision" ? provenanceOf(record) : null;
  return {
    ...{ seq, at_ms, kind, facts, provenance },
    counted: provenance === null ? null : countedIn(asObject(record["context"])),
    ...place,
    decision: textOf(inner["decision"] ?? own),
    guard: textOf(guard["reason_id"]),
    reason_codes: Array.isArray(codes) ? codes.filter((code) => typeof code === "string") : [],
  };
}

const provenanceSchema = withdrawalRecordSchema.shape.provenance;

/** Null where a record of an earlier version has none, or what it has is none. */
const provenanceOf = (record: JsonObject): Provenance | null =>
  provenanceSchema.safeParse(record["provenance"]).data ?? null;

/** Characters of an amount at most; a longer text is none. */
const MAX_AMOUNT = 64;

function countedIn(context: JsonObject): CountedFacts {
  const { wallet_balance: balance } = context;
  const isAmount = typeof balance === "string" && balance.length <= MAX_AMOUNT;
  return {
    wallet_balance: isAmount ? balance : numberOf(balance),
    address_age_days: numberOf(context["address_age_days"]),
    behaviour_score: numberOf(context["behaviour_score"]),
  };
}

const numberOf = (value: JsonValue | undefined): number | null =>
  typeof value === "number" ? value : null;

const asObject = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
