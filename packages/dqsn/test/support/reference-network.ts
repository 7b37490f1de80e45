/**
 * The live network view as design section 4.2 words it, with nothing kept but a list of what happened:
 * every view goes through all of it again, moment by moment. What the incremental state must equal.
 */
import { createHash } from "node:crypto";
import {
  ADVISORY_LEVELS,
  type AdvisoryLevel,
  canonicalize,
  CHANNELS,
  type ClockStatus,
  type NetworkView,
  type SignalV2,
} from "@dgb-shield/contract";
import { channelOf, type NetworkConfig, type MuteTarget } from "../../src/index.js";

type Report = Readonly<{
  fromMs: number;
  timeMs: number;
  dateMs: number;
  signal: SignalV2;
  text: string;
}> & { untilMs: number };
type Muted = Readonly<{ target: MuteTarget; on: boolean }> & { atMs: number };
type Vote = Readonly<{ severity: bigint; weight: bigint }>;
type Raw = Omit<NetworkView, "as_of_ms" | "clock">;
type Expected = Readonly<{ node_id: string; operator?: string }>;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** To the nearest, but never up to a threshold of the scale. */
function micros(value: number): bigint {
  const rounded = Math.round(value * 1e6);
  if (value < 0.25 && rounded >= 250_000) return 249_999n;
  if (value < 0.6 && rounded >= 600_000) return 599_999n;
  return BigInt(rounded);
}

const weightOf = (value: number): bigint => BigInt(Math.round(value * 1e6));

type Ranked = Readonly<{ dateMs: number; signal: SignalV2; text: string }>;

function isLater(a: Ranked, b: Ranked): boolean {
  if (a.dateMs !== b.dateMs) return a.dateMs > b.dateMs;
  const [x, y] = [micros(a.signal.severity), micros(b.signal.severity)];
  return x === y ? Buffer.compare(Buffer.from(a.text), Buffer.from(b.text)) > 0 : x > y;
}

const slot = ({ source, type, node_id, operator }: SignalV2): string =>
  JSON.stringify([source, type, node_id, ...(operator === undefined ? [] : [operator])]);

/** Operators and nodes that are their own operator are kept apart by a first word. */
const answering = ({ node_id, operator }: SignalV2): string =>
  operator === undefined ? `node ${node_id}` : `operator ${operator}`;

