/** The last days: how far back the page looks, and which moment of them it shows. */
import { computed, effect, signal } from "@preact/signals";
import type { Branch, History } from "../model.js";
import { lostSince } from "./live.js";
import { createResource } from "./resource.js";
import { session } from "./session.js";

/** Hours that are shown. */
export const pastHours = signal(24);
/** Steps of one answer. */
const POINTS = 336;
const EVERY_MS = 20_000;

export const past = createResource(async (api) =>
  fromItsBeginning(
    await api.get("/v1/history", { query: { hours: pastHours.peek(), points: POINTS } }),
  ),
);

/** Leaves out the steps of before anything was recorded, so that what there is has the room. */
function fromItsBeginning(history: History): History {
  const { times, states, scores, advisories, nodes, blocks } = history;
  const isKnown = (at: number): boolean => states[at] !== null || (blocks?.counts[at] ?? 0) > 0;
  const first = Math.max(
    0,
    times.findIndex((_, at) => isKnown(at)),
  );
  return {
    ...history,
    times: times.slice(first),
    states: states.slice(first),
    scores: scores.slice(first),
    advisories: advisories.slice(first),
    nodes: nodes.map((node) => ({
      ...node,
      heights: node.heights.slice(first),
      levels: node.levels.slice(first),
    })),
    blocks: blocks && {
      counts: blocks.counts.slice(first),
      algorithms: blocks.algorithms.map(({ name, counts }) => ({
        name,
        counts: counts.slice(first),
      })),
    },
  };
}

/** Place in `times` of the moment that is shown; null: now. */
export const shownStep = signal<number | null>(null);

/** The moment that is shown in place of now; null: now. */
export const shownMoment = computed(() => {
  const [history, step] = [past.value.value.data, shownStep.value];
  const ms = step === null ? undefined : history?.times[step];
  return history === undefined || step === null || ms === undefined ? null : { history, step, ms };
});

/** Refreshes the past while a session is open, and reads it again when the hours change. */
export const followPast = (): (() => void) =>
  effect(() => {
    const api = session.value?.api;
    // Is read so that a change of it begins anew.
    const hours = pastHours.value;
    shownStep.value = null;
    if (api === undefined || hours === 0) return undefined;
    void past.refresh(api);
    const timer = setInterval(() => {
      // A moment that is being looked at stays where it is.
      if (lostSince.peek() === null && shownStep.peek() === null) void past.refresh(api);
    }, EVERY_MS);
    return () => clearInterval(timer);
  });

/** Who followed which branch at a step, with the heights of then. */
export function branchesAt(history: History, step: number): readonly Branch[] {
  const until = (history.times[step] ?? 0) + history.step_ms;
  const change = history.changes.findLast(({ at_ms }) => at_ms < until);
  if (change === undefined) return [];
  const heights = new Map(history.nodes.map(({ node_id, heights: all }) => [node_id, all[step]]));
  return change.branches.map((branch) => {
    const nodes = branch.nodes.map((node) => ({
      ...node,
      height: heights.get(node.node_id) ?? node.height,
      is_watched: typeof heights.get(node.node_id) === "number" && node.is_watched,
    }));
    const highest = Math.max(...nodes.map(({ height }) => height));
    return { ...branch, nodes, tip_height: highest };
  });
}
