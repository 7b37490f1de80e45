/** Governed changes on the wire: proposals, votes, revocations. */
import { hash256Schema } from "@dgb-shield/contract";
import { z } from "zod";
import { changeSchema, shownKeySchema, storedChangeSchema } from "../../governance/change.js";
import { PROPOSAL_STATUSES } from "../../governance/state.js";
import { ROLES } from "../../keys/key.js";
import { id, named, reason, timeMs, wholeText } from "./common.js";

/** Bytes of a proposal at most: a configuration. */
export const MAX_PROPOSAL_BYTES = 512_000;

/** A change, and why. */
export const proposalBody = named(
  "ProposalBody",
  z.strictObject({ change: named("Change", changeSchema), reason: reason() }),
);

/** An approval; why is optional. */
export const approveBody = named("ApproveBody", z.strictObject({ reason: reason().optional() }));

const [unfreeze, clock, incident, payment, destination, , configuration] =
  storedChangeSchema.options;
const shownKeys = z.strictObject({
  kind: z.literal("keys"),
  add: z.array(shownKeySchema),
  revoke: z.array(z.string()),
});

const voteSchema = z.strictObject({
  operator: z.string().describe("who votes: the holder of the key"),
  key_id: z.string(),
  vote: z.enum(["approve", "reject"]),
  reason: z.string().nullable(),
  at_ms: timeMs(),
  counts: z.boolean().describe("false: its key was revoked, has expired, or is the proposer's"),
});

/** A proposal as it stands. */
export const proposalAnswer = named(
  "Proposal",
  z.strictObject({
    proposal_id: z.string(),
    status: z
      .enum(PROPOSAL_STATUSES)
      .describe(
        "open: approvals are missing; approved: its delay runs; executing; executed; rejected: too few are left who could approve; withdrawn; expired; stale: what it changes was changed meanwhile; failed",
      ),
    change: named(
      "ProposedChange",
      z.discriminatedUnion("kind", [
        unfreeze,
        clock,
        incident,
        payment,
        destination,
        shownKeys,
        configuration,
      ]),
    ),
    subject: z
      .array(z.string())
      .describe(
        "sentences about what it changes, as that stands now, for a person to read; of a closed one what the change itself states",
      ),
    reason: z.string(),
    proposed_by: z.strictObject({ operator: z.string(), key_id: z.string() }),
    created_at_ms: timeMs(),
    expires_at_ms: timeMs(),
    approvals: z.int().min(0).describe("that count now; a person with two keys counts once"),
    approvals_needed: z.int().min(1),
    votes: z.array(voteSchema),
    due_at_ms: timeMs().nullable().describe("when it is carried out; null: approvals are missing"),
    outcome: z
      .strictObject({ code: z.string(), text: z.string(), at_ms: timeMs() })
      .nullable()
      .describe("of a closed proposal"),
  }),
);

/** How changes are governed. */
const governanceView = named(
  "Governance",
  z.strictObject({
    approvals: z.int().min(1).describe("approvals that a change needs, the proposer's left out"),
    loosen_delay_seconds: z.int().min(0).describe("of configuration and keys"),
    release_delay_seconds: z.int().min(0).describe("of incidents and freezes"),
    proposal_valid_seconds: z.int().min(1),
    governors: z.int().min(0).describe("persons whose keys govern now"),
    latched_at_ms: timeMs(),
    configuration: hash256Schema.describe("digest of the accepted configuration"),
    recovered: z
      .strictObject({ at_ms: timeMs(), operator: z.string(), reason: z.string() })
      .nullable()
      .describe("the last recovery on the host"),
  }),
);

/** Query of the proposals. */
export const proposalsQuery = z.strictObject({
  state: z
    .enum(["pending", "closed", "all"])
    .optional()
    .describe("pending: open, approved or executing; default: all"),
  limit: wholeText(1, 1_000, 100).describe("entries at most"),
});

/** Proposals, the newest first. */
export const proposalsAnswer = named(
  "Proposals",
  z.strictObject({
    governance: governanceView.nullable().describe("null: one operator's key suffices"),
    proposals: z.array(proposalAnswer),
  }),
);

/** A key, without anything of its token. */
export const keyAnswer = named(
  "StoredKey",
  z.strictObject({
    id: id(),
    role: z.enum(ROLES),
    name: z.string(),
    created_at_ms: timeMs(),
    expires_at_ms: timeMs().nullable(),
    revoked_at_ms: timeMs().nullable(),
    wallets: z.array(z.string()).nullable(),
    reports_for: z.strictObject({ operator: z.string(), node_ids: z.array(z.string()) }).nullable(),
  }),
);
