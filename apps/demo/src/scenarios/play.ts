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
import { createPipeline, type Picture, type Pipeline } from "../pipeline/index.js";
import { createPublisher, type Publisher } from "../pipeline/heartbeat.js";
import { simulatedHash } from "./headers.js";
import type { CustomerRequest, ReleaseOrder, Scenario, Step } from "./scenario.js";
import { type ChainSplit, createSplitWatch, type SplitWatch } from "../timeline/chain-split.js";
import type { Entry } from "../timeline/entries.js";
import { createTally, type Tally } from "../timeline/summary.js";

/** What playing needs besides the scenario. */
export type Stage = Readonly<{
  ledger: Ledger;
  ledgerKind: "sqlite" | "memory";
  events: EventSink;
  /** Called before each step: waits as long as the wanted speed asks, and shows progress. */
  pace: (step: Step, index: number) => Promise<void>;
  /** Events exported and dropped so far, after all have been flushed. */
  exported: () => Promise<Readonly<{ delivered: number; dropped: number }>>;
}>;

/** Another site's node, whose Sentinel runs here because the demo has all of its data. */
type Guest = Readonly<{ sentinel: Sentinel; operator: string; publish: Publisher }>;

/**
 * Plays a scenario. Decisions that the ledger already holds are recalled, not made again: a demo
 * that was stopped goes on where it was, and counts nothing twice.
 */
export async function* play(scenario: Scenario, stage: Stage): AsyncGenerator<Entry> {
  const player = new Player(scenario, stage, await recordedDecisions(stage.ledger));
  yield player.head();
  for (const [index, step] of scenario.steps.entries()) {
    await stage.pace(step, index);
    yield* player.step(step);
  }
  yield player.summary(await stage.exported());
}

class Player {
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  readonly #recorded: ReadonlyMap<string, StoredWithdrawalRecord>;
  readonly #pipeline: Pipeline;
  readonly #guests: ReadonlyMap<string, Guest>;
  readonly #balances: Map<string, bigint>;
  readonly #known = new Map<string, Map<string, Finding>>();
  /** Worst level told so far, by node and finding: a finding that flickers is told once. */
  readonly #told = new Map<string, RiskLevel>();
  readonly #tally: Tally = createTally();
  readonly #splits: SplitWatch;
  #now: number;
  #advised = "";
  #defended = "";

  constructor(
    scenario: Scenario,
    stage: Stage,
    recorded: ReadonlyMap<string, StoredWithdrawalRecord>,
  ) {
    const [own, ...others] = scenario.reporters;
    this.#scenario = scenario;
    this.#stage = stage;
    this.#recorded = recorded;
    this.#now = scenario.steps[0]?.at_ms ?? 0;
    this.#balances = new Map(
      Object.entries(scenario.balances).map(([wallet, coins]) => [wallet, parseAmount(coins)]),
    );
    this.#guests = new Map(
      others.map(({ node_id, operator }) => {
        const sentinel = createSentinel({ node_id, chain: scenario.chain });
        return [node_id, { sentinel, operator, publish: createPublisher() }];
      }),
    );
    this.#splits = createSplitWatch(own.node_id);
    this.#pipeline = createPipeline({
      evidence: "replayed",
      poll_interval_ms: scenario.poll_interval_ms,
      chain: scenario.chain,
      node_id: own.node_id,
      operator: own.operator,
      ledger: stage.ledger,
      guardian_policy: scenario.guardian_policy,
      qwg_policy: scenario.qwg_policy,
      events: stage.events,
      clock: () => this.#now,
      // The scenario's own time is both of its clocks.
      monotonic: () => this.#now,
    });
  }

  head(): Entry {
    const { name, title, origin, provenance, reporters, clock, zero_ms, chain } = this.#scenario;
    const { ledgerKind: ledger } = this.#stage;
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
    const base = { scenario: name, origin, ledger: this.#stage.ledgerKind };
    return { type: "summary", at_ms: this.#now, summary: this.#tally.summary(base, exported) };
  }

  *#observe(observation: Extract<Step, { kind: "observation" }>["observation"]): Generator<Entry> {
    const { node_id } = observation;
    this.#tally.observed(observation);
    for (const split of this.#splits.observe(observation)) yield this.#split(split);
    const guest = this.#guests.get(node_id);
    if (guest !== undefined) {
      const report = guest.sentinel.observe(observation);
      const signals = toSignals(report, { operator: guest.operator });
      this.#pipeline.receive(guest.publish(signals, this.#now));
      yield* this.#changes(report, guest.operator);
      return;
    }
    const picture = this.#pipeline.observe(observation);
    yield* this.#changes(picture.report, this.#scenario.reporters[0].operator);
    yield* this.#advice(picture);
    yield* this.#defense(picture);
  }

  /** What a report says that the one before it did not. */
  *#changes(report: SentinelReport, operator: string): Generator<Entry> {
    const { node_id } = report;
    const before = this.#known.get(node_id) ?? new Map<string, Finding>();
    const after = new Map(report.findings.map((finding) => [finding.finding_id, finding]));
    this.#known.set(node_id, after);
    const base = { at_ms: this.#now, node_id, operator };
    for (const finding of after.values()) {
      const level = levelOfScore(finding.severity);
      const key = `${node_id} ${finding.finding_id}`;
      const told = this.#told.get(key);
      if (told !== undefined && !isWorseLevel(level, told)) continue;
      this.#told.set(key, level);
      if (told === undefined) this.#tally.found(finding);
      yield { type: told === undefined ? "finding" : "finding_worse", ...base, finding };
    }
    for (const finding of before.values()) {
      if (!after.has(finding.finding_id)) yield { type: "finding_over", ...base, finding };
    }
  }

  *#advice({ view, response }: Picture): Generator<Entry> {
    this.#tally.advised(view.level);
    const said = `${view.level} ${response.decision}`;
    if (said === this.#advised) return;
    this.#advised = said;
    const { level, score, critical_operators } = view;
    const { decision, reason_codes } = response;
    const advice = { level, score, critical_operators, decision, reason_codes };
    yield { type: "advice", at_ms: this.#now, advice };
  }

  *#defense({ defense }: Picture): Generator<Entry> {
    this.#tally.defended(defense.lockdown);
    const said = `${defense.lockdown} ${defense.level}`;
    if (said === this.#defended) return;
    this.#defended = said;
    yield { type: "defense", at_ms: this.#now, state: defense };
  }

  #split(split: ChainSplit): Entry {
    if (split.status === "split") this.#tally.split();
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
      unsettled = refusalOf(await this.#pay(withdrawal_id));
    }
    const recalled = earlier !== undefined;
    const outcome = { withdrawal_id, wallet_id, amount, user_id, record, recalled, unsettled };
    this.#tally.decided(outcome);
    return { type: "withdrawal", at_ms: this.#now, outcome };
  }

  /** Records the simulated payment, unless an earlier run did. */
  async #pay(withdrawalId: string): Promise<OperationResult | undefined> {
    const row = await this.#stage.ledger.withdrawal(withdrawalId);
    if (row?.status === "committed") return undefined;
    return this.#pipeline.commit(withdrawalId, simulatedHash("txid", withdrawalId));
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

/** Unit of amounts on a chain, as people write it. */
const coinOf = (chain: string): string => COINS.get(chain.split("_")[0] ?? "") ?? "coins";

/** Why a payment could not be recorded; null where it was. */
const refusalOf = (result: OperationResult | undefined): string | null =>
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
