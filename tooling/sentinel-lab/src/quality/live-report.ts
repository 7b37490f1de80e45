/** The part of the detection-quality report about live chains: rates by kind, attacks, and the trade-off. */
import type { LiveAttackQuality } from "./live-attack.js";
import type { LiveHonestQuality, Rate } from "./live-honest.js";
import type { Quantiles } from "./quantiles.js";
import { numberText, table } from "./table.js";
import type { TradeOff } from "./trade-off.js";

/** Everything that was measured on live chains. */
export type LiveReport = {
  version: 1;
  /** Name of the set of parameters and seeds. */
  set: string;
  honest: LiveHonestQuality[];
  attacks: LiveAttackQuality[];
  trade_offs: TradeOff[];
};

/** The report as Markdown. */
export function liveMarkdown({ set, honest, attacks, trade_offs }: LiveReport): string {
  const within = honest.filter(({ is_within }) => is_within).length;
  const blocks = honest.reduce((sum, one) => sum + one.blocks, 0);
  return [
    "### Honest chains",
    `Set \`${set}\`. Findings a month by their worst level, with exact 95 % intervals. ${within} of ${honest.length} kinds are within the bar (at most one a month, none high or critical); ${blocks.toLocaleString("en-US")} blocks in all.`,
    table(HONEST_COLUMNS, honest.map(honestRow)),
    "### Attacks on live chains",
    "Time from the onset to the first finding of any detector. `early`: findings before the onset, which are false alarms.",
    table(ATTACK_COLUMNS, attacks.map(attackRow)),
    table(DETECTOR_COLUMNS, attacks.flatMap(detectorRows)),
    "### Visits or rented hash rate",
    "What a reader pays who acts from a severity on: false alarms a month on the honest kinds, against the share of attacks found within two hours at that severity.",
    table(
      ["severity", ...(trade_offs[0]?.points.map(({ name }) => name) ?? [])],
      trade_offs.map(({ severity, points }) => [
        severity.toFixed(2),
        ...points.map(({ value, isShare }) => (isShare ? percent(value) : value.toFixed(2))),
      ]),
    ),
  ].join("\n\n");
}

const HONEST_COLUMNS = ["honest chain", "months", "elevated", "high", "critical", "which", "bar"];

function honestRow(quality: LiveHonestQuality): string[] {
  const { title, months, elevated, high, critical, alarms, is_within, is_held } = quality;
  const which = alarms.map((one) => `${one.detector} ${one.elevated + one.high + one.critical}`);
  const bar = is_within ? "held" : is_held ? "**missed**" : "not asked";
  return [
    title,
    months.toFixed(1),
    rateText(elevated),
    rateText(high),
    rateText(critical),
    which.join(", ") || "–",
    bar,
  ];
}

const rateText = ({ per_month, interval: { low, high } }: Rate): string =>
  `${per_month.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

const ATTACK_COLUMNS = [
  "attack",
  "found",
  "seconds",
  "in 2 h",
  "critical",
  "seconds to critical",
  "early",
  "asked",
  "met",
];

function attackRow(quality: LiveAttackQuality): string[] {
  const { title, runs, detected, seconds, within_two_hours, critical, critical_seconds } = quality;
  const { critical_in_time, early_findings, wanted, is_met } = quality;
  const inTime = critical_in_time === null ? "" : ` (${critical_in_time} in time)`;
  return [
    title,
    `${detected} of ${runs}`,
    quantilesText(seconds),
    percent(within_two_hours / runs),
    `${critical} of ${runs}${inTime}`,
    quantilesText(critical_seconds),
    String(early_findings),
    wanted,
    is_met === null ? "" : is_met ? "yes" : "**no**",
  ];
}

const DETECTOR_COLUMNS = ["attack", "detector", "found", "seconds", "critical in"];

const detectorRows = ({ name, runs, detectors }: LiveAttackQuality): string[][] =>
  detectors.map(({ detector, is_expected, detected, seconds, critical }, i) => [
    i === 0 ? name : "",
    is_expected ? `${detector} (expected)` : detector,
    `${detected} of ${runs}`,
    quantilesText(seconds),
    String(critical),
  ]);

/** Median and 95th percentile. */
const quantilesText = ({ median, p95 }: Quantiles): string =>
  median === null || p95 === null ? "–" : `${numberText(median)}, 95 %: ${numberText(p95)}`;

const percent = (share: number): string => `${Math.round(share * 100)} %`;
