/** Begins to watch the configured nodes, or to play the recording of a trial (design, section 10: sources of evidence). */
import type { Observation } from "@dgb-shield/sentinel";
import { createNodeSource, type NodeSource } from "@dgb-shield/sentinel/rpc";
import type { Watch } from "../../pipeline/index.js";
import type { ServiceConfig } from "../config/service-config.js";
import { ServiceError } from "./errors.js";
import { createSignalExchange, type ExchangeParts, type SignalExchange } from "./exchange.js";
import {
  createPlayer,
  loadRecording,
  openTrialClock,
  type Played,
  type TrialClock,
} from "./player.js";
import { type RpcCounts, startTelemetry } from "./telemetry.js";
import { createWatcher } from "./watcher.js";

/** A recording that is played, and its clock. */
export type Trial = Readonly<{ played: Played; clock: TrialClock }>;
/** Wall clock and monotonic clock, milliseconds. */
export type Clocks = Readonly<{ clock: () => number; monotonic: () => number }>;

/**
 * Opens the trial of a configuration; null where it names nodes.
 *
 * @throws ServiceError `bad_recording`
 */
export function trialOf(config: ServiceConfig): Trial | null {
  const { recording } = config;
  if (recording === null) return null;
  const played = loadRecording(recording.file);
  if (played.chain.name !== config.chain.name) {
    throw new ServiceError(
      "bad_recording",
      `${recording.file} is of ${played.chain.name}, and the configuration of ${config.chain.name}: set chain: ${played.chain.name}`,
    );
  }
  return { played, clock: openTrialClock(`${config.data_dir}/trial.json`, recording.speed) };
}

/** The exchange with other sites; none without NATS, and none in a trial: a recording is no news to them. */
export const exchangeOf = (
  config: ServiceConfig,
  { network, log }: Pick<ExchangeParts, "network" | "log">,
): SignalExchange | undefined =>
  config.nats === null || config.recording !== null
    ? undefined
    : createSignalExchange({ nats: config.nats, config, network, log });

/** What is watched, and by what. */
export type WatchParts = Clocks &
  Readonly<{
    config: ServiceConfig;
    watch: Pick<Watch, "observe" | "needsTips" | "lastObservedMs" | "lastTips" | "noteTelemetry">;
    /** Calls of the gateway. */
    counts: RpcCounts;
    warn: (text: string) => void;
    trial: Trial | null;
    /** Receives each observation, after it was taken in. */
    observed: (observation: Observation) => void;
    /** Called after each observation. */
    changed?: () => void;
  }>;

/** Begins; `close` ends it. */
export function startWatching(parts: WatchParts): Readonly<{ close(): Promise<void> }> {
  const { config, watch, clock, monotonic, warn, trial, observed, changed, counts } = parts;
  const observe = (observation: Observation): void => {
    watch.observe(observation);
    observed(observation);
    changed?.();
  };
  if (trial !== null) {
    // What was seen before a restart is in the stored state; an observation that is not later is no news to Sentinel.
    const after_ms = watch.lastObservedMs();
    return createPlayer({ ...trial, after_ms, observe, log: warn });
  }
  const tips = new Map(watch.lastTips().map(({ node_id, tip }) => [node_id, tip]));
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
  const { poll_ms, defense_inputs, gateway } = config;
  const watcher = createWatcher({
    sources,
    observe,
    needsTips: watch.needsTips,
    poll_ms,
    log: warn,
  });
  const node = gateway?.node ?? config.nodes[0];
  if (defense_inputs === null || node === undefined) return watcher;
  const telemetry = startTelemetry({ node, watch, counts, interval_ms: poll_ms, warn });
  return {
    async close() {
      await telemetry.close();
      await watcher.close();
    },
  };
}
