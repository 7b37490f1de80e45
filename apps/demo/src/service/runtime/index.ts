/** Composes the service of one chain: ledger, pipeline, sources of evidence, approvals (design, section 10). */
import { canonicalize, type JsonObject, parseStrictJson } from "@dgb-shield/contract";
import { createNodeSource, type NodeSource } from "@dgb-shield/sentinel/rpc";
import type { Observation } from "@dgb-shield/sentinel";
import { createPipeline, type Pipeline, readRequest } from "../../pipeline/index.js";
import { modeOf, type ServiceConfig } from "../config/service-config.js";
import type { PaymentAnswer, Service, SimulatedAnswer } from "../service.js";
import { answerOf } from "./answer.js";
import { ServiceError } from "./errors.js";
import { createEventLog, type EventLog } from "./events.js";
import { createSignalExchange, type ExchangeParts, type SignalExchange } from "./exchange.js";
import { openStorage, type Storage } from "./ledger.js";
import { createOrders } from "./orders.js";
import {
  createPlayer,
  loadRecording,
  openTrialClock,
  type Played,
  type TrialClock,
} from "./player.js";
import { viewOf } from "./payment-view.js";
import { createStatus } from "./status-now.js";
import { createWatcher } from "./watcher.js";

export { ServiceError } from "./errors.js";

/** What a service needs besides its configuration. */
export type ServiceOptions = Readonly<{
  /** Receives one line for the log: never personal data, never a secret. */
  log: (level: "info" | "warn" | "error", text: string, facts?: JsonObject) => void;
  /** How long levels are held after their cause has gone, in milliseconds; default: the pipeline's. */
  hold_ms?: number;
  /** Ends the wait for another process that watches on the same PostgreSQL schema. */
  stop?: AbortSignal;
}>;

/** Name of the method by which an approver's key approves: a person with a strong credential. */
const METHOD = "operator";

/**
 * Starts the service: opens what the deployment keeps, and begins to watch.
 *
 * @throws ServiceError with what to do; the errors of the layers' configuration
 */
export async function createService(
  config: ServiceConfig,
  { log, hold_ms, stop }: ServiceOptions,
): Promise<Service> {
  const trial = config.recording === null ? null : trialOf(config, config.recording);
  const clock = trial?.clock.now ?? Date.now;
  const monotonic = trial?.clock.monotonic ?? (() => performance.now());
  const warn = (text: string): void => log("warn", text);
  const ledgerClock = trial === null || trial.clock.speed === 1 ? "database" : "caller";
  const storage = await openStorage(config, { clock, log: warn, ledgerClock, stop });
  try {
    const events = createEventLog(clock);
    const exchange = exchangeOf(config, { network: () => pipeline.foreign, log: warn });
    const pipeline: Pipeline = pipelineOf(config, {
      publish: exchange?.publish,
      storage,
      events,
      clock,
      monotonic,
      log,
      hold_ms,
      trial,
    });
    const watching = watch(config, { pipeline, clock, monotonic, warn, trial });
    return serviceOf({ config, storage, events, pipeline, watching, exchange, clock });
  } catch (error) {
    await storage.close();
    throw error;
  }
}

/** The exchange with other sites; none without NATS, and none in a trial: a recording is no news to them. */
const exchangeOf = (
  config: ServiceConfig,
  { network, log }: Pick<ExchangeParts, "network" | "log">,
): SignalExchange | undefined =>
  config.nats === null || config.recording !== null
    ? undefined
    : createSignalExchange({ nats: config.nats, config, network, log });

type Trial = Readonly<{ played: Played; clock: TrialClock }>;
type Clocks = Readonly<{ clock: () => number; monotonic: () => number }>;

function trialOf(
  config: ServiceConfig,
  recording: Readonly<{ file: string; speed: number }>,
): Trial {
  const played = loadRecording(recording.file);
  if (played.chain.name !== config.chain.name) {
    throw new ServiceError(
      "bad_recording",
      `${recording.file} is of ${played.chain.name}, and the configuration of ${config.chain.name}: set chain: ${played.chain.name}`,
    );
  }
  return { played, clock: openTrialClock(`${config.data_dir}/trial.json`, recording.speed) };
}

type PipelineParts = Clocks &
  Pick<ServiceOptions, "log"> &
  Readonly<{
    publish: SignalExchange["publish"] | undefined;
    hold_ms: number | undefined;
    storage: Storage;
    events: EventLog;
    trial: Trial | null;
  }>;

function pipelineOf(
  config: ServiceConfig,
  { storage, events, clock, monotonic, log, hold_ms, trial, publish }: PipelineParts,
): Pipeline {
  const ids = trial === null ? config.nodes.map(({ node_id }) => node_id) : [trial.played.node_id];
  const [node_id = "", ...further_node_ids] = ids;
  return createPipeline({
    chain: trial?.played.chain ?? config.chain,
    node_id,
    further_node_ids,
    operator: config.operator,
    ledger: storage.ledger,
    state: storage.state,
    guardian_policy: config.guardian,
    wallet_policies: Object.fromEntries(config.wallet_policies),
    qwg_policy: config.guard,
    unknown_network: config.unknown_network,
    hold_ms,
    publish,
    poll_interval_ms: trial?.played.poll_ms ?? config.poll_ms,
    ...(trial === null
      ? { max_report_age_ms: config.max_report_age_ms, min_fresh_nodes: config.min_fresh_nodes }
      : {}),
    events: { emit: (event) => events.add("layer", asJson(event)) },
    is_active: storage.isActive,
    log: ({ code, detail }) => log("error", "the ledger failed", { code, detail }),
    clock,
    monotonic,
  });
}

