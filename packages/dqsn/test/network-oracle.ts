/**
 * The live network picture as design section 4.2 words it, with nothing kept but a list of what happened:
 * every view goes through all of it again, moment by moment. What the incremental state must equal.
 */
import { createHash } from "node:crypto";
import {
  ADVISORY_LEVELS,
  type AdvisoryLevel,
  canonicalize,
  CHANNELS,
  type NetworkView,
  type SignalV2,
} from "@dgb-shield/contract";
import { channelOf, type NetworkConfig, type Reporter } from "../src/index.js";

type Said = Readonly<{ atMs: number; timeMs: number; signal: SignalV2; text: string }>;
type Muted = Readonly<{ atMs: number; reporter: Reporter; on: boolean }>;
type Vote = Readonly<{ severity: bigint; weight: bigint }>;
type Raw = Omit<NetworkView, "as_of_ms">;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const micros = (value: number): bigint => BigInt(Math.round(value * 1e6));
const later = (a: Said, b: Said): Said => {
  if (a.timeMs !== b.timeMs) return a.timeMs > b.timeMs ? a : b;
  return Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)) > 0 ? a : b;
};
const slot = ({ source, type, node_id }: SignalV2): string => `${source} ${type} ${node_id}`;

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

export class Oracle {
  readonly #config: NetworkConfig;
  readonly #said: Said[] = [];
  readonly #muted: Muted[] = [];
  readonly #ttl: number;
  #nowMs = 0;

  constructor(config: NetworkConfig) {
    this.#config = config;
    this.#ttl = config.ttl_ms ?? 300_000;
  }

