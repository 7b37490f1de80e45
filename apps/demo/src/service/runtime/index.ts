/** Composes the service of one chain: ledger, pipeline, sources of evidence, approvals (design, section 10). */
import { modeOf, type ServiceConfig } from "../config/service-config.js";
import type { Service } from "../service.js";
import { type Core, createCore, type ServiceLog } from "./core.js";
import { createEventLog, type EventLog } from "./events.js";
import { openStorage, type Storage } from "./ledger.js";
import { createOrders } from "./orders.js";
import { createPayments } from "./payments.js";
import { createStatus } from "./status-now.js";
import { trialOf } from "./watching.js";

export { ServiceError } from "./errors.js";

/** What a service needs besides its configuration. */
export type ServiceOptions = Readonly<{
  log: ServiceLog;
  /** How long levels are held after their cause has gone, in milliseconds; default: the pipeline's. */
  hold_ms?: number;
  /** Ends the wait of a trial for another one on the same PostgreSQL schema. */
  stop?: AbortSignal;
}>;

/**
 * Starts the service: opens what the deployment keeps, and begins to watch, or to follow the process that does.
 *
 * @throws ServiceError with what to do; the errors of the layers' configuration
 */
export async function createService(
  config: ServiceConfig,
  { log, hold_ms, stop }: ServiceOptions,
): Promise<Service> {
  const trial = trialOf(config);
  const clock = trial?.clock.now ?? Date.now;
  const monotonic = trial?.clock.monotonic ?? (() => performance.now());
  const warn = (text: string): void => log("warn", text);
  const storage = await openStorage(config, { clock, log: warn, trial, stop });
  try {
    const events = createEventLog(clock);
    const parts = { config, storage, events, clock, monotonic, log, hold_ms, trial };
    const core = await createCore(parts);
    return serviceOf({ config, storage, events, core, clock });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

type Parts = Readonly<{
  config: ServiceConfig;
  storage: Storage;
  events: EventLog;
  core: Core;
  clock: () => number;
}>;

function serviceOf({ config, storage, events, core, clock }: Parts): Service {
  const { ledger, approvals } = storage;
  const { decider, watcher } = core;
  const isEnforced = (walletId: string): boolean => modeOf(config, walletId) === "enforce";
  const status = createStatus({ config, decider, events });
  const { saw } = status;
  const closing = { done: undefined as Promise<void> | undefined };
  return Object.freeze({
    ...createPayments({ decider, ledger, approvals, events, clock, isEnforced, saw }),
    ...createOrders({ decider, ledger, watcher }),
    status: status.now,
    readiness: status.readiness,
    role: core.role,
    network: async () => (await decider.overview()).view,
    chain: async () => (await decider.overview()).together,
    reports: async () => (await decider.overview()).reports,
    defense: async () => (await decider.overview()).defense,
    events: events.after,
    subscribe: events.subscribe,
    close() {
      closing.done ??= (async () => {
        status.close();
        await core.close();
        await storage.close();
      })();
      return closing.done;
    },
  } satisfies Service);
}
