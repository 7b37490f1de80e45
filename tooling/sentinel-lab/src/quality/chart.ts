/** The detection-quality report as a chart (SVG): time to detection of each attack, and false alarms. */
import type { AttackQuality, DetectorQuality, HonestQuality } from "./assess.js";
import type { QualityReport } from "./report.js";

const WIDTH = 960;
const LEFT = 330;
const RIGHT = 110;
const ROW = 22;
const TOP = 92;
const PLOT = WIDTH - LEFT - RIGHT;

/** The axis of times: 1 second to 1 day, by powers of ten below and in words. */
const TICKS = [
  { seconds: 1, text: "at once" },
  { seconds: 10, text: "10 s" },
  { seconds: 60, text: "1 min" },
  { seconds: 600, text: "10 min" },
  { seconds: 3_600, text: "1 h" },
  { seconds: 21_600, text: "6 h" },
  { seconds: 86_400, text: "1 day" },
] as const;
const MAX_LOG = Math.log10(86_400);

/** Colours that are distinguished with any eyesight (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a7500"];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1d2129 }
  .title { font-size: 17px; font-weight: 600 }
  .small { font-size: 11px; fill: #5a6270 }
  .missed { fill: #b3261e; font-weight: 600 }
  .ground { fill: #ffffff }
  .grid { stroke: #d8dce3 }
  .band { fill: #f4f6f9 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8eaee } .small { fill: #a3abb8 } .missed { fill: #ff8a80 }
    .ground { fill: #16191f } .grid { stroke: #333a45 } .band { fill: #1d222a }
  }`;

type Row = { attack: string; isFirst: boolean; isBand: boolean; runs: number } & DetectorQuality;

/**
 * Draws the report: for each attack and detector the median time to detection (a dot), the 95th percentile
 * (the end of its line), in how many runs it was found, and below it the false alarms of the honest chains.
 *
 * @returns a whole SVG document, light or dark as the reader's system is
 */
export function reportChart({ attacks, honest }: QualityReport): string {
  const rows = attacks.flatMap(rowsOf);
  const colours = new Map([...new Set(rows.map(({ detector }) => detector))].map(coloured));
  const plotEnd = TOP + rows.length * ROW;
  const alarms = honest.flatMap(alarmTexts);
  const height = plotEnd + 66 + alarms.length * 18;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Time to detection of simulated attacks">`,
    `<style>${STYLE}\n</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}"/>`,
    `<text class="title" x="16" y="30">Time to detection of simulated attacks</text>`,
    `<text class="small" x="16" y="50">Dot: median. Line: to the 95th percentile. Hollow: a detector that was not counted on. Right: runs in which it was found.</text>`,
    ...rows.map(bandOf),
    ...TICKS.map((tick) => tickOf(tick, plotEnd)),
    ...rows.map((row, i) => rowOf(row, i, colours)),
    `<text class="title" x="16" y="${plotEnd + 40}">False alarms</text>`,
    ...alarms.map((text, i) => `<text x="16" y="${plotEnd + 64 + i * 18}">${escaped(text)}</text>`),
    "</svg>\n",
  ].join("\n");
}

const rowsOf = ({ name, runs, detectors }: AttackQuality, attack: number): Row[] =>
  detectors.map((detector, i) => ({
    attack: name,
    isFirst: i === 0,
    isBand: attack % 2 === 0,
    runs,
    ...detector,
  }));

const coloured = (detector: string, i: number): [string, string] => [
  detector,
  COLOURS[i % COLOURS.length] ?? "currentColor",
];

const yOf = (row: number): number => TOP + row * ROW + ROW / 2;

/** Place of a time on the axis. @param seconds below 1 is drawn at 1, above a day at a day */
const xOf = (seconds: number): number =>
  LEFT + (Math.min(MAX_LOG, Math.log10(Math.max(1, seconds))) / MAX_LOG) * PLOT;

const bandOf = ({ isBand }: Row, i: number): string =>
  isBand ? `<rect class="band" y="${TOP + i * ROW}" width="${WIDTH}" height="${ROW}"/>` : "";

function tickOf({ seconds, text }: (typeof TICKS)[number], end: number): string {
  const x = xOf(seconds).toFixed(1);
  return (
    `<line class="grid" x1="${x}" y1="${TOP - 6}" x2="${x}" y2="${end}"/>` +
    `<text class="small" text-anchor="middle" x="${x}" y="${TOP - 12}">${text}</text>`
  );
}

function rowOf(row: Row, i: number, colours: ReadonlyMap<string, string>): string {
  const y = yOf(i);
  const colour = colours.get(row.detector) ?? "currentColor";
  const attack = row.isFirst ? `<text x="16" y="${y + 4}">${escaped(row.attack)}</text>` : "";
  const name = `<text class="small" text-anchor="end" x="${LEFT - 12}" y="${y + 4}">${escaped(row.detector)}</text>`;
  const found = row.detected === row.runs ? "" : row.detected === 0 ? ' class="missed"' : "";
  const count = `<text${found} x="${WIDTH - RIGHT + 16}" y="${y + 4}">${row.detected} of ${row.runs}</text>`;
  return attack + name + marksOf(row, y, colour) + count;
}

function marksOf(
  { seconds: { median, p95 }, is_expected }: Row,
  y: number,
  colour: string,
): string {
  if (median === null || p95 === null) return "";
  const [x, end] = [xOf(median).toFixed(1), xOf(p95).toFixed(1)];
  const fill = is_expected
    ? `fill="${colour}"`
    : `class="ground" stroke="${colour}" stroke-width="2"`;
  return (
    `<line stroke="${colour}" stroke-width="2" x1="${x}" y1="${y}" x2="${end}" y2="${y}"/>` +
    `<circle ${fill} cx="${x}" cy="${y}" r="5"/>`
  );
}

function alarmTexts({ title, months, alarms, per_month }: HonestQuality): string[] {
  const counts = alarms.map(
    ({ detector, elevated, high, critical }) =>
      `${detector}: ${elevated} elevated, ${high} high, ${critical} critical`,
  );
  const total = `${title}: ${per_month.toFixed(3)} a month over ${(months / 12).toFixed(1)} years.`;
  return [total, ...counts.map((count) => `    ${count}`)];
}

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
