/** How the chain has run: a scrubber over the last days, spacing, shares of algorithms, reorganisations. */
import { useMemo } from "preact/hooks";
import type { History } from "../model.js";
import { Moment, Text } from "../parts/basics.js";
import { Show } from "../parts/section.js";
import { serviceNow } from "../state/live.js";
import { past, pastHours, shownStep } from "../state/past.js";
import { counted, grouped, timeText } from "../text/format.js";
import { type Line, Series } from "./series.js";

const CHOICES = [
  [1, "the last hour"],
  [6, "the last 6 hours"],
  [24, "the last day"],
  [168, "the last 7 days"],
] as const;

export const Past = () => (
  <>
    <h3>How it has run</h3>
    <label class="field choice">
      <span>Look back over</span>
      <select
        name="hours"
        value={String(pastHours.value)}
        onChange={(event) => (pastHours.value = Number(event.currentTarget.value))}
      >
        {CHOICES.map(([hours, name]) => (
          <option key={hours} value={String(hours)}>
            {name}
          </option>
        ))}
      </select>
    </label>
    <Show what="the last days" from={past}>
      {(history) => <Charts history={history} />}
    </Show>
  </>
);

function Charts({ history }: { history: History }) {
  const { since_ms, times, blocks, reorgs, spacing_seconds } = history;
  const spacing = useMemo(() => spacingOf(history), [history]);
  const shares = useMemo(() => sharesOf(history), [history]);
  return (
    <>
      <Scrubber history={history} />
      {since_ms !== null && since_ms > (times[0] ?? 0) + history.step_ms && (
        <p class="muted">
          Recorded since <Moment ms={since_ms} /> UTC, when the record begins.
        </p>
      )}
      {blocks === null ? (
        <p class="muted">Another process watches the nodes: spacing and shares are on its page.</p>
      ) : (
        <>
          <Series
            title={`Seconds from block to block (target ${spacing_seconds})`}
            {...{ times, lines: spacing, empty: "no block in this time" }}
            text={(value) => `${grouped(Math.round(value))} s`}
          />
          {shares.length > 0 && (
            <Series
              title="Share of each algorithm"
              {...{ times, lines: shares, highest: 1, empty: "no block in this time" }}
              text={(value) => `${Math.round(value * 100)} %`}
            />
          )}
        </>
      )}
      <Reorgs reorgs={reorgs} />
    </>
  );
}

/** A moment of the past, by a slider: arrows move it a step, Page Up and Down ten. */
function Scrubber({ history }: { history: History }) {
  const { times, states } = history;
  const step = shownStep.value;
  const now = serviceNow();
  const at = step ?? times.length;
  const ms = times[at];
  const text =
    ms === undefined ? "now" : `${timeText(ms, now)} UTC, ${states[at] ?? "not recorded"}`;
  return (
    <div class="scrubber">
      <label class="field">
        <span>
          Moment shown: <strong>{text}</strong>
        </span>
        <input
          type="range"
          name="moment"
          min={0}
          max={times.length}
          step={1}
          value={at}
          aria-valuetext={text}
          onInput={(event) => {
            const value = Number(event.currentTarget.value);
            shownStep.value = value >= times.length ? null : value;
          }}
        />
      </label>
      {step !== null && (
        <button type="button" onClick={() => (shownStep.value = null)}>
          Back to now
        </button>
      )}
    </div>
  );
}

/** Seconds a block, of each step; none where nothing was recorded. */
function spacingOf({ blocks, step_ms, states }: History): Line[] {
  if (blocks === null) return [];
  const values = blocks.counts.map((count, at) =>
    count > 0 ? step_ms / 1_000 / count : (states[at] ?? null) === null ? null : step_ms / 1_000,
  );
  return [{ name: "spacing", values: withoutEnd(values) }];
}

/** Steps over which shares are taken together, so that a few blocks do not look like a change. */
const TOGETHER = 6;

function sharesOf({ blocks }: History): Line[] {
  if (blocks === null) return [];
  const sumTo = (counts: readonly number[], at: number): number =>
    counts.slice(Math.max(0, at - TOGETHER + 1), at + 1).reduce((sum, count) => sum + count, 0);
  const all = blocks.counts.map((_, at) => sumTo(blocks.counts, at));
  return blocks.algorithms
    .map(({ name, counts }) => ({
      name,
      values: counts.map((_, at) => {
        const total = all[at] ?? 0;
        return total === 0 ? null : sumTo(counts, at) / total;
      }),
    }))
    .filter(({ values }) => values.some((value) => value !== null && value > 0));
}

/** The step that has just begun has too few blocks to say anything. */
const withoutEnd = <T,>(values: readonly (T | null)[]): (T | null)[] =>
  values.map((value, at) => (at === values.length - 1 ? null : value));

/** Reorganisations that are listed. */
const MAX_LISTED = 20;

function Reorgs({ reorgs }: { reorgs: History["reorgs"] }) {
  if (reorgs.length === 0) return <p>No reorganisation in this time.</p>;
  const deepest = Math.max(...reorgs.map(({ depth }) => depth));
  return (
    <details>
      <summary>
        {counted(reorgs.length, "reorganisation")}, the deepest of {counted(deepest, "block")}
      </summary>
      <ul class="rows">
        {reorgs
          .slice(-MAX_LISTED)
          .reverse()
          .map(({ at_ms, node_id, depth, fork_height }) => (
            <li key={`${node_id} ${at_ms} ${fork_height}`}>
              <Moment ms={at_ms} /> <Text of={node_id} />: {counted(depth, "block")} above{" "}
              {grouped(fork_height)} fell out
            </li>
          ))}
      </ul>
    </details>
  );
}
