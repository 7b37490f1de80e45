/** Decides recorded contexts again under another policy, and counts what changes (design, section 8). */
import { formatAmount, QWG_DECISIONS, type QwgDecisionName } from "@dgb-shield/contract";
import type { ReasonId } from "../codes.js";
import { QwgError } from "../errors.js";
import { decideValidated } from "../evaluate/index.js";
import { frozen } from "../internal/frozen.js";
import { readOptions } from "../internal/options.js";
import { parsePolicy, policyVersion } from "../policy/index.js";
import { readRecord, type RecordOffence } from "../recorded-decision.js";
import { rejectContext } from "../rules/reject-malformed.js";

/** Decision and reason: one end of a change. */
export type Verdict = Readonly<{ decision: QwgDecisionName; reason_id: ReasonId }>;

/** A record, by its place among all and its own id. */
export type RecordRef = Readonly<{ index: number; tx_id: string | null }>;

/** Records whose verdict would change in one way. */
export type VerdictChange = Readonly<{
  from: Verdict;
  to: Verdict;
  count: number;
  /** The first records of this change, at most `examples` of the options. */
  examples: readonly RecordRef[];
}>;

/** A record that was not compared: its index, and why. */
export type UnreadableRecord = RecordOffence & Readonly<{ index: number }>;

/** Counts of a simulation. `records` = `unchanged` + `changed` + `unreadable` + `unverified`: every record is in one of them. */
export type SimulationSummary = Readonly<{
  policy_version: string;
  /** Versions of the policies that made the records, sorted. */
  recorded_versions: readonly string[];
  records: number;
  unchanged: number;
  changed: number;
  /** Changed to a milder, and to a stricter decision; the rest changed only their reason. */
  milder: number;
  stricter: number;
  unreadable: number;
  /** Without their `context_hash`, or with another: possibly never decided, and not compared. */
  unverified: number;
  /** Coins that would newly be allowed, and that would no longer be. */
  newly_allowed: string;
  no_longer_allowed: string;
  /** Most frequent first. */
  changes: readonly VerdictChange[];
  unreadable_examples: readonly UnreadableRecord[];
  unverified_examples: readonly UnreadableRecord[];
}>;

/** An incremental simulation, for records that do not fit into memory. */
export type Simulation = Readonly<{
  /** Adds one record: `{context, policy_version, result}`, or a line of JSON of it. Never throws. */
  add(record: unknown): "unchanged" | "changed" | Unread;
  /** The counts so far, deeply frozen. */
  summary(): SimulationSummary;
}>;

/** Kinds of records that are not compared. */
type Unread = "unreadable" | "unverified";

/** Options of a simulation. An unknown option is rejected. */
export type SimulationOptions = Readonly<{
  /** Examples for each change, and of unreadable and of unverified records: 0 to 10,000. Default 10. */
  examples?: number | undefined;
}>;

const DEFAULT_EXAMPLES = 10;
const MAX_EXAMPLES = 10_000;

/**
 * Decides recorded contexts again under another policy.
 *
 * @param records `{context, policy_version, result}`, as objects or as lines of JSON, as `decide` of the engine made them
 * @param policy a `WalletPolicyInput`
 * @param options `examples`: 0 to 10,000 for each change, default 10
 * @returns the counts, deeply frozen
 * @throws QwgError `invalid_policy`, `invalid_options`; a record that cannot be read is counted, and never throws
 * @example simulatePolicy(lines, { max_tx_ratio_normal: "0.2" }).stricter
 */
export function simulatePolicy(
  records: Iterable<unknown>,
  policy: unknown,
  options?: SimulationOptions,
): SimulationSummary {
  const simulation = createPolicySimulation(policy, options);
  for (const record of records) simulation.add(record);
  return simulation.summary();
}

/**
 * Makes a simulation that is given one record at a time; its counts are those of `simulatePolicy`.
 *
 * @param policy a `WalletPolicyInput`
 * @param options `examples`: 0 to 10,000 for each change, default 10
 * @throws QwgError `invalid_policy`; `invalid_options` for examples that are not 0 to 10,000
 */
