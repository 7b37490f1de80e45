/** Detector `algo_share`: an algorithm with too many or too few of the blocks (design: layer 1). */
import { heightSchema, SCALE, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { algorithmBits, blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { type Era, eraOf } from "./algorithm-era.js";
import {
  acceptBlock,
  asGiven,
  commonStep,
  copyOfDifficulties,
  difficultiesSchema,
  forgetTimes,
  nextDifficulty,
  NO_DIFFICULTIES,
  usualDifficulties,
} from "./multishield.js";
import {
  copyOfHabits,
  endBlock,
  FARTHEST_REACH,
  habitsSchema,
  learn,
  noHabits,
} from "./share-habits.js";
import { raisedAfter } from "../stats/hysteresis.js";
import { yearsOf } from "../stats/shiryaev-roberts.js";
import {
  type BlockHeader,
  headersOf,
  type WatchedObservation,
} from "../observation/observation.js";
import { MAX_SEVERITY_YEARS, severityOfReturnPeriod, significant } from "../stats/severity.js";

/**
 * Hash rates that are sought, as multiples of the farthest that is usual: four times as much, sixty-four times
 * (nearly all blocks), a sixty-fourth (miners that have gone). Each may raise a third of the false alarms.
 */
const SHIFTS = [
  { name: "high", times: 4, isUp: true },
  { name: "flood", times: 64, isUp: true },
  { name: "low", times: 1 / 64, isUp: false },
] as const;

/** Anyone can rent hash rate for a fee: alone it is never more than `elevated`. */
const MAX_RENTED = 0.59;

/** Weight of a block in the recent shares, which are evidence and decide nothing. */
const RECENT_WEIGHT = 0.01;

/** Seconds after the longest time that miners take for a new shape in which difficulty comes back. */
const SHAPE_MARGIN_S = 600;

const stateSchema = z.strictObject({
  last_hash: z.string().nullable(),
  last_height: heightSchema.nullable(),
  /** Names of the active algorithms. */
  algorithms: z.array(wordSchema),
  /** Recent share of each. */
  shares: z.array(z.number().min(0).max(1)),
  difficulties: difficultiesSchema,
  habits: habitsSchema,
  /** Evidence: for each algorithm a Shiryaev–Roberts statistic, in blocks, for each shift. */
  statistics: z.array(z.number().min(0)),
  /** Heights at which the findings that are open were raised. */
  raised_at: z.array(heightSchema.nullable()),
});
type ShareState = z.infer<typeof stateSchema>;

/** What an earlier version stored: shares without difficulties. */
const formerSchema = z.looseObject({
  last_hash: z.string().nullable(),
  algorithms: z.array(wordSchema),
  shares: z.array(z.number().min(0).max(1)),
  statistics: z.array(z.number().min(0)),
  raised_at: z.array(heightSchema.nullable()),
  jumps: z.unknown(),
});

/**
 * Finds an algorithm whose hash rate is off, by its share of the blocks *at its difficulty*. MultiShield gives
 * each of A algorithms the share 1/A in the long run whatever its hash rate; what a visiting miner shows is a
 * burst of blocks until difficulty has followed. So an algorithm of h times its usual hash rate is expected to
 * find the next block with p(h) = h·u / (h·u + A − 1), u being its usual difficulty over the present one, which
 * is followed from the headers (`multishield.ts`) and taken from the node where it gives it.
 *
 * Honest hash rate comes and goes. What counts as usual is three times as much and a third, and what has come
 * or gone by itself in the last weeks, once it is six hours old (`share-habits.ts`). Shiryaev–Roberts
 * statistics R compare 4, 64 and 1/64 times the farthest that is usual, h₁, with the farthest, h₀. p grows with
 * h, so that for any hash rate within h₀ the likelihood ratio p(h₁)/p(h₀) is at most 1 on average, however often
 * and for how long miners come: R·(1/3A) reaches n blocks once in n/N years or less often (`yearsOf`), for each
 * of 3·A statistics. False alarms: at most one a year at `elevated`, all together, and one for each visit that
 * is farther than any in the weeks before. More than is usual is at most 0.59, since anyone can rent it.
 *
 * An algorithm that takes a new shape (`shape_changes`) is not expected to find blocks until its miners have
 * followed. Findings open at 0.25, are not reported below that while open, and end at severity 0. It runs only
 * where the chain's shares are equal; a change of the active algorithms begins it anew.
 */
export const algoShare: Detector<ShareState> = defineDetector({
  name: "algo_share",
  stateSchema,
  initial: () => ({
    ...begin([]),
    last_hash: null,
    last_height: null,
    difficulties: NO_DIFFICULTIES,
  }),
  upgrade(stored) {
    const read = formerSchema.safeParse(stored);
    if (!read.success) return undefined;
    const { last_hash, algorithms, shares, statistics, raised_at } = read.data;
    const anew = { ...begin(algorithms), last_hash, last_height: null };
    return { ...anew, shares, statistics, raised_at };
  },
  reduce(previous, observation, chain) {
    const state = withGiven(countBlocks(previous, observation, chain), observation, chain);
    return { state, findings: findingsOf(state, observation, chain) };
  },
  appliesTo: ({ algorithm_shares, algorithms }) =>
    algorithm_shares === "equal" && algorithms.length > 1,
});

type Counts = Omit<ShareState, "last_hash" | "last_height">;

const begin = (names: readonly string[]): Counts => ({
  algorithms: [...names],
  shares: names.map(() => 1 / names.length),
  difficulties: usualDifficulties(names.length),
  habits: noHabits(names.length),
  statistics: names.flatMap(() => SHIFTS.map(() => 0)),
  raised_at: names.flatMap(() => SHIFTS.map(() => null)),
});

function countBlocks(
  previous: ShareState,
  observation: WatchedObservation,
  chain: ChainParameters,
): ShareState {
  const fresh = headersOf(observation);
  const [first] = fresh;
  if (first === undefined || fresh.at(-1)?.hash === previous.last_hash) return previous;
  let era = eraOf(chain, first.height);
  let counts = isSame(era, previous) ? copyOf(previous) : begin(era.names);
  let { last_height } = previous;
  for (const header of fresh) {
    const { hash, height } = header;
    if (hash === previous.last_hash) continue;
    if (height >= era.until) {
      era = eraOf(chain, height);
      counts = begin(era.names);
    }
    if (last_height !== null && height > last_height + 1) forgetTimes(counts.difficulties);
    countBlock(counts, { header, hit: era.bits.indexOf(algorithmBits(header.version)) }, chain);
    last_height = height;
  }
  return stateOf(counts, counts.difficulties, { last_hash: observation.tip.hash, last_height });
}

/** Field by field: an object that is spread and added to costs more than all the rest. */
const stateOf = (
  counts: Counts,
  difficulties: Counts["difficulties"],
  { last_hash, last_height }: Pick<ShareState, "last_hash" | "last_height">,
): ShareState => ({
  last_hash,
  last_height,
  algorithms: counts.algorithms,
  shares: counts.shares,
  difficulties,
  habits: counts.habits,
  statistics: counts.statistics,
  raised_at: counts.raised_at,
});

const isSame = ({ names }: Era, { algorithms }: Counts): boolean =>
  names.length === algorithms.length && names.every((name, i) => name === algorithms[i]);

const copyOf = (counts: Counts): Counts => ({
  algorithms: counts.algorithms,
  shares: [...counts.shares],
  difficulties: copyOfDifficulties(counts.difficulties),
  habits: copyOfHabits(counts.habits),
  statistics: [...counts.statistics],
  raised_at: [...counts.raised_at],
});

/** One block, and which of the active algorithms made it (−1: none). */
type Counted = Readonly<{ header: BlockHeader; hit: number }>;

/** Counts one block into its own copy of the counts. A retired algorithm's is no block of any here. */
function countBlock(counts: Counts, { header, hit }: Counted, chain: ChainParameters): void {
  const { algorithms, shares, difficulties, habits } = counts;
  const common = commonStep(difficulties, chain.spacing_seconds);
  for (let a = 0; a < algorithms.length; a++) {
    const share = shares[a] ?? 0;
    shares[a] = share + RECENT_WEIGHT * ((a === hit ? 1 : 0) - share);
    const difficulty = nextDifficulty(difficulties, a, common);
    const isChanging = isTakingShape(chain, algorithms[a], header.time_s);
    judge(counts, { a, isHit: a === hit, difficulty, isChanging, height: header.height }, chain);
    if (!isChanging) learn(habits, a, difficulty);
  }
  acceptBlock(difficulties, { hit, time_s: header.time_s, common });
  endBlock(habits);
}

/** Whether an algorithm's miners may still be missing because its shape has changed. */
function isTakingShape(
  { shape_changes }: ChainParameters,
  algorithm: string | undefined,
  timeS: number,
): boolean {
  if (shape_changes === undefined || shape_changes.algorithm !== algorithm) return false;
  const { interval_seconds, settle_seconds } = shape_changes;
  return timeS % interval_seconds < settle_seconds + SHAPE_MARGIN_S;
}

type Judged = Readonly<{
  a: number;
  isHit: boolean;
  /** Logarithm of its difficulty for this block. */
  difficulty: number;
  isChanging: boolean;
  height: number;
}>;

/** Takes a block into the three statistics of an algorithm. */
function judge(
  { algorithms, habits, statistics, raised_at }: Counts,
  { a, isHit, difficulty, isChanging, height }: Judged,
  chain: ChainParameters,
): void {
  const perYear = blocksPerYear(chain);
  const part = partOf(algorithms.length);
  const ceiling = (MAX_SEVERITY_YEARS * perYear) / part;
  const deviation = difficulty - (habits.centres[a] ?? 0);
  const eased = Math.exp(Math.max(-FARTHEST_REACH, Math.min(FARTHEST_REACH, -deviation)));
  const up = eased * upFactor(a, habits.up[a] ?? 0);
  const down = eased * downFactor(a, -(habits.down[a] ?? 0));
  const others = algorithms.length - 1;
  for (let s = 0; s < SHIFTS.length; s++) {
    const { times, isUp } = SHIFTS[s] ?? SHIFTS[0];
    if (!isUp && isChanging) continue;
    const usual = isUp ? up : down;
    const missRatio = (usual + others) / (times * usual + others);
    const i = a * SHIFTS.length + s;
    const ratio = isHit ? times * missRatio : missRatio;
    const statistic = Math.min(ceiling, (1 + (statistics[i] ?? 0)) * ratio);
    statistics[i] = statistic;
    raised_at[i] = raisedAfter(raised_at[i] ?? null, yearsOf(statistic, part, perYear), height);
  }
}

/** The exponential function of a value that seldom changes, by the place that the value has. */
function rememberedExp(): (place: number, value: number) => number {
  const values: number[] = [];
  const results: number[] = [];
  return (place, value) => {
    if (values[place] !== value) {
      values[place] = value;
      results[place] = Math.exp(value);
    }
    return results[place] as number;
  };
}
const upFactor = rememberedExp();
const downFactor = rememberedExp();

const partOf = (algorithms: number): number => 1 / (SHIFTS.length * algorithms);

function withGiven(
  state: ShareState,
  { difficulties: given }: Timed<WatchedObservation>,
  { spacing_seconds: spacingS }: ChainParameters,
): ShareState {
  if (given === undefined) return state;
  const { difficulties, algorithms } = state;
  return stateOf(state, asGiven(difficulties, algorithms, { given, spacingS }), state);
}

function findingsOf(
  state: ShareState,
  { tip }: WatchedObservation,
  chain: ChainParameters,
): DetectorFinding[] {
  const isQuiet = state.raised_at.every((raised_at) => raised_at === null);
  // [FINDING algo_share] a hash rate is farther off than usual, as an honest chain shows it once a year
  if (isQuiet) return [];
  return state.raised_at.flatMap((raised_at, i) =>
    raised_at === null ? [] : [shareFinding(state, { i, raised_at, height: tip.height }, chain)],
  );
}

function shareFinding(
  { algorithms, shares, statistics, habits }: ShareState,
  { i, raised_at, height }: { i: number; raised_at: number; height: number },
  chain: ChainParameters,
): DetectorFinding {
  const a = Math.floor(i / SHIFTS.length);
  const algorithm = algorithms[a] ?? "unknown";
  const { name, isUp } = SHIFTS[i % SHIFTS.length] ?? SHIFTS[0];
  const years = yearsOf(statistics[i] ?? 0, partOf(algorithms.length), blocksPerYear(chain));
  const recent = significant(shares[a] ?? 0);
  const severity = Math.max(SCALE.elevated, severityOfReturnPeriod(years));
  return {
    finding_id: `algo_share:${algorithm}:${name}:${raised_at}`,
    severity: isUp ? Math.min(MAX_RENTED, severity) : severity,
    summary: `${algorithm} has ${isUp ? "too many" : "too few"} of the recent blocks for its difficulty: ${recent} of all`,
    height,
    latched: false,
    evidence: {
      algorithm,
      recent_share: recent,
      expected_share: significant(1 / algorithms.length),
      usual_times: significant(Math.exp((isUp ? habits.up[a] : habits.down[a]) ?? 0)),
      false_alarm_years: significant(years),
    },
  };
}
