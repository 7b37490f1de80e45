/** Wallets, accounts, freezes and destinations on the wire. */
import { z } from "zod";
import { id, named, pageQuery, reason, timeMs } from "./common.js";

const freezeFields = {
  cause_id: z.string(),
  kind: z.enum(["risk", "limit", "operator"]),
  frozen_at_ms: timeMs(),
  last_at_ms: timeMs(),
  count: z.int().min(1),
  operator: z.string().nullable(),
  reason: z.string(),
};
const scopeType = z.enum(["account", "wallet", "global"]);

const windowSchema = z.strictObject({
  code: z.enum(["daily_limit", "window_limit"]),
  seconds: z.int().min(1),
  max_amount: z.string().nullable(),
  max_count: z.int().nullable(),
  limit: z.string(),
  spent: z.string(),
  spent_count: z.int().min(0),
  requested: z.string(),
  requested_count: z.int().min(0),
});

/** A wallet or an account as it stands. */
export const scopeAnswer = named(
  "Scope",
  z.strictObject({
    scope: scopeType,
    id: z.string(),
    as_of_ms: timeMs(),
    clock: z.enum(["trusted", "behind", "ahead", "invalid"]),
    frozen: z.boolean(),
    globally_frozen: z.boolean(),
    freezes: z.array(z.strictObject(freezeFields)),
    max_per_tx: z.string().nullable(),
    windows: z.array(windowSchema),
    last_allow_ms: timeMs().nullable(),
    cooldown_until_ms: timeMs().nullable(),
    attempts: z.int().min(0),
    policy_version: z.string(),
    rules_version: z.string(),
  }),
);

/** Query of the listing of freezes. */
export const freezesQuery = z.strictObject(pageQuery);

/** A page of freezes. */
export const freezeList = named(
  "FreezeList",
  z.strictObject({
    freezes: z.array(z.strictObject({ scope: scopeType, id: z.string(), ...freezeFields })),
    next: z.string().nullable().describe("`after` of the next page; null: this was the last one"),
  }),
);

/** An order to freeze. */
export const freezeBody = named(
  "FreezeBody",
  z.strictObject({
    scope: scopeType,
    id: id().describe('id of the account or wallet; of the global scope "global"'),
    reason: reason(),
  }),
);

/** An order to lift freezes. */
export const liftBody = named(
  "LiftBody",
  z.strictObject({
    scope: z
      .enum(["account", "wallet", "global", "cause"])
      .describe("lifts the automatic freezes of a scope, or with `cause` every one of a cause_id"),
    id: id(),
    reason: reason(),
  }),
);

const targetFields = {
  account_id: id().optional().describe("whose destination it is; this or wallet_id"),
  wallet_id: id().optional().describe("the wallet, where its withdrawals have no account"),
  address: id(),
};
type Owner = { account_id?: string | undefined; wallet_id?: string | undefined };
const hasOneOwner = (owner: Owner): boolean =>
  (owner.account_id === undefined) !== (owner.wallet_id === undefined);
const ONE_OWNER = { path: ["account_id"], error: "give account_id or wallet_id, and not both" };

/** A destination to register: its waiting time begins. */
export const destinationBody = named(
  "DestinationBody",
  z.strictObject(targetFields).refine(hasOneOwner, ONE_OWNER),
);

/** A destination to approve: it neither waits nor counts as a look-alike. */
export const destinationApprovalBody = named(
  "DestinationApprovalBody",
  z.strictObject({ ...targetFields, reason: reason() }).refine(hasOneOwner, ONE_OWNER),
);
