/** Governance of a running service: proposals, votes, and their execution, once (design, section 10). */
import type { JsonObject } from "@dgb-shield/contract";
import { type ApiKey, PROPOSAL_NAME } from "../keys/key.js";
import type { Actor } from "../keys/actor.js";
import type { Change, StoredChange } from "./change.js";
import { countedKeys, tightenedBy } from "./counted-keys.js";
import {
  begun,
  bindingIn,
  delayMsOf,
  ended,
  finished,
  type GovernanceRefusal,
  isDue,
  isPending,
  type Moment,
  proposed,
  refuse,
  settled,
  type Step,
  voted,
  withdrawn,
} from "./decide.js";
import { differenceLines, differencesOf } from "./differences.js";
import type { Effects, OuterChange } from "./effects.js";
import { digestOf } from "./governed-config.js";
import type { Governed } from "../service.js";
import { isReporting, revoked } from "./revocation.js";
import type { SteadyClock } from "./steady-clock.js";
import type { GovernanceState, StoredProposal } from "./state.js";
import type { GovernanceStore } from "./store.js";
import { type GovernanceView, type Proposal, shownGovernance, shownProposal } from "./view.js";

/** What governance is made of. */
export type GovernanceParts = Readonly<{
  store: GovernanceStore;
  /** As it was loaded, or begun. */
  state: GovernanceState;
  /** The keys of this host's file; null while it cannot be read: then none counts. */
  fileKeys: () => ReadonlyMap<string, ApiKey> | null;
  clock: SteadyClock;
  /** Gives an id that was never used. */
  newId: () => string;
  effects: Effects;
  /** Whether this process carries out what is due; another one does where it does not. */
  isActive: () => boolean;
  /** Whether other processes change the same state. */
  isShared: boolean;
  /** Is called for each change of a proposal. */
  changed: (facts: JsonObject) => void;
  log: (text: string) => void;
}>;

/** Governance that is on. */
export type Governance = Readonly<{
  view(): GovernanceView;
  proposals(): readonly Proposal[];
  proposal(id: string): Proposal | null;
  propose(change: Change, reason: string, by: Actor): Promise<Proposal | GovernanceRefusal>;
  vote(
    id: string,
    vote: Readonly<{ vote: "approve" | "reject"; reason: string | null }>,
    by: Actor,
  ): Promise<Proposal | GovernanceRefusal>;
  withdraw(id: string, reason: string, by: Actor): Promise<Proposal | GovernanceRefusal>;
  /** Revokes a key at once, but for a reporter's, and the last ones that governance needs. */
  revokeKey(id: string, reason: string, by: Actor): Promise<ApiKey | GovernanceRefusal | Governed>;
  /** The keys that count. */
  keys(): readonly ApiKey[];
  /** Looks for what others changed, and carries out what is due. */
  round(): Promise<void>;
  close(): Promise<void>;
}>;

const ROUND_MS = 1_000;
/** Tries at a change that other processes are making at the same moment. */
const MAX_TRIES = 5;
const NO_KEYS: ReadonlyMap<string, ApiKey> = new Map();

type Decision = Step | GovernanceRefusal;

