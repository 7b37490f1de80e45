/** What would have been raised on a node's own chain, summed up by detector, with what a picture needs. */
import { algorithmOf, type ChainParameters } from "@dgb-shield/chain";
import type { RiskLevel } from "@dgb-shield/contract";
import { createReplay, type LabelledObservation, type ReplayedFinding } from "@dgb-shield/sentinel";

/** Columns of the picture. */
const BINS = 240;

const MONTH_MS = 2_629_800_000;

/** What such a replay cannot show. */
const NOT_SHOWN = [
  "when blocks arrived: each counts as seen at its header's time, which the miner sets",
  "mempool, peers, restarts and silences of the node",
  "branches that lost: reorganisations and splits are not in an active chain",
] as const;

/** What a detector would have raised. */
export type DetectorRow = Readonly<{
  detector: string;
  elevated: number;
  high: number;
  critical: number;
  per_month: number;
  first_ms: number;
  worst: ReplayedFinding;
}>;

/** A stretch of time. */
export type Bin = Readonly<{
  from_ms: number;
  to_ms: number;
  blocks: number;
  /** Blocks by the name of their algorithm. */
  algorithms: Readonly<Record<string, number>>;
}>;

/** The past of a node. */
export type Past = Readonly<{
  chain: string;
  spacing_seconds: number;
  from_height: number;
  to_height: number;
  from_ms: number;
  to_ms: number;
  blocks: number;
  months: number;
  level: RiskLevel;
  transactions: boolean;
  detectors: readonly DetectorRow[];
  findings: readonly ReplayedFinding[];
  findings_not_kept: number;
  bins: readonly Bin[];
  not_shown: readonly string[];
}>;

/** Takes observations, and sums up. */
export type PastReader = Readonly<{
  take(one: LabelledObservation): void;
  past(): Past;
}>;

/** What is read. */
export type PastOptions = Readonly<{
  chain: ChainParameters;
  from_height: number;
  to_height: number;
  /** Times of the first and about the last header, in milliseconds. */
  from_ms: number;
  to_ms: number;
  transactions: boolean;
}>;

type OpenBin = Omit<Bin, "blocks" | "algorithms"> & {
  blocks: number;
  algorithms: Record<string, number>;
};

/** Reads the past; its memory does not grow with the number of blocks. */
export function createPastReader(options: PastOptions): PastReader {
  const { chain, from_height, to_height, from_ms, to_ms, transactions } = options;
  const running = createReplay({ chain });
  const width = Math.max(1, (to_ms - from_ms) / BINS);
  const bins: OpenBin[] = Array.from({ length: BINS }, (_, i) => ({
    from_ms: from_ms + i * width,
    to_ms: from_ms + (i + 1) * width,
    blocks: 0,
    algorithms: {},
  }));
  return Object.freeze({
    take(one) {
      running.take(one);
      for (const { version } of one.observation.blocks) {
        const at = Math.floor((one.observation.at_ms - from_ms) / width);
        const bin = bins[Math.min(BINS - 1, Math.max(0, at))];
        if (bin === undefined) continue;
        const name =
          algorithmOf(chain, version)?.name ?? (chain.algorithms.length > 0 ? "unknown" : "all");
        bin.blocks++;
        bin.algorithms[name] = (bin.algorithms[name] ?? 0) + 1;
      }
    },
    past() {
      const { blocks, level, findings, findings_not_kept, ...whole } = running.result();
      const months = Math.max(1, whole.to_ms - whole.from_ms) / MONTH_MS;
      return {
        ...{ chain: chain.name, spacing_seconds: chain.spacing_seconds, from_height, to_height },
        ...{ from_ms: whole.from_ms, to_ms: whole.to_ms, blocks, months, level, transactions },
        ...{ detectors: rowsOf(findings, months), findings, findings_not_kept, bins },
        not_shown: transactions ? NOT_SHOWN : [...NOT_SHOWN, "transactions (add --transactions)"],
      };
    },
  } satisfies PastReader);
}

function rowsOf(findings: readonly ReplayedFinding[], months: number): DetectorRow[] {
  const groups = new Map<string, ReplayedFinding[]>();
  for (const finding of findings) {
    if (finding.level === "normal") continue;
    groups.set(finding.detector, [...(groups.get(finding.detector) ?? []), finding]);
  }
  return [...groups]
    .map(([detector, all]) => {
      const count = (level: RiskLevel) => all.filter((one) => one.level === level).length;
      const worst = all.reduce((a, b) => (b.severity > a.severity ? b : a));
      return {
        ...{
          detector,
          elevated: count("elevated"),
          high: count("high"),
          critical: count("critical"),
        },
        ...{ per_month: all.length / months, first_ms: all[0]?.raised_at_ms ?? 0, worst },
      };
    })
    .sort((a, b) => b.worst.severity - a.worst.severity || (a.detector < b.detector ? -1 : 1));
}
