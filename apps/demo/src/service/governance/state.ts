/** What governance keeps: rules, keys, the accepted configuration, proposals (design, section 10). */
import {
  hash256Schema,
  idSchema,
  type JsonObject,
  sha256Hex,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { type ApiKey, ROLES } from "../keys/key.js";
import { storedChangeSchema } from "./change.js";

/**
 * Statuses of a proposal.
 *
 * `open`: approvals are missing. `approved`: its delay runs. `executing`: it is carried out, once. `executed`: it was.
 * `rejected`: too few keys are left that could approve. `withdrawn`: by its proposer. `expired`: too late. `stale`: what it is
 * about has changed since it was proposed. `failed`: it could not be carried out.
 */
export const PROPOSAL_STATUSES = [
  "open",
  "approved",
  "executing",
  "executed",
  "rejected",
  "withdrawn",
  "expired",
  "stale",
  "failed",
] as const;
const actorSchema = z.strictObject({ operator: idSchema, key_id: z.string() });

const voteSchema = z.strictObject({
  ...actorSchema.shape,
  vote: z.enum(["approve", "reject"]),
  reason: z.string().nullable(),
  at_ms: timeMsSchema,
});

const proposalSchema = z.strictObject({
  proposal_id: z.string(),
  change: storedChangeSchema,
  reason: z.string(),
  proposed_by: actorSchema,
  created_at_ms: timeMsSchema,
  expires_at_ms: timeMsSchema,
  status: z.enum(PROPOSAL_STATUSES),
  votes: z.array(voteSchema),
  /** When it had its approvals, and its delay began; null: it lacks some. */
  approved_at_ms: timeMsSchema.nullable(),
  /** Digest of what it changes, as it was when it was proposed. */
  binds: z.string(),
  outcome: z.strictObject({ code: z.string(), text: z.string(), at_ms: timeMsSchema }).nullable(),
});

const keySchema = z.strictObject({
  id: z.string(),
  role: z.enum(ROLES),
  hash: hash256Schema,
  created_at_ms: timeMsSchema,
  expires_at_ms: timeMsSchema.nullable(),
  wallets: z.array(idSchema).nullable(),
  reports_for: z.strictObject({ operator: idSchema, node_ids: z.array(idSchema) }).nullable(),
  name: idSchema,
  revoked_at_ms: timeMsSchema.nullable(),
  /** Whether a proposal added it: it counts though no file has it. */
  is_proposed: z.boolean(),
});

const rulesSchema = z.strictObject({
  approvals: z.int().min(1),
  loosen_delay_seconds: z.int().min(0),
  release_delay_seconds: z.int().min(0),
  proposal_valid_seconds: z.int().min(1),
});

const stateSchema = z.strictObject({
  governance_version: z.literal(1),
  ledger_id: z.string(),
  /** Grows with each change of the state. */
  number: z.int().min(1),
  latched_at_ms: timeMsSchema,
  /** Latest time of a change: no later one is dated before it. */
  time_ms: timeMsSchema,
  rules: rulesSchema,
  keys: z.array(keySchema),
  /** Grows with each executed proposal about keys. */
  keys_number: z.int().min(0),
  config: z.strictObject({ digest: hash256Schema, governed: z.looseObject({}) }),
  /** Grows with each accepted or granted configuration. */
  config_number: z.int().min(0),
  /** A configuration that may be started with, once and until a time. */
  granted: z.strictObject({ digest: hash256Schema, until_ms: timeMsSchema }).nullable(),
  proposals: z.array(proposalSchema),
  recovered: z
    .strictObject({ at_ms: timeMsSchema, operator: idSchema, reason: z.string() })
    .nullable(),
});

/** How many approvals a change needs, and how long it waits. */
export type GovernanceRules = Readonly<z.output<typeof rulesSchema>>;
/** One vote. */
export type Vote = Readonly<z.output<typeof voteSchema>>;
/** A proposal as it is kept. */
export type StoredProposal = Readonly<z.output<typeof proposalSchema>>;
/** A key that counts, and whether a proposal added it. */
export type AcceptedKey = ApiKey & Readonly<{ is_proposed: boolean }>;
/** Everything that governance keeps. */
export type GovernanceState = Readonly<
  Omit<z.output<typeof stateSchema>, "keys" | "proposals" | "rules" | "config"> & {
    rules: GovernanceRules;
    config: Readonly<{ digest: string; governed: JsonObject }>;
    keys: readonly AcceptedKey[];
    proposals: readonly StoredProposal[];
  }
>;

/** Writes a state as text, and the digest that the ledger holds of it. */
export function writeGovernance(
  state: GovernanceState,
): Readonly<{ body: string; digest: string }> {
  const body = JSON.stringify(state);
  return { body, digest: sha256Hex(body) };
}

/**
 * Reads a state.
 *
 * @param digest what the ledger holds
 * @returns null for a text that is another one, or no state
 */
export function readGovernance(body: string, digest: string): GovernanceState | null {
  if (sha256Hex(body) !== digest) return null;
  try {
    return stateSchema.parse(JSON.parse(body)) as GovernanceState;
  } catch {
    return null;
  }
}
