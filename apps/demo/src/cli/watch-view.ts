/** What `shield watch` prints: in a terminal the whole view, in a pipe a line for each change. */
import type { RiskLevel } from "@dgb-shield/contract";
import type { FleetReport } from "@dgb-shield/sentinel";
import { counted, grouped, type Paint, printable, type Style } from "../timeline/format.js";
import { type Change, findingsOf, SHOWN_DIGITS } from "./watch-changes.js";

/** Shows reports. */
export type WatchView = Readonly<{
  /**
   * @param changed what is new in this report
   * @param latest the latest changes, the newest last
   */
  show(report: FleetReport, changed: readonly Change[], latest: readonly Change[]): void;
}>;

type Output = Readonly<{ isTTY?: boolean; write(text: string): unknown }>;

const STYLES: Readonly<Record<RiskLevel, Style>> = {
  normal: "green",
  elevated: "yellow",
  high: "red",
  critical: "red",
};

/** Changes that a terminal shows. */
const SHOWN_CHANGES = 10;

/** Without a change for so long, a line in a pipe says that the watch goes on, in milliseconds. */
const QUIET_MS = 600_000;

const CLEAR = "\u001b[H\u001b[2J";

/** Makes the view of one output. */
export function createWatchView(stdout: Output, paint: Paint): WatchView {
  let saidMs = -Infinity;
  return {
    show(report, changed, latest) {
      if (stdout.isTTY === true) {
        stdout.write(`${CLEAR}${viewOf(report, latest, paint).join("\n")}\n`);
        return;
      }
      const now = report.observed_at_ms;
      for (const change of changed) stdout.write(`${changeText(change)}\n`);
      if (changed.length > 0) saidMs = now;
      if (now - saidMs < QUIET_MS) return;
      stdout.write(`${secondsOf(now)} ${quietText(report, now - saidMs)}\n`);
      saidMs = now;
    },
  };
}

const secondsOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 19);

const changeText = ({ at_ms, text, is_over }: Change): string =>
  `${secondsOf(at_ms)} ${is_over ? "over: " : ""}${text}`;

function quietText({ branches, level }: FleetReport, quietMs: number): string {
  const [main] = branches;
  const where = main === undefined ? "no tip" : `tip ${grouped(main.tip_height)}`;
  const nodes = counted(branches.flatMap((one) => one.nodes).length, "node");
  const quiet = Number.isFinite(quietMs)
    ? `no change for ${Math.round(quietMs / 60_000)} min`
    : "watching";
  return `${quiet}: ${nodes}, ${where}, ${level}`;
}

function viewOf(report: FleetReport, latest: readonly Change[], paint: Paint): string[] {
  const { chain, level, branches } = report;
  const head = `${chain}  ${secondsOf(report.observed_at_ms)} UTC  ${paint(STYLES[level], level)}`;
  const answer =
    branches.length <= 1
      ? "All nodes that answer follow one chain."
      : `The nodes follow ${branches.length} different chains:`;
  return [
    ...[head, "", answer, ...nodeLines(report), "", ...findingLines(report, paint), ""],
    ...["Latest changes", ...changeLines(latest)],
  ];
}

function changeLines(latest: readonly Change[]): string[] {
  if (latest.length === 0) return ["  none since the watch began"];
  return latest
    .slice(-SHOWN_CHANGES)
    .reverse()
    .map((change) => `  ${changeText(change)}`);
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