/** The mildest first, of those the oldest, then by the hash of the slot. */
function inOrderOfDisplacement(a: Report, b: Report): number {
  const [x, y] = [micros(a.signal.severity), micros(b.signal.severity)];
  if (x !== y) return x < y ? -1 : 1;
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs;
  return sha256(slot(a.signal)) < sha256(slot(b.signal)) ? -1 : 1;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

const worse = (a: AdvisoryLevel, b: AdvisoryLevel): AdvisoryLevel =>
  ADVISORY_LEVELS.indexOf(a) > ADVISORY_LEVELS.indexOf(b) ? a : b;

export class ReferenceNetwork {
  readonly #config: NetworkConfig;
  #reports: Report[] = [];
  readonly #muted: Muted[] = [];
  /** Levels that are held from a moment without a signal of that level. */
  #held: Readonly<{ atMs: number; level: AdvisoryLevel }>[] = [];
  #leaps: Readonly<{ fromMs: number; toMs: number; level: AdvisoryLevel }>[] = [];
  /** Under which operators a node has reported. */
  readonly #known = new Map<string, Set<string | undefined>>();
  readonly #ttl: number;
  readonly #skew: number;
  #timeMs: number | undefined;
  #begunMs: number | undefined;

  constructor(config: NetworkConfig) {
    this.#config = config;
    this.#ttl = config.ttl_ms ?? 300_000;
    this.#skew = config.max_clock_skew_ms ?? 5_000;
  }

  /** The code of the rejection, or "accepted"; the signal is a valid one. */
  ingest(signal: SignalV2, nowMs: number): string {
    const atMs = Math.max(this.#timeMs ?? nowMs, nowMs);
    const { observed_at } = signal;
    const ageMs = observed_at === undefined ? 0 : Math.max(0, nowMs - observed_at);
    if (ageMs >= this.#ttl) return "EXPIRED";
    const live = this.#live(atMs);
    const timeMs = Math.min(atMs, Math.max(observed_at ?? atMs, atMs - this.#ttl + 1));
    const report = {
      fromMs: atMs,
      timeMs,
      dateMs: observed_at ?? atMs,
      signal,
      text: canonicalize(signal),
      untilMs: timeMs + this.#ttl,
    };
    const before = live.find((other) => slot(other.signal) === slot(signal));
    const victims = before === undefined ? this.#victims(live, report) : [before];
    if (victims === undefined) return "FULL";
    this.#change(atMs, nowMs);
    this.#begunMs ??= atMs;
    if (before !== undefined) {
      const isOutranked =
        before.dateMs > nowMs && micros(signal.severity) > micros(before.signal.severity);
      if (!isLater(report, before) && !isOutranked) return "accepted";
    }
    for (const victim of victims) victim.untilMs = atMs;
    this.#reports.push(report);
    this.#know();
    return "accepted";
  }

  /** What has to go; undefined where nothing milder can. */
  #victims(live: readonly Report[], report: Report): Report[] | undefined {
    const { max_live_signals = 1e6, max_node_signals = 64 } = this.#config;
    const { max_operator_signals = Math.max(64, Math.ceil(max_live_signals / 10)) } = this.#config;
    const { node_id, source, operator } = report.signal;
    const sameShare = ({ signal }: Report) =>
      signal.operator === operator && signal.source === source;
    const victims: Report[] = [];
    const scopes: [(other: Report) => boolean, number][] = [
      [(other) => sameShare(other) && other.signal.node_id === node_id, max_node_signals],
      [sameShare, operator === undefined ? Infinity : max_operator_signals],
      [() => true, max_live_signals],
    ];
    for (const [isIn, most] of scopes) {
      const left = () => live.filter((other) => isIn(other) && !victims.includes(other));
      while (left().length >= most) {
        const mildest = left().sort(inOrderOfDisplacement)[0]!;
        if (micros(mildest.signal.severity) >= micros(report.signal.severity)) return undefined;
        victims.push(mildest);
      }
    }
    return victims;
  }

  mute(target: MuteTarget, on: boolean, nowMs?: number): void {
    const atMs = nowMs === undefined ? (this.#timeMs ?? 0) : Math.max(this.#timeMs ?? nowMs, nowMs);
    if (nowMs !== undefined) this.#change(atMs, nowMs);
    this.#muted.push({ atMs, target, on });
    this.#know();
  }

  /** Restarts the lifetime of all reports, dated now at the latest. */
  accept(nowMs: number): void {
    const atMs = Math.max(this.#timeMs ?? nowMs, nowMs);
    const isBehind = this.#timeMs !== undefined && nowMs < this.#timeMs - this.#skew;
    const level = worse(this.#inForce(atMs), isBehind ? this.#before(nowMs) : "NORMAL");
    this.#leaps = [];
    this.#reports = this.#live(atMs).map((report) => {
      const dateMs = Math.min(report.dateMs, nowMs);
      const timeMs = Math.min(Math.max(report.timeMs, dateMs), nowMs);
      return { ...report, dateMs, timeMs, fromMs: nowMs, untilMs: timeMs + this.#ttl };
    });
    for (const muted of this.#muted) muted.atMs = Math.min(muted.atMs, nowMs);
    this.#held = this.#begunMs === undefined ? [] : [{ atMs: nowMs, level }];
    if (this.#begunMs !== undefined) this.#begunMs = nowMs;
    this.#timeMs = nowMs;
  }

  view(nowMs: number): NetworkView {
    const isBehind = this.#timeMs !== undefined && nowMs < this.#timeMs - this.#skew;
    const atMs = Math.max(this.#timeMs ?? nowMs, nowMs);
    const clock: ClockStatus = isBehind ? "behind" : "trusted";
    const raw = this.#raw(atMs, isBehind);
    const before = isBehind ? this.#before(nowMs) : "NORMAL";
    const level = worse(this.#inForce(atMs, raw.level), before);
    return { ...raw, as_of_ms: atMs, clock, level, score: within(level, raw.score) };
  }

  /** Keeps the 16 longest steps that are larger than the clock may step, and the level before each. */
  #change(atMs: number, nowMs: number): void {
    const fromMs = this.#timeMs;
    this.#timeMs = atMs;
    // The time stands still, and what ends in it has lasted all the same.
    const isStill = nowMs < atMs && this.#begunMs !== undefined;
    if (isStill) this.#held.push({ atMs, level: this.#raw(atMs, false).level });
    if (fromMs === undefined || this.#begunMs === undefined || atMs - fromMs <= this.#skew) return;
    this.#leaps.push({ fromMs, toMs: atMs, level: this.#inForce(fromMs) });
    if (this.#leaps.length <= 16) return;
    const lengths = this.#leaps.map((leap) => leap.toMs - leap.fromMs);
    this.#leaps.splice(lengths.indexOf(Math.min(...lengths)), 1);
  }

  /** The worst level before a step that would not have come yet by this clock, and could still last. */
  #before(nowMs: number): AdvisoryLevel {
    const lastsMs = this.#ttl + (this.#config.hold_ms ?? 60_000);
    return this.#leaps
      .filter(({ fromMs, toMs }) => nowMs < toMs && nowMs < fromMs + lastsMs)
      .map(({ level }) => level)
      .reduce(worse, "NORMAL");
  }

  /** The worst of now and of every stretch without change that ended less than hold_ms ago. */
  #inForce(atMs: number, level = this.#raw(atMs, false).level): AdvisoryLevel {
    const { hold_ms = 60_000 } = this.#config;
    const ends = this.#reports.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]);
    const changes = [...this.#muted, ...this.#held].map((change) => change.atMs);
    const moments = [...new Set([...changes, ...ends])]
      .filter((moment) => moment >= (this.#begunMs ?? Infinity) && moment <= atMs)
      .sort((a, b) => a - b);
    const stretches = moments.flatMap((fromMs, index) => {
      const toMs = moments[index + 1];
      if (toMs === undefined || toMs + hold_ms <= atMs) return [];
      return [{ atMs: toMs, level: this.#raw(fromMs, false).level }];
    });
    return [...stretches, ...this.#held]
      .filter((then) => then.atMs + hold_ms > atMs)
      .map((then) => then.level)
      .reduce(worse, level);
  }

  #live(atMs: number): Report[] {
    return this.#reports.filter(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs);
  }

  #isMuted(atMs: number, nodeId: string, operator: string | undefined): boolean {
    const last = (wanted: MuteTarget): boolean =>
      this.#muted
        .filter(
          ({ atMs: at, target }) => at <= atMs && JSON.stringify(target) === JSON.stringify(wanted),
        )
        .at(-1)?.on ?? false;
    if (last({ node_id: nodeId })) return true;
    return operator !== undefined && (last({ operator }) || last({ node_id: nodeId, operator }));
  }

  /** Keeps the operators of live nodes that are not muted now. */
  #know(): void {
    const atMs = this.#timeMs ?? 0;
    for (const { signal } of this.#live(atMs)) {
      const { node_id, operator } = signal;
      if (this.#isMuted(atMs, node_id, operator)) continue;
      this.#known.set(node_id, (this.#known.get(node_id) ?? new Set()).add(operator));
    }
  }

  #isSilent(atMs: number, { node_id, operator }: Expected): boolean {
    const isThere = this.#live(atMs).some(
      ({ signal }) =>
        signal.node_id === node_id &&
        (operator === undefined || signal.operator === operator) &&
        !this.#isMuted(atMs, node_id, signal.operator),
    );
    if (isThere || this.#isMuted(atMs, node_id, operator)) return false;
    const known = [...(this.#known.get(node_id) ?? [])];
    if (operator !== undefined || known.length === 0) return true;
    return !known.every((each) => this.#isMuted(atMs, node_id, each));
  }

  #raw(atMs: number, isBehind: boolean): Raw {
    const live = this.#live(atMs);
    const nameOf = (operator: string): string => operator.slice(operator.indexOf(" ") + 1);
    const heard = live
      .filter(({ signal }) => !this.#isMuted(atMs, signal.node_id, signal.operator))
      .map(({ signal }) => ({ signal, operator: answering(signal) }));
    const operators = [...groupBy(heard, ({ operator }) => operator)];
    const critical = operators
      .filter(([, list]) => list.some(({ signal }) => signal.severity >= 0.6))
      .map(([operator]) => nameOf(operator))
      .sort();
    const quorum = this.#config.global_quorum ?? Math.max(2, Math.ceil(operators.length / 10));
    const scores = CHANNELS.map((channel) =>
      this.#score(heard.filter(({ signal }) => channelOf(signal) === channel)),
    );
    const silent = (this.#config.expected_reporters ?? [])
      .map((target) => (typeof target === "string" ? { node_id: target } : target))
      .filter((target) => this.#isSilent(atMs, target))
      .map(({ node_id }) => node_id)
      .sort();
    const worst = Math.max(...scores);
    const level = ((): AdvisoryLevel => {
      if (critical.length >= quorum) return "CRITICAL_GLOBAL";
      if (critical.length > 0) return "CRITICAL_LOCAL";
      if (worst >= 0.25) return "ELEVATED";
      return operators.length === 0 || silent.length > 0 || isBehind ? "UNKNOWN" : "NORMAL";
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
      critical_operators: critical.slice(0, 32),
      critical_operators_count: critical.length,
      silent_reporters: silent.slice(0, 32),
      silent_reporters_count: silent.length,
      quorum,
      digest: digestOf(live, 0),
    };
  }

  #score(heard: readonly Readonly<{ operator: string; signal: SignalV2 }>[]): number {
    const { weights, max_operator_weight = 1, scoring } = this.#config;
    const greatest = (values: readonly bigint[]): bigint =>
      values.reduce((a, b) => (a > b ? a : b), 0n);
    const votes = [...groupBy(heard, ({ operator }) => operator).values()].map((list): Vote => {
      const cap = weightOf(max_operator_weight);
      const weight = greatest(list.map(({ signal }) => weightOf(weights?.[signal.source] ?? 1)));
      const severity = greatest(list.map(({ signal }) => micros(signal.severity)));
      return { severity, weight: weight < cap ? weight : cap };
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
