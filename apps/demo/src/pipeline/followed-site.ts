/** Layers 1 to 3 as another process shows them: the evidence that it wrote, with the age that it has now (design, section 10). */
import type { DefenseState, NetworkView, SentinelReport } from "@dgb-shield/contract";
import { createNetworkState } from "@dgb-shield/dqsn";
import type { FleetReport } from "@dgb-shield/sentinel";
import type { PipelineConfig, Settings } from "./config.js";
import { guardianRiskOf, type Inputs } from "./evidence.js";
import { createOwnClock } from "./own-clock.js";
import type { SiteView } from "./site.js";
import { levelOfSources, type SourceState } from "./sources.js";
import { within } from "./within.js";

/** Evidence as the process that watches wrote it. */
export type SharedEvidence = Readonly<{
  /** Grows with each change that could turn an ALLOW into a refusal, and with each process that begins to watch. */
  generation: number;
  /** Milliseconds since it was composed, at least; Infinity where that is not known. */
  age_ms: number;
  chain: string;
  operator: string;
  /** When it was composed, by the clock of the process that watches. */
  at_ms: number;
  inputs: Inputs;
  durable: boolean;
  clock_accepted_ms: number | null;
  /** What it is made of, for people; null where that was too large to be shared. */
  shown: Readonly<{
    view: NetworkView;
    defense: DefenseState;
    reports: readonly SentinelReport[];
    together: FleetReport | null;
  }> | null;
}>;

/** Where evidence of another process is read. */
export type EvidenceFeed = Readonly<{
  /** Reads what is there now; resolves when that is done, or has failed. */
  refresh(): Promise<void>;
  /** What was read last; null where there is none, or it cannot be read. */
  current(): SharedEvidence | null;
}>;

/** Age at which evidence that is written each second no longer counts, in milliseconds. */
export const EVIDENCE_STALE_MS = 5_000;

/** Creates the view of a site that another process watches. */
export function createFollowedSite(
  config: PipelineConfig,
  settings: Settings,
  feed: EvidenceFeed,
): SiteView {
  const clock = createOwnClock(config);
  const unknown = createNetworkState({ expected_reporters: [] });
  let acceptedMs: number | null | undefined;
  /** Whether evidence was there once: what is recorded before would pass for decisions on a lost state. */
  let hasBegun = false;

  /** The evidence, where it is of this site. */
  function found(): SharedEvidence | null {
    const shared = feed.current();
    if (shared === null || !isOfSite(shared, config, settings)) return null;
    hasBegun = true;
    return shared;
  }

  function everything() {
    const shared = found();
    acceptAsWatcher(shared);
    const { now, readMs, stepMs: clock_step_ms } = clock.read();
    const isCurrent = shared !== null && shared.age_ms <= EVIDENCE_STALE_MS;
    const status: Inputs["clock"] = now?.status ?? "invalid";
    const inputs =
      shared === null
        ? noInputs(settings, unknown.view(readMs), readMs)
        : agedInputs(shared, { isCurrent, settings });
    return {
      evidence: {
        inputs: status === "trusted" ? inputs : { ...inputs, clock: status },
        at_ms: readMs,
        durable: shared?.durable ?? true,
        clock_step_ms,
        generation: shared?.generation ?? 0,
      },
      view: shared?.shown?.view ?? unknown.view(readMs),
      defense: shared?.shown?.defense ?? noDefense(settings, readMs),
    };
  }

  /** Accepts the own clock where an operator accepted the watching process's since the last look. */
  function acceptAsWatcher(shared: SharedEvidence | null): void {
    if (shared === null) return;
    const isNews = acceptedMs !== undefined && shared.clock_accepted_ms !== acceptedMs;
    acceptedMs = shared.clock_accepted_ms;
    if (isNews) clock.accept(clock.read().reading);
  }

  const refreshed = async (): Promise<void> => {
    await within(feed.refresh());
    found();
  };
  return Object.freeze({
    evidence: () => everything().evidence,
    everything,
    reports: () => found()?.shown?.reports ?? [],
    together: () => found()?.shown?.together ?? null,
    checked: refreshed,
    isChecked: () => hasBegun,
    prepared: refreshed,
  } satisfies SiteView);
}

/** Whether evidence is of this chain and site, and of exactly the nodes that this process is configured with. */
function isOfSite(shared: SharedEvidence, { chain }: PipelineConfig, settings: Settings): boolean {
  const watched = shared.inputs.sources.map(({ node_id }) => node_id);
  return (
    shared.chain === chain.name &&
    shared.operator === settings.operator &&
    watched.length === settings.node_ids.length &&
    settings.node_ids.every((id) => watched.includes(id))
  );
}

/** The inputs with the age that they have now. */
function agedInputs(
  { inputs, age_ms: age }: SharedEvidence,
  { isCurrent, settings }: Readonly<{ isCurrent: boolean; settings: Settings }>,
): Inputs {
  const sources = inputs.sources.map((source): SourceState => {
    const isKnown = source.age_ms !== null && Number.isFinite(age);
    const age_ms = isKnown ? (source.age_ms ?? 0) + Math.ceil(Math.max(0, age)) : null;
    const isYoung = age_ms !== null && age_ms <= settings.max_report_age_ms;
    return { ...source, age_ms, fresh: source.fresh && isCurrent && isYoung };
  });
  const levels = {
    sentinel_level: levelOfSources(sources),
    adn_level: inputs.adn_level,
    dqs_advisory: inputs.dqs_advisory,
  };
  return {
    ...inputs,
    ...levels,
    guardian_risk: guardianRiskOf(levels),
    risk_low_since_ms: isCurrent ? (inputs.risk_low_since_ms ?? null) : null,
    sources,
    min_fresh_nodes: settings.min_fresh_nodes,
  };
}

/** What is known where no evidence can be read: nothing. */
function noInputs(settings: Settings, view: NetworkView, nowMs: number): Inputs {
  const sources = settings.node_ids.map((node_id): SourceState => {
    const nothing = { observed_at_ms: null, age_ms: null, fresh: false };
    return { node_id, status: "UNSEEN", level: "critical", ...nothing };
  });
  const levels = {
    sentinel_level: levelOfSources(sources),
    adn_level: "critical" as const,
    dqs_advisory: view.level,
  };
  return {
    ...levels,
    dqs_network_score: view.score,
    network_digest: view.digest,
    guardian_risk: guardianRiskOf(levels),
    risk_low_since_ms: null,
    clock: "trusted",
    sources,
    min_fresh_nodes: settings.min_fresh_nodes,
    view_as_of_ms: view.as_of_ms,
    lockdown: "FULL",
    defense_as_of_ms: nowMs,
    state_generation: 0,
  };
}

const noDefense = ({ node_id }: Settings, nowMs: number): DefenseState => ({
  node_id,
  as_of_ms: nowMs,
  clock: "trusted",
  level: "critical",
  score: 1,
  lockdown: "FULL",
  since_ms: nowMs,
  reason: "no process of this deployment shows evidence",
  actions: [],
  events: [],
});
