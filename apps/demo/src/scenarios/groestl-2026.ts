/**
 * A reconstruction of DigiByte's Groestl incident from its published figures: counts, heights and
 * times are as published, what lies between them is seeded. It is not a recording.
 */
import { digibyte } from "@dgb-shield/chain";
import type { BlockHeader, ChainTip } from "@dgb-shield/sentinel";
import { type Algorithms, createAlgorithms } from "./algorithms.js";
import { customerSteps, HOT_WALLET, HOT_WALLET_POLICY, timesBetween } from "./customers.js";
import { GROESTL_FIGURES as FIGURES } from "./groestl-figures.js";
import { observationOf, simulatedHash, versionOf } from "./headers.js";
import { arrivals, createRandom, type Random, sample } from "./random.js";
import { mergeSteps, type Reporter, type Scenario, type Step } from "./scenario.js";

const SEED = 20260628;
const SPACING_S = 15;
const MINUTE_MS = 60_000;
/** Bits of the algorithms that were active: sha256d, scrypt, skein, qubit, odo. */
const ACTIVE_BITS = [2, 0, 6, 8, 14] as const;
const BLOCKS_BEFORE = 480;
const BLOCKS_AFTER = 560;
/** The deepest reorganisation: the blocks after the first two of the new chain are replaced. */
const REORG_AT = FIGURES.first_groestl.height + 2;

const OWN: Reporter = {
  node_id: "exchange-node",
  operator: "exchange",
  note: "follows the chain with Groestl blocks (as 8.x and 9.x did)",
};
const POOL: Reporter = { node_id: "pool-node", operator: "pool", note: "the same chain" };
const EXPLORER: Reporter = {
  node_id: "explorer-node",
  operator: "explorer",
  note: "rejects Groestl blocks (as 7.17.3 did) and stays on a chain of its own",
};

const ms = (seconds: number): number => seconds * 1_000;
const onsetMs = ms(FIGURES.first_groestl.time_s);
const startMs = ms(FIGURES.last_shared.time_s - BLOCKS_BEFORE * SPACING_S);
const endMs = ms(FIGURES.window_end.time_s + BLOCKS_AFTER * SPACING_S);
const releaseMs = ms(FIGURES.window_end.time_s) + 90 * MINUTE_MS;

/** The scenario; the same on any machine. */
export function groestl2026(): Scenario {
  const random = createRandom(SEED);
  const algorithms = createAlgorithms(ACTIVE_BITS);
  const shared = sharedBlocks(random, algorithms);
  const apart = algorithms.copy();
  const split = splitBlocks(random, algorithms);
  const other = explorerBlocks(random, apart);
  const [replaced, replacedTip] = replacedBranch(split);
  const newChain = [...shared, ...split];
  return {
    name: "groestl-2026",
    title: "DigiByte, June 2026: a retired mining algorithm is switched back on",
    origin: "reconstruction",
    provenance: [
      "Heights, times and counts as DigiByte Core's incident reports give them; the rest is seeded.",
      "Assumed: equal shares of the active algorithms; the old chain keeps its 15 s; no Groestl block",
      "after the published window; hashes but the first Groestl block's; place of the 4-block reorganisation.",
    ],
    chain: digibyte,
    reporters: [OWN, POOL, EXPLORER],
    clock: "utc",
    zero_ms: startMs,
    poll_interval_ms: MINUTE_MS,
    guardian_policy: HOT_WALLET_POLICY,
    qwg_policy: {},
    balances: { [HOT_WALLET]: "2000000" },
    steps: mergeSteps(
      phases(),
      eachBlock(newChain, replaced, replacedTip),
      eachMinute(OWN, newChain, "tip alone"),
      eachMinute(POOL, newChain, "new blocks"),
      eachMinute(EXPLORER, [...shared, ...other], "new blocks"),
      orders(),
      withdrawals(),
    ),
  };
}

