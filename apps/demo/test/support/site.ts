/** A pipeline with clocks that a test moves, over a simulated chain. */
import { digibyteRegtest } from "@dgb-shield/chain";
import type { Observation } from "@dgb-shield/sentinel";
import { createMemoryLedger, type Ledger } from "@dgb-shield/wallet-guardian";
import {
  createPipeline,
  type LayerStatus,
  type Pipeline,
  type PipelineConfig,
} from "../../src/pipeline/index.js";
import { observationOf, simulatedHash, versionOf } from "../../src/scenarios/headers.js";

export const NODE = "node-a";
const START_MS = Date.UTC(2026, 0, 1);
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
const SHA256D = 2;
export const GROESTL = 4;
/** Time of the last block of a calm site. */
export const CALM_MS = START_MS + 39 * 15_000;

export const REQUEST = {
  withdrawal_id: "w-1",
  wallet_id: "hot",
  amount: "10",
  wallet_balance: "1000",
  behaviour_score: 1,
  trusted_device: true,
};

/** Settings of a test's site; the rest is as every test has it. */
export type SiteOptions = Partial<Omit<PipelineConfig, "clock" | "monotonic">>;

/** A site, its ledger, and its clocks. */
export type TestSite = Readonly<{
  pipeline: Pipeline;
  ledger: Ledger;
  /** Moves both clocks. */
  moveTo(ms: number): void;
  /** Sets the wall clock `ms` off the monotonic one. */
  skewBy(ms: number): void;
  now(): number;
}>;

/**
 * @param readClock what the wall clock gives at a time; with one, the site has no monotonic clock
 */
export function site(options: SiteOptions = {}, readClock?: (now: number) => number): TestSite {
  let steady = START_MS;
  let skew = 0;
  const ledger = options.ledger ?? createMemoryLedger();
  const pipeline = createPipeline({
    chain: digibyteRegtest,
    node_id: NODE,
    operator: "op",
    guardian_policy: { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0 },
    qwg_policy: {},
    events: { emit: () => undefined },
    ...options,
    ledger,
    ...(readClock === undefined
      ? { clock: () => steady + skew, monotonic: () => steady }
      : { clock: () => readClock(steady + skew) }),
  });
  return {
    pipeline,
    ledger,
    moveTo: (ms) => void (steady = ms),
    skewBy: (ms) => void (skew = ms),
    now: () => steady + skew,
  };
}

export function block(height: number, bits = SHA256D) {
  return {
    hash: simulatedHash("pipeline", height),
    previous_hash: simulatedHash("pipeline", height - 1),
    height,
    version: versionOf(bits),
    time_s: START_MS / 1_000 + (height - 3_000) * 15,
  };
}

/** Shows an own node's block `height` at the block's own time. */
export function see(made: TestSite, height: number, bits = SHA256D, node_id = NODE): LayerStatus {
  const tip = block(height, bits);
  made.moveTo(tip.time_s * 1_000);
  return made.pipeline.observe(observationOf(node_id, made.now(), [tip], tip));
}

/** Shows a node that gives no chain: unreachable, or in its initial download. */
export function seeBlind(
  made: TestSite,
  how: "unreachable" | "syncing",
  node_id = NODE,
): LayerStatus {
  const blind: Observation = {
    node_id,
    at_ms: made.now(),
    reachable: how === "syncing",
    syncing: how === "syncing",
    tip: null,
    blocks: [],
    tips: [],
    mempool: null,
  };
  return made.pipeline.observe(blind);
}

/** A site whose chain has been calm for ten minutes. */
export function calmSite(options?: SiteOptions): TestSite {
  const made = site(options);
  for (let height = 3_000; height < 3_040; height++) see(made, height);
  return made;
}

/** A signal of another site. */
export const stranger = (severity: number, extra: object = {}) => ({
  node_id: "stranger",
  source: "infra" as const,
  type: "latency",
  severity,
  ...extra,
});
