/**
 * The five layers as one pipeline; the only place that composes them.
 *
 * An observation goes Sentinel → DQSN → ADN. A withdrawal goes to the Guardian, whose `finalize`
 * runs QWG and builds the record inside the Guardian's transaction: only a final allow reserves.
 */
import {
  createDefenseNode,
  eventsFromDqsn,
  eventsFromNetwork,
  eventsFromSentinel,
} from "@dgb-shield/adn";
import {
  CONTRACT_VERSION,
  type DefenseState,
  type DqsnResponse,
  type EventSink,
  type NetworkView,
  type SentinelReport,
  type SignalV2,
} from "@dgb-shield/contract";
import { createDqsn, createNetworkState } from "@dgb-shield/dqsn";
import { createDecisionEngine, type WalletPolicyInput } from "@dgb-shield/quantum-wallet-guard";
import {
  type ChainParameters,
  createSentinel,
  type Observation,
  toEnvelope,
  toSignals,
} from "@dgb-shield/sentinel";
import { createGuardian, type GuardianPolicyInput, type Ledger } from "@dgb-shield/wallet-guardian";
import { createPublisher } from "./publisher.js";
import { type Decided, decideWith, type Evidence, evidenceOf } from "./withdrawal.js";

/** How long a signal of a silent node counts, in milliseconds. */
const SIGNAL_TTL_MS = 180_000;
/** How long ADN counts an event that is not renewed, in milliseconds: a poll or two. */
const TTL = { event_ttl_ms: 90_000 } as const;
/** How long a level is held after its cause has gone, in milliseconds. */
const HOLD_MS = 60_000;

/** What a pipeline is made of. */
export type PipelineConfig = Readonly<{
  chain: ChainParameters;
  /** The site's own node, and who runs it. */
  node_id: string;
  operator: string;
  ledger: Ledger;
  guardian_policy: GuardianPolicyInput;
  qwg_policy: WalletPolicyInput;
  /** `refuse` (default): no withdrawal while nothing is known of the network. */
  unknown_network?: "refuse" | "elevated";
  events: EventSink;
  /** Milliseconds since 1970. */
  clock: () => number;
}>;

/** What the layers say at one moment. */
export type Picture = Readonly<{
  report: SentinelReport;
  /** DQSN's answer to the site's own evidence (contract v3). */
  response: DqsnResponse;
  /** DQSN's picture of the network (v2). */
  view: NetworkView;
  defense: DefenseState;
}>;

/** An operator's word that a finding is understood and its cause removed. */
export type Release = Readonly<{ detector: string; operator: string; reason: string }>;

/** The pipeline of one site. */
export type Pipeline = Readonly<{
  /** Layers 1 to 3 on what the site's own node says. */
  observe(observation: Observation): Picture;
  /** Signals of other sites; a refused one is counted and changes nothing. */
  receive(signals: readonly SignalV2[]): void;
  /** Layers 4 and 5 on a request, with the evidence of this moment; anything but a sound request is refused. */
  decideWithdrawal(request: unknown): Promise<Decided>;
  commit(withdrawalId: string, txid: string): Promise<void>;
  /** Releases the active findings of a detector; returns their ids. */
  release(order: Release): string[];
  refusedSignals(): number;
}>;

/** Wires the layers together. */
export function createPipeline(config: PipelineConfig): Pipeline {
  const { node_id, operator, chain, clock, events } = config;
  const sentinel = createSentinel({ node_id, chain });
  const dqsn = createDqsn({ allowed_components: ["sentinel"] });
  const network = createNetworkState({
    ttl_ms: SIGNAL_TTL_MS,
    hold_ms: HOLD_MS,
    expected_reporters: [node_id],
  });
  const adn = createDefenseNode({ node_id, hold_ms: HOLD_MS });
  const guardian = createGuardian({
    policy: config.guardian_policy,
    ledger: config.ledger,
    events,
    clock,
  });
  const qwg = createDecisionEngine({ policy: config.qwg_policy, events });
  const publish = createPublisher();
  let report: SentinelReport | undefined;
  let refused = 0;

  function receive(signals: readonly SignalV2[]): void {
    for (const signal of signals) if (!network.ingest(signal, clock()).accepted) refused++;
  }

  function evidence(): Evidence {
    const now = clock();
    const view = network.view(now);
    const defense = adn.apply(eventsFromNetwork(view, now, TTL), now);
    return evidenceOf({ report, view, defense });
  }

  return Object.freeze({
    observe(observation) {
      const now = clock();
      report = sentinel.observe(observation);
      receive(publish(toSignals(report, { operator }), now));
      const response = dqsn.evaluate({
        contract_version: CONTRACT_VERSION,
        component: "dqsn",
        request_id: `${node_id}@${now}`,
        signals: [toEnvelope(report, `${node_id}@${now}`)],
      });
      const view = network.view(now);
      const defense = adn.apply(
        [
          ...eventsFromSentinel(report, now, TTL),
          ...eventsFromDqsn(response, now, TTL),
          ...eventsFromNetwork(view, now, TTL),
        ],
        now,
      );
      return { report, response, view, defense };
    },
    receive,
    decideWithdrawal: (request) =>
      decideWith(request, {
        guardian,
        qwg,
        evidence: evidence(),
        unknown_network: config.unknown_network ?? "refuse",
        nowMs: clock(),
      }),
    async commit(withdrawalId, txid) {
      await guardian.commit(withdrawalId, { txid });
    },
    release(order) {
      const now = clock();
      const findings = (report?.findings ?? []).filter((f) => f.detector === order.detector);
      const ids = findings.map(({ finding_id }) => finding_id);
      const word = { operator: order.operator, reason: order.reason };
      for (const id of ids) sentinel.acknowledge(id, word, now);
      for (const { event_id } of adn.state(now).events) {
        if (ids.some((id) => event_id.endsWith(id))) {
          adn.override({ kind: "release", event_id, operator, reason: order.reason }, now);
        }
      }
      return ids;
    },
    refusedSignals: () => refused,
  } satisfies Pipeline);
}
