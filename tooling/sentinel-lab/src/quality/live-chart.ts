/** False alarms on live chains as a chart (SVG): findings a month with their intervals, by kind. */
import type { LiveHonestQuality } from "./live-honest.js";
import { poissonInterval } from "./poisson-interval.js";

const WIDTH = 960;
const LEFT = 470;
const RIGHT = 90;
const ROW = 20;
const TOP = 84;
const PLOT = WIDTH - LEFT - RIGHT;

/** The axis of rates a month, by powers of ten; less is drawn at its left end, more at its right. */
const [LEAST, MOST] = [0.01, 100];
const TICKS = [0.01, 0.1, 1, 10, 100];

/** Colours that are distinguished with any eyesight (Okabe and Ito). */
const [HELD, MISSED, NOT_ASKED] = ["#0072b2", "#d55e00", "#8a7500"];

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #1d2129 }
  .title { font-size: 17px; font-weight: 600 }
  .small { font-size: 11px; fill: #5a6270 }
  .ground { fill: #ffffff } .grid { stroke: #d8dce3 } .bar { stroke: #b3261e; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8eaee } .small { fill: #a3abb8 }
    .ground { fill: #16191f } .grid { stroke: #333a45 } .bar { stroke: #ff8a80 }
  }`;

/**
 * Draws the false alarms of the honest kinds.
 *
 * @returns a whole SVG document, light or dark as the reader's system is
 */
export function liveChart(honest: readonly LiveHonestQuality[]): string {
  const end = TOP + honest.length * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${end + 20}" width="${WIDTH}" height="${end + 20}" role="img" aria-label="False alarms a month on honest live chains">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${end + 20}"/>`,
    `<text class="title" x="16" y="28">False alarms a month on honest live chains</text>`,
    `<text class="small" x="16" y="48">Dot: all findings a month. Line: exact 95 % interval. Dashed: the bar. Right: findings that were high or critical.</text>`,
    ...TICKS.map((tick) => tickOf(tick, end)),
    ...honest.map(rowOf),
    "</svg>\n",
  ].join("\n");
}

function tickOf(rate: number, end: number): string {
  const x = xOf(rate).toFixed(1);
  return (
    `<line class="${rate === 1 ? "bar" : "grid"}" x1="${x}" y1="${TOP - 6}" x2="${x}" y2="${end}"/>` +
    `<text class="small" text-anchor="middle" x="${x}" y="${TOP - 12}">${rate}</text>`
  );
}

function rowOf(quality: LiveHonestQuality, row: number): string {
  const { title, months, elevated, high, critical, is_within, is_held } = quality;
  const y = TOP + row * ROW + ROW / 2;
  const worse = high.count + critical.count;
  const count = elevated.count + worse;
  const colour = is_within ? HELD : is_held ? MISSED : NOT_ASKED;
  const { low, high: most } = poissonInterval(count);
  const [from, to, at] = [low, most, count].map((value) => xOf(value / months).toFixed(1));
  return (
    `<text text-anchor="end" x="${LEFT - 12}" y="${y + 4}">${escaped(shortened(title))}</text>` +
    `<line stroke="${colour}" stroke-width="2" x1="${from}" y1="${y}" x2="${to}" y2="${y}"/>` +
    `<circle fill="${colour}" cx="${at}" cy="${y}" r="4"/>` +
    `<text class="small" x="${WIDTH - RIGHT + 16}" y="${y + 4}">${worse}</text>`
  );
}

const LENGTH = 72;
const shortened = (text: string): string =>
  text.length <= LENGTH ? text : `${text.slice(0, LENGTH - 1)}…`;

function xOf(rate: number): number {
  const within = Math.min(MOST, Math.max(LEAST, rate));
  return LEFT + (Math.log10(within / LEAST) / Math.log10(MOST / LEAST)) * PLOT;
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