const asJson = (value: unknown): JsonObject => parseStrictJson(canonicalize(value)) as JsonObject;

type WatchParts = Clocks &
  Readonly<{ pipeline: Pipeline; warn: (text: string) => void; trial: Trial | null }>;

/** Begins to watch the configured nodes, or to play the recording. */
function watch(
  config: ServiceConfig,
  { pipeline, clock, monotonic, warn, trial }: WatchParts,
): Readonly<{ close(): Promise<void> }> {
  const observe = (observation: Observation): void => void pipeline.observe(observation);
  if (trial !== null) {
    // What was seen before a restart is in the stored state; an observation that is not later is no news to Sentinel.
    const after_ms = pipeline.lastObservedMs();
    return createPlayer({ ...trial, after_ms, observe, log: warn });
  }
  const tips = new Map(pipeline.lastTips().map(({ node_id, tip }) => [node_id, tip]));
  const sources: NodeSource[] = config.nodes.map(({ node_id, url, auth }) => {
    const from = tips.get(node_id);
    return createNodeSource({
      node_id,
      node: { url, ...(auth === undefined ? {} : { auth }) },
      ...(from === undefined ? {} : { from }),
      clock,
      monotonic,
    });
  });
  const { poll_ms } = config;
  return createWatcher({ sources, observe, needsTips: pipeline.needsTips, poll_ms, log: warn });
}

type Parts = Readonly<{
  config: ServiceConfig;
  storage: Storage;
  events: EventLog;
  pipeline: Pipeline;
  watching: Readonly<{ close(): Promise<void> }>;
  exchange: SignalExchange | undefined;
  clock: () => number;
}>;

function serviceOf(parts: Parts): Service {
  const { config, storage, events, pipeline, watching, exchange } = parts;
  const { ledger } = storage;
  const isEnforced = (walletId: string): boolean => modeOf(config, walletId) === "enforce";
  const status = createStatus({ config, pipeline, events });
  const closing = { done: undefined as Promise<void> | undefined };
  return Object.freeze({
    ...payments(parts, isEnforced, status.saw),
    ...createOrders({ pipeline, ledger, clock: parts.clock }),
    status: status.now,
    readiness: status.readiness,
    network: async () => (await pipeline.overview()).view,
    chain: async () => (await pipeline.overview()).together,
    reports: async () => (await pipeline.overview()).reports,
    defense: async () => (await pipeline.overview()).defense,
    events: events.after,
    subscribe: events.subscribe,
    close() {
      closing.done ??= (async () => {
        status.close();
        await watching.close();
        await exchange?.close();
        await storage.close();
      })();
      return closing.done;
    },
  } satisfies Service);
}

type PaymentMethods = Pick<
  Service,
  "decide" | "simulate" | "payment" | "payments" | "approve" | "claim" | "commit" | "release"
>;

function payments(
  { storage, pipeline, clock, events }: Parts,
  isEnforced: (walletId: string) => boolean,
  saw: (walletId: string) => void,
): PaymentMethods {
  const { ledger, approvals } = storage;
  const given = async (request: JsonObject) => {
    const { payment_id, withdrawal_id } = readRequest(request).withdrawal;
    const id = payment_id ?? withdrawal_id;
    const own = typeof id === "string" ? await approvals.of(id) : [];
    return own.map(({ approver, approved_at_ms, binds }) => ({
      ...({ approver, approved_at_ms, binds, method: METHOD } as const),
    }));
  };
  return {
    async decide(request) {
      const decided = await pipeline.decideWithdrawal(request, { approvals: await given(request) });
      const { wallet_id } = decided.record.guardian;
      if (wallet_id !== "") saw(wallet_id);
      const answer = answerOf(request, decided, isEnforced(wallet_id));
      events.add("payment", {
        payment_id: answer.payment_id,
        wallet_id,
        final: answer.final,
        enforced: answer.enforced,
        codes: answer.reasons.map(({ code }) => code),
      });
      return answer;
    },
    async simulate(request) {
      const options = { approvals: await given(request) };
      const decided = await pipeline.simulateWithdrawal(request, options);
      const { wallet_id } = decided.record.guardian;
      return simulatedOf(answerOf(request, decided, isEnforced(wallet_id)));
    },
    async payment(paymentId) {
      const stored = await ledger.withdrawal(paymentId);
      return stored === null ? { missing: true } : viewOf(stored, await approvals.of(paymentId));
    },
    payments: (page) => pipeline.guardian.payments(page),
    async approve(payment_id, binds, { operator }) {
      const approval = { payment_id, approver: operator, approved_at_ms: clock(), binds };
      await approvals.add(approval);
      return approval;
    },
    async claim(paymentId, { signer_id, transaction }) {
      const stored = await ledger.withdrawal(paymentId);
      const answer = await pipeline.claim(paymentId, {
        signer_id,
        ...(transaction === undefined ? {} : { transaction }),
      });
      return { ...answer, enforced: isEnforced(stored?.wallet_id ?? "") };
    },
    commit: (paymentId, options) => pipeline.commit(paymentId, options),
    release: (paymentId, options) => pipeline.releaseWithdrawal(paymentId, options),
  };
}

function simulatedOf(answer: PaymentAnswer): SimulatedAnswer {
  const simulated: Record<string, unknown> = { ...answer };
  delete simulated["recorded"];
  delete simulated["repeated"];
  return simulated as unknown as SimulatedAnswer;
}
