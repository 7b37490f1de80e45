/** Runs layers 1 to 3 of one site: evidence of its own nodes and of the network, and its durable state. */
import { eventsFromDqsn, eventsFromNetwork, eventsFromSentinel } from "@dgb-shield/adn";
import {
  acceptedClock,
  advanceClock,
  type CheckedTime,
  CONTRACT_VERSION,
  type CoreClock,
  type DefenseState,
  type DqsnResponse,
  EARLIEST_TIME_MS,
  LIMITS,
  type NetworkView,
  type SentinelReport,
  sha256Hex,
  type SignalV2,
  type TimeReading,
} from "@dgb-shield/contract";
import { createDqsn, createNetworkState, type NetworkState } from "@dgb-shield/dqsn";
import { type FleetReport, type Observation, toEnvelope, toSignals } from "@dgb-shield/sentinel";
import type { OperatorOrder } from "@dgb-shield/wallet-guardian";
import { createHeartbeat, type Heartbeat } from "./heartbeat.js";
import type { PipelineConfig, Settings } from "./config.js";
import { eventsFromFleet } from "./fleet-events.js";
import { type Evidence, inputsOf } from "./evidence.js";
import { createKeeper } from "./state/keeper.js";
import { createLowSince } from "./low-since.js";
import { acceptClocks, type Release, releaseFindings } from "./orders.js";
import { foreignSignals, isOwnSignal } from "./receive.js";
import { createSources, type LastTip } from "./sources.js";
import { createCores, lostState, stateMissingEvent } from "./state/start.js";
import { createUnheard } from "./unheard.js";
import { within } from "./within.js";

/** How long a signal of a silent node counts, in milliseconds. */
const SIGNAL_TTL_MS = 180_000;
/** How long ADN counts an event that is not renewed, in milliseconds: a poll or two. */
const TTL = { event_ttl_ms: 90_000 } as const;

/** Status of layers 1 to 3 at one moment. */
export type LayerStatus = Readonly<{
  report: SentinelReport;
  /** DQSN's answer to the site's own evidence (contract v3). */
  response: DqsnResponse;
  /** DQSN's view of the network (v2). */
  view: NetworkView;
  defense: DefenseState;
}>;

/** Reads both clocks; what throws gives no time. */
function readingOf({ clock, monotonic }: PipelineConfig): TimeReading {
  try {
    const now_ms = clock();
    return monotonic === undefined ? now_ms : { now_ms, monotonic_ms: monotonic() };
  } catch {
    return NaN;
  }
}

/** What a consumer of a stream of signals needs of the network's state. */
export type ForeignNetwork = Pick<NetworkState, "ingest" | "view">;

/** Layers 1 to 3. */
export type Site = Readonly<{
  observe(observation: Observation): LayerStatus;
  receive(signals: readonly SignalV2[]): void;
  refusedSignals(): number;
  /** The network's state for a source of other sites' signals: own names are rejected there as in `receive`. */
  foreign: ForeignNetwork;
  release(order: Release): string[];
  /** Names of the cores that reject an order that is sound. */
  acceptClock(order: OperatorOrder): string[];
  /** The evidence now, from memory. */
  evidence(): Evidence;
  /** The evidence now, and what it is made of. */
  everything(): Readonly<{ evidence: Evidence; view: NetworkView; defense: DefenseState }>;
  reports(): readonly SentinelReport[];
  together(): FleetReport | null;
  needsTips(): readonly string[];
  lastObservedMs(): number;
  lastTips(): readonly LastTip[];
  /**
   * Checks with the ledger, once, whether the stored state belongs to it; to be awaited before anything of this process
   * is written there. Never rejects, and never waits longer than a bounded time.
   */
  checked(): Promise<void>;
  /** Whether that is done. */
  isChecked(): boolean;
  /** Makes what is known now durable; as `checked`. */
  prepared(): Promise<void>;
}>;

/** Makes the id of an evaluation; one that would be too long is hashed. */
function requestIdOf(nodeId: string, nowMs: number): string {
  const name = `${nodeId}@${nowMs}`;
  return Array.from(name).length <= LIMITS.maxIdLength ? name : sha256Hex(name);
}

type Moment = Readonly<{
  reading: TimeReading;
  /** Undefined where the clock gives no time. */
  now: CheckedTime | undefined;
  /** The wall clock's time; the last known one where it gives none. */
  readMs: number;
}>;

