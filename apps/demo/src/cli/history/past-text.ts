/** The past of a node as a table. */
import { counted, grouped, printable } from "../../timeline/format.js";
import type { DetectorRow, Past } from "./past.js";

/** Lines of text. */
export function pastText(past: Past): string[] {
  const { chain, blocks, from_height, to_height, from_ms, to_ms, level, detectors } = past;
  const days = ((to_ms - from_ms) / 86_400_000).toFixed(1);
  return [
    `${chain}: ${counted(blocks, "block")}, heights ${grouped(from_height)} to ${grouped(to_height)}`,
    `${timeOf(from_ms)} to ${timeOf(to_ms)}, ${days} days`,
    "",
    ...(detectors.length === 0
      ? ["Nothing would have been raised."]
      : [`What would have been raised (worst level: ${level})`, HEAD, ...detectors.map(rowOf)]),
    ...(past.findings_not_kept > 0 ? [`and ${grouped(past.findings_not_kept)} more`] : []),
    ...detectors.map(({ worst }) => `${worst.finding_id}\n    ${printable(worst.summary)}`),
    "",
    "Not shown by a replay of headers:",
    ...past.not_shown.map((text) => `  - ${text}`),
  ];
}

const HEAD = "detector             elevated  high  critical  a month  first                 worst";

function rowOf({
  detector,
  elevated,
  high,
  critical,
  per_month,
  first_ms,
  worst,
}: DetectorRow): string {
  return [
    detector.padEnd(20),
    String(elevated).padStart(8),
    String(high).padStart(5),
    String(critical).padStart(9),
    per_month.toFixed(2).padStart(8),
    ` ${timeOf(first_ms)}`,
    ` ${worst.severity.toFixed(2)} at ${timeOf(worst.raised_at_ms)}, height ${grouped(worst.raised_height)}`,
  ].join(" ");
}

const timeOf = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