function phases(): Step[] {
  return [
    { at_ms: startMs, label: "before", note: "five algorithms, a block every 15 s" },
    {
      at_ms: onsetMs,
      label: "incident",
      note: "Groestl, retired at height 9,112,320, mines again",
    },
    {
      at_ms: ms(FIGURES.window_end.time_s),
      label: "after",
      note: "the published window ends; assumed: no further Groestl block",
    },
  ].map((phase) => ({ kind: "phase", ...phase }));
}

function sharedBlocks(random: Random, algorithms: Algorithms): BlockHeader[] {
  const first = FIGURES.last_shared.height - BLOCKS_BEFORE + 1;
  const times = arrivals(random, BLOCKS_BEFORE, startMs / 1_000, FIGURES.last_shared.time_s);
  return times.map((time_s, i) =>
    header("shared", first + i, time_s, versionOf(algorithms.next(random))),
  );
}

/** The chain with Groestl blocks, through every published anchor, and on after the window. */
function splitBlocks(random: Random, algorithms: Algorithms): BlockHeader[] {
  const groestl = groestlVersions(random);
  const { first_groestl, pool_joins, attacker_last, window_end } = FIGURES;
  const anchors = [first_groestl, pool_joins, attacker_last, window_end].map((anchor) => ({
    height: anchor.height,
    time_s: anchor.time_s,
  }));
  const end = { height: window_end.height + BLOCKS_AFTER, time_s: endMs / 1_000 };
  const times = [first_groestl.time_s, ...betweenAnchors(random, [...anchors, end])];
  const blocks = times.map((time_s, i) => {
    const height = first_groestl.height + i;
    const version = groestl.get(height);
    if (version !== undefined) algorithms.skip();
    return header("split", height, time_s, version ?? versionOf(algorithms.next(random)));
  });
  return link(blocks);
}

function betweenAnchors(
  random: Random,
  anchors: readonly { height: number; time_s: number }[],
): number[] {
  return anchors.slice(1).flatMap((to, i) => {
    const from = anchors[i] ?? to;
    return arrivals(random, to.height - from.height, from.time_s, to.time_s);
  });
}

/** Height → version of the 2,323 Groestl blocks. */
function groestlVersions(random: Random): Map<number, number> {
  const { first_groestl, attacker_last, pool_joins, second_pool_block, window_end } = FIGURES;
  const fixed = [first_groestl, attacker_last, pool_joins, second_pool_block];
  const taken = new Set(fixed.map(({ height }) => height));
  const attacker = sample(random, FIGURES.attacker_blocks - 2, {
    low: first_groestl.height,
    high: attacker_last.height,
    taken,
  });
  const pool = sample(random, FIGURES.pool_blocks - 1, {
    low: pool_joins.height,
    high: window_end.height,
    taken: new Set([...taken, ...attacker]),
  });
  const early = [first_groestl.height, ...attacker, attacker_last.height];
  const late = [pool_joins.height, ...pool, second_pool_block.height];
  return new Map([
    ...early.map((height): [number, number] => [height, first_groestl.version]),
    ...late.map((height): [number, number] => [height, FIGURES.later_version]),
  ]);
}

function explorerBlocks(random: Random, algorithms: Algorithms): BlockHeader[] {
  const seconds = endMs / 1_000 - FIGURES.last_shared.time_s;
  const count = Math.round(seconds / SPACING_S);
  const times = arrivals(random, count, FIGURES.last_shared.time_s, endMs / 1_000);
  const first = FIGURES.last_shared.height + 1;
  return link(
    times.map((time_s, i) => header("old", first + i, time_s, versionOf(algorithms.next(random)))),
  );
}

