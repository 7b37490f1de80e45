/** Collects all evidence about risk at one moment, and vetoes withdrawals by it (design, sections 3 and 10). */
import {
  type CheckedTime,
  type WithdrawalRecord,
  type DefenseState,
  GUARDIAN_RISK_OF_LEVEL,
  isWorseLevel,
  LEVEL_OF_ADVISORY,
  type NetworkView,
  type RiskLevel,
  worstLevel,
} from "@dgb-shield/contract";
import type { Settings } from "./config.js";
import { levelOfSources, type SourceState } from "./sources.js";

/** All evidence about risk, as a decision records it; a caller never gives it. */
export type Inputs = WithdrawalRecord["inputs"];
/** Why a withdrawal is rejected whatever the layers answer; null where nothing forbids it. */
export type Veto = WithdrawalRecord["veto"];

/** The evidence of one moment. */
export type Evidence = Readonly<{
  inputs: Inputs;
  /** When, by the site's clock; the last known time where the clock gives none. */
  at_ms: number;
  /** Whether the state that it rests on is durable. */
  durable: boolean;
  /** How far the clock is ahead of the time that has passed, in milliseconds; below 0: behind; 0 while it is trusted. */
  clock_step_ms: number;
  /** Number by which processes that share the evidence know it; absent where it is this process's alone. */
  generation?: number;
}>;

/** What evidence is made of. */
export type Facts = Readonly<{
  now: CheckedTime | undefined;
  sources: readonly SourceState[];
  view: NetworkView;
  defense: DefenseState;
  state_generation: number;
}>;

/** The worst level of everything: of the own nodes, the defense and the network. */
export const guardianRiskOf = ({
  sentinel_level,
  adn_level,
  dqs_advisory,
}: Pick<Inputs, "sentinel_level" | "adn_level" | "dqs_advisory">): Inputs["guardian_risk"] =>
  GUARDIAN_RISK_OF_LEVEL[worstLevel([sentinel_level, adn_level, LEVEL_OF_ADVISORY[dqs_advisory]])];

/**
 * Collects the evidence of one moment. A node in FULL lockdown is critical: it rejects withdrawals, whatever
 * level led there.
 */
export function inputsOf(
  { now, sources, view, defense, state_generation }: Facts,
  settings: Settings,
): Inputs {
  const sentinel_level = levelOfSources(sources);
  const adn_level = defense.lockdown === "FULL" ? "critical" : defense.level;
  const dqs_advisory = view.level;
  return {
    sentinel_level,
    adn_level,
    dqs_advisory,
    dqs_network_score: view.score,
    network_digest: view.digest,
    guardian_risk: guardianRiskOf({ sentinel_level, adn_level, dqs_advisory }),
    clock: now?.status ?? "invalid",
    sources: sources.map(({ node_id, status, level, observed_at_ms, age_ms, fresh }) => ({
      node_id,
      status,
      level,
      observed_at_ms,
      age_ms,
      fresh,
    })),
    min_fresh_nodes: settings.min_fresh_nodes,
    view_as_of_ms: view.as_of_ms,
    lockdown: defense.lockdown,
    defense_as_of_ms: defense.as_of_ms,
    state_generation,
  };
}

/**
 * Finds why the evidence forbids any withdrawal; the first reason that applies.
 *
 * @param before the evidence that the Guardian decided on, if that was earlier
 * @param current number of the shared evidence that the ledger holds under its locks
 */
export function vetoOf(
  evidence: Evidence,
  settings: Settings,
  { before = evidence, current = 0 }: Readonly<{ before?: Evidence; current?: number }> = {},
): Veto {
  const { inputs } = evidence;
  // [REFUSE clock_untrusted] nothing can be aged by a clock that is wrong
  if (inputs.clock !== "trusted") return "clock_untrusted";

  // [REFUSE state_unavailable] a restart could lose a latch that the evidence rests on
  if (!evidence.durable) return "state_unavailable";

  // [REFUSE own_node_stale] too few own nodes are watching, whatever the network reports
  const fresh = inputs.sources.filter((source) => source.fresh).length;
  if (fresh < settings.min_fresh_nodes) return "own_node_stale";

  // [REFUSE network_unknown] nothing is known of the network
  if (inputs.dqs_advisory === "UNKNOWN" && settings.unknown_network === "refuse") {
    return "network_unknown";
  }

  // [REFUSE evidence_changed] it became worse while the ledger was locked, or in the process that watches
  const isOld = evidence.generation !== undefined && current > evidence.generation;
  return isOld || isWorse(inputs, before.inputs) ? "evidence_changed" : null;
}

const LEVELS: readonly ((inputs: Inputs) => RiskLevel)[] = [
  (inputs) => inputs.sentinel_level,
  (inputs) => inputs.adn_level,
  (inputs) => LEVEL_OF_ADVISORY[inputs.dqs_advisory],
];

const isWorse = (now: Inputs, before: Inputs): boolean =>
  LEVELS.some((levelOf) => isWorseLevel(levelOf(now), levelOf(before)));
