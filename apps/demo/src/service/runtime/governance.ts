/** Governance within the service: begun before anything decides, and put before each call that loosens (design, section 10). */
import { randomBytes } from "node:crypto";
import type { JsonObject } from "@dgb-shield/contract";
import type { OperationResult } from "@dgb-shield/wallet-guardian";
import type { ServiceConfig } from "../config/service-config.js";
import { beginning, isOn } from "../governance/begin.js";
import type { Change } from "../governance/change.js";
import { type GovernanceRefusal, refuse } from "../governance/decide.js";
import { createEffects } from "../governance/effects.js";
import { createGovernance } from "../governance/index.js";
import type { GovernanceState } from "../governance/state.js";
import { createSteadyClock } from "../governance/steady-clock.js";
import {
  createGovernanceStore,
  GovernanceError,
  type GovernanceStore,
} from "../governance/store.js";
import { createKeyring } from "../keys/keyring.js";
import type { Keyring } from "../keys/key.js";
import type { Readiness, Service } from "../service.js";
import type { Core, ServiceLog } from "./core.js";
import { ServiceError } from "./errors.js";
import type { EventLog } from "./events.js";
import type { Storage } from "./ledger.js";
import type { Clocks } from "./watching.js";

/** How long a recovery on the host is named at each start and in `/readyz`, in milliseconds: 30 days. */
const RECOVERY_SHOWN_MS = 30 * 86_400_000;

/** Governance as it was begun. */
export type Begun = Readonly<{
  store: GovernanceStore;
  /** Null: one operator's key suffices. */
  state: GovernanceState | null;
  file: Keyring;
}>;

type Given = Readonly<{
  config: ServiceConfig;
  storage: Storage;
  /** The clocks of the machine, which no trial moves. */
  clocks: Clocks;
  log: ServiceLog;
}>;

/**
 * Begins: latches governance where the configuration asks for it, and refuses a configuration that loosens what was
 * accepted.
 *
 * @throws ServiceError `governed`, `ledger_failed`
 */
export async function beginGovernance({ config, storage, clocks, log }: Given): Promise<Begun> {
  const { ledger, bodies } = storage;
  const { data_dir, keys_file } = config;
  const store = createGovernanceStore({ ledger, bodies, data_dir, clock: clocks.clock });
  const file = createKeyring({ path: keys_file, monotonic: () => performance.now() });
  const state = await begun(store, { config, storage, clocks, log }, file);
  announce(state, clocks.clock(), log);
  return { store, state, file };
}

const MAX_TRIES = 3;

async function begun(
  store: GovernanceStore,
  { config, storage, clocks, log }: Given,
  file: Keyring,
): Promise<GovernanceState | null> {
  try {
    const { ledger_id } = await storage.ledger.identity();
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const known = await store.load();
      const now_ms = clocks.clock();
      const next = beginning({ known, config, ledger_id, keys: file.keys(), now_ms });
      if (next.kind === "off") return null;
      if (next.kind === "refused") throw new ServiceError("governed", next.detail);
      const { state, records } = next;
      // Another process may have begun at the same moment.
      const isKept =
        state === known || (await store.commit({ before: known, after: state, records }));
      if (!isKept) continue;
      for (const facts of records) log("warn", "what governs was changed at the start", facts);
      return isOn(state) ? state : null;
    }
    throw new ServiceError("governed", "other processes change what governs: start again");
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    if (error instanceof GovernanceError) throw new ServiceError("governed", error.message, error);
    const detail = error instanceof Error ? error.message : String(error);
    throw new ServiceError("ledger_failed", `governance cannot be read: ${detail}`, error);
  }
}

function announce(state: GovernanceState | null, nowMs: number, log: ServiceLog): void {
  if (state === null) {
    log("warn", UNGOVERNED);
    return;
  }
  const { approvals } = state.rules;
  log(
    "info",
    `changes are governed: what loosens needs ${approvals} approvals besides its proposer`,
  );
  const recovery = recoveryText(state, nowMs);
  if (recovery !== null) log("warn", recovery);
}

const UNGOVERNED =
  "changes are NOT governed: one operator's key can loosen everything (docs/governance.md)";

function recoveryText({ recovered }: GovernanceState, nowMs: number): string | null {
  if (recovered === null || nowMs - recovered.at_ms > RECOVERY_SHOWN_MS) return null;
  const { at_ms, operator, reason } = recovered;
  return `GOVERNANCE WAS RECOVERED ON THE HOST at ${new Date(at_ms).toISOString()} by ${operator}: ${reason}`;
}

