/** One run of a scenario as a service: every layer, a ledger in memory, and the scenario's own time. */
import {
  canonicalize,
  formatAmount,
  type JsonObject,
  parseAmount,
  parseStrictJson,
} from "@dgb-shield/contract";
import type { Signer } from "@dgb-shield/contract/signing";
import {
  createFleet,
  createSentinel,
  type FleetReport,
  type Observation,
  toSignals,
} from "@dgb-shield/sentinel";
import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { createHeartbeat } from "../pipeline/heartbeat.js";
import { createPipeline, type Decider } from "../pipeline/index.js";
import { simulatedHash } from "../scenarios/headers.js";
import type { CustomerRequest, Scenario, Step } from "../scenarios/scenario.js";
import { createApprovalFile } from "../service/runtime/approvals/file.js";
import { modeOf } from "../service/config/service-config.js";
import { createEventLog } from "../service/runtime/events.js";
import { createHistory } from "../service/runtime/history/index.js";
import { createIncidentMemory } from "../service/runtime/incident-log/file.js";
import { createIncidentLog } from "../service/runtime/incident-log/index.js";
import { ungoverned } from "../service/runtime/governance.js";
import { composeService } from "../service/runtime/index.js";
import { createJournal } from "../service/runtime/journal.js";
import { ordersOn } from "../service/runtime/watcher-orders.js";
import { auditRun } from "./audit.js";
import { createSigning } from "../service/signing/index.js";
import type { Service } from "../service/service.js";
import { playedConfig } from "./config.js";

/** A run. */
export type Stage = Readonly<{
  service: Service;
  /** Moves the clock; it never goes back. */
  moveTo(ms: number): void;
  /** Carries one step out, at its own time. */
  take(step: Step): Promise<void>;
  close(): Promise<void>;
}>;

/** Runs of this process: each has approvals of its own. */
let runs = 0;

/**
 * Begins a run.
 *
 * @param folder where its files are kept
 * @param signer signs the checkpoints of its audit
 */
export async function createStage(
  scenario: Scenario,
  folder: string,
  signer: Signer,
): Promise<Stage> {
  let now = scenario.steps[0]?.at_ms ?? 0;
  const clock = (): number => now;
  const [own, ...others] = scenario.reporters;
  const config = playedConfig(scenario, folder);
  const ledger = createMemoryLedger();
  const events = createEventLog(clock);
  const approvals = createApprovalFile(`${folder}/approvals-${++runs}.jsonl`, clock);
  const signing = await createSigning(config, approvals);
  const history = createHistory(scenario.chain);
  const auditor = await auditRun({
    ...{ config, ledger, clock, signer, folder: `${folder}/run-${runs}` },
  });
  const pipeline = createPipeline({
    ...{ evidence: "replayed", poll_interval_ms: scenario.poll_interval_ms, chain: scenario.chain },
    ...{ node_id: own.node_id, operator: own.operator, ledger, clock, monotonic: clock },
    guardian_policy: scenario.guardian_policy,
    qwg_policy: scenario.qwg_policy,
    events: { emit: (event) => events.add("layer", asJson(event)) },
  });
  const fleet = createFleet({
    chain: scenario.chain,
    nodes: scenario.reporters.map(({ node_id }) => node_id),
  });
  const guests = new Map(
    others.map(({ node_id, operator }) => {
      const sentinel = createSentinel({ node_id, chain: scenario.chain });
      return [node_id, { sentinel, operator, publish: createHeartbeat() }];
    }),
  );
  const balances = new Map(
    Object.entries(scenario.balances).map(([wallet, coins]) => [wallet, parseAmount(coins)]),
  );
  let together: FleetReport | null = null;
  // Who follows which branch is shown of all sites; what is decided by is the own site's evidence alone.
  const decider: Decider = {
    ...pipeline,
    overview: async () => ({ ...(await pipeline.overview()), together }),
  };
  const service = composeService({
    ...{
      config,
      events,
      clock,
      signing,
      history,
      auditor,
      prepared: [],
      journal: createJournal({ ledger, isEnforced: (id) => modeOf(config, id) === "enforce" }),
      incidents: createIncidentLog({
        store: createIncidentMemory(clock),
        ...{ isActive: () => true, clock, log: () => undefined },
      }),
      tipKey: null,
      warn: () => undefined,
      publishing: null,
    },
    governance: ungoverned(),
    storage: { ledger, approvals, close: () => approvals.close() },
    core: {
      decider,
      watcher: ordersOn(pipeline, decider),
      role: () => ({ watches: true, watcher: null, evidence_age_ms: null }),
      close: () => ledger.close(),
    },
  });

  function observe(observation: Observation): void {
    history.observe(observation);
    // A tip without its block is of a poll beside the one that showed each block, and would hide where branches part.
    if (observation.blocks.length > 0 || together === null) {
      together = { ...fleet.observe([observation]), findings: [] };
    }
    const guest = guests.get(observation.node_id);
    if (guest === undefined) {
      pipeline.observe(observation);
      return;
    }
    const report = guest.sentinel.observe(observation);
    pipeline.receive(guest.publish(toSignals(report, { operator: guest.operator }), now));
  }

  async function withdraw(request: CustomerRequest): Promise<void> {
    const { withdrawal_id, wallet_id, amount } = request;
    const balance = balances.get(wallet_id) ?? 0n;
    const { final } = await service.decide(
      asJson({ ...request, wallet_balance: formatAmount(balance) }),
    );
    if (final !== "ALLOW") return;
    balances.set(wallet_id, balance - parseAmount(amount));
    await service.commit(withdrawal_id, { txid: simulatedHash("txid", withdrawal_id) });
  }

  return Object.freeze({
    service,
    moveTo: (ms) => void (now = Math.max(now, ms)),
    async take(step) {
      now = Math.max(now, step.at_ms);
      switch (step.kind) {
        case "phase":
          events.add("phase", { label: step.label, note: step.note });
          break;
        case "observation":
          observe(step.observation);
          // What the page looks back at is taken at each poll of the own node, however fast it is played.
          if (step.observation.node_id === own.node_id) await sample();
          break;
        case "order":
          release(step.order);
          break;
        case "withdrawal":
          await withdraw(step.request);
      }
    },
    close: () => service.close(),
  } satisfies Stage);

  async function sample(): Promise<void> {
    const overview = await decider.overview();
    const isStopped = overview.inputs.guardian_risk === "HIGH";
    const state = overview.veto !== null ? "blind" : isStopped ? "stopped" : "open";
    history.sample({ state, sources: overview.inputs.sources }, overview);
  }

  function release(order: Extract<Step, { kind: "order" }>["order"]): void {
    if (order.operator === own.operator) {
      pipeline.release(order);
      return;
    }
    for (const { sentinel, operator } of guests.values()) {
      if (operator !== order.operator) continue;
      const ids = sentinel
        .state()
        .findings.filter(({ detector }) => detector === order.detector)
        .map(({ finding_id }) => finding_id);
      for (const id of ids) {
        sentinel.acknowledge(id, { operator: order.operator, reason: order.reason }, now);
      }
    }
  }
}

const asJson = (value: unknown): JsonObject => parseStrictJson(canonicalize(value)) as JsonObject;
