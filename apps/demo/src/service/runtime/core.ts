/** The pipeline of a service and what feeds it: of one process that has its ledger alone, or of one of several. */
import { canonicalize, type JsonObject, parseStrictJson } from "@dgb-shield/contract";
import {
  createPipeline,
  createSharedPipeline,
  type Decider,
  type Leadership,
  type Pipeline,
  type PipelineConfig,
} from "../../pipeline/index.js";
import type { Observation } from "@dgb-shield/sentinel";
import { scriptOfDestinations } from "../config/destinations.js";
import type { ServiceConfig } from "../config/service-config.js";
import type { ServiceRole } from "../service.js";
import { createNodeBalances, type NodeBalances } from "../balances/node-balances.js";
import type { EventLog } from "./events.js";
import type { Alone, Shared, Storage } from "./ledger.js";
import { createFeed } from "./shared/feed.js";
import { carryOut, createHandedOrders } from "./shared/handed-orders.js";
import { createOrdersTable } from "./shared/orders-table.js";
import { createRole, type Role } from "./shared/role.js";
import { createStateTable } from "./state-table.js";
import type { RpcCounts } from "./telemetry.js";
import { ordersOn, type WatcherOrders } from "./watcher-orders.js";
import { type Clocks, exchangeOf, startWatching, type Trial } from "./watching.js";

/** Receives one line for the log: never personal data, never a secret. */
export type ServiceLog = (
  level: "info" | "warn" | "error",
  text: string,
  facts?: JsonObject,
) => void;

/** What decides, what takes orders on layers 1 to 3, and what this process does among others. */
export type Core = Readonly<{
  decider: Decider;
  watcher: WatcherOrders;
  role(): ServiceRole;
  close(): Promise<void>;
}>;

/** What a core is made of. */
export type CoreParts = Clocks &
  Readonly<{
    config: ServiceConfig;
    storage: Storage;
    events: EventLog;
    trial: Trial | null;
    log: ServiceLog;
    hold_ms: number | undefined;
    /** Calls of the gateway. */
    counts: RpcCounts;
    /** Receives each observation of the process that watches. */
    observed: (observation: Observation) => void;
  }>;

/**
 * Creates the core, and begins to watch where that is this process's part.
 *
 * @throws the errors of the layers' configuration
 */
export async function createCore(given: CoreParts): Promise<Core> {
  const { config, monotonic, storage } = given;
  const balances = createNodeBalances({ config, monotonic });
  const parts = { ...given, balances };
  try {
    const core =
      storage.kind === "alone" ? createAlone(parts, storage) : await createShared(parts, storage);
    const close = async (): Promise<void> => {
      await core.close();
      await balances.close();
    };
    return Object.freeze({ ...core, close });
  } catch (error) {
    await balances.close();
    throw error;
  }
}

type Parts = CoreParts & Readonly<{ balances: NodeBalances }>;

function createAlone(parts: Parts, { state, isActive }: Alone): Core {
  const { config, trial, log } = parts;
  const warn = (text: string): void => log("warn", text);
  const exchange = exchangeOf(config, { network: () => pipeline.foreign, log: warn });
  const pipeline: Pipeline = createPipeline({
    ...layersOf(parts),
    state,
    is_active: isActive,
    publish: exchange?.publish,
  });
  const watching = startWatching({ ...parts, watch: pipeline, trial, warn });
  return Object.freeze({
    decider: pipeline,
    watcher: ordersOn(pipeline, pipeline),
    role: () => ({ watches: true, watcher: null, evidence_age_ms: null }),
    async close() {
      await watching.close();
      await exchange?.close();
    },
  } satisfies Core);
}

async function createShared(parts: Parts, { pool, schema, lease }: Shared): Promise<Core> {
  const { config, monotonic, log } = parts;
  const warn = (text: string): void => log("warn", text);
  const feed = createFeed({ pool, schema, monotonic, log: warn });
  const table = await createOrdersTable(pool, schema, lease);
  const pipeline = createSharedPipeline(layersOf(parts), feed);
  const ordersOf = ({ watch }: Leadership): WatcherOrders => ordersOn(watch, pipeline);
  const role: Role = await createRole({
    ...{ lease, feed, pipeline, monotonic, log },
    openState: () => createStateTable(pool, schema, lease),
    begin(lead, changed) {
      const exchange = exchangeOf(config, { network: () => leadership.watch.foreign, log: warn });
      const leadership: Leadership = lead(exchange?.publish);
      const watching = startWatching({
        ...parts,
        watch: leadership.watch,
        trial: null,
        warn,
        changed,
      });
      return {
        leadership,
        async close() {
          await watching.close();
          await exchange?.close();
        },
      };
    },
    takeOrders: (leadership, changed) =>
      table.take(async (kind, body) => {
        const answer = await carryOut({ kind, body }, ordersOf(leadership));
        changed();
        return answer;
      }),
  });
  const watcher = createHandedOrders({
    ...{ table, watcher: feed.watcher, changed: role.changed, log: warn },
    own() {
      const leadership = role.leadership();
      return leadership && ordersOf(leadership);
    },
  });
  return Object.freeze({
    decider: pipeline,
    watcher,
    role() {
      const watches = role.leadership() !== null;
      const age = watches ? undefined : feed.current()?.age_ms;
      const isKnown = age !== undefined && Number.isFinite(age);
      return {
        ...{ watches, watcher: watches ? null : feed.watcher() },
        evidence_age_ms: isKnown ? Math.ceil(age) : null,
      };
    },
    close: role.close,
  } satisfies Core);
}

/** What every pipeline of a configuration has in common. */
function layersOf(parts: Parts): PipelineConfig {
  const { config, storage, events, clock, monotonic, log, hold_ms, trial, balances } = parts;
  const ids = trial === null ? config.nodes.map(({ node_id }) => node_id) : [trial.played.node_id];
  const [node_id = "", ...further_node_ids] = ids;
  return {
    chain: trial?.played.chain ?? config.chain,
    node_id,
    further_node_ids,
    operator: config.operator,
    ledger: storage.ledger,
    guardian_policy: config.guardian,
    wallet_policies: Object.fromEntries(config.wallet_policies),
    qwg_policy: config.guard,
    ...(config.defense_inputs === null ? {} : { defense_inputs: config.defense_inputs }),
    unknown_network: config.unknown_network,
    balances,
    behaviour: config.behaviour,
    script_of: scriptOfDestinations(config),
    hold_ms,
    poll_interval_ms: trial?.played.poll_ms ?? config.poll_ms,
    ...(trial === null
      ? { max_report_age_ms: config.max_report_age_ms, min_fresh_nodes: config.min_fresh_nodes }
      : {}),
    // Those of the Guardian are in the ledger, and come from its records.
    events: {
      emit(event) {
        if (event.layer !== "wallet_guardian") events.add("layer", asJson(event));
      },
    },
    log: (entry) => log("error", "the ledger failed", { ...entry }),
    clock,
    monotonic,
  };
}

const asJson = (value: unknown): JsonObject => parseStrictJson(canonicalize(value)) as JsonObject;