  /** The code of the refusal, or "accepted"; the signal is a valid one. */
  ingest(signal: SignalV2, nowMs: number): string {
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const timeMs = signal.observed_at ?? this.#nowMs;
    if (timeMs > this.#nowMs + (this.#config.max_future_ms ?? 10_000)) return "FROM_FUTURE";
    if (timeMs + this.#ttl <= this.#nowMs) return "EXPIRED";
    const live = this.#live(this.#nowMs);
    if (!live.some((other) => slot(other.signal) === slot(signal))) {
      const { max_live_signals = 1e6, max_node_signals = 64 } = this.#config;
      const { max_operator_signals = Math.max(64, Math.ceil(max_live_signals / 10)) } =
        this.#config;
      const ofNode = live.filter((other) => other.signal.node_id === signal.node_id);
      const ofOperator = live.filter(
        (other) => this.#operator(live, other.signal.node_id) === `operator ${signal.operator}`,
      );
      if (live.length >= max_live_signals || ofNode.length >= max_node_signals) return "FULL";
      if (signal.operator !== undefined && ofOperator.length >= max_operator_signals) return "FULL";
    }
    this.#said.push({ atMs: this.#nowMs, timeMs, signal, text: canonicalize(signal) });
    return "accepted";
  }

  mute(reporter: Reporter, on: boolean, nowMs?: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs ?? 0);
    this.#muted.push({ atMs: this.#nowMs, reporter, on });
  }

  view(nowMs: number): NetworkView {
    const isBehind = nowMs < this.#nowMs;
    this.#nowMs = Math.max(this.#nowMs, nowMs);
    const raw = this.#raw(this.#nowMs, isBehind);
    const level = this.#held(raw.level);
    return { ...raw, as_of_ms: this.#nowMs, level, score: within(level, raw.score) };
  }

  /** The worst of now and of every stretch without change that ended less than hold_ms ago. */
  #held(level: AdvisoryLevel): AdvisoryLevel {
    const begunMs = this.#said[0]?.atMs ?? Infinity;
    const changes = [...this.#said, ...this.#muted].map(({ atMs }) => atMs);
    const ends = this.#said.map(({ timeMs }) => timeMs + this.#ttl);
    const moments = [...new Set([...changes, ...ends])]
      .filter((atMs) => atMs >= begunMs && atMs <= this.#nowMs)
      .sort((a, b) => a - b);
    let worst = level;
    for (const [index, fromMs] of moments.entries()) {
      const toMs = moments[index + 1];
      if (toMs === undefined || toMs + (this.#config.hold_ms ?? 60_000) <= this.#nowMs) continue;
      const then = this.#raw(fromMs, false).level;
      if (ADVISORY_LEVELS.indexOf(then) > ADVISORY_LEVELS.indexOf(worst)) worst = then;
    }
    return worst;
  }

  #live(atMs: number): Said[] {
    const live = this.#said.filter((s) => s.atMs <= atMs && atMs < s.timeMs + this.#ttl);
    return [...groupBy(live, ({ signal }) => slot(signal)).values()].map((list) =>
      list.reduce((a, b) => later(a, b)),
    );
  }

  /** Operators and nodes that are their own operator are kept apart by a first word. */
  #operator(live: readonly Said[], nodeId: string): string {
    const own = live.filter(({ signal }) => signal.node_id === nodeId);
    const claim = own.length > 0 ? own.reduce((a, b) => later(a, b)).signal.operator : undefined;
    return claim === undefined ? `node ${nodeId}` : `operator ${claim}`;
  }

  #isMuted(atMs: number, nodeId: string, operator: string): boolean {
    const last = (wanted: Reporter): boolean =>
      this.#muted
        .filter(
          ({ atMs: at, reporter }) =>
            at <= atMs && JSON.stringify(reporter) === JSON.stringify(wanted),
        )
        .at(-1)?.on ?? false;
    return last({ node_id: nodeId }) || last({ operator });
  }

  #raw(atMs: number, isBehind: boolean): Raw {
    const live = this.#live(atMs);
    const nameOf = (operator: string): string => operator.slice(operator.indexOf(" ") + 1);
    const heard = live
      .map(({ signal }) => ({ signal, operator: this.#operator(live, signal.node_id) }))
      .filter(({ signal, operator }) => !this.#isMuted(atMs, signal.node_id, nameOf(operator)));
    const operators = [...groupBy(heard, ({ operator }) => operator)];
    const critical = operators
      .filter(([, list]) => list.some(({ signal }) => micros(signal.severity) >= 600_000n))
      .map(([operator]) => nameOf(operator))
      .sort();
    const quorum = this.#config.global_quorum ?? Math.max(2, Math.ceil(operators.length / 10));
    const scores = CHANNELS.map((channel) =>
      this.#score(heard.filter(({ signal }) => channelOf(signal) === channel)),
    );
    const quiet = (this.#config.expected_reporters ?? []).some(
      (id) => !live.some(({ signal }) => signal.node_id === id) && !this.#isMuted(atMs, id, id),
    );
    const worst = Math.max(...scores);
    const level = ((): AdvisoryLevel => {
      if (critical.length >= quorum) return "CRITICAL_GLOBAL";
      if (critical.length > 0) return "CRITICAL_LOCAL";
      if (worst >= 0.25) return "ELEVATED";
      return operators.length === 0 || quiet || isBehind ? "UNKNOWN" : "NORMAL";
    })();
    const channels = CHANNELS.map((channel, index) => {
      const score = level === "CRITICAL_LOCAL" ? Math.min(0.59, scores[index]!) : scores[index]!;
      const signals = heard.filter(({ signal }) => channelOf(signal) === channel).length;
      return [channel, { score, signals }];
    });
    return {
      level,
      score: within(level, worst),
      channels: Object.fromEntries(channels) as NetworkView["channels"],
      live_operators: operators.length,
      critical_operators: critical,
      quorum,
      digest: digestOf(live, 0),
    };
  }

  #score(heard: readonly Readonly<{ operator: string; signal: SignalV2 }>[]): number {
    const { weights, max_operator_weight = 1, scoring } = this.#config;
    const cap = micros(max_operator_weight);
    const votes = [...groupBy(heard, ({ operator }) => operator).values()].map((list): Vote => {
      const reporters = groupBy(list, ({ signal }) => `${signal.source} ${signal.node_id}`);
      const total = [...reporters.values()].reduce(
        (sum, [first]) => sum + micros(weights?.[first!.signal.source] ?? 1),
        0n,
      );
      const severity = list.reduce((most, { signal }) => {
        const said = micros(signal.severity);
        return said > most ? said : most;
      }, 0n);
      return { severity, weight: total < cap ? total : cap };
    });
    return Number(scoring === "weighted_mean" ? mean(votes) : median(votes)) / 1e6;
  }
}

const sum = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

/** The highest severity that at least half of the weight reaches. */
function median(votes: readonly Vote[]): bigint {
  const total = sum(votes.map(({ weight }) => weight));
  const reached = votes
    .map(({ severity }) => severity)
    .filter((least) => {
      const above = votes.filter(({ severity }) => severity >= least);
      return 2n * sum(above.map(({ weight }) => weight)) >= total;
    });
  return reached.reduce((a, b) => (a > b ? a : b), 0n);
}

function mean(votes: readonly Vote[]): bigint {
  const total = sum(votes.map(({ weight }) => weight));
  const weighted = sum(votes.map(({ severity, weight }) => severity * weight));
  return total === 0n ? 0n : (weighted + total - 1n) / total;
}

/** The score as far as its level lets it go. */
function within(level: AdvisoryLevel, score: number): number {
  const least = {
    NORMAL: 0,
    UNKNOWN: 0.25,
    ELEVATED: 0.25,
    CRITICAL_LOCAL: 0.25,
    CRITICAL_GLOBAL: 0.6,
  };
  const most = level === "CRITICAL_LOCAL" ? 0.59 : 1;
  return Math.min(most, Math.max(least[level], score));
}

/** Up to 16 signals: their texts in the order of the hashes of their slots; more: 16 parts by the next digit. */
function digestOf(
  live: readonly Readonly<{ signal: SignalV2; text: string }>[],
  depth: number,
): string {
  const hashed = live.map(({ signal, text }) => ({ signal, text, hash: sha256(slot(signal)) }));
  if (hashed.length <= 16) {
    const texts = hashed.sort((a, b) => (a.hash < b.hash ? -1 : 1)).map(({ text }) => text);
    return sha256(`[${texts.join(",")}]`);
  }
  const parts = Array.from("0123456789abcdef").map((digit) =>
    digestOf(
      hashed.filter(({ hash }) => hash[depth] === digit),
      depth + 1,
    ),
  );
  return sha256(parts.join(""));
}
