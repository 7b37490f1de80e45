/** The attacks on live chains: those that the trials out of sample made, each under ordinary conditions. */
import { litecoin } from "@dgb-shield/chain";
import { type ChainEvent, sideTip, rivalsOf, simulatedHeader } from "../events.js";
import { honestChain, mainChain, type MinedBlock } from "../honest-chain.js";
import type { HashRate } from "../mining.js";
import { selfishMining } from "../selfish-mining.js";
import { exponential } from "../random.js";
import type { Conditions } from "./conditions.js";
import { ORDINARY } from "./honest-kinds.js";
import type { MiningChanges } from "./live-mining.js";
import type { LiveEvents } from "./live-scenario.js";

/** An attack on a live chain. */
export type LiveAttack = Readonly<{
  name: string;
  title: string;
  /** Detectors that ought to find it, any of them. */
  expected: readonly string[];
  /** What is asked: a finding of this level, within so many hours, in this share of the runs. */
  wanted: Readonly<{ level: "elevated" | "critical"; hours: number; share: number }> | null;
  conditions: Conditions;
  /** Blocks before the onset, and after it. */
  before: number;
  after: number;
  changes: MiningChanges;
  events: LiveEvents;
  peersFollow: number;
}>;

const SCRYPT = 0;
const SHA256D = 2;
const DAY_BLOCKS = 5_760;
const HALF_DAY = DAY_BLOCKS / 2;
const TWO_HOURS_BLOCKS = 480;

/** How long Litecoin's slow blocks took, whatever chance makes of it. */
const SLOW_MS = 12_000_000;

/** Baselines of a day are settled after two. */
const BEFORE = 2 * DAY_BLOCKS;
const ONSET = ORDINARY.startHeight + BEFORE + 1;

type Given = Pick<LiveAttack, "name" | "title" | "expected"> & Partial<LiveAttack>;

const attack = (given: Given): LiveAttack => ({
  wanted: null,
  conditions: ORDINARY,
  before: BEFORE,
  after: HALF_DAY,
  changes: {},
  events: (options) => honestChain({ ...options, attackFrom: ONSET }),
  peersFollow: 0,
  ...given,
});

const WITHIN_TWO_HOURS = { level: "elevated", hours: 2, share: 0.95 } as const;
const CRITICAL_IN_HALF_A_DAY = { level: "critical", hours: 12, share: 1 } as const;

const fromOnset =
  (during: HashRate, onset = ONSET): HashRate =>
  (bits, height) =>
    height < onset ? 1 : during(bits, height);

/** A pace by itself, which no difficulty follows. */
const paced = (spacingS: number): MiningChanges => ({
  pace: { from: ONSET, factor: 15 / spacingS },
});

/** More hash rate, and headers exactly 15 s apart, which keep difficulty where it is. */
const disguised = (spacingS: number): MiningChanges => ({
  hashRate: fromOnset(() => 15 / spacingS),
  headerTime: (height, _, lastS) => (height < ONSET ? undefined : lastS + 15),
});

const faster = (hashRate: HashRate) => ({ changes: { hashRate: fromOnset(hashRate) } });

