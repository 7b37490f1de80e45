/** Checks the configuration of a pipeline as a whole, before any layer is created (design, section 10). */
import {
  type EventSink,
  firstErrorPath,
  idSchema,
  ShieldError,
  type SignalV2,
} from "@dgb-shield/contract";
import { type InputsConfig, inputsConfigSchema } from "@dgb-shield/adn";
import type { WalletPolicyInput } from "@dgb-shield/quantum-wallet-guard";
import type { ChainParameters } from "@dgb-shield/chain";
import type { GuardianPolicyInput, Ledger, LogEntry, ScriptOf } from "@dgb-shield/wallet-guardian";
import { z } from "zod";
import type { Balances } from "./balances.js";
import { FLEET_NODE } from "./fleet-events.js";
import type { StateStore } from "./state/saved-state.js";

/** What a pipeline is made of. Chain and policies are checked by their layers. */
export type PipelineConfig = Readonly<{
  chain: ChainParameters;
  /** The site's own node, and its operator. */
  node_id: string;
  operator: string;
  /** Further nodes of the site; each is watched by a Sentinel of its own. */
  further_node_ids?: readonly string[] | undefined;
  ledger: Ledger;
  /** Where latches, orders and times of layers 1–3 are kept; without it a restart is a lockdown once the ledger has history. */
  state?: StateStore | undefined;
  guardian_policy: GuardianPolicyInput;
  /** Policies of single wallets, by wallet id, in place of `guardian_policy`; limits of the whole site count all wallets under each. */
  wallet_policies?: Readonly<Record<string, GuardianPolicyInput>> | undefined;
  qwg_policy: WalletPolicyInput;
  /** `refuse` (default): no withdrawal while nothing is known of the network. */
  unknown_network?: "refuse" | "elevated" | undefined;
  /** Milliseconds between two observations of a node: 1,000–600,000, default 15,000. */
  poll_interval_ms?: number | undefined;
  /** Age at which a report of an own node no longer counts, in milliseconds; default 3 × poll interval + 15,000. */
  max_report_age_ms?: number | undefined;
  /** How long the network's level and the lockdown are held after their cause has gone, in milliseconds: 0–3,600,000, default 60,000. */
  hold_ms?: number | undefined;
  /**
   * Thresholds of what the defense counts by itself. With them Guardian's events of this process are counted, so that customers whose
   * payments are refused can raise the risk to MEDIUM, and never further. Telemetry is judged with or without.
   */
  defense_inputs?: Partial<InputsConfig> | undefined;
  /** Own nodes that must be WATCHING with a fresh report; default: a majority. */
  min_fresh_nodes?: number | undefined;
  /**
   * `live` (default); `replayed`: a player observes everything again from before the ledger's first
   * decision, so that no stored state is needed.
   */
  evidence?: "live" | "replayed" | undefined;
  /** Source of how usual a payment is: as stated by the caller (default), or by the ledger where that is higher. */
  behaviour?: "caller" | "ledger" | undefined;
  /** Asks nodes for balances; for a wallet that it does not know the caller's statement counts. */
  balances?: Balances | undefined;
  events: EventSink;
  /** Receives the own nodes' signals that other sites should have; its exceptions are ignored. */
  publish?: ((signals: readonly SignalV2[]) => void) | undefined;
  /** Turns an address into its script; without it destinations are compared as texts. */
  script_of?: ScriptOf | undefined;
  /** Whether this process may decide: false once another one watches in its place. */
  is_active?: (() => boolean) | undefined;
  /** Receives why the ledger failed, for the log. */
  log?: ((entry: LogEntry) => void) | undefined;
  /** Wall clock: milliseconds since 1970-01-01T00:00:00Z. */
  clock: () => number;
  /** Monotonic clock in milliseconds; without it a wall clock that jumps ahead is followed. */
  monotonic?: (() => number) | undefined;
}>;

/** A configuration with its defaults filled in. */
export type Settings = Readonly<{
  node_id: string;
  operator: string;
  /** All own nodes, the first one `node_id`. */
  node_ids: readonly string[];
  unknown_network: "refuse" | "elevated";
  max_report_age_ms: number;
  hold_ms: number;
  min_fresh_nodes: number;
  evidence: "live" | "replayed";
  /** Undefined where Guardian's events are not counted. */
  defense_inputs: InputsConfig | undefined;
}>;

/** What is wrong with a configuration. */
export type PipelineErrorCode = "invalid_config" | "state_of_another_site";

/** A configuration that cannot be used: what is wrong (`code`), and where (`path`, a JSON Pointer). */
export class PipelineError extends ShieldError<PipelineErrorCode> {
  override readonly name = "PipelineError";
  declare readonly path: string;

