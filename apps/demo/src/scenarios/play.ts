/** Plays a scenario through the pipeline, step by step in its own time, and yields what happened. */
import {
  type EventSink,
  formatAmount,
  levelOfScore,
  isWorseLevel,
  parseAmount,
  type Finding,
  type RiskLevel,
  type SentinelReport,
  type StoredWithdrawalRecord,
  storedWithdrawalRecordSchema,
} from "@dgb-shield/contract";
import { createSentinel, type Sentinel, toSignals } from "@dgb-shield/sentinel";
import type { Ledger, OperationResult } from "@dgb-shield/wallet-guardian";
import { createPipeline, type LayerStatus, type Pipeline } from "../pipeline/index.js";
import { createHeartbeat, type Heartbeat } from "../pipeline/heartbeat.js";
import { simulatedHash } from "./headers.js";
import type { CustomerRequest, ReleaseOrder, Scenario, Step } from "./scenario.js";
import { type ChainSplit, createSplitWatch, type SplitWatch } from "../timeline/chain-split.js";
import type { Entry } from "../timeline/entries.js";
import { createSummaryBuilder, type SummaryBuilder } from "../timeline/summary.js";

/** What a player needs besides the scenario. */
export type Environment = Readonly<{
  ledger: Ledger;
  ledgerKind: "sqlite" | "memory";
  events: EventSink;
  /** Called before each step: waits as long as the chosen speed requires, and shows progress. */
  pace: (step: Step, index: number) => Promise<void>;
  /** Events exported and dropped so far, after all have been flushed. */
  exported: () => Promise<Readonly<{ delivered: number; dropped: number }>>;
}>;

/** Another site's node, whose Sentinel runs here because the demo has all of its data. */
type Guest = Readonly<{ sentinel: Sentinel; operator: string; publish: Heartbeat }>;

/**
 * Plays a scenario. Decisions that the ledger already holds are recalled, not made again: a demo
 * that was stopped goes on where it was, and counts nothing twice.
 */
export async function* play(scenario: Scenario, environment: Environment): AsyncGenerator<Entry> {
  const player = new Player(scenario, environment, await recordedDecisions(environment.ledger));
  yield player.head();
  for (const [index, step] of scenario.steps.entries()) {
    await environment.pace(step, index);
    yield* player.step(step);
  }
  yield player.summary(await environment.exported());
}

class Player {
  readonly #scenario: Scenario;
  readonly #environment: Environment;
  readonly #recorded: ReadonlyMap<string, StoredWithdrawalRecord>;
  readonly #pipeline: Pipeline;
  readonly #guests: ReadonlyMap<string, Guest>;
  readonly #balances: Map<string, bigint>;
  readonly #known = new Map<string, Map<string, Finding>>();
  /** Worst level shown so far, by node and finding: a finding that flickers is shown once. */
  readonly #reported = new Map<string, RiskLevel>();
  readonly #summary: SummaryBuilder = createSummaryBuilder();
  readonly #splits: SplitWatch;
  #now: number;
  #advised = "";
  #defended = "";

