/** Plays a recording as if it happened now, for trials (design, section 10: sources of evidence). */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { BlockHeader, Observation } from "@dgb-shield/sentinel";
import { openRecording, recordedChain } from "@dgb-shield/sentinel";
import type { ChainParameters } from "@dgb-shield/chain";
import { CHAINS } from "@dgb-shield/chain";
import { z } from "zod";
import { openLines } from "../../cli/file-lines.js";
import { ServiceError } from "./errors.js";

/** A clock that runs `speed` times as fast as the wall clock, from a moment that a file keeps over restarts. */
export type TrialClock = Readonly<{
  /** Milliseconds since 1970, as the service sees them. */
  now: () => number;
  monotonic: () => number;
  began_ms: number;
  speed: number;
}>;

const anchorSchema = z.strictObject({ began_ms: z.int().min(0), speed: z.number().gt(0) });

/**
 * Opens the clock of a trial. It begins at the wall clock's time of the first start and goes on from there, so that a
 * restart finds the recording where it would be had it never stopped.
 *
 * @throws ServiceError `bad_recording` where the trial was begun at another speed
 */
export function openTrialClock(path: string, speed: number): TrialClock {
  const begun = readAnchor(path) ?? makeAnchor(path, { began_ms: Date.now(), speed });
  if (begun.speed !== speed) {
    throw new ServiceError(
      "bad_recording",
      `this trial was begun at speed ${begun.speed}: keep it, or begin another one in a new data_dir`,
    );
  }
  const offset = performance.timeOrigin;
  const passed = (): number => offset + performance.now() - begun.began_ms;
  return {
    now: () => Math.floor(begun.began_ms + passed() * speed),
    monotonic: () => performance.now() * speed,
    ...begun,
  };
}

type Anchor = z.infer<typeof anchorSchema>;

function readAnchor(path: string): Anchor | undefined {
  return existsSync(path) ? anchorSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
}

function makeAnchor(path: string, anchor: Anchor): Anchor {
  const draft = `${path}.new`;
  writeFileSync(draft, JSON.stringify(anchor), { mode: 0o600, flush: true });
  renameSync(draft, path);
  return anchor;
}

/** A recording that is ready to be played. */
export type Played = Readonly<{
  chain: ChainParameters;
  node_id: string;
  /** Usual time between two of its observations, in milliseconds. */
  poll_ms: number;
  observations: readonly Observation[];
}>;

const NODE_ID = "recording";
const SHORTEST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 600_000;
const USUAL = 0.99;

/**
 * Reads a recording whole.
 *
 * @throws ServiceError `bad_recording`
 */
export function loadRecording(file: string): Played {
  try {
    const { lines } = openLines(file);
    const { chain, observations } = recordedChain(
      openRecording(lines, { node_id: NODE_ID }),
      CHAINS,
    );
    const all = [...observations].map(({ observation }) => observation);
    const [first] = all;
    if (first === undefined) throw new Error("it holds no observation");
    return { chain, node_id: first.node_id, poll_ms: usualGap(all), observations: all };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ServiceError("bad_recording", `cannot play ${file}: ${detail}`, error);
  }
}

function usualGap(all: readonly Observation[]): number {
  const gaps = all
    .slice(1)
    .map((one, i) => one.at_ms - (all[i]?.at_ms ?? 0))
    .sort((a, b) => a - b);
  const usual = gaps[Math.floor((gaps.length - 1) * USUAL)] ?? SHORTEST_POLL_MS;
  return Math.min(LONGEST_POLL_MS, Math.max(SHORTEST_POLL_MS, usual));
}

/** Moves every time of an observation by whole seconds. */
export function movedBy(observation: Observation, offsetMs: number): Observation {
  const seconds = Math.round(offsetMs / 1_000);
  const header = <T extends BlockHeader>(block: T): T => ({
    ...block,
    time_s: block.time_s + seconds,
  });
  const { at_ms, tip, blocks, node_time_s } = observation;
  return {
    ...observation,
    at_ms: at_ms + seconds * 1_000,
    tip: tip && header(tip),
    blocks: blocks.map(header),
    ...(node_time_s === undefined ? {} : { node_time_s: node_time_s + seconds }),
  };
}

/** How a recording is played. */
export type PlayerOptions = Readonly<{
  played: Played;
  clock: TrialClock;
  /** Time of the last observation that was taken in before the start; what is not later is left out. */
  after_ms: number;
  observe: (observation: Observation) => void;
  log: (text: string) => void;
}>;

/**
 * What the monotonic clock shows at a time of the trial. What a restart has to catch up with is handed on at once; by the
 * reading of that moment the wall clock would seem to run ahead.
 */
const monotonicAt = (clock: TrialClock, atMs: number): number =>
  clock.monotonic() - (clock.now() - atMs);

/** What a poll at this moment shows of a node that stands where it was; only what may be shown twice. */
const polledNow = ({ node_id, reachable, syncing, tip }: Observation, clock: TrialClock) => ({
  ...{ node_id, reachable, syncing, tip, at_ms: clock.now(), monotonic_ms: clock.monotonic() },
  ...{ blocks: [], tips: [], mempool: null },
});

/** Plays until the end or until it is closed. At the end the evidence goes stale, and payments are refused. */
export function createPlayer({ played, clock, after_ms, observe, log }: PlayerOptions) {
  const stopping = new AbortController();
  const [first] = played.observations;
  // Whole seconds, as headers have them, and none later: the first observation is due at once.
  const offset = Math.floor((clock.began_ms - (first?.at_ms ?? 0)) / 1_000) * 1_000;
  const isSeen = ({ at_ms }: Observation): boolean => at_ms + offset <= after_ms;
  const begin = async (): Promise<void> => {
    const seen = played.observations.filter(isSeen);
    const [last, next] = [seen.at(-1), played.observations[seen.length]];
    const isWaiting = next !== undefined && next.at_ms + offset > clock.now();
    // After a restart a node is polled at once, whether it has anything new or not.
    if (last !== undefined && isWaiting) observe(polledNow(movedBy(last, offset), clock));
    return play(played.observations.slice(seen.length));
  };
  const play = async (coming: readonly Observation[]): Promise<void> => {
    for (const recorded of coming) {
      const observation = movedBy(recorded, offset);
      const waitMs = (observation.at_ms - clock.now()) / clock.speed;
      if (waitMs > 0) {
        await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
      if (stopping.signal.aborted) return;
      observe({ ...observation, monotonic_ms: monotonicAt(clock, observation.at_ms) });
    }
    log("the recording has ended: no evidence comes any more, and payments are refused");
  };
  const running = begin();
  return Object.freeze({
    async close() {
      stopping.abort();
      await running;
    },
  });
}
