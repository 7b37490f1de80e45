/** What `shield watch` prints: in a terminal the whole view, in a pipe a line for each change. */
import { levelOfScore, type RiskLevel } from "@dgb-shield/contract";
import type { FleetReport } from "@dgb-shield/sentinel";
import { grouped, type Paint, printable, type Style } from "../timeline/format.js";

/** Shows reports. */
export type WatchView = Readonly<{ show(report: FleetReport): void }>;

type Output = Readonly<{ isTTY?: boolean; write(text: string): unknown }>;

const STYLES: Readonly<Record<RiskLevel, Style>> = {
  normal: "green",
  elevated: "yellow",
  high: "red",
  critical: "red",
};

/** Digits of a hash that are shown. */
const SHOWN_DIGITS = 16;

const CLEAR = "\u001b[H\u001b[2J";

/** Makes the view of one output. */
export function createWatchView(stdout: Output, paint: Paint): WatchView {
  let before = new Map<string, string>();
  return {
    show(report) {
      if (stdout.isTTY === true) {
        stdout.write(`${CLEAR}${viewOf(report, paint).join("\n")}\n`);
        return;
      }
      const now = linesOf(report);
      const time = timeOf(report);
      for (const [key, text] of now) {
        if (before.get(key) !== text) stdout.write(`${time} ${text}\n`);
      }
      for (const [key, text] of before) {
        if (!now.has(key)) stdout.write(`${time} over: ${text}\n`);
      }
      before = now;
    },
  };
}

const timeOf = ({ observed_at_ms }: FleetReport): string =>
  new Date(observed_at_ms).toISOString().slice(0, 19);

function viewOf(report: FleetReport, paint: Paint): string[] {
  const { chain, level, branches } = report;
  const head = `${chain}  ${timeOf(report)} UTC  ${paint(STYLES[level], level)}`;
  const answer =
    branches.length <= 1
      ? "All nodes that answer follow one chain."
      : `The nodes follow ${branches.length} different chains:`;
  return [head, "", answer, ...nodeLines(report), "", ...findingLines(report, paint)];
}

/** One line for each node, under the branch that it follows. */
function nodeLines({ branches, reports }: FleetReport): string[] {
  const followed = branches.flatMap(({ tip_hash, fork_height, nodes }) => [
    fork_height === null
      ? `chain ${tip_hash.slice(-SHOWN_DIGITS)}`
      : `chain ${tip_hash.slice(-SHOWN_DIGITS)}, apart above height ${grouped(fork_height)}`,
    ...nodes.map(
      ({ node_id, height, software, is_watched }) =>
        `  ${node_id.padEnd(20)} ${grouped(height).padStart(12)}  ${versionOf(software)}${is_watched ? "" : "  (does not answer)"}`,
    ),
  ]);
  const shown = new Set(branches.flatMap(({ nodes }) => nodes.map(({ node_id }) => node_id)));
  const others = reports
    .filter(({ node_id }) => !shown.has(node_id))
    .map(({ node_id, status }) => `  ${node_id.padEnd(20)} ${status}`);
  return [...followed, ...others];
}

function findingLines(report: FleetReport, paint: Paint): string[] {
  const found = [...findingsOf(report)];
  if (found.length === 0) return ["Nothing found."];
  return found.map(({ level, text }) => `${paint(STYLES[level], level.padEnd(8))} ${text}`);
}

const versionOf = (software: string | null): string => printable(software ?? "unknown version");

type Found = Readonly<{ key: string; level: RiskLevel; text: string }>;

/** Findings of the fleet, then of each node. */
function findingsOf({ findings, reports }: FleetReport): Found[] {
  const own = findings.map(({ finding_id, severity, summary }) => ({
    key: finding_id,
    level: levelOfScore(severity),
    text: printable(summary),
  }));
  const each = reports.flatMap((one) =>
    one.findings.map(({ finding_id, severity, summary }) => ({
      key: `${one.node_id} ${finding_id}`,
      level: levelOfScore(severity),
      text: `${one.node_id}: ${printable(summary)}`,
    })),
  );
  return [...own, ...each];
}

/** What can change: the state of each node, the branches, the findings. */
function linesOf(report: FleetReport): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { tip_hash, tip_height, fork_height, nodes } of report.branches) {
    const place = fork_height === null ? "" : `, apart above ${fork_height}`;
    for (const { node_id, software } of nodes) {
      const version = versionOf(software);
      const hash = tip_hash.slice(-SHOWN_DIGITS);
      lines.set(`tip ${node_id}`, `${node_id} ${version}: chain ${tip_height} ${hash}${place}`);
    }
  }
  for (const { node_id, status } of report.reports) {
    if (status !== "WATCHING") lines.set(`status ${node_id}`, `${node_id}: ${status}`);
  }
  for (const { key, level, text } of findingsOf(report)) lines.set(key, `${level}: ${text}`);
  return lines;
}