  constructor(
    scenario: Scenario,
    environment: Environment,
    recorded: ReadonlyMap<string, StoredWithdrawalRecord>,
  ) {
    const [own, ...others] = scenario.reporters;
    this.#scenario = scenario;
    this.#environment = environment;
    this.#recorded = recorded;
    this.#now = scenario.steps[0]?.at_ms ?? 0;
    this.#balances = new Map(
      Object.entries(scenario.balances).map(([wallet, coins]) => [wallet, parseAmount(coins)]),
    );
    this.#guests = new Map(
      others.map(({ node_id, operator }) => {
        const sentinel = createSentinel({ node_id, chain: scenario.chain });
        return [node_id, { sentinel, operator, publish: createHeartbeat() }];
      }),
    );
    this.#splits = createSplitWatch(own.node_id);
    this.#pipeline = createPipeline({
      evidence: "replayed",
      poll_interval_ms: scenario.poll_interval_ms,
      chain: scenario.chain,
      node_id: own.node_id,
      operator: own.operator,
      ledger: environment.ledger,
      guardian_policy: scenario.guardian_policy,
      qwg_policy: scenario.qwg_policy,
      events: environment.events,
      clock: () => this.#now,
      // The scenario's own time is both of its clocks.
      monotonic: () => this.#now,
    });
  }

  head(): Entry {
    const { name, title, origin, provenance, reporters, clock, zero_ms, chain } = this.#scenario;
    const { ledgerKind: ledger } = this.#environment;
    const about = { name, title, origin, provenance, reporters, clock, zero_ms };
    const scenario = { ...about, chain: chain.name, coin: coinOf(chain.name), ledger };
    return { type: "scenario", at_ms: this.#now, scenario };
  }

  async *step(step: Step): AsyncGenerator<Entry> {
    this.#now = step.at_ms;
    switch (step.kind) {
      case "phase":
        yield { type: "phase", at_ms: step.at_ms, label: step.label, note: step.note };
        break;
      case "observation":
        yield* this.#observe(step.observation);
        break;
      case "order":
        yield this.#release(step.order);
        break;
      case "withdrawal":
        yield await this.#withdraw(step.request);
    }
  }

  summary(exported: { delivered: number; dropped: number }): Entry {
    const { name, origin } = this.#scenario;
    const base = { scenario: name, origin, ledger: this.#environment.ledgerKind };
    return { type: "summary", at_ms: this.#now, summary: this.#summary.build(base, exported) };
  }

  *#observe(observation: Extract<Step, { kind: "observation" }>["observation"]): Generator<Entry> {
    const { node_id } = observation;
    this.#summary.observed(observation);
    for (const split of this.#splits.observe(observation)) yield this.#split(split);
    const guest = this.#guests.get(node_id);
    if (guest !== undefined) {
      const report = guest.sentinel.observe(observation);
      const signals = toSignals(report, { operator: guest.operator });
      this.#pipeline.receive(guest.publish(signals, this.#now));
      yield* this.#changes(report, guest.operator);
      return;
    }
    const status = this.#pipeline.observe(observation);
    yield* this.#changes(status.report, this.#scenario.reporters[0].operator);
    yield* this.#advice(status);
    yield* this.#defense(status);
  }

  /** Yields what a report has that the one before it had not. */
  *#changes(report: SentinelReport, operator: string): Generator<Entry> {
    const { node_id } = report;
    const before = this.#known.get(node_id) ?? new Map<string, Finding>();
    const after = new Map(report.findings.map((finding) => [finding.finding_id, finding]));
    this.#known.set(node_id, after);
    const base = { at_ms: this.#now, node_id, operator };
    for (const finding of after.values()) {
      const level = levelOfScore(finding.severity);
      const key = `${node_id} ${finding.finding_id}`;
      const reported = this.#reported.get(key);
      if (reported !== undefined && !isWorseLevel(level, reported)) continue;
      this.#reported.set(key, level);
      if (reported === undefined) this.#summary.found(finding);
      yield { type: reported === undefined ? "finding" : "finding_worse", ...base, finding };
    }
    for (const finding of before.values()) {
      if (!after.has(finding.finding_id)) yield { type: "finding_over", ...base, finding };
    }
  }

  *#advice({ view, response }: LayerStatus): Generator<Entry> {
    this.#summary.advised(view.level);
    const shown = `${view.level} ${response.decision}`;
    if (shown === this.#advised) return;
    this.#advised = shown;
    const { level, score, critical_operators } = view;
    const { decision, reason_codes } = response;
    const advice = { level, score, critical_operators, decision, reason_codes };
    yield { type: "advice", at_ms: this.#now, advice };
  }

  *#defense({ defense }: LayerStatus): Generator<Entry> {
    this.#summary.defended(defense.lockdown);
    const shown = `${defense.lockdown} ${defense.level}`;
    if (shown === this.#defended) return;
    this.#defended = shown;
    yield { type: "defense", at_ms: this.#now, state: defense };
  }

  #split(split: ChainSplit): Entry {
    if (split.status === "split") this.#summary.split();
    return { type: "chain_split", at_ms: this.#now, split };
  }

  #release(order: ReleaseOrder): Entry {
    const isOwn = order.operator === this.#scenario.reporters[0].operator;
    const finding_ids = isOwn ? this.#pipeline.release(order) : this.#releaseGuests(order);
    return { type: "order", at_ms: this.#now, order, finding_ids };
  }

  #releaseGuests(order: ReleaseOrder): string[] {
    const guests = [...this.#guests].filter(([, { operator }]) => operator === order.operator);
    return guests.flatMap(([node_id, { sentinel }]) => {
      const findings = [...(this.#known.get(node_id)?.values() ?? [])];
      const ids = findings.filter((f) => f.detector === order.detector).map((f) => f.finding_id);
      for (const id of ids)
        sentinel.acknowledge(id, { operator: order.operator, reason: order.reason }, this.#now);
      return ids;
    });
  }

  async #withdraw(request: CustomerRequest): Promise<Entry> {
    const { withdrawal_id, wallet_id, amount, user_id } = request;
    const earlier = this.#recorded.get(attemptKey(withdrawal_id, this.#now));
    const record = earlier ?? (await this.#decide(request));
    let unsettled: string | null = null;
    if (record.final === "ALLOW") {
      this.#balances.set(wallet_id, this.#balance(wallet_id) - parseAmount(amount));
      unsettled = rejectionOf(await this.#pay(withdrawal_id));
    }
    const recalled = earlier !== undefined;
    const outcome = { withdrawal_id, wallet_id, amount, user_id, record, recalled, unsettled };
    this.#summary.decided(outcome);
    return { type: "withdrawal", at_ms: this.#now, outcome };
  }

  /** Records the simulated payment, unless an earlier run did. */
  async #pay(withdrawalId: string): Promise<OperationResult | undefined> {
    const row = await this.#environment.ledger.withdrawal(withdrawalId);
    if (row?.status === "committed") return undefined;
    return this.#pipeline.commit(withdrawalId, { txid: simulatedHash("txid", withdrawalId) });
  }

  async #decide(request: CustomerRequest): Promise<StoredWithdrawalRecord> {
    const wallet_balance = formatAmount(this.#balance(request.wallet_id));
    const { record } = await this.#pipeline.decideWithdrawal({ ...request, wallet_balance });
    return record;
  }

  #balance(walletId: string): bigint {
    return this.#balances.get(walletId) ?? 0n;
  }
}

const COINS: ReadonlyMap<string, string> = new Map([
  ["digibyte", "DGB"],
  ["bitcoin", "BTC"],
  ["litecoin", "LTC"],
]);

/** Unit of amounts on a chain, for people. */
const coinOf = (chain: string): string => COINS.get(chain.split("_")[0] ?? "") ?? "coins";

/** Why a payment could not be recorded; null where it was. */
const rejectionOf = (result: OperationResult | undefined): string | null =>
  result === undefined || result.accepted ? null : result.reason_codes.join(", ");

const attemptKey = (withdrawalId: string, atMs: number): string => `${withdrawalId}@${atMs}`;

/** The decisions that a ledger holds, by withdrawal and moment. */
async function recordedDecisions(ledger: Ledger): Promise<Map<string, StoredWithdrawalRecord>> {
  const found = new Map<string, StoredWithdrawalRecord>();
  for (let after = 0; ;) {
    const page = await ledger.records(after, 1_000);
    for (const { kind, record } of page) {
      if (kind !== "decision") continue;
      const decision = storedWithdrawalRecordSchema.parse(record);
      found.set(attemptKey(decision.guardian.withdrawal_id, decision.decided_at_ms), decision);
    }
    const last = page.at(-1);
    if (last === undefined) return found;
    after = last.seq;
  }
}