/** Governance as the rest of the service has it. */
export type GovernanceAccess = Readonly<{
  methods: Pick<
    Service,
    | "governance"
    | "proposals"
    | "propose"
    | "vote"
    | "withdrawProposal"
    | "revokeKey"
    | "governedKeys"
  >;
  /** Puts governance before the calls that loosen. */
  guard(direct: Loosening): Loosening;
  /** Whether a proposal waits for approvals. */
  isAwaiting(): boolean;
  /** The check of `/readyz`. */
  check(): Readiness["checks"][number];
  close(): Promise<void>;
}>;

/** The calls that loosen. */
export type Loosening = Pick<
  Service,
  "unfreeze" | "acceptClock" | "releaseIncident" | "approveDestination" | "release"
>;

type Parts = Readonly<{
  begun: Begun;
  core: Core;
  storage: Storage;
  clocks: Clocks;
  events: EventLog;
  log: ServiceLog;
}>;

/** Creates the access; where governance is off every call passes. */
export function createGovernanceAccess(parts: Parts): GovernanceAccess {
  const { begun: of, core, storage, clocks, events, log } = parts;
  if (of.state === null) return ungoverned();
  const { store, state, file } = of;
  const { decider, watcher } = core;
  const governance = createGovernance({
    ...{ store, state },
    fileKeys: () =>
      file.problem() === null ? new Map(file.keys().map((key) => [key.id, key])) : null,
    clock: createSteadyClock(clocks.clock, clocks.monotonic),
    newId: () => `p-${randomBytes(6).toString("hex")}`,
    effects: createEffects({
      ...{ decider, watcher, ledger: storage.ledger },
      ledgerClock: store.ledgerClock,
    }),
    isActive: () => core.role().watches,
    isShared: storage.kind === "shared",
    changed: (facts) => events.add("governance", shownFacts(facts)),
    log: (text) => log("error", text),
  });
  return {
    methods: {
      governance: governance.view,
      proposals: governance.proposals,
      propose: governance.propose,
      vote: governance.vote,
      withdrawProposal: governance.withdraw,
      revokeKey: governance.revokeKey,
      governedKeys: governance.keys,
    },
    guard: guarded,
    isAwaiting: () => governance.proposals().some(({ status }) => status === "open"),
    check() {
      const { approvals, governors } = governance.view();
      const text = `on: ${approvals} approvals besides the proposer, ${governors} can govern`;
      const recovery = recoveryText(state, clocks.clock());
      return { name: "governance", ok: true, detail: recovery ?? text };
    },
    close: governance.close,
  };
}

/** Facts of a change of governance that every reader of the stream may have: no person, no reason, nothing of what is changed. */
const SHOWN_FACTS = ["action", "proposal_id", "kind", "code"];
const shownFacts = (facts: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(facts).filter(([name]) => SHOWN_FACTS.includes(name)));

/** The access where one operator's key suffices: every call passes. */
export function ungoverned(): GovernanceAccess {
  const off = (): Promise<GovernanceRefusal> =>
    Promise.resolve(refuse("not_governed", "the configuration has no section governance"));
  return {
    methods: {
      governance: () => null,
      proposals: () => [],
      ...{ propose: off, vote: off, withdrawProposal: off, revokeKey: off },
      governedKeys: () => null,
    },
    guard: (direct) => direct,
    isAwaiting: () => false,
    check: () => ({ name: "governance", ok: true, detail: UNGOVERNED }),
    close: () => Promise.resolve(),
  };
}

/** Answers each call that loosens with the change to propose. */
function guarded(direct: Loosening): Loosening {
  const governed = (change: Change) => Promise.resolve({ governed: change });
  return {
    unfreeze: (scope, id) => governed({ kind: "unfreeze", scope, id }),
    acceptClock: () => governed({ kind: "accept_clock" }),
    releaseIncident: (incident_id) => governed({ kind: "release_incident", incident_id }),
    approveDestination: (target) => governed({ kind: "approve_destination", ...target }),
    async release(payment_id, { reason, operator, signer_id }) {
      // Without a proof only what was not claimed is given back.
      const order = {
        reason,
        ...(operator === undefined ? {} : { operator }),
        ...(signer_id === undefined ? {} : { signer_id }),
      };
      const answer = await direct.release(payment_id, order);
      const isClaimed =
        "reason_codes" in answer && CLAIMED.some((code) => codesOf(answer).includes(code));
      return isClaimed ? governed({ kind: "release_payment", payment_id }) : answer;
    },
  };
}

const CLAIMED = ["claimed", "claim_running"];
const codesOf = ({ reason_codes }: OperationResult): readonly string[] => reason_codes;
