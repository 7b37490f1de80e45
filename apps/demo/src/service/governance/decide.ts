/** The steps of a proposal, as pure functions of what governance keeps (design, section 10). */
import type { JsonObject } from "@dgb-shield/contract";
import type { ApiKey } from "../keys/key.js";
import type { Actor } from "../keys/actor.js";
import type { StoredChange } from "./change.js";
import { personOf, tallyOf } from "./governors.js";
import { delayOf } from "./loosening.js";
import { changedKeys, tooFewGovernors } from "./key-changes.js";
import type { AcceptedKey, GovernanceRules, GovernanceState, StoredProposal } from "./state.js";

/** Why a call about proposals is refused. */
export type GovernanceCode =
  | "not_governed"
  | "not_found"
  | "proposal_closed"
  | "own_proposal"
  | "not_proposer"
  | "not_governing"
  | "too_many_proposals"
  | "invalid_change"
  | "nothing_to_change"
  | "last_governing_keys"
  | "governance_unavailable";

/** A call that changed nothing. */
export type GovernanceRefusal = Readonly<{ refused: GovernanceCode; detail: string }>;

/** A change of the state, and what is recorded of it. */
export type Step = Readonly<{ state: GovernanceState; records: readonly JsonObject[] }>;

/** When and by what keys a step is taken. */
export type Moment = Readonly<{
  now_ms: number;
  /** The keys that count, of those that governance accepts. */
  counted: (keys: readonly AcceptedKey[]) => readonly ApiKey[];
}>;

/** Open proposals of one person at most, so that none takes the others' room. */
const MAX_OPEN = 8;
/** Closed proposals that are kept, and characters of all of them; the ledger's records have every one. */
const MAX_CLOSED = 100;
const MAX_CLOSED_CHARS = 500_000;

/** Refuses a call. */
export const refuse = (refused: GovernanceCode, detail: string): GovernanceRefusal => ({
  refused,
  detail,
});

/** Whether a proposal waits for anything. */
export const isPending = ({ status }: Pick<StoredProposal, "status">): boolean =>
  status === "open" || status === "approved" || status === "executing";

/** Milliseconds that a change waits once it has its approvals. */
export const delayMsOf = (rules: GovernanceRules, { kind }: Pick<StoredChange, "kind">): number => {
  const delay = delayOf(kind);
  if (delay === null) return 0;
  const { loosen_delay_seconds, release_delay_seconds } = rules;
  return (delay === "loosen" ? loosen_delay_seconds : release_delay_seconds) * 1_000;
};

type Proposed = Readonly<{
  proposal_id: string;
  change: StoredChange;
  binds: string;
  reason: string;
  by: Actor;
}>;

/** Adds a proposal. */
export function proposed(
  state: GovernanceState,
  { proposal_id, change, binds, reason, by }: Proposed,
  moment: Moment,
): Step | GovernanceRefusal {
  const person = personOf(by.operator);
  const own = state.proposals.filter(
    (one) => isPending(one) && personOf(one.proposed_by.operator) === person,
  );
  if (own.length >= MAX_OPEN) {
    return refuse("too_many_proposals", `${MAX_OPEN} proposals of this key's holder wait already`);
  }
  const fault = change.kind === "keys" ? keysFault(state, change, moment) : null;
  if (fault !== null) return fault;
  const at = moment.now_ms;
  const proposal: StoredProposal = {
    ...{ proposal_id, change, reason, proposed_by: by, created_at_ms: at },
    expires_at_ms: at + state.rules.proposal_valid_seconds * 1_000,
    ...{ status: "open", votes: [], approved_at_ms: null, binds, outcome: null },
  };
  const records = [recordOf("proposed", proposal, { change: plain(change), reason, by })];
  return settled({ ...state, proposals: [...state.proposals, proposal] }, moment, records);
}

function keysFault(
  state: GovernanceState,
  change: StoredChange & { kind: "keys" },
  { counted, now_ms }: Moment,
): GovernanceRefusal | null {
  const after = changedKeys(state.keys, change, now_ms);
  if ("fault" in after) return refuse("invalid_change", after.fault);
  const detail = tooFewGovernors(counted(after.keys), state.rules, now_ms);
  return detail === null ? null : refuse("last_governing_keys", detail);
}

type Voted = Readonly<{
  proposal_id: string;
  vote: "approve" | "reject";
  reason: string | null;
  by: Actor;
}>;

