/** Payments on the wire: requests, decisions, claims, settlements. */
import {
  GUARDIAN_DECISIONS,
  guardianDecisionSchema,
  isAmount,
  withdrawalRecordSchema,
} from "@dgb-shield/contract";
import { paymentTermsSchema, signedApprovalSchema } from "@dgb-shield/client";
import { CLAIM_CODES, OPERATION_CODES } from "@dgb-shield/wallet-guardian";
import { z } from "zod";
import { NEXT_STEPS, TOKEN_CODES } from "../../service.js";
import { amount, hash256, id, named, pageQuery, reason, timeMs } from "./common.js";

/** Destinations of a payout, and payouts of a payment, at most. */
const MAX_ITEMS = 1_000;
/** Inputs of a transaction at most. */
const MAX_INPUTS = 2_000;

const payoutFields = {
  account_id: id().optional().describe("whose money it is; required where accounts have limits"),
  amount: amount().describe("what leaves, its share of the network fee included"),
  max_fee: amount().optional().describe("most of the amount that the network fee may be"),
  destinations: z
    .array(z.strictObject({ address: id(), amount: amount() }))
    .max(MAX_ITEMS)
    .optional()
    .describe("where it goes; with max_fee together not more than the amount"),
};

const contextFields = {
  wallet_balance: amount()
    .optional()
    .describe("coins of the wallet that pays; where node_wallet is configured, the node's counts"),
  behaviour_score: z
    .number()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(
      "1 is usual behaviour; more is less usual; with behaviour: ledger the ledger's own score counts where it is higher",
    ),
  trusted_device: z.boolean().optional(),
  address_age_days: z
    .int()
    .min(0)
    .nullable()
    .optional()
    .describe(
      "whole days since the destination was first paid; null: unknown; where the ledger keeps destinations, its own age counts",
    ),
  device_id: id().nullable().optional(),
  user_id: id().nullable().optional(),
};

const payoutSchema = z.strictObject({ withdrawal_id: id(), ...payoutFields });
const payouts = () => z.array(payoutSchema).min(1).max(MAX_ITEMS);

const withdrawalBody = z
  .strictObject({ wallet_id: id(), ...payoutFields, ...contextFields })
  .describe("one withdrawal; its id is the path's");
const batchBody = z
  .strictObject({ wallet_id: id(), payouts: payouts(), ...contextFields })
  .describe("one transaction that pays several payouts; the payment's id is the path's");

const paymentTerms = named("PaymentTerms", paymentTermsSchema);
const terms = () => paymentTerms.nullable();

/** What is asked for under a payment's id. */
export const paymentBody = named("PaymentBody", z.union([withdrawalBody, batchBody]));

/** What is asked for in a simulation: the same, with its id. */
export const simulateBody = named(
  "SimulateBody",
  z.union([withdrawalBody.extend({ withdrawal_id: id() }), batchBody.extend({ payment_id: id() })]),
);

const record = withdrawalRecordSchema.shape;

/** The sources of three facts of a decision. */
export const provenance = named("Provenance", record.provenance.unwrap());

/** A decision without a record: what a simulation answers. */
const decisionFields = {
  payment_id: z.string(),
  wallet_id: z.string(),
  enforced: z
    .boolean()
    .describe(
      "false in observe mode: the answer is what would hold, and the caller goes on as before",
    ),
  final: z.enum(["ALLOW", "REFUSED"]),
  next: z.enum(NEXT_STEPS).describe("what to do: claim it, have it approved, retry, or stop"),
  retry_after_ms: z.int().min(0).optional(),
  valid_for_ms: z.int().min(0).optional().describe("of an ALLOW: how long it can be claimed"),
  valid_until_ms: timeMs().optional(),
  binds: z
    .string()
    .nullable()
    .describe("what an approval of exactly this payment names; null for what is no payment"),
  terms: terms().describe("what approvers sign, where approvals are signed; else null"),
  reasons: z.array(
    z.strictObject({
      layer: z.enum(["service", "guardian", "guard"]),
      code: z.string(),
      text: z.string().nullable(),
    }),
  ),
  guardian: named("GuardianDecision", guardianDecisionSchema),
  guard: z.strictObject({ decision: z.string(), reason_id: z.string(), reason: z.string() }),
  veto: record.veto,
  inputs: named("Evidence", record.inputs),
  provenance: provenance
    .optional()
    .describe(
      "source of each fact that the decision used: balance, age of the destinations, behaviour",
    ),
  decided_at_ms: timeMs(),
};

/** A decision on a payment. */
export const paymentAnswer = named(
  "PaymentAnswer",
  z.strictObject({
    ...decisionFields,
    repeated: z.literal(true).optional().describe("this ALLOW was given before and still holds"),
    recorded: z.boolean(),
  }),
);
/** A simulated decision. */
export const simulatedAnswer = named("SimulatedAnswer", z.strictObject(decisionFields));

/** An approval. */
export const approvalAnswer = named(
  "PaymentApproval",
  z.strictObject({
    payment_id: z.string(),
    approver: z.string(),
    approved_at_ms: timeMs(),
    binds: z.string().describe("hash of what was approved: id, amount and destinations"),
    signed: z
      .strictObject({ key_id: z.string(), expires_at_ms: timeMs(), signature: z.string() })
      .optional()
      .describe("of a signed approval: by which key, and until when"),
  }),
);

