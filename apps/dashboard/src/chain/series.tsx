/** A chart of series over time: uPlot draws it; names, extremes and the last values are text. */
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { shownStep } from "../state/past.js";

/** One line. Its place gives colour and dashes, so that lines differ by more than colour. */
export type Line = Readonly<{ name: string; values: readonly (number | null)[] }>;

type Props = {
  title: string;
  /** Milliseconds. */
  times: readonly number[];
  lines: readonly Line[];
  /** Highest value that there can be; left out: the chart fits its values. */
  highest?: number | undefined;
  /** Writes a value with its unit. */
  text: (value: number) => string;
  /** What the chart shows, where nothing is in it. */
  empty: string;
};

const HEIGHT = 150;
const DASHES: readonly number[][] = [[], [8, 4], [2, 3], [12, 3, 2, 3], [5, 5], [1, 2]];
const COLOURS = 6;
/** Seconds between marks of time, which are written to the minute. */
const TIME_STEPS = [1, 2, 5, 10, 30, 60, 180, 360, 720, 1_440].map((minutes) => minutes * 60);

export function Series({ title, times, lines, highest, text, empty }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const hasValues = lines.some(({ values }) => values.some((value) => value !== null));
  useEffect(() => {
    const host = box.current;
    if (host === null || !hasValues) return undefined;
    return drawn(host, { times, lines, highest, text });
  }, [times, lines, hasValues]);
  return (
    <figure class="series">
      <figcaption>
        <strong>{title}</strong>
        {!hasValues && `: ${empty}`}
        <ul class="legend">
          {lines.map((line, at) => (
            <li key={line.name} class={`line-${at % COLOURS}`}>
              <svg width="28" height="10" aria-hidden="true">
                <line
                  x1="0"
                  x2="28"
                  y1="5"
                  y2="5"
                  stroke-dasharray={DASHES[at % COLOURS]?.join(" ")}
                />
              </svg>
              {line.name}: {summary(line, text)}
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={box} class="plot" aria-hidden="true" />
    </figure>
  );
}

/** The last value and the extremes. */
function summary({ values }: Line, text: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  const last = known.at(-1);
  if (last === undefined) return "nothing recorded";
  const [low, high] = [Math.min(...known), Math.max(...known)];
  return low === high ? text(last) : `${text(last)} (${text(low)} to ${text(high)})`;
}

/** Places of a series' values that have none beside them. */
const lonely: uPlot.Series.Points.Filter = ({ data }, series) => {
  const values = data[series] ?? [];
  const isThere = (at: number): boolean => typeof values[at] === "number";
  return [...values.keys()].filter((at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1));
};

/** A range as uPlot chooses it, which ends at a value at the latest. */
const upTo =
  (highest: number): uPlot.Range.Function =>
  (_, least, most) => {
    const [from, to] = uPlot.rangeNum(least, most, 0.1, true);
    return [from, Math.min(to ?? highest, highest)];
  };

type Drawing = Readonly<Pick<Props, "times" | "lines" | "highest" | "text">>;

/** Draws into a host, and again when its width or the colours change; returns how to end it. */
function drawn(host: HTMLElement, { times, lines, highest, text }: Drawing): () => void {
  let plot: uPlot | undefined;
  const data: uPlot.AlignedData = [
    times.map((ms) => ms / 1_000),
    ...lines.map(({ values }) => [...values]),
  ];
  const draw = (): void => {
    plot?.destroy();
    const ink = getComputedStyle(host).color;
    const keys = [...(host.parentElement?.querySelectorAll<HTMLElement>(".legend > li svg") ?? [])];
    const axis = {
      stroke: ink,
      grid: { stroke: ink, width: 0.15 },
      ticks: { stroke: ink, width: 0.3 },
    };
    plot = new uPlot(
      {
        width: Math.max(200, host.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: highest === undefined ? {} : { y: { range: upTo(highest) } },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
        axes: [
          {
            ...axis,
            incrs: TIME_STEPS,
            values: (_, splits) => splits.map((seconds) => axisText(seconds, times)),
          },
          { ...axis, size: 76, values: (_, splits) => splits.map((value) => text(value)) },
        ],
        series: [
          {},
          ...lines.map(({ name }, at) => ({
            label: name,
            stroke: keys[at] === undefined ? ink : getComputedStyle(keys[at]).color,
            dash: DASHES[at % COLOURS] ?? [],
            width: 2,
            // A value without neighbours is no line.
            points: { show: true, filter: lonely, size: 6 },
          })),
        ],
        hooks: { draw: [(chart) => markStep(chart, times, ink)] },
      },
      data,
      host,
    );
  };
  draw();
  let width = host.clientWidth;
  const sizes = new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    plot?.setSize({ width: Math.max(200, width), height: HEIGHT });
  });
  sizes.observe(host);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  const leave = shownStep.subscribe(() => plot?.redraw(false));
  return () => {
    leave();
    sizes.disconnect();
    scheme.removeEventListener("change", draw);
    plot?.destroy();
  };
}

/** A time on the axis: the day as well, where there are several. */
function axisText(seconds: number, times: readonly number[]): string {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const iso = new Date(seconds * 1_000).toISOString();
  return span > 36 * 3_600_000 ? `${iso.slice(5, 10)} ${iso.slice(11, 16)}` : iso.slice(11, 16);
}

/** Marks the moment that is shown in place of now. */
function markStep(chart: uPlot, times: readonly number[], ink: string): void {
  const step = shownStep.peek();
  const ms = step === null ? undefined : times[step];
  if (ms === undefined) return;
  const x = chart.valToPos(ms / 1_000, "x", true);
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = ink;
  ctx.lineWidth = 2;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.restore();
}
