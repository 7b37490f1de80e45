/** Proposals as callers see them (design, section 10). */
import type { ApiKey } from "../keys/key.js";
import { delayMsOf } from "./decide.js";
import { governorsIn, tallyOf } from "./governors.js";
import type { StoredChange } from "./change.js";
import type { GovernanceState, StoredProposal, Vote } from "./state.js";

/** A key that is to be added, without the hash of its token. */
type ShownKey = Omit<Extract<StoredChange, { kind: "keys" }>["add"][number], "hash">;
/** A change as it is shown. */
export type ShownChange =
  | Exclude<StoredChange, { kind: "keys" }>
  | Readonly<{ kind: "keys"; add: readonly ShownKey[]; revoke: readonly string[] }>;

/** A proposal as it stands. */
export type Proposal = Readonly<
  Omit<StoredProposal, "binds" | "votes" | "change" | "approved_at_ms"> & {
    change: ShownChange;
    /** Approvals that count now, and how many are needed. */
    approvals: number;
    approvals_needed: number;
    votes: readonly (Vote & Readonly<{ counts: boolean }>)[];
    /** From when it is carried out; null: approvals are missing, or it is closed. */
    due_at_ms: number | null;
  }
>;

/** How changes are governed. */
export type GovernanceView = Readonly<{
  approvals: number;
  loosen_delay_seconds: number;
  release_delay_seconds: number;
  proposal_valid_seconds: number;
  /** Persons whose keys govern now. */
  governors: number;
  latched_at_ms: number;
  /** Digest of the accepted configuration. */
  configuration: string;
  recovered: GovernanceState["recovered"];
}>;

/** Shows a proposal. */
export function shownProposal(
  one: StoredProposal,
  { rules }: Pick<GovernanceState, "rules">,
  { keys, now_ms }: Readonly<{ keys: readonly ApiKey[]; now_ms: number }>,
): Proposal {
  const { proposal_id, status, change, votes, approved_at_ms, outcome } = one;
  const { reason, proposed_by, created_at_ms, expires_at_ms } = one;
  const { approvals, counts } = tallyOf(one, keys, now_ms);
  const isWaiting = status === "approved" && approved_at_ms !== null;
  return {
    ...{ proposal_id, status, reason, proposed_by, created_at_ms, expires_at_ms, outcome },
    change: shownChange(change),
    ...{ approvals, approvals_needed: rules.approvals },
    votes: votes.map((vote) => ({ ...vote, counts: counts(vote) })),
    due_at_ms: isWaiting ? approved_at_ms + delayMsOf(rules, change) : null,
  };
}

function shownChange(change: StoredChange): ShownChange {
  if (change.kind !== "keys") return change;
  const add = change.add.map(({ id, role, name, wallets, reports_for, expires_at_ms }) => ({
    ...{ id, role, name, wallets, reports_for, expires_at_ms },
  }));
  return { kind: "keys", add, revoke: change.revoke };
}

/** Shows how changes are governed. */
export const shownGovernance = (
  { rules, latched_at_ms, config, recovered }: GovernanceState,
  { keys, now_ms }: Readonly<{ keys: readonly ApiKey[]; now_ms: number }>,
): GovernanceView => ({
  ...rules,
  governors: governorsIn(keys, now_ms).size,
  ...{ latched_at_ms, configuration: config.digest, recovered },
});