export function createPolicySimulation(
  policy: unknown,
  options: SimulationOptions = {},
): Simulation {
  const { examples = DEFAULT_EXAMPLES } = readOptions(options, ["examples"]);
  if (!Number.isInteger(examples) || examples < 0 || examples > MAX_EXAMPLES) {
    throw new QwgError("invalid_options", "/examples", "give an integer from 0 to 10000");
  }
  const limits = parsePolicy(policy);
  const counts = new Counts(examples);
  return Object.freeze({
    add(record: unknown) {
      const index = counts.records++;
      const read = readRecord(record);
      if (!read.ok) return counts.addUnread({ index, code: read.code, path: read.path });
      const { context, result, policy_version } = read.value;
      const validated = context.ok ? context.value : undefined;
      const to = context.ok ? decideValidated(context.value, limits) : rejectContext(context);
      counts.versions.add(policy_version ?? "");
      const ref = { index, tx_id: validated?.fields.tx_id ?? null };
      return counts.addCompared({ from: result, to, ref, units: BigInt(validated?.amount ?? 0) });
    },
    summary: () => counts.summary(policyVersion(limits)),
  });
}

type Compared = Readonly<{ from: Verdict; to: Verdict; ref: RecordRef; units: bigint }>;
type Change = { from: Verdict; to: Verdict; count: number; examples: RecordRef[] };

/** Counts of one simulation. */
class Counts {
  records = 0;
  readonly versions = new Set<string>();
  readonly #examples: number;
  readonly #changes = new Map<string, Change>();
  readonly #unread: Readonly<Record<Unread, UnreadableRecord[]>> = {
    unreadable: [],
    unverified: [],
  };
  #counts = { unchanged: 0, changed: 0, milder: 0, stricter: 0, unreadable: 0, unverified: 0 };
  #units = { newly: 0n, no_longer: 0n };

  constructor(examples: number) {
    this.#examples = examples;
  }

  addUnread(record: UnreadableRecord): Unread {
    const kind = record.code.startsWith("hash_") ? "unverified" : "unreadable";
    this.#counts[kind]++;
    const examples = this.#unread[kind];
    if (examples.length < this.#examples) examples.push(record);
    return kind;
  }

  addCompared({ from, to, ref, units }: Compared): "unchanged" | "changed" {
    if (from.decision === to.decision && from.reason_id === to.reason_id) {
      this.#counts.unchanged++;
      return "unchanged";
    }
    this.#counts.changed++;
    const step = QWG_DECISIONS.indexOf(to.decision) - QWG_DECISIONS.indexOf(from.decision);
    if (step < 0) this.#counts.milder++;
    if (step > 0) this.#counts.stricter++;
    if (step !== 0 && to.decision === "allow") this.#units.newly += units;
    if (step !== 0 && from.decision === "allow") this.#units.no_longer += units;
    this.#addChange(from, to, ref);
    return "changed";
  }

  #addChange(from: Verdict, to: Verdict, ref: RecordRef): void {
    const key = `${from.decision} ${from.reason_id} ${to.decision} ${to.reason_id}`;
    const change = this.#changes.get(key) ?? {
      from: verdictOf(from),
      to: verdictOf(to),
      count: 0,
      examples: [],
    };
    change.count++;
    if (change.examples.length < this.#examples) change.examples.push(ref);
    this.#changes.set(key, change);
  }

  summary(policy_version: string): SimulationSummary {
    const changes = [...this.#changes].sort(
      ([a, { count: m }], [b, { count: n }]) => n - m || (a < b ? -1 : 1),
    );
    return frozen({
      policy_version,
      recorded_versions: [...this.versions].filter((version) => version !== "").sort(),
      records: this.records,
      ...this.#counts,
      newly_allowed: formatAmount(this.#units.newly),
      no_longer_allowed: formatAmount(this.#units.no_longer),
      changes: changes.map(([, change]) => ({ ...change, examples: [...change.examples] })),
      unreadable_examples: [...this.#unread.unreadable],
      unverified_examples: [...this.#unread.unverified],
    });
  }
}

const verdictOf = ({ decision, reason_id }: Verdict): Verdict => ({ decision, reason_id });