/** The attacks. */
export const LIVE_ATTACKS: readonly LiveAttack[] = Object.freeze([
  attack({
    name: "pace-12.5",
    title: "a block each 12.5 s, no retired algorithm to be seen, headers by honest clocks",
    expected: ["block_cadence", "work_rate"],
    changes: paced(12.5),
  }),
  attack({
    name: "pace-12.5-headers-15",
    title: "the same, headers exactly 15 s apart",
    expected: ["block_cadence", "clock_trust", "work_rate"],
    wanted: { level: "elevated", hours: 12, share: 0.95 },
    changes: disguised(12.5),
  }),
  attack({
    name: "pace-12.5-headers-250",
    title: "the same, every fifth header 250 s ahead",
    expected: ["block_cadence", "clock_trust", "work_rate"],
    changes: {
      ...paced(12.5),
      headerTime: (height, trueS) =>
        height >= ONSET && height % 5 === 0 ? Math.floor(trueS) + 250 : undefined,
    },
  }),
  attack({
    name: "pace-7.5-headers-15",
    title: "twice as fast, headers exactly 15 s apart",
    expected: ["block_cadence", "clock_trust", "work_rate"],
    wanted: WITHIN_TWO_HOURS,
    changes: disguised(7.5),
  }),
  attack({
    name: "pace-13.5",
    title: "a block each 13.5 s",
    expected: ["block_cadence"],
    changes: paced(13.5),
  }),
  attack({
    name: "pace-14",
    title: "a block each 14 s",
    expected: ["block_cadence"],
    changes: paced(14),
  }),
  attack({
    name: "all-x3",
    title: "all algorithms × 3, as rented for an attack by majority",
    expected: ["work_rate", "block_cadence"],
    wanted: WITHIN_TWO_HOURS,
    ...faster(() => 3),
  }),
  attack({
    name: "all-x2",
    title: "all algorithms × 2",
    expected: ["work_rate", "block_cadence"],
    ...faster(() => 2),
  }),
  attack({
    name: "half-leaves",
    title: "half of all hash rate leaves (× 0.5)",
    expected: ["work_rate", "block_cadence"],
    wanted: WITHIN_TWO_HOURS,
    ...faster(() => 0.5),
  }),
  attack({
    name: "third-leaves",
    title: "a third of all hash rate leaves",
    expected: ["work_rate", "block_cadence"],
    ...faster(() => 2 / 3),
  }),
  attack({
    name: "one-x5",
    title: "one algorithm × 5",
    expected: ["algo_share", "work_rate"],
    ...faster((bits) => (bits === SCRYPT ? 5 : 1)),
  }),
  attack({
    name: "one-x20",
    title: "one algorithm × 20",
    expected: ["algo_share", "work_rate"],
    ...faster((bits) => (bits === SCRYPT ? 20 : 1)),
  }),
  attack({
    name: "one-x20-ramped",
    title: "one algorithm × 20, ramped over six hours",
    expected: ["algo_share", "work_rate"],
    ...faster((bits, height) =>
      bits === SCRYPT ? 20 ** Math.min(1, (height - ONSET) / (3 * TWO_HOURS_BLOCKS)) : 1,
    ),
  }),
  attack({
    name: "one-x100",
    title: "one algorithm × 100",
    expected: ["algo_share", "work_rate"],
    ...faster((bits) => (bits === SCRYPT ? 100 : 1)),
  }),
  attack({
    name: "two-x20",
    title: "two algorithms × 20",
    expected: ["algo_share", "work_rate"],
    ...faster((bits) => (bits === SCRYPT || bits === SHA256D ? 20 : 1)),
  }),
  ...[0.2, 0.26, 0.34, 0.4].map((poolShare) =>
    attack({
      name: `selfish-${Math.round(poolShare * 100)}`,
      title: `a pool with ${Math.round(poolShare * 100)} % keeps its blocks back (gamma 0)`,
      expected: ["reorg"],
      wanted: { level: "critical", hours: 2, share: 1 },
      events: (options) => selfishMining({ ...options, poolShare, gamma: 0, attackFrom: ONSET }),
    }),
  ),
  attack({
    name: "reorg-4-each-65-min",
    title: "four blocks replaced each 65 minutes",
    expected: ["reorg"],
    wanted: CRITICAL_IN_HALF_A_DAY,
    events: repeatedly(4, 260),
  }),
  attack({
    name: "reorg-2-each-30-min",
    title: "two blocks replaced each 30 minutes",
    expected: ["reorg"],
    wanted: CRITICAL_IN_HALF_A_DAY,
    events: repeatedly(2, 120),
  }),
  ...(["headers-only", "valid-headers", "invalid"] as const).map((status) =>
    attack({
      name: `rival-${status}`,
      title: `a second chain of 480 blocks, 20 % faster, shown as ${status}`,
      expected: ["rival_chain"],
      wanted: { level: "critical", hours: 2, share: 1 },
      events: rivalChain(status),
      after: TWO_HOURS_BLOCKS,
      peersFollow: status === "invalid" ? 0 : 0.5,
    }),
  ),
  litecoinApril(),
]);

/** Each so many blocks, the last `depth` are replaced by one more. */
function repeatedly(depth: number, every: number): LiveEvents {
  return function* (options) {
    const mined = mainChain(options);
    for (let branch = 1; ;) {
      const first = mined.next().value;
      const { height } = first.header;
      const label = height >= ONSET ? "attack" : "honest";
      if (label === "honest" || (height - ONSET) % every !== every - depth - 1) {
        yield { label, atMs: first.atMs, blocks: [first.header] };
        continue;
      }
      const winners = [first, ...taken(mined, depth - 1)];
      yield* replaced(winners, taken(mined, 1), branch++);
    }
  };
}