/** Takes a vote; one person has one vote, and the last one counts. */
export function voted(
  state: GovernanceState,
  { proposal_id, vote, reason, by }: Voted,
  moment: Moment,
): Step | GovernanceRefusal {
  const found = openProposal(state, proposal_id);
  if ("refused" in found) return found;
  const person = personOf(by.operator);
  // [403 own_proposal] the holder of the proposing key votes, with whatever key
  if (person === personOf(found.proposed_by.operator)) {
    return refuse("own_proposal", "the proposer cannot vote on it; withdraw it to end it");
  }
  const one = { ...by, vote, reason, at_ms: moment.now_ms };
  const counts = tallyOf(found, moment.counted(state.keys), moment.now_ms).counts;
  if (!counts(one)) return refuse("not_governing", "this key does not govern: it has no vote");
  const others = found.votes.filter(({ operator }) => personOf(operator) !== person);
  const next = { ...found, votes: [...others, one] };
  const records = [
    recordOf(vote === "approve" ? "approved_by" : "rejected_by", next, { by, reason }),
  ];
  return settled(replaced(state, next), moment, records);
}

/** Ends a proposal for its proposer. */
export function withdrawn(
  state: GovernanceState,
  { proposal_id, reason, by }: Readonly<{ proposal_id: string; reason: string; by: Actor }>,
  moment: Moment,
): Step | GovernanceRefusal {
  const found = openProposal(state, proposal_id);
  if ("refused" in found) return found;
  if (personOf(by.operator) !== personOf(found.proposed_by.operator)) {
    return refuse("not_proposer", "only its proposer withdraws it; reject it");
  }
  const ended = closed(found, "withdrawn", { code: "withdrawn", text: reason }, moment);
  return settled(replaced(state, ended), moment, [recordOf("withdrawn", ended, { by, reason })]);
}

function openProposal(
  { proposals }: GovernanceState,
  proposalId: string,
): StoredProposal | GovernanceRefusal {
  const found = proposals.find(({ proposal_id }) => proposal_id === proposalId);
  if (found === undefined) return refuse("not_found", "there is no such proposal");
  const isOpen = found.status === "open" || found.status === "approved";
  return isOpen ? found : refuse("proposal_closed", `the proposal is ${found.status}`);
}

/** Brings every proposal to where votes, keys and time have it. Null records: nothing changed. */
export function settled(
  state: GovernanceState,
  moment: Moment,
  records: readonly JsonObject[] = [],
): Step {
  const keys = moment.counted(state.keys);
  const more: JsonObject[] = [];
  const proposals = state.proposals.map((one) => {
    const next = settledOne(one, state, { ...moment, keys });
    if (next.status !== one.status && next.outcome !== null) {
      more.push(recordOf(next.status, next, { code: next.outcome.code }));
    }
    return next;
  });
  const pending = proposals.filter(isPending);
  const rest = newestClosed(proposals.filter((one) => !isPending(one)));
  const kept = new Set([...pending, ...rest]);
  return {
    state: { ...state, proposals: proposals.filter((one) => kept.has(one)) },
    records: [...records, ...more],
  };
}

/** The newest of closed proposals, as many as are kept. */
function newestClosed(closedOnes: readonly StoredProposal[]): readonly StoredProposal[] {
  let room = MAX_CLOSED_CHARS;
  const newest = closedOnes.slice(-MAX_CLOSED).reverse();
  const end = newest.findIndex((one) => (room -= JSON.stringify(one).length) < 0);
  return end === -1 ? newest : newest.slice(0, Math.max(1, end));
}

function settledOne(
  one: StoredProposal,
  state: GovernanceState,
  moment: Moment & Readonly<{ keys: readonly ApiKey[] }>,
): StoredProposal {
  if (one.status !== "open" && one.status !== "approved") return one;
  const { now_ms, keys } = moment;
  if (now_ms >= one.expires_at_ms) {
    const text = "it had not been carried out in its time";
    return closed(one, "expired", { code: "expired", text }, moment);
  }
  if (one.binds !== (bindingIn(state, one.change) ?? one.binds)) {
    const text = "what it changes was changed since it was proposed";
    return closed(one, "stale", { code: "stale", text }, moment);
  }
  const { approvals, reachable, counts } = tallyOf(one, keys, now_ms);
  const needed = state.rules.approvals;
  const isOpposed = one.votes.some((vote) => vote.vote === "reject" && counts(vote));
  if (isOpposed && reachable < needed) {
    const text = "too few are left who could approve it";
    return closed(one, "rejected", { code: "rejected", text }, moment);
  }
  return approvals >= needed
    ? { ...one, status: "approved", approved_at_ms: one.approved_at_ms ?? now_ms }
    : { ...one, status: "open", approved_at_ms: null };
}

