/** What can be proposed: each loosening change as data (design, section 10). */
import { hash256Schema, idSchema, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { PROPOSAL_NAME, ROLES } from "../keys/key.js";
import { KEY_ID } from "../keys/token.js";
import { clockSeenSchema } from "./clock-step.js";

/** Keys of one proposal at most. */
const MAX_KEYS = 32;
const MAX_WALLETS = 64;

/** A key that a proposal adds, as it is shown. */
export const shownKeySchema = z.strictObject({
  id: z.string().regex(KEY_ID, "give 12 hexadecimal digits").describe("part of its token"),
  role: z.enum(ROLES),
  name: idSchema
    .refine((name) => !name.startsWith(PROPOSAL_NAME), {
      error: `a name cannot begin with ${PROPOSAL_NAME}`,
    })
    .describe("who or what holds it"),
  wallets: z.array(idSchema).min(1).max(MAX_WALLETS).nullable().describe("null: all"),
  reports_for: z
    .strictObject({ operator: idSchema, node_ids: z.array(idSchema).min(1).max(MAX_WALLETS) })
    .nullable()
    .describe("of a reporter: its site and nodes"),
  expires_at_ms: timeMsSchema.nullable().describe("null: it does not expire"),
});

const keySchema = shownKeySchema.extend({
  hash: hash256Schema.describe("SHA-256 of the token, which never leaves its holder"),
});

/** A key that a proposal adds. */
export type ProposedKey = Readonly<z.output<typeof keySchema>>;

const isSoundKey = ({ role, wallets, reports_for }: ProposedKey): boolean =>
  (role === "reporter") === (reports_for !== null) && (role !== "reporter" || wallets === null);

const hasOneOwner = ({ account_id, wallet_id }: Owner): boolean =>
  (account_id === undefined) !== (wallet_id === undefined);
type Owner = { account_id?: string | undefined; wallet_id?: string | undefined };

const unfreeze = z.strictObject({
  kind: z.literal("unfreeze"),
  scope: z.enum(["account", "wallet", "global", "cause"]),
  id: idSchema,
});
const acceptClock = z.strictObject({ kind: z.literal("accept_clock") });
const releaseIncident = z.strictObject({
  kind: z.literal("release_incident"),
  incident_id: idSchema,
});
const releasePayment = z.strictObject({
  kind: z.literal("release_payment"),
  payment_id: idSchema,
});
const approveDestination = z
  .strictObject({
    kind: z.literal("approve_destination"),
    account_id: idSchema.optional().describe("whose destination it is; this or wallet_id"),
    wallet_id: idSchema.optional(),
    address: idSchema,
  })
  .refine(hasOneOwner, { path: ["account_id"], error: "give account_id or wallet_id, not both" });
const keys = z
  .strictObject({
    kind: z.literal("keys"),
    add: z
      .array(keySchema.refine(isSoundKey, { error: "reports_for belongs to a reporter, alone" }))
      .max(MAX_KEYS)
      .default([]),
    revoke: z.array(z.string().regex(KEY_ID)).max(MAX_KEYS).default([]).describe("ids of keys"),
  })
  .refine(({ add, revoke }) => add.length + revoke.length > 0, {
    error: "give a key to add, or one to revoke",
  });
const configuration = z.strictObject({
  kind: z.literal("configuration"),
  governed: z
    .looseObject({})
    .describe("what decides of the new configuration, as `shield propose configuration` sends it"),
});

/** A change as it is proposed. */
export const changeSchema = z.discriminatedUnion("kind", [
  unfreeze,
  acceptClock,
  releaseIncident,
  releasePayment,
  approveDestination,
  keys,
  configuration,
]);

/** A change as it is kept and shown: of a configuration its digest and in what it differs, of the clock how far it steps. */
export const storedChangeSchema = z.discriminatedUnion("kind", [
  unfreeze,
  acceptClock.extend({
    seen: clockSeenSchema
      .optional()
      .describe("the clock when this was proposed; absent in what an earlier version kept"),
  }),
  releaseIncident,
  releasePayment,
  approveDestination,
  keys,
  z.strictObject({
    kind: z.literal("configuration"),
    digest: hash256Schema,
    differences: z.array(z.string()).describe("place, what was accepted, what is proposed"),
  }),
]);

/** A change as it is proposed. */
export type Change = Readonly<z.output<typeof changeSchema>>;
/** A change as it is kept. */
export type StoredChange = Readonly<z.output<typeof storedChangeSchema>>;
/** The kind of a change. */
export type ChangeKind = Change["kind"];