/** The losers as they come, then all the winners at once with the blocks that decide. */
function* replaced(
  winners: readonly MinedBlock[],
  deciders: readonly MinedBlock[],
  branch: number,
  over: ChainEvent["label"] = "attack",
): Generator<ChainEvent> {
  const losers = rivalsOf(
    winners.map(({ header }) => header),
    branch,
  );
  for (const [i, { atMs }] of winners.entries()) {
    yield { label: "attack", atMs, blocks: losers.slice(i, i + 1) };
  }
  const blocks = [...winners, ...deciders].map(({ header }) => header);
  const atMs = deciders.at(-1)?.atMs ?? 0;
  yield { label: over, atMs, blocks, side: sideTip(losers, "valid-fork") };
}

const taken = (mined: Generator<MinedBlock, never>, count: number): MinedBlock[] =>
  Array.from({ length: count }, () => mined.next().value);

const RIVAL_BRANCH = 7_777_777;
const RIVAL_BLOCKS = 480;

/** A second chain that the node does not follow grows beside its own. */
function rivalChain(status: "headers-only" | "valid-headers" | "invalid"): LiveEvents {
  return function* (options) {
    const { random } = options;
    let length = 0;
    let nextMs = 0;
    for (const event of honestChain({ ...options, attackFrom: ONSET })) {
      if (event.label === "attack") {
        if (nextMs === 0) nextMs = event.atMs;
        while (nextMs <= event.atMs && length < RIVAL_BLOCKS) {
          length++;
          const height = ONSET - 1 + length;
          const place = { branch: RIVAL_BRANCH, height, on: length === 1 ? 0 : RIVAL_BRANCH };
          const { hash } = simulatedHeader(place, { bits: 0, timeS: 0 });
          const side = { hash, height, branchlen: length, status };
          yield { label: "attack", atMs: nextMs, blocks: [], side };
          nextMs += Math.ceil(exponential(random, 12_500));
        }
      }
      yield event;
    }
  };
}

/** Litecoin, 25 April 2026: 14 blocks took more than three hours, then 13 of them fell out. */
function litecoinApril(): LiveAttack {
  const startHeight = 3_200_000;
  const before = 1_152;
  const onset = startHeight + before + 1;
  const [slow, lost] = [14, 13];
  // 14 blocks of 150 s in 200 minutes.
  const share = (slow * 150_000) / SLOW_MS;
  const during: HashRate = (_, height) => (height < onset + slow ? share : 1);
  return attack({
    name: "litecoin-april",
    title: "Litecoin, 25 April 2026: 14 blocks in 200 minutes, then 13 fall out",
    expected: ["slow_chain", "block_stall", "reorg"],
    wanted: { level: "critical", hours: 200 / 60, share: 1 },
    conditions: {
      ...ORDINARY,
      chain: litecoin,
      startHeight,
      staleRate: 0.003,
      software: [[0, "/LitecoinCore:0.21.5/"]],
    },
    before,
    after: 200,
    changes: { hashRate: fromOnset(during, onset) },
    events: function* (options) {
      const mined = mainChain(options);
      let [lastMs, shiftMs] = [options.startMs, 0];
      for (;;) {
        const block = later(mined.next().value, shiftMs);
        const { atMs, header } = block;
        if (header.height !== onset) {
          const label = header.height > onset ? "over" : "honest";
          yield { label, atMs, blocks: [header] };
          lastMs = atMs;
          continue;
        }
        const found = [block, ...taken(mined, slow - 1)];
        const tookMs = (found.at(-1)?.atMs ?? atMs) - lastMs;
        const blocks = found.map((one) => {
          const sinceMs = ((one.atMs - lastMs) * SLOW_MS) / tookMs;
          return later(one, Math.round(lastMs + sinceMs - one.atMs));
        });
        shiftMs = SLOW_MS - tookMs;
        yield* replaced(blocks.slice(0, lost), blocks.slice(lost), 1, "over");
      }
    },
  });
}

const later = ({ atMs, header }: MinedBlock, byMs: number): MinedBlock => ({
  atMs: atMs + byMs,
  header: { ...header, time_s: header.time_s + Math.round(byMs / 1_000) },
});