/** Four blocks that the own node sees first and loses, and their tip as a side branch. */
function replacedBranch(split: readonly BlockHeader[]): [BlockHeader[], ChainTip] {
  const offset = REORG_AT - FIGURES.first_groestl.height;
  const lost = split.slice(offset, offset + FIGURES.deepest_reorg).map((block, i) => ({
    ...block,
    version: versionOf(ACTIVE_BITS[i] ?? 0),
    hash: simulatedHash("groestl-2026", "replaced", block.height),
    previous_hash:
      i === 0 ? block.previous_hash : simulatedHash("groestl-2026", "replaced", block.height - 1),
  }));
  const tip = lost.at(-1);
  if (tip === undefined) throw new RangeError("no replaced branch");
  return [
    lost,
    { height: tip.height, hash: tip.hash, branchlen: lost.length, status: "valid-fork" },
  ];
}

/** Polls the own node at every block. */
function eachBlock(
  blocks: readonly BlockHeader[],
  replaced: readonly BlockHeader[],
  replacedTip: ChainTip,
): Step[] {
  const winner = replacedTip.height + 1;
  return blocks.map((block) => {
    const lost = replaced.find(({ height }) => height === block.height);
    const tip = lost ?? block;
    const fresh =
      block.height === winner
        ? blocks.filter(({ height }) => height >= REORG_AT && height <= winner)
        : [tip];
    const branches = block.height >= winner ? [replacedTip] : [];
    const at_ms = ms(block.time_s);
    const observation = observationOf(OWN.node_id, at_ms, fresh, tip, branches);
    return { kind: "observation", at_ms, observation };
  });
}

/** Polls a node once a minute; for its tip alone where each block was observed already. */
function eachMinute(
  { node_id }: Reporter,
  blocks: readonly BlockHeader[],
  what: "new blocks" | "tip alone",
): Step[] {
  let next = 0;
  return timesBetween(startMs + MINUTE_MS, endMs, MINUTE_MS).flatMap((at_ms): Step[] => {
    const from = next;
    while ((blocks[next]?.time_s ?? Infinity) * 1_000 <= at_ms) next++;
    const tip = blocks[next - 1];
    if (tip === undefined) return [];
    const fresh = what === "new blocks" ? blocks.slice(from, next) : [];
    const observation = observationOf(node_id, at_ms, fresh, tip);
    return [{ kind: "observation", at_ms, observation }];
  });
}

/** Both operators release what their Sentinels found, the pace included: it outlasts its cause. */
function orders(): Step[] {
  const reason =
    "node upgraded to 9.26.2, which refuses retired algorithms; no Groestl block for 90 minutes";
  return [OWN, POOL].flatMap(({ operator }) =>
    ["retired_algorithm", "block_cadence"].map((detector): Step => {
      return { kind: "order", at_ms: releaseMs, order: { detector, operator, reason } };
    }),
  );
}

/** Often around the onset and after the release, once an hour between. */
function withdrawals(): Step[] {
  const times = [
    ...timesBetween(startMs + 10 * MINUTE_MS, onsetMs - 1_000, 7 * MINUTE_MS),
    ...timesBetween(onsetMs + 1_000, onsetMs + 20 * MINUTE_MS, 2 * MINUTE_MS),
    ...timesBetween(onsetMs + 60 * MINUTE_MS, releaseMs - MINUTE_MS, 60 * MINUTE_MS),
    ...timesBetween(releaseMs + 15 * MINUTE_MS, endMs, 7 * MINUTE_MS),
  ];
  return customerSteps("groestl", SEED, times);
}

function header(branch: string, height: number, time_s: number, version: number): BlockHeader {
  const { first_groestl } = FIGURES;
  const isFirst = branch === "split" && height === first_groestl.height;
  return {
    hash: isFirst ? first_groestl.hash : simulatedHash("groestl-2026", branch, height),
    previous_hash: simulatedHash("groestl-2026", branch, height - 1),
    height,
    version,
    time_s,
  };
}

/** Links a branch to the last shared block, and each block to the one before it. */
function link(blocks: readonly BlockHeader[]): BlockHeader[] {
  let previous_hash = simulatedHash("groestl-2026", "shared", FIGURES.last_shared.height);
  return blocks.map((block) => {
    const linked = { ...block, previous_hash };
    previous_hash = block.hash;
    return linked;
  });
}