/** What an approver approves. */
export const approvalBody = named(
  "ApprovalBody",
  z.union([
    z.strictObject({
      binds: hash256().describe(
        "`binds` of the decision that was read: the approval is of no other payment; only where no approver was ever configured",
      ),
    }),
    signedApprovalSchema.describe("what an approver signed, as `shield approve` prints it"),
  ]),
);

/** A payment as the ledger has it. */
export const paymentView = named(
  "Payment",
  z.strictObject({
    payment_id: z.string(),
    wallet_id: z.string(),
    account_id: z.string().nullable(),
    amount: z.string(),
    status: z.enum(["open", "reserved", "claimed", "committed", "released"]),
    txid: z.string().nullable(),
    destinations: z
      .array(z.strictObject({ address: z.string(), amount: z.string() }))
      .nullable()
      .describe("where it goes, once it was allowed; null before, and where none were given"),
    max_fee: z.string().nullable(),
    approvals: z.array(approvalAnswer),
    terms: terms().describe("what approvers sign; null: ask for the payment again"),
  }),
);

/** Query of the listing. */
export const paymentsQuery = z.strictObject({
  ...pageQuery,
  status: z
    .enum(["reserved", "lapsed", "claimed", "unsettled"])
    .optional()
    .describe(
      "lapsed: holds no room any more; unsettled: the claim is over, and nothing was committed",
    ),
});

/** A page of unsettled payments. */
export const paymentList = named(
  "PaymentList",
  z.strictObject({
    as_of_ms: timeMs(),
    payments: z.array(
      z.strictObject({
        withdrawal_id: z.string(),
        wallet_id: z.string(),
        amount: z.string(),
        payouts: z.int().min(0),
        status: z.enum(["reserved", "lapsed", "claimed", "unsettled"]),
        until_ms: timeMs(),
        signer_id: z.string().nullable(),
      }),
    ),
    next: z.string().nullable().describe("`after` of the next page; null: this was the last one"),
  }),
);

const inputs = () =>
  z
    .array(z.string().regex(/^[0-9a-f]{64}:(0|[1-9]\d{0,9})$/, "give txid:vout"))
    .min(1)
    .max(MAX_INPUTS)
    .refine((all) => new Set(all).size === all.length, "names one input twice")
    .describe("what the transaction spends, `txid:vout`, each once");

/** A signer's claim. */
export const claimBody = named(
  "ClaimBody",
  z.strictObject({
    signer_id: id().describe("the signer, by a name that no other one has"),
    transaction: z
      .strictObject({
        inputs: inputs(),
        txid: hash256()
          .optional()
          .describe("its id without signatures: the token then permits this transaction alone"),
      })
      .optional()
      .describe("the transaction to be signed; a later claim needs it"),
  }),
);

/** The answer to a claim. */
export const claimAnswer = named(
  "ClaimAnswer",
  z.strictObject({
    decision: z
      .enum(GUARDIAN_DECISIONS)
      .exclude(["FREEZE"])
      .describe("only ALLOW permits signing, and only to this signer"),
    enforced: z.boolean(),
    reason_codes: z.array(z.enum([...CLAIM_CODES, ...TOKEN_CODES])),
    token: z
      .string()
      .optional()
      .describe("where tokens are issued: a JWS that the signer verifies before it signs"),
    withdrawal_id: z.string(),
    signer_id: z.string(),
    decided_at_ms: timeMs(),
    claimed_until_ms: timeMs().optional(),
    valid_for_ms: z
      .int()
      .min(0)
      .optional()
      .describe("how long it may be signed from this answer on"),
    repeated: z.literal(true).optional(),
    retry_after_ms: z.int().min(0).optional(),
    txid: z.string().optional(),
    path: z.string().optional(),
    detail: z.string().optional(),
    record: z.looseObject({}).optional(),
  }),
);

/** The transaction that paid. */
export const commitBody = named(
  "CommitBody",
  z.strictObject({
    txid: hash256(),
    fee: z
      .string()
      .max(32)
      .refine(isAmount)
      .optional()
      .describe("network fee that was paid, coins"),
    inputs: inputs().optional(),
  }),
);

/** Why a payment is given back. */
export const releaseBody = named(
  "ReleaseBody",
  z.strictObject({
    reason: reason(),
    signer_id: id().optional().describe("the signer that holds the claim"),
    not_executed: z
      .literal(true)
      .optional()
      .describe("states that nothing of a claimed payment was signed and sent"),
  }),
);

/** What an accepted order changed. */
export const operationAnswer = named(
  "Operation",
  z.strictObject({
    accepted: z.literal(true),
    reason_codes: z.array(z.enum(OPERATION_CODES)).describe("remarks; empty without any"),
    status: z.enum(["open", "reserved", "claimed", "committed", "released"]).optional(),
    txid: z.string().optional(),
    repeated: z.literal(true).optional().describe("it was done before, and nothing changed now"),
    cause_id: z.string().optional().describe("of a freeze: lifts it"),
  }),
);
