/** The simulations by name: what they do, where their figures come from, which detectors should find them. */
import { bitcoin, type ChainParameters, digibyte } from "@dgb-shield/chain";
import type { LabelledObservation } from "@dgb-shield/sentinel";
import { deepReorganisation } from "./deep-reorganisation.js";
import type { ChainEvent } from "./events.js";
import { honestChain } from "./honest-chain.js";
import type { HashRate, MiningOptions } from "./mining.js";
import { createRandom } from "./random.js";
import { selfishMining } from "./selfish-mining.js";
import { watch } from "./watch.js";

/** A simulation that can be run with any seed. */
export type SimulatedScenario = Readonly<{
  /** Lower-case words joined by hyphens. */
  name: string;
  /** One line for a reader. */
  title: string;
  chain: ChainParameters;
  /** Detectors that ought to find it; empty for an honest chain. */
  expected: readonly string[];
  /** Blocks that it has by default. */
  blocks: number;
  /**
   * The observations of the node, lazily. The label of an observation is `honest` or `attack`.
   *
   * @param seed a whole number, 0 to 2^32 − 1
   * @param blocks where to end; default: the scenario's own
   */
  observations(seed: number, blocks?: number): Generator<LabelledObservation>;
}>;

/** Name of the simulated node. */
const SIMULATED_NODE = "simulated-node";

/** 2026-01-01T00:00:00Z, in milliseconds. */
const START_MS = 1_767_225_600_000;
const START_HEIGHT = 23_700_000;

/** A day of DigiByte. An attack begins after half of one. */
const DAY_BLOCKS = 5_760;
const HALF_DAY_BLOCKS = DAY_BLOCKS / 2;
const ONSET = START_HEIGHT + HALF_DAY_BLOCKS + 1;

/** Blocks before and after a single reorganisation. */
const AROUND = 400;

const SCRYPT = 0;
const SHA256D = 2;
const GROESTL = 4;

/** Forks of Bitcoin's code, with its record of stale blocks in place of their own. */
const vertcoin: ChainParameters = { ...bitcoin, name: "vertcoin", spacing_seconds: 150 };
const bitcoinGold: ChainParameters = { ...bitcoin, name: "bitcoin_gold" };

type Events = (options: MiningOptions) => Iterable<ChainEvent>;

/** An honest chain of DigiByte, a day long by default. */
export const honestDigibyte: SimulatedScenario = scenario({
  name: "honest",
  title: "Five algorithms with MultiShield, drifting hash rates, natural stale blocks",
  expected: [],
  blocks: DAY_BLOCKS,
  events: honestChain,
});

/** The attacks, each with a seedable course. */
export const SIMULATED_ATTACKS: readonly SimulatedScenario[] = Object.freeze([
  scenario({
    name: "retired-algorithm",
    title: "A retired algorithm mines again, as Groestl did in June 2026",
    expected: ["retired_algorithm"],
    events: (options) => honestChain({ ...options, attackFrom: ONSET, admitted: GROESTL }),
  }),
  scenario({
    name: "groestl-pace",
    title:
      "The pace of June 2026 alone: a Poisson process of 12.5 s, no retired algorithm to be seen",
    expected: ["block_cadence"],
    events: withHashRate(() => 15 / 12.5, false),
  }),
  scenario({
    name: "hash-rate-drop",
    title: "Nine tenths of all hash rate leave at once",
    expected: ["block_stall", "block_cadence"],
    events: withHashRate(() => 0.1),
  }),
  scenario({
    name: "algorithm-lost",
    title: "One algorithm of five is mined no longer",
    expected: ["algo_share"],
    events: withHashRate((bits) => (bits === SHA256D ? 1e-9 : 1)),
  }),
  scenario({
    name: "rented-hash-rate",
    title: "One algorithm's hash rate is twenty times what it was",
    expected: ["algo_share"],
    events: withHashRate((bits) => (bits === SCRYPT ? 20 : 1)),
  }),
  ...[0.33, 0.45].map((poolShare) =>
    scenario({
      name: `selfish-mining-${poolShare * 100}`,
      title: `A pool with ${poolShare * 100} % of the blocks keeps them back (Eyal and Sirer, gamma 0.5)`,
      expected: ["reorg"],
      events: (options) => selfishMining({ ...options, poolShare, gamma: 0.5, attackFrom: ONSET }),
    }),
  ),
  reorganisation("digibyte-2026-06", "DigiByte, June 2026, at the onset of the incident", [4, 5]),
  reorganisation("vertcoin-2018-12", "Vertcoin, 2018, the deepest of 22", [307, 310], vertcoin),
  reorganisation("vertcoin-2019-12", "Vertcoin, December 2019", [603, 553], vertcoin),
  reorganisation("bitcoin-gold-2020-01a", "Bitcoin Gold, January 2020", [14, 13], bitcoinGold),
  reorganisation("bitcoin-gold-2020-01b", "Bitcoin Gold, January 2020", [15, 16], bitcoinGold),
]);

type Course = Omit<SimulatedScenario, "blocks" | "chain" | "observations"> &
  Readonly<{ blocks?: number; chain?: ChainParameters; events: Events }>;

function scenario({ events, chain = digibyte, blocks = DAY_BLOCKS, ...rest }: Course) {
  return Object.freeze({
    ...rest,
    expected: Object.freeze([...rest.expected]),
    chain: Object.freeze(chain),
    blocks,
    observations(seed, most = blocks) {
      const random = createRandom(seed);
      const course = events({ chain, random, startMs: START_MS, startHeight: START_HEIGHT });
      return watch(course, { node_id: SIMULATED_NODE, random, blocks: most });
    },
  } satisfies SimulatedScenario);
}

function withHashRate(during: HashRate, isRetargeting = true): Events {
  const hashRate: HashRate = (bits, height) => (height < ONSET ? 1 : during(bits, height));
  return (options) => honestChain({ ...options, attackFrom: ONSET, hashRate, isRetargeting });
}

function reorganisation(
  name: string,
  when: string,
  [replaced, replacing]: readonly [number, number],
  chain: ChainParameters = digibyte,
): SimulatedScenario {
  return scenario({
    name: `reorg-${name}`,
    title: `${when}: ${replaced} blocks replaced by ${replacing}`,
    expected: ["reorg"],
    chain,
    blocks: 2 * AROUND + replaced + replacing,
    events: (options) => deepReorganisation({ ...options, before: AROUND, replaced, replacing }),
  });
}
