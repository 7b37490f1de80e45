/** The latest decision on each payment, and a payment's timeline, on the wire. */
import { guardianDecisionSchema, withdrawalRecordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { NEXT_STEPS, PAYMENT_STANDINGS } from "../../service.js";
import { hash256, named, timeMs, wholeText } from "./common.js";
import { provenance } from "./payments.js";

/** Decisions of one request where no limit is given, and at most. */
export const DEFAULT_DECISIONS = 100;
const MAX_DECISIONS = 1_000;

/** Query of the decisions. */
export const decisionsQuery = z.strictObject({
  final: z
    .enum(["ALLOW", "REFUSED"])
    .optional()
    .describe("REFUSED: payments that are held back, their last answer being a refusal"),
  before: wholeText(1, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).describe(
    "`next` of the page before",
  ),
  limit: wholeText(1, MAX_DECISIONS, DEFAULT_DECISIONS).describe("decisions at most"),
});

const wouldPass = named(
  "WouldPass",
  z.strictObject({
    amount: z.string().nullable().describe("largest amount that would have passed then, coins"),
    at_ms: timeMs().nullable().describe("when the same amount could pass"),
    calmer: z.boolean().describe("whether the evidence has to become calmer as well"),
    approvals: z
      .strictObject({
        missing: z.int().min(0),
        given: z.int().min(0),
        methods: z.array(z.string()),
        binds: z.string().nullable().describe("what each approval binds to"),
      })
      .nullable()
      .describe("approvals that would let it pass; null where they do not help"),
  }),
);

const decision = named(
  "Decision",
  z.strictObject({
    seq: z.int().min(1).describe("number of the record"),
    payment_id: z.string(),
    wallet_id: z.string(),
    account_id: z.string().nullable(),
    amount: z.string().nullable(),
    max_fee: z.string().nullable(),
    payouts: z.int().min(0),
    destinations: z
      .array(z.strictObject({ address: z.string(), amount: z.string() }))
      .describe("the first 20"),
    destinations_count: z.int().min(0),
    enforced: z.boolean(),
    final: z.enum(["ALLOW", "REFUSED"]),
    next: z.enum(NEXT_STEPS),
    standing: z.enum(PAYMENT_STANDINGS),
    veto: withdrawalRecordSchema.shape.veto,
    reasons: z.array(
      z.strictObject({
        layer: z.enum(["service", "guardian", "guard"]),
        code: z.string(),
        text: z.string().nullable(),
      }),
    ),
    breaches: guardianDecisionSchema.shape.breaches.unwrap(),
    would_pass: wouldPass.nullable(),
    decided_at_ms: timeMs(),
    first_at_ms: timeMs(),
    attempts: z.int().min(1),
  }),
);

/** A page of decisions. */
export const decisionsAnswer = named(
  "Decisions",
  z.strictObject({
    decisions: z.array(decision).describe("newest first, one a payment"),
    total: z.int().min(0),
    complete: z
      .boolean()
      .describe("false: older payments are no longer kept in memory; the records have them"),
    next: z.int().nullable().describe("`before` of the next page; null: this was the last one"),
  }),
);

const countedFacts = named(
  "CountedFacts",
  z.strictObject({
    wallet_balance: z.union([z.string(), z.number()]).nullable().describe("coins"),
    address_age_days: z.number().nullable(),
    behaviour_score: z.number().nullable().describe("1 is usual"),
  }),
);

/** A payment's records, as a timeline. */
export const timelineAnswer = named(
  "PaymentTimeline",
  z.strictObject({
    payment_id: z.string(),
    checkpoint_at_ms: timeMs().nullable().describe("when the last checkpoint was signed"),
    entries: z.array(
      z.strictObject({
        seq: z.int().min(1),
        at_ms: timeMs(),
        kind: z.string(),
        hash: hash256().describe("the record's leaf in the signed tree"),
        decision: z.string().nullable(),
        guard: z.string().nullable(),
        reason_codes: z.array(z.string()),
        facts: z.record(z.string(), z.string()),
        provenance: provenance
          .nullable()
          .describe(
            "of a decision: the sources of its facts; null where its record does not state them",
          ),
        counted: countedFacts.nullable().describe("what counted; null together with `provenance`"),
        proven: z.boolean().describe("whether the last signed checkpoint covers it"),
      }),
    ),
  }),
);
