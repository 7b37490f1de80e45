/** Composes the service of one chain: ledger, pipeline, sources of evidence, approvals (design, section 10). */
import { join } from "node:path";
import { type Auditor, startAudit } from "../../audit/index.js";
import type { SigningKey } from "../../cli/tip/key-file.js";
import { modeOf, type ServiceConfig } from "../config/service-config.js";
import type { Journal, Service } from "../service.js";
import { createAuditMethods } from "./audit.js";
import { decisionContext } from "./decisions/context.js";
import { createDecisions } from "./decisions/index.js";
import { createTimeline } from "./decisions/timeline.js";
import { type Core, createCore, type ServiceLog } from "./core.js";
import { createEventLog, type EventLog } from "./events.js";
import { createJournal } from "./journal.js";
import { createSigning, type Signing } from "../signing/index.js";
import { creditOf } from "./history/credit.js";
import { createHistory, type HistoryKeeper } from "./history/index.js";
import { openHistoryJournal } from "./history/journal.js";
import { createIncidentLog, type IncidentLog } from "./incident-log/index.js";
import { openStorage, type Storage } from "./ledger.js";
import { beginGovernance, createGovernanceAccess, type GovernanceAccess } from "./governance.js";
import { createOrders } from "./orders.js";
import { createPayments } from "./payments.js";
import { createCursorFile, createCursorTable } from "./publishing/cursor.js";
import { type Publishing, startPublishing } from "./publishing/index.js";
import { type Prepared, prepareWebhooks, startWebhooks } from "./webhooks/index.js";
import { createStatus } from "./status-now.js";
import { createTipStatements, tipKeyOf } from "./tip-statement.js";
import { createRpcCounts, type RpcCounts } from "./telemetry.js";
import { type Clocks, trialOf } from "./watching.js";

export { ServiceError } from "./errors.js";

/** What a service needs besides its configuration. */
export type ServiceOptions = Readonly<{
  log: ServiceLog;
  /** How long levels are held after their cause has gone, in milliseconds; default: the pipeline's. */
  hold_ms?: number;
  /** Ends the wait of a trial for another one on the same PostgreSQL schema. */
  stop?: AbortSignal;
  /** The clocks of the machine, by which governance counts; a trial's own clock is no matter of it. */
  clocks?: Clocks;
}>;

/**
 * Starts the service: opens what the deployment keeps, and begins to watch, or to follow the process that does.
 *
 * @throws ServiceError with what to do; the errors of the layers' configuration
 */