/** Begins from the stored state, or locked down where that is lost. */
export function createSite(config: PipelineConfig, settings: Settings): Site {
  const { node_ids, operator, max_report_age_ms, hold_ms } = settings;
  const cores = createCores({ settings, chain: config.chain, hold_ms }, config.state);
  const { defense } = cores;
  const sources = createSources(cores.fleet, node_ids);
  const dqsn = createDqsn({ allowed_components: ["sentinel"] });
  const network = createNetworkState({
    ttl_ms: SIGNAL_TTL_MS,
    hold_ms,
    expected_reporters: node_ids.map((id) => ({ node_id: id, operator })),
  });
  const unheard = createUnheard(network, { node_ids, operator, graceMs: max_report_age_ms });
  const heartbeats = new Map(node_ids.map((id): [string, Heartbeat] => [id, createHeartbeat()]));
  const keeper = createKeeper({
    ...settings,
    chain: config.chain.name,
    store: config.state,
    generation: cores.generation,
    sources,
    defense,
  });
  const lowSince = createLowSince(max_report_age_ms);
  let clock: CoreClock | undefined;
  let { lost } = cores;
  let isStateChecked = settings.evidence === "replayed";
  let checking: Promise<void> | undefined;
  let refused = 0;

  function readClock(): Moment {
    const reading = readingOf(config);
    const now = advanceClock(clock, reading);
    if (!now.ok) return { reading, now: undefined, readMs: clock?.time_ms ?? EARLIEST_TIME_MS };
    clock = now.clock;
    return { reading, now, readMs: now.wall_ms };
  }

  /** Locks the node down, once, where its stored state is lost. */
  function lockWhereLost({ reading, now }: Moment): void {
    if (lost === null || now === undefined) return;
    defense.apply([stateMissingEvent(now.wall_ms, lost)], reading);
    lost = null;
  }

  function ingest(signals: readonly unknown[], reading: TimeReading): void {
    for (const signal of signals) if (!network.ingest(signal, reading).accepted) refused++;
  }

  /** Hands own signals on; whatever the receiver does, it changes nothing here. */
  function publish(signals: readonly SignalV2[]): void {
    try {
      config.publish?.(signals);
    } catch {
      // The watch goes on without the other sites.
    }
  }

  /** Checks whether state and ledger belong together: once for all callers, again where it failed. */
  async function checkState(): Promise<void> {
    if (isStateChecked) return;
    checking ??= lostState(config.ledger, cores.generation).then(
      (found) => {
        lost = found ?? lost;
        isStateChecked = true;
      },
      () => {
        checking = undefined;
      },
    );
    await within(checking);
  }

  /** The network now; at a time that is none, as it was last, which counts as unknown. */
  const viewAt = ({ reading, now, readMs }: Moment): NetworkView =>
    network.view(now === undefined ? readMs : reading);

  /** All evidence at one moment. */
  function inputsAt({ now }: Moment, view: NetworkView, state: DefenseState) {
    const states = sources.states(now, max_report_age_ms);
    const state_generation = keeper.generation();
    const facts = { now, sources: states, view, defense: state, state_generation };
    const inputs = inputsOf(facts, settings);
    const nowMs = now?.status === "trusted" ? now.wall_ms : undefined;
    return { ...inputs, risk_low_since_ms: lowSince.note(inputs.guardian_risk, nowMs) };
  }

  function everything() {
    const moment = readClock();
    const { reading, now, readMs } = moment;
    lockWhereLost(moment);
    unheard.look(now);
    const view = viewAt(moment);
    const events = now === undefined ? [] : eventsFromNetwork(view, reading, TTL);
    const state = defense.apply(events, reading);
    const isActive = config.is_active?.() ?? true;
    const durable = keeper.keep(readMs) && isActive && isStateChecked && lost === null;
    const evidence = { inputs: inputsAt(moment, view, state), at_ms: readMs, durable };
    return { evidence, view, defense: state };
  }

  return Object.freeze({
    observe(observation) {
      const moment = readClock();
      const { reading, now, readMs } = moment;
      lockWhereLost(moment);
      const report = sources.observe(observation, now);
      if (report === undefined) throw new RangeError("the observation is of no node of this site");
      const heartbeat = heartbeats.get(report.node_id);
      const signals = heartbeat?.(toSignals(report, { operator }), readMs) ?? [];
      ingest(signals, reading);
      if (signals.length > 0) publish(signals);
      unheard.heard(report.node_id, now);
      const request_id = requestIdOf(report.node_id, readMs);
      const response = dqsn.evaluate({
        contract_version: CONTRACT_VERSION,
        component: "dqsn",
        request_id,
        signals: [toEnvelope(report, request_id)],
      });
      const view = viewAt(moment);
      const state = defense.apply(
        // At a time that is none the defense answers FULL by itself; no event can be dated.
        now === undefined
          ? []
          : [
              ...eventsFromSentinel(report, reading, TTL),
              ...eventsFromFleet(sources.together(), { reading, now, ...TTL }),
              ...eventsFromDqsn(response, reading, TTL),
              ...eventsFromNetwork(view, reading, TTL),
            ],
        reading,
      );
      keeper.keep(readMs);
      inputsAt(moment, view, state);
      return { report, response, view, defense: state };
    },
    receive(signals) {
      const { foreign, refused: own } = foreignSignals(signals, { operator, hasNode: sources.has });
      refused += own;
      ingest(foreign, readClock().reading);
    },
    refusedSignals: () => refused,
    foreign: {
      ingest(signal, reading) {
        if (!isOwnSignal(signal, { operator, hasNode: sources.has })) {
          return network.ingest(signal, reading);
        }
        refused++;
        return { accepted: false, code: "DQSN_ERROR_SIGNAL_INVALID", path: "/operator" };
      },
      view: network.view,
    },
    release(order) {
      const { reading, readMs } = readClock();
      const released = releaseFindings(order, { sources, defense, reading });
      keeper.keep(readMs);
      return released;
    },
    acceptClock(order) {
      const { reading, readMs } = readClock();
      const accepted = acceptedClock(reading);
      if (accepted.ok) clock = accepted.clock;
      const refusedBy = acceptClocks(order, { sources, network, defense, reading });
      keeper.keep(readMs);
      return accepted.ok ? refusedBy : ["pipeline", ...refusedBy];
    },
    evidence: () => everything().evidence,
    everything,
    reports: sources.reports,
    together: sources.together,
    needsTips: sources.needsTips,
    lastObservedMs: sources.lastObservedMs,
    lastTips: sources.lastTips,
    checked: checkState,
    isChecked: () => isStateChecked,
    async prepared() {
      await checkState();
      keeper.keep(readClock().readMs);
      await keeper.settled();
    },
  } satisfies Site);
}