/** Runs governance from a state. */
export function createGovernance(parts: GovernanceParts): Governance {
  const { store, clock, effects, fileKeys, newId, changed, log } = parts;
  let state = parts.state;
  let turn: Promise<unknown> = Promise.resolve();
  /** Proposals that this process itself began to carry out. */
  const begunHere = new Set<string>();
  const failure = { text: null as string | null };

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = turn.then(task);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const keysOf = (): readonly ApiKey[] => {
    const file = fileKeys();
    return file === null ? [] : countedKeys(state.keys, file);
  };
  const momentOf = (): Moment => ({
    now_ms: Math.max(clock.now(), state.time_ms),
    counted: (keys) => countedKeys(keys, fileKeys() ?? NO_KEYS),
  });
  const shown = (one: StoredProposal): Proposal =>
    shownProposal(one, state, { keys: keysOf(), now_ms: momentOf().now_ms });
  const found = (id: string): StoredProposal | undefined =>
    state.proposals.find(({ proposal_id }) => proposal_id === id);

  async function refresh(): Promise<void> {
    if (!parts.isShared) return;
    state = (await store.load()) ?? state;
  }

  /** Takes a step, and makes it hold; begins again where another process was first. */
  async function take(decide: (moment: Moment) => Decision): Promise<GovernanceRefusal | null> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const moment = momentOf();
      const step = decide(moment);
      if ("refused" in step) return step;
      if (step.records.length === 0 && step.state === state) return null;
      const after = { ...step.state, number: state.number + 1, time_ms: moment.now_ms };
      if (await store.commit({ before: state, after, records: step.records })) {
        state = after;
        for (const facts of step.records) changed(facts);
        return null;
      }
      state = (await store.load()) ?? state;
    }
    return refuse("governance_unavailable", "others change it at the same time: try again");
  }

  /** Runs a call in turn; what cannot be read or kept is a refusal. */
  const call = <T>(task: () => Promise<T | GovernanceRefusal>): Promise<T | GovernanceRefusal> =>
    inTurn(async () => {
      try {
        await refresh();
        return await task();
      } catch (error) {
        log(`governance: ${error instanceof Error ? error.message : String(error)}`);
        return refuse("governance_unavailable", "it cannot be read or kept: nothing was changed");
      }
    });

  async function storedChange(change: Change): Promise<StoredChange | GovernanceRefusal> {
    if (change.kind === "accept_clock") {
      const seen = await effects.clock();
      return "refused" in seen ? seen : { ...change, seen };
    }
    if (change.kind !== "configuration") return change;
    try {
      const governed = change.governed as JsonObject;
      const digest = digestOf(governed);
      if (digest === state.config.digest) {
        return refuse("nothing_to_change", "this configuration is the accepted one");
      }
      const differences = differenceLines(differencesOf(state.config.governed, governed));
      return { kind: "configuration", digest, differences };
    } catch {
      return refuse("invalid_change", "the configuration is too large, or no JSON");
    }
  }

  const bindingOf = async (change: StoredChange): Promise<string | GovernanceRefusal> =>
    bindingIn(state, change) ?? effects.bind(change as OuterChange);

  async function carryOut(one: StoredProposal): Promise<void> {
    const { proposal_id, reason, binds } = one;
    const by: Actor = {
      operator: `${PROPOSAL_NAME}${proposal_id}`,
      key_id: one.proposed_by.key_id,
    };
    // What could not be noted after it was carried out is found in the records at the next try.
    const isFirst = begunHere.delete(proposal_id);
    const order = { by, reason, resumed: !isFirst };
    const { result, ...outcome } = await effects.carryOut(one.change as OuterChange, binds, order);
    if (result === "again") {
      if (momentOf().now_ms < one.expires_at_ms) {
        if (isFirst) begunHere.add(proposal_id);
        return;
      }
      outcome.text = "it could not be carried out in its time";
    }
    if (result === "done" && one.change.kind === "accept_clock") clock.rebase();
    const status = result === "stale" ? "stale" : "failed";
    await take((moment) =>
      result === "done"
        ? finished(state, one, outcome, moment)
        : ended(state, one, { status, ...outcome }, moment),
    );
  }

  async function executeDue(): Promise<void> {
    if (!parts.isActive()) return;
    for (const { proposal_id } of state.proposals.filter(isPending)) {
      const due = found(proposal_id);
      if (due === undefined) continue;
      if (due.status === "executing") {
        await carryOut(due);
        continue;
      }
      const { now_ms } = momentOf();
      if (!isDue(state, due, now_ms)) continue;
      const waits = delayMsOf(state.rules, due.change) > 0;
      // A delay that ran by a clock which stepped is no delay.
      if (waits && !(await effects.isClockTrusted())) continue;
      const inner = bindingIn(state, due.change) !== null;
      if (!inner) begunHere.add(proposal_id);
      await take((moment) => {
        const now = found(proposal_id);
        return now !== undefined && isDue(state, now, moment.now_ms)
          ? begun(state, now, moment)
          : { state, records: [] };
      });
      const next = found(proposal_id);
      if (next?.status === "executing") await carryOut(next);
    }
  }

  /** Brings votes, keys of the file and time in; null where nothing changes. */
  function brought(moment: Moment): Step {
    const file = fileKeys();
    const keys = file === null ? state.keys : tightenedBy(state.keys, file);
    const taken = keys === state.keys ? [] : [{ action: "keys_tightened" }];
    const step = settled({ ...state, keys }, moment, taken);
    const isSame =
      step.records.length === 0 &&
      JSON.stringify(step.state.proposals) === JSON.stringify(state.proposals);
    return isSame ? { state, records: [] } : step;
  }

  const round = (): Promise<void> =>
    inTurn(async () => {
      try {
        await refresh();
        await take(brought);
        await executeDue();
        await take(brought);
        if (failure.text !== null) log("governance: it can be read and kept again");
        failure.text = null;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (failure.text !== text) log(`governance: ${text}`);
        failure.text = text;
      }
    });

  const after = (refusal: GovernanceRefusal | null, id: string): Proposal | GovernanceRefusal => {
    if (refusal !== null) return refusal;
    const one = found(id);
    return one === undefined ? refuse("not_found", "there is no such proposal") : shown(one);
  };

  const timer = setInterval(() => void round(), ROUND_MS);
  timer.unref();

  return Object.freeze({
    view: () => shownGovernance(state, { keys: keysOf(), now_ms: momentOf().now_ms }),
    proposals: () => state.proposals.map(shown).reverse(),
    proposal(id) {
      const one = found(id);
      return one === undefined ? null : shown(one);
    },
    propose: (given, reason, by) =>
      call<Proposal>(async () => {
        const change = await storedChange(given);
        if ("refused" in change) return change;
        const binds = await bindingOf(change);
        if (typeof binds !== "string") return binds;
        const proposal_id = newId();
        const one = { proposal_id, change, binds, reason, by };
        return after(await take((moment) => proposed(state, one, moment)), proposal_id);
      }),
    async vote(proposal_id, { vote, reason }, by) {
      const answer = await call<Proposal>(async () =>
        after(
          await take((moment) => voted(state, { proposal_id, vote, reason, by }, moment)),
          proposal_id,
        ),
      );
      if ("refused" in answer) return answer;
      await round();
      return call<Proposal>(() => Promise.resolve(after(null, proposal_id)));
    },
    withdraw: (proposal_id, reason, by) =>
      call<Proposal>(async () =>
        after(
          await take((moment) => withdrawn(state, { proposal_id, reason, by }, moment)),
          proposal_id,
        ),
      ),
    revokeKey: (id, reason, by) =>
      call<ApiKey | Governed>(async () => {
        if (isReporting(keysOf(), id, momentOf().now_ms)) {
          return { governed: { kind: "keys", add: [], revoke: [id] } };
        }
        const refusal = await take((moment) => revoked(state, { id, reason, by }, moment));
        if (refusal !== null) return refusal;
        return (
          state.keys.find((one) => one.id === id) ?? refuse("not_found", "there is no such key")
        );
      }),
    keys: keysOf,
    round,
    async close() {
      clearInterval(timer);
      await turn.catch(() => undefined);
    },
  } satisfies Governance);
}