export async function createService(
  config: ServiceConfig,
  { log, hold_ms, stop, clocks = MACHINE }: ServiceOptions,
): Promise<Service> {
  const trial = trialOf(config);
  const clock = trial?.clock.now ?? Date.now;
  const monotonic = trial?.clock.monotonic ?? (() => performance.now());
  const warn = (text: string): void => log("warn", text);
  const storage = await openStorage(config, { clock, log: warn, trial, stop });
  try {
    const events = createEventLog(clock);
    const history = createHistory(
      trial?.played.chain ?? config.chain,
      // What a recording shows is no site's history.
      trial === null ? openHistoryJournal(join(config.data_dir, "history.jsonl"), warn) : undefined,
    );
    const { observe: observed } = history;
    const counts = createRpcCounts();
    const watched = { trial, observed, counts };
    const parts = { config, storage, events, clock, monotonic, log, hold_ms, ...watched };
    const signing = await createSigning(config, storage.approvals);
    const tipKey = tipKeyOf(config);
    const prepared = await prepareWebhooks(config, storage);
    const begun = await beginGovernance({ config, storage, clocks, log });
    const made = await createCore(parts);
    const incidents = createIncidentLog({
      ...{ store: storage.incidents, clock, log: warn },
      isActive: () => made.role().watches,
    });
    const core: Core = { ...made, watcher: incidents.noting(made.watcher) };
    const isEnforced = (walletId: string): boolean => modeOf(config, walletId) === "enforce";
    const journal = createJournal({ ledger: storage.ledger, isEnforced });
    const publishing = await publishingOf({ ...parts, journal }, core, warn).catch(
      async (error: unknown) => {
        await core.close();
        throw error;
      },
    );
    const auditor = await startAudit(config, {
      ...{ ledger: storage.ledger, clock, monotonic, warn },
      is_active: () => core.role().watches,
    }).catch(async (error: unknown) => {
      await publishing?.close();
      await core.close();
      throw error;
    });
    const governance = createGovernanceAccess({ begun, core, storage, clocks, events, log });
    return composeService({
      ...{ config, storage, events, core, clock, publishing, signing, auditor, history, counts },
      ...{ governance, prepared, journal, incidents, tipKey, warn },
    });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** The clocks of the machine. */
const MACHINE: Clocks = { clock: Date.now, monotonic: () => performance.now() };

type Parts = Readonly<{
  config: ServiceConfig;
  storage: Pick<Storage, "ledger" | "approvals" | "close">;
  events: EventLog;
  core: Core;
  auditor: Auditor | null;
  clock: () => number;
  publishing: Publishing | null;
  signing: Signing;
  history: HistoryKeeper;
  governance: GovernanceAccess;
  prepared: Prepared;
  journal: Journal;
  incidents: IncidentLog;
  tipKey: SigningKey | null;
  warn: (text: string) => void;
  /** Calls of a gateway; absent: nothing takes them. */
  counts?: RpcCounts;
}>;

/** The publishing of events; none without NATS, and none in a trial: a recording is no news to anyone. */
async function publishingOf(
  {
    config,
    storage,
    events,
    journal,
  }: Readonly<{ config: ServiceConfig; storage: Storage; events: EventLog; journal: Journal }>,
  core: Core,
  log: (text: string) => void,
): Promise<Publishing | null> {
  const { nats, recording, files } = config;
  if (nats === null || recording !== null) return null;
  const { ledger } = storage;
  const cursor =
    storage.kind === "shared"
      ? await createCursorTable(storage.pool, storage.schema)
      : createCursorFile(`${files.outbox}.cursor`);
  const isActive = () => core.role().watches;
  return startPublishing({ config, nats, ledger, journal, cursor, events, isActive, log });
}

/** Composes the methods of a service from its parts. */
export function composeService({
  config,
  storage,
  events,
  core,
  clock,
  publishing,
  signing,
  auditor,
  history,
  governance,
  prepared,
  journal,
  incidents,
  tipKey,
  warn,
  counts,
}: Parts): Service {
  const { ledger, approvals } = storage;
  const { decider, watcher } = core;
  const isEnforced = (walletId: string): boolean => modeOf(config, walletId) === "enforce";
  const status = createStatus({
    ...{ config, decider, events, governance },
    sampled(seen, overview) {
      history.sample(seen, overview);
      incidents.sample(overview);
    },
  });
  const { saw } = status;
  const audit = createAuditMethods(auditor);
  const context = decisionContext({ guard: config.guard, signing, isEnforced });
  const decisions = createDecisions({ ledger, context });
  const webhooks = startWebhooks({
    ...{ config, prepared, journal, events, clock, log: warn },
    isActive: () => core.role().watches,
  });
  const closing = { done: undefined as Promise<void> | undefined };
  const payments = createPayments({
    ...{ decider, ledger, approvals, signing, decisions, events, clock, isEnforced, saw },
  });
  const orders = createOrders({ decider, ledger, watcher });
  return Object.freeze({
    ...payments,
    ...orders,
    ...governance.guard({ ...payments, ...orders }),
    ...governance.methods,
    pastIncidents: async (query) => incidents.list(query, await orders.incidents()),
    jwks: () => signing.jwks(clock()),
    status: status.now,
    readiness: status.readiness,
    role: core.role,
    delivery: () => publishing?.stats() ?? null,
    network: async () => (await decider.overview()).view,
    sideTips: history.tips,
    history: (hours, points) => history.read(hours, points, clock()),
    async credit() {
      const { together, reports, inputs } = await decider.overview();
      const fresh = new Set(inputs.sources.filter((one) => one.fresh).map((one) => one.node_id));
      const { min_fresh_nodes } = inputs;
      return creditOf({ together, reports, tips: history.tips(), fresh, min_fresh_nodes });
    },
    chain: async () => (await decider.overview()).together,
    ...createTipStatements({ config, key: tipKey, decider, clock, log: warn }),
    reports: async () => (await decider.overview()).reports,
    defense: async () => (await decider.overview()).defense,
    ...audit,
    decisions: decisions.list,
    timeline: createTimeline({ ledger, decisions, auditor }),
    ...journal,
    webhooks: webhooks.states,
    subscribe: events.subscribe,
    countRpc: counts?.count ?? (() => undefined),
    close() {
      closing.done ??= (async () => {
        status.close();
        await incidents.settled();
        await webhooks.close();
        await governance.close();
        await publishing?.close();
        // Before the lead is given up: only the process that watches signs.
        await auditor?.close();
        await core.close();
        await history.close();
        await storage.close();
      })();
      return closing.done;
    },
  } satisfies Service);
}