  constructor(code: PipelineErrorCode, path: string, detail: string) {
    super({ code, path, detail });
  }
}

const MAX_NODES = 64;
const DAY_MS = 86_400_000;
const DEFAULT_POLL_MS = 15_000;
/** What a poll may take beyond its interval before the report counts as missing, in milliseconds. */
const GRACE_MS = 15_000;
const MISSED_POLLS = 3;
/** How long levels are held where nothing else is configured, in milliseconds. */
export const DEFAULT_HOLD_MS = 60_000;

const functionSchema = z.custom<() => number>((value) => typeof value === "function", "a function");
const hasMethods = (...names: readonly string[]) =>
  z.custom<object>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      names.every((name) => typeof (value as Record<string, unknown>)[name] === "function"),
    `an object with ${names.join(", ")}`,
  );

const configSchema = z
  .strictObject({
    chain: z.looseObject({}),
    node_id: idSchema,
    operator: idSchema,
    further_node_ids: z
      .array(idSchema)
      .max(MAX_NODES - 1)
      .default([]),
    ledger: hasMethods("transact", "withdrawal", "records", "close"),
    state: hasMethods("load", "save").optional(),
    guardian_policy: z.unknown(),
    wallet_policies: z.record(idSchema, z.unknown()).optional(),
    qwg_policy: z.unknown(),
    unknown_network: z.enum(["refuse", "elevated"]).default("refuse"),
    poll_interval_ms: z.int().min(1_000).max(600_000).default(DEFAULT_POLL_MS),
    max_report_age_ms: z.int().min(1_000).max(DAY_MS).optional(),
    hold_ms: z.int().min(0).max(3_600_000).default(DEFAULT_HOLD_MS),
    defense_inputs: inputsConfigSchema.optional(),
    min_fresh_nodes: z.int().min(1).max(MAX_NODES).optional(),
    evidence: z.enum(["live", "replayed"]).default("live"),
    behaviour: z.enum(["caller", "ledger"]).optional(),
    balances: hasMethods("of").optional(),
    events: hasMethods("emit"),
    publish: functionSchema.optional(),
    script_of: functionSchema.optional(),
    is_active: z
      .custom<() => boolean>((value) => typeof value === "function", "a function")
      .optional(),
    log: functionSchema.optional(),
    clock: functionSchema,
    monotonic: functionSchema.optional(),
  })
  .refine(
    ({ node_id, further_node_ids }) =>
      new Set([node_id, ...further_node_ids]).size === 1 + further_node_ids.length,
    { path: ["further_node_ids"], message: "names one node twice" },
  )
  .refine(({ node_id, further_node_ids }) => ![node_id, ...further_node_ids].includes(FLEET_NODE), {
    path: ["node_id"],
    message: `no node may be named "${FLEET_NODE}": findings of all nodes together have that name`,
  })
  .refine(
    (config) =>
      !Object.hasOwn(config, "min_fresh_nodes") ||
      (config.min_fresh_nodes ?? 1) <= 1 + config.further_node_ids.length,
    { path: ["min_fresh_nodes"], message: "is more than the nodes that are configured" },
  );

/**
 * Checks a configuration and fills in its defaults.
 *
 * @param config its own fields alone are read
 * @throws PipelineError `invalid_config` with the path of the first offending field
 */
export function parseConfig(config: PipelineConfig): Settings {
  const { success, data: parsed, error } = configSchema.safeParse(ownFields(config));
  if (!success) throw invalidConfig(error);
  // A field that is absent is absent, whatever `Object.prototype` has.
  const data = Object.assign(Object.create(null) as typeof parsed, parsed);
  const { node_id, operator, further_node_ids, unknown_network, evidence, hold_ms } = data;
  const node_ids = Object.freeze([node_id, ...further_node_ids]);
  return Object.freeze({
    node_id,
    operator,
    node_ids,
    unknown_network,
    evidence,
    hold_ms,
    defense_inputs: data.defense_inputs,
    max_report_age_ms: data.max_report_age_ms ?? MISSED_POLLS * data.poll_interval_ms + GRACE_MS,
    min_fresh_nodes: data.min_fresh_nodes ?? Math.floor(node_ids.length / 2) + 1,
  });
}

// [THROW invalid_config] a field is unknown, missing or out of range
function invalidConfig(error: z.ZodError): PipelineError {
  const detail = `the configuration is not usable: ${error.issues[0]?.message ?? "not an object"}`;
  return new PipelineError("invalid_config", firstErrorPath(error), detail);
}

/** The own fields of a configuration that are given: an inherited one is none, and undefined is the default. */
export function ownFields<T>(config: T): T {
  if (typeof config !== "object" || config === null) return config;
  const own = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(config)) if (value !== undefined) own[key] = value;
  return own as T;
}
