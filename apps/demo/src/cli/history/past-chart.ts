/** The past of a node as a picture (SVG): findings on a line of time, spacing of blocks, share by algorithm. */
import { counted, grouped } from "../../timeline/format.js";
import type { Bin, Past } from "./past.js";

const WIDTH = 1_000;
const LEFT = 150;
const RIGHT = 120;
const PLOT = WIDTH - LEFT - RIGHT;
const ROW = 26;
const PANEL = 120;
const GAP = 46;
const TOP = 92;

/** Colours that are distinguished with any eyesight (Okabe and Ito). */
const COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a7500"];
const LEVELS = { normal: "#8a919c", elevated: "#e69f00", high: "#d55e00", critical: "#b3261e" };

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1d2129 }
  .title { font-size: 17px; font-weight: 600 } .head { font-weight: 600 }
  .small { font-size: 11px; fill: #5a6270 }
  .ground { fill: #ffffff } .grid { stroke: #d8dce3 } .target { stroke: #5a6270; stroke-dasharray: 4 3 }
  .line { stroke: #0072b2; stroke-width: 1.5; fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8eaee } .small { fill: #a3abb8 } .ground { fill: #16191f } .grid { stroke: #333a45 }
    .target { stroke: #a3abb8 } .line { stroke: #56b4e9 }
  }`;

/**
 * Draws the past.
 *
 * @returns a whole SVG document, light or dark as the reader's system is
 */
export function pastChart(past: Past): string {
  const rows = Math.max(1, past.detectors.length);
  const spacingTop = TOP + rows * ROW + GAP;
  const shareTop = spacingTop + PANEL + GAP;
  const names = algorithmsOf(past.bins);
  const hasShares = names.length > 1;
  const end = hasShares ? shareTop + PANEL : spacingTop + PANEL;
  const height = end + 34 + past.not_shown.length * 16 + 26;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="What would have been raised on the chain of a node">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="16" y="28">What Sentinel would have raised: ${escaped(past.chain)}</text>`,
    `<text class="small" x="16" y="48">${grouped(past.blocks)} blocks, heights ${grouped(past.from_height)} to ${grouped(past.to_height)}; blocks count as seen at their headers' times.</text>`,
    ...levelKey(),
    ...ticksOf(past, TOP - 8, end),
    ...findingRows(past),
    ...spacingPanel(past, spacingTop),
    ...(hasShares ? sharePanel(past.bins, names, shareTop) : []),
    `<text class="head" x="16" y="${end + 44}">Not shown</text>`,
    ...past.not_shown.map(
      (text, i) =>
        `<text class="small" x="${LEFT}" y="${end + 44 + i * 16}">${escaped(text)}</text>`,
    ),
    "</svg>\n",
  ].join("\n");
}

const xIn = ({ from_ms, to_ms }: Past, atMs: number): number =>
  LEFT +
  ((Math.min(Math.max(atMs, from_ms), to_ms) - from_ms) / Math.max(1, to_ms - from_ms)) * PLOT;

function levelKey(): string[] {
  return (["elevated", "high", "critical"] as const).flatMap((level, i) => {
    const x = LEFT + i * 90;
    return [
      `<circle cx="${x + 5}" cy="66" r="5" fill="${LEVELS[level]}"/>`,
      `<text class="small" x="${x + 15}" y="70">${level}</text>`,
    ];
  });
}

/** Six vertical lines with their days, or their minutes where the whole is short. */
function ticksOf(past: Past, top: number, end: number): string[] {
  const isShort = past.to_ms - past.from_ms < 3 * 86_400_000;
  return [0, 1, 2, 3, 4, 5].flatMap((i) => {
    const at = past.from_ms + (i / 5) * (past.to_ms - past.from_ms);
    const x = xIn(past, at).toFixed(1);
    const iso = new Date(at).toISOString();
    const text = isShort ? iso.slice(5, 16).replace("T", " ") : iso.slice(0, 10);
    return [
      `<line class="grid" x1="${x}" y1="${top}" x2="${x}" y2="${end}"/>`,
      `<text class="small" text-anchor="middle" x="${x}" y="${end + 16}">${text}</text>`,
    ];
  });
}

function findingRows(past: Past): string[] {
  if (past.detectors.length === 0) {
    return [`<text x="${LEFT + 8}" y="${TOP + 18}">Nothing would have been raised.</text>`];
  }
  return past.detectors.flatMap(({ detector, elevated, high, critical }, row) => {
    const y = TOP + row * ROW + ROW / 2;
    const marks = past.findings
      .filter((one) => one.detector === detector && one.level !== "normal")
      .map(({ raised_at_ms, last_seen_ms, level, summary }) => {
        const [from, to] = [raised_at_ms, last_seen_ms].map((at) => xIn(past, at).toFixed(1));
        return (
          `<g><title>${escaped(summary)}</title>` +
          `<line stroke="${LEVELS[level]}" stroke-width="4" stroke-opacity="0.5" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/>` +
          `<circle cx="${from}" cy="${y}" r="5" fill="${LEVELS[level]}"/></g>`
        );
      });
    return [
      `<text text-anchor="end" x="${LEFT - 12}" y="${y + 4}">${escaped(detector)}</text>`,
      ...marks,
      `<text class="small" x="${WIDTH - RIGHT + 12}" y="${y + 4}">${counted(elevated + high + critical, "finding")}</text>`,
    ];
  });
}

/** Mean spacing on a logarithmic axis: from a quarter to 256 times what it is meant to be. */
function spacingPanel(past: Past, top: number): string[] {
  const { spacing_seconds, bins } = past;
  const [least, most] = [spacing_seconds / 4, spacing_seconds * 256];
  const yOf = (seconds: number): number =>
    top +
    PANEL -
    (Math.log(Math.min(most, Math.max(least, seconds)) / least) / Math.log(most / least)) * PANEL;
  const points = bins.map(({ from_ms, to_ms, blocks }, i) => {
    const seconds = blocks > 0 ? (to_ms - from_ms) / 1_000 / blocks : gapSeconds(bins, i);
    return `${xIn(past, (from_ms + to_ms) / 2).toFixed(1)},${yOf(seconds).toFixed(1)}`;
  });
  const labels = [spacing_seconds, spacing_seconds * 16, most].flatMap((seconds) => {
    const y = yOf(seconds).toFixed(1);
    const kind = seconds === spacing_seconds ? "target" : "grid";
    return [
      `<line class="${kind}" x1="${LEFT}" y1="${y}" x2="${WIDTH - RIGHT}" y2="${y}"/>`,
      `<text class="small" text-anchor="end" x="${LEFT - 12}" y="${Number(y) + 4}">${timeText(seconds)}</text>`,
    ];
  });
  return [
    `<text class="head" x="16" y="${top - 14}">Time between blocks</text>`,
    ...labels,
    `<polyline class="line" points="${points.join(" ")}"/>`,
  ];
}

/** Length of the stretch without a block that a column belongs to. */
function gapSeconds(bins: readonly Bin[], at: number): number {
  const before = bins.findLastIndex(({ blocks }, i) => i < at && blocks > 0);
  const after = bins.findIndex(({ blocks }, i) => i > at && blocks > 0);
  const last = bins.at(after === -1 ? -1 : after - 1)?.to_ms ?? 0;
  return (last - (bins[before + 1]?.from_ms ?? 0)) / 1_000;
}

const timeText = (seconds: number): string =>
  seconds < 120 ? `${Number(seconds.toFixed(1))} s` : `${Number((seconds / 60).toFixed(1))} min`;

const algorithmsOf = (bins: readonly Bin[]): string[] =>
  [...new Set(bins.flatMap(({ algorithms }) => Object.keys(algorithms)))].sort();

/** Shares by algorithm, one above the other; a column without blocks is left empty. */
function sharePanel(bins: readonly Bin[], names: readonly string[], top: number): string[] {
  const width = PLOT / bins.length;
  const columns = bins.flatMap(({ blocks, algorithms }, i) => {
    let y = top + PANEL;
    return names.flatMap((name, at) => {
      const part = blocks === 0 ? 0 : ((algorithms[name] ?? 0) / blocks) * PANEL;
      if (part === 0) return [];
      y -= part;
      return `<rect x="${(LEFT + i * width).toFixed(2)}" y="${y.toFixed(1)}" width="${(width + 0.2).toFixed(2)}" height="${part.toFixed(1)}" fill="${COLOURS[at % COLOURS.length] ?? "gray"}"/>`;
    });
  });
  const key = names.flatMap((name, at) => [
    `<rect x="${WIDTH - RIGHT + 12}" y="${top + at * 18}" width="10" height="10" fill="${COLOURS[at % COLOURS.length] ?? "gray"}"/>`,
    `<text class="small" x="${WIDTH - RIGHT + 28}" y="${top + at * 18 + 9}">${escaped(name)}</text>`,
  ]);
  return [
    `<text class="head" x="16" y="${top - 14}">Share of blocks by algorithm</text>`,
    ...columns,
    ...key,
  ];
}

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
