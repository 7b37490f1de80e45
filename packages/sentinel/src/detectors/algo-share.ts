/** Detector `algo_share`: an algorithm with too many or too few of the blocks (design: layer 1). */
import { heightSchema, SCALE, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { algorithmBits, blocksPerYear, type ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding } from "./detector.js";
import { difficultyJump, jumpsSchema, NO_JUMPS, withDifficulties } from "./difficulty-jumps.js";
import { type Era, eraOf } from "./algorithm-era.js";
import { raisedAfter } from "../stats/hysteresis.js";
import { yearsOf } from "../stats/shiryaev-roberts.js";
import { headersOf, type WatchedObservation } from "../observation/observation.js";
import { MAX_SEVERITY_YEARS, severityOfReturnPeriod, significant } from "../stats/severity.js";

/**
 * Shares that are sought, as functions of the honest share, and what part of the false alarms each
 * may raise: twice as much, nearly everything (rented hash rate), a quarter (miners that have gone).
 */
const SHIFTS = [
  { name: "high", shareOf: (honest: number) => Math.min(0.9, 2 * honest), part: 0.3 },
  { name: "flood", shareOf: () => 0.9, part: 0.3 },
  { name: "low", shareOf: (honest: number) => honest / 4, part: 0.3 },
] as const;

/** Weight of a block in the recent shares, which are evidence and decide nothing. */
const RECENT_WEIGHT = 0.01;

const stateSchema = z.strictObject({
  last_hash: z.string().nullable(),
  /** Names of the active algorithms. */
  algorithms: z.array(wordSchema),
  /** Recent share of each. */
  shares: z.array(z.number().min(0).max(1)),
  /** Evidence: for each algorithm a Shiryaev–Roberts statistic, in blocks, for each shift. */
  statistics: z.array(z.number().min(0)),
  /** Heights at which the findings that are open were raised. */
  raised_at: z.array(heightSchema.nullable()),
  jumps: jumpsSchema,
});
type ShareState = z.infer<typeof stateSchema>;

/**
 * Finds an algorithm whose share of the blocks is off. Of A active algorithms each has the share p = 1/A;
 * three Shiryaev–Roberts statistics R for each seek the shares 2p, 0.9 and p/4, each with the part
 * 0.3/A of the false alarms. An honest chain of N blocks a year lets 0.3·R/A reach n blocks once in n/N
 * years or less often (`yearsOf`; no approximation for independent blocks, and rarer still under
 * DigiByte's retarget, which pulls each share back within a few blocks): severity follows from that.
 * The last tenth is for jumps of an algorithm's difficulty off its running baseline (`difficultyJump`),
 * where observations carry difficulties. False alarms: at most one a year at `elevated`, all together.
 *
 * Findings open at 0.25, are not reported below that while open, and end at severity 0. It runs only
 * where the chain's shares are equal; a change of the active algorithms begins it anew.
 */
export const algoShare: Detector<ShareState> = defineDetector({
  name: "algo_share",
  stateSchema,
  initial: () => ({ ...begin([]), last_hash: null, jumps: NO_JUMPS }),
  reduce(previous, observation, chain) {
    const counted = countBlocks(previous, observation, chain);
    const jumps = withDifficulties(previous.jumps, observation, chain);
    const state = { ...counted, jumps };
    return { state, findings: findingsOf(state, observation, chain) };
  },
  appliesTo: ({ algorithm_shares, algorithms }) =>
    algorithm_shares === "equal" && algorithms.length > 1,
});

type Counts = Omit<ShareState, "last_hash" | "jumps">;

const begin = (names: readonly string[]): Counts => ({
  algorithms: [...names],
  shares: names.map(() => 1 / names.length),
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
  for (const { hash, height, version } of fresh) {
    if (hash === previous.last_hash) continue;
    if (height >= era.until) {
      era = eraOf(chain, height);
      counts = begin(era.names);
    }
    countBlock(counts, { hit: era.bits.indexOf(algorithmBits(version)), height }, chain);
  }
  return { ...previous, ...counts, last_hash: observation.tip.hash };
}

const isSame = ({ names }: Era, { algorithms }: Counts): boolean =>
  names.length === algorithms.length && names.every((name, i) => name === algorithms[i]);

const copyOf = ({ algorithms, shares, statistics, raised_at }: Counts): Counts => ({
  algorithms,
  shares: [...shares],
  statistics: [...statistics],
  raised_at: [...raised_at],
});

/** Counts one block into its own copy of the counts. A retired algorithm's is no block of any here. */
function countBlock(
  { algorithms, shares, statistics, raised_at }: Counts,
  { hit, height }: { hit: number; height: number },
  chain: ChainParameters,
): void {
  const perYear = blocksPerYear(chain);
  const rules = rulesFor(algorithms.length);
  let i = 0;
  for (let a = 0; a < algorithms.length; a++) {
    const share = shares[a] ?? 0;
    shares[a] = share + RECENT_WEIGHT * ((a === hit ? 1 : 0) - share);
    for (const { hitRatio, missRatio, part } of rules) {
      const ratio = a === hit ? hitRatio : missRatio;
      const ceiling = (MAX_SEVERITY_YEARS * perYear) / part;
      const statistic = Math.min(ceiling, (1 + (statistics[i] ?? 0)) * ratio);
      statistics[i] = statistic;
      raised_at[i] = raisedAfter(raised_at[i] ?? null, yearsOf(statistic, part, perYear), height);
      i++;
    }
  }
}

/** Likelihood ratios of a block of an algorithm and of any other, and the part of the false alarms. */
type ShiftRule = Readonly<{ hitRatio: number; missRatio: number; part: number }>;

const knownRules = new Map<number, readonly ShiftRule[]>();

/** The shifts of a chain of so many algorithms; they follow from the number alone. */
function rulesFor(algorithms: number): readonly ShiftRule[] {
  const known = knownRules.get(algorithms);
  if (known !== undefined) return known;
  const honest = 1 / algorithms;
  const rules = SHIFTS.map(({ shareOf, part }) => ({
    hitRatio: shareOf(honest) / honest,
    missRatio: (1 - shareOf(honest)) / (1 - honest),
    part: part / algorithms,
  }));
  knownRules.set(algorithms, rules);
  return rules;
}

function findingsOf(
  state: ShareState,
  { tip }: WatchedObservation,
  chain: ChainParameters,
): DetectorFinding[] {
  const isQuiet = state.raised_at.every((raised_at) => raised_at === null);
  // [FINDING algo_share] a share or a difficulty is off by more than an honest chain's once a year
  if (isQuiet && state.jumps.raised_at === null) return [];
  const shares = state.raised_at.flatMap((raised_at, i) =>
    raised_at === null ? [] : [shareFinding(state, { i, raised_at, height: tip.height }, chain)],
  );
  const jump = difficultyJump(state.jumps, tip.height, chain);
  return jump === null ? shares : [...shares, jump];
}

function shareFinding(
  { algorithms, shares, statistics }: ShareState,
  { i, raised_at, height }: { i: number; raised_at: number; height: number },
  chain: ChainParameters,
): DetectorFinding {
  const a = Math.floor(i / SHIFTS.length);
  const algorithm = algorithms[a] ?? "unknown";
  const { name, part } = SHIFTS[i % SHIFTS.length] ?? SHIFTS[0];
  const years = yearsOf(statistics[i] ?? 0, part / algorithms.length, blocksPerYear(chain));
  const recent = significant(shares[a] ?? 0);
  return {
    finding_id: `algo_share:${algorithm}:${name}:${raised_at}`,
    severity: Math.max(SCALE.elevated, severityOfReturnPeriod(years)),
    summary: `${algorithm} has ${name === "low" ? "too few" : "too many"} of the recent blocks: ${recent} of all`,
    height,
    latched: false,
    evidence: {
      algorithm,
      recent_share: recent,
      expected_share: significant(1 / algorithms.length),
      false_alarm_years: significant(years),
    },
  };
}
