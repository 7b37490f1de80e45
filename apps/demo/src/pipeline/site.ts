/** Runs layers 1 to 3 of one site: evidence of its own nodes and of the network, and its durable state. */
import {
  eventsFromDqsn,
  eventsFromNetwork,
  eventsFromSentinel,
  type Telemetry,
} from "@dgb-shield/adn";
import {
  CONTRACT_VERSION,
  type DefenseState,
  type DqsnResponse,
  LIMITS,
  type NetworkView,
  type SentinelReport,
  type ShieldEvent,
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
import { createLayerMemory, type Layers } from "./layer-memory.js";
import { createLowSince } from "./low-since.js";
import { createNetworkEvents } from "./network-events.js";
import { acceptClocks, type Release, releaseFindings } from "./orders.js";
import { foreignSignals, isOwnSignal } from "./receive.js";
import { createOwnClock, type Moment } from "./own-clock.js";
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

/** What a consumer of a stream of signals needs of the network's state. */
export type ForeignNetwork = Pick<NetworkState, "ingest" | "view">;

/** What a decision needs of layers 1 to 3, whichever process runs them. */
export type SiteView = Readonly<{
  /** The evidence now, from memory. */
  evidence(): Evidence;
  /** The evidence now, and what it is made of. */
  everything(): Readonly<{ evidence: Evidence; view: NetworkView; defense: DefenseState }>;
  reports(): readonly SentinelReport[];
  together(): FleetReport | null;
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

/** Layers 1 to 3. */
export type Site = SiteView &
  Readonly<{
    observe(observation: Observation): LayerStatus;
    receive(signals: readonly SignalV2[]): void;
    /** Takes a sample of the node's telemetry into the defense. */
    noteTelemetry(sample: Telemetry): void;
    /** Counts an event of Guardian in the defense. */
    noteWithdrawal(event: ShieldEvent): void;
    refusedSignals(): number;
    /** The network's state for a source of other sites' signals: own names are rejected there as in `receive`. */
    foreign: ForeignNetwork;
    release(order: Release): string[];
    /** Names of the cores that reject an order that is sound. */
    acceptClock(order: OperatorOrder): string[];
    needsTips(): readonly string[];
    lastObservedMs(): number;
    lastTips(): readonly LastTip[];
    /** When the clock of layers 1 to 3 was accepted last; null where it never was. */
    clockAcceptedMs(): number | null;
  }>;

/** Makes the id of an evaluation; one that would be too long is hashed. */
function requestIdOf(nodeId: string, nowMs: number): string {
  const name = `${nodeId}@${nowMs}`;
  return Array.from(name).length <= LIMITS.maxIdLength ? name : sha256Hex(name);
}

/** Begins from the stored state, or locked down where that is lost. */
export function createSite(config: PipelineConfig, settings: Settings): Site {
  const { node_ids, operator, max_report_age_ms, hold_ms } = settings;
  const cores = createCores({ settings, chain: config.chain, hold_ms }, config.state);
  const { defense } = cores;
  const sources = createSources(cores.fleet, node_ids);
  const dqsn = createDqsn({ allowed_components: ["sentinel"] });
  const lastLayers = createLayerMemory(
    createNetworkState({
      ttl_ms: SIGNAL_TTL_MS,
      hold_ms,
      expected_reporters: node_ids.map((id) => ({ node_id: id, operator })),
    }),
    defense,
  );
  const { network } = lastLayers;
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
  const networkEvents = createNetworkEvents();
  const clock = createOwnClock(config);
  let { lost } = cores;
  let isStateChecked = settings.evidence === "replayed";
  let checking: Promise<void> | undefined;
  let refused = 0;

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

  /** How events of the network's view are made, right after it was taken. */
  const ofNetwork = () => ({ ...TTL, critical_types: network.criticalTypes() });

  /** All evidence at one moment. */
  function inputsAt({ now }: Moment, view: NetworkView, state: DefenseState) {
    const states = sources.states(now, max_report_age_ms);
    const state_generation = keeper.generation();
    const facts = { now, sources: states, view, defense: state, state_generation };
    const inputs = inputsOf(facts, settings);
    const nowMs = now?.status === "trusted" ? now.wall_ms : undefined;
    return { ...inputs, risk_low_since_ms: lowSince.note(inputs.guardian_risk, nowMs) };
  }

  /** Network and defense at one moment; the same ones where nothing happened since they were read in this millisecond. */
  function layersAt(moment: Moment): Layers {
    const known = lastLayers.of(moment);
    if (known !== undefined) return known;
    const { reading, now } = moment;
    const view = viewAt(moment);
    const isKnown = now !== undefined && (view.level !== "UNKNOWN" || !unheard.isStarting(now));
    const events = isKnown ? networkEvents(view, reading, ofNetwork) : [];
    const layers = { view, defense: defense.apply(events, reading) };
    if (events.length === 0) lastLayers.keep(moment, layers);
    return layers;
  }

  function everything() {
    const moment = clock.read();
    const { now, readMs, stepMs: clock_step_ms } = moment;
    lockWhereLost(moment);
    unheard.look(now);
    const { view, defense: state } = layersAt(moment);
    const isActive = config.is_active?.() ?? true;
    const durable = keeper.keep(readMs) && isActive && isStateChecked && lost === null;
    const inputs = inputsAt(moment, view, state);
    const evidence = { inputs, at_ms: readMs, durable, clock_step_ms };
    return { evidence, view, defense: state };
  }

  function note(change: (reading: TimeReading) => DefenseState): void {
    const moment = clock.read();
    lockWhereLost(moment);
    change(moment.reading);
    keeper.keep(moment.readMs);
  }

  return Object.freeze({
    observe(observation) {
      const moment = clock.read();
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
              ...eventsFromNetwork(view, reading, ofNetwork()),
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
      ingest(foreign, clock.read().reading);
    },
    noteTelemetry: (sample) => note((reading) => defense.noteTelemetry(sample, reading)),
    noteWithdrawal: (event) => note((reading) => defense.noteWithdrawals([event], reading)),
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
      const { reading, readMs } = clock.read();
      const released = releaseFindings(order, { sources, defense, reading });
      keeper.keep(readMs);
      return released;
    },
    acceptClock(order) {
      const { reading, readMs } = clock.read();
      const isAccepted = clock.accept(reading);
      const refusedBy = acceptClocks(order, { sources, network, defense, reading });
      keeper.keep(readMs);
      return isAccepted ? refusedBy : ["pipeline", ...refusedBy];
    },
    evidence: () => everything().evidence,
    everything,
    reports: sources.reports,
    together: sources.together,
    needsTips: sources.needsTips,
    lastObservedMs: sources.lastObservedMs,
    lastTips: sources.lastTips,
    clockAcceptedMs: () => defense.snapshot().clock_acceptances.at(-1)?.at_ms ?? null,
    checked: checkState,
    isChecked: () => isStateChecked,
    async prepared() {
      await checkState();
      keeper.keep(clock.read().readMs);
      await keeper.settled();
    },
  } satisfies Site);
}