/** What a change of the state itself binds to; null for changes of something else. */
export function bindingIn(
  { keys_number, config_number }: Pick<GovernanceState, "keys_number" | "config_number">,
  { kind }: Pick<StoredChange, "kind">,
): string | null {
  if (kind === "keys") return `keys ${keys_number}`;
  return kind === "configuration" ? `configuration ${config_number}` : null;
}

/** Whether a proposal's delay has passed. */
export const isDue = (state: GovernanceState, one: StoredProposal, nowMs: number): boolean =>
  one.status === "approved" &&
  one.approved_at_ms !== null &&
  nowMs >= one.approved_at_ms + delayMsOf(state.rules, one.change);

/** Begins to carry a change out, or carries it out where it is one of the state itself. */
export function begun(state: GovernanceState, one: StoredProposal, moment: Moment): Step {
  const { change } = one;
  if (change.kind === "configuration") {
    const config_number = state.config_number + 1;
    const until_ms = moment.now_ms + state.rules.proposal_valid_seconds * 1_000;
    const granted = { digest: change.digest, until_ms };
    const next = { ...state, granted, config_number };
    return finished(next, one, { code: "granted", text: "start with this configuration" }, moment);
  }
  if (change.kind === "keys") {
    const after = changedKeys(state.keys, change, moment.now_ms);
    const fault =
      "fault" in after
        ? after.fault
        : tooFewGovernors(moment.counted(after.keys), state.rules, moment.now_ms);
    if ("fault" in after || fault !== null) {
      return ended(
        state,
        one,
        { status: "failed", code: "invalid_change", text: fault ?? "" },
        moment,
      );
    }
    const next = { ...state, keys: after.keys, keys_number: state.keys_number + 1 };
    return finished(next, one, { code: "done", text: "the keys were changed" }, moment);
  }
  const executing = { ...one, status: "executing" as const };
  return settled(replaced(state, executing), moment, [recordOf("executing", executing, {})]);
}

type Outcome = Readonly<{ code: string; text: string }>;

/** Notes that a change was carried out. */
export function finished(
  state: GovernanceState,
  one: StoredProposal,
  outcome: Outcome,
  moment: Moment,
): Step {
  const done = closed(one, "executed", outcome, moment);
  // Delays that ran by a clock which was not trusted begin anew.
  const isClock = one.change.kind === "accept_clock";
  const next = isClock ? withDelaysFrom(state, moment.now_ms) : state;
  return settled(replaced(next, done), moment, [
    recordOf("executed", done, { code: outcome.code }),
  ]);
}

const withDelaysFrom = (state: GovernanceState, nowMs: number): GovernanceState => ({
  ...state,
  proposals: state.proposals.map((one) =>
    one.status === "approved" ? { ...one, approved_at_ms: nowMs } : one,
  ),
});

/** Notes that a change was not carried out. */
export function ended(
  state: GovernanceState,
  one: StoredProposal,
  { status, ...outcome }: Outcome & Readonly<{ status: "stale" | "failed" }>,
  moment: Moment,
): Step {
  const next = closed(one, status, outcome, moment);
  return settled(replaced(state, next), moment, [recordOf(status, next, { ...outcome })]);
}

const closed = (
  one: StoredProposal,
  status: StoredProposal["status"],
  { code, text }: Outcome,
  { now_ms }: Pick<Moment, "now_ms">,
): StoredProposal => ({ ...one, status, outcome: { code, text, at_ms: now_ms } });

const replaced = (state: GovernanceState, next: StoredProposal): GovernanceState => ({
  ...state,
  proposals: state.proposals.map((one) => (one.proposal_id === next.proposal_id ? next : one)),
});

/** A change as JSON has it. */
const plain = (change: StoredChange): JsonObject =>
  JSON.parse(JSON.stringify(change)) as JsonObject;

const recordOf = (
  action: string,
  { proposal_id, change }: StoredProposal,
  facts: JsonObject,
): JsonObject => ({ action, proposal_id, kind: change.kind, ...facts });
