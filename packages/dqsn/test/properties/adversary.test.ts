/**
 * What liars can do to the network view (design section 4.2): their moves are enumerated where they
 * are few, and climbed towards damage where they are many.
 */
import type { NetworkView, SignalV2 } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { createNetworkState, type NetworkConfig } from "../../src/index.js";
import { createRandom, type Random } from "@dgb-shield/testkit/random";
import { report } from "../support/signals.js";

const NOW = 1_782_664_805_000;
const LOCAL_CAP = 0.59;

/** All four sources of the channel infra; the cap is what the heaviest one weighs. */
const WEIGHTED: NetworkConfig = {
  hold_ms: 0,
  weights: { adn: 3, oracle: 2, infra: 1, sentinel: 0.5 },
  max_operator_weight: 3,
};
const SOURCES = [
  { source: "adn", type: "lockdown", weight: 3 },
  { source: "oracle", type: "price_divergence", weight: 2 },
  { source: "infra", type: "latency", weight: 1 },
  { source: "sentinel", type: "node_status", weight: 0.5 },
] as const;

/** Around every threshold, and both ends. */
const EXTREMES = [0, 0.249999, 0.25, 0.59, 0.599999, 0.6, 0.9, 1] as const;

type Honest = Readonly<{ severity: number; source: (typeof SOURCES)[number] }>;

const honestSignal = ({ severity, source }: Honest, index: number): SignalV2 => {
  const { type, source: name } = source;
  return { node_id: `h-${index}`, operator: `honest-${index}`, source: name, type, severity };
};

function viewOf(signals: readonly SignalV2[], config: NetworkConfig): NetworkView {
  const network = createNetworkState(config);
  for (const signal of signals) {
    if (!network.ingest(signal, NOW).accepted) throw new Error(JSON.stringify(signal));
  }
  return network.view(NOW);
}

/** How far a channel's score is outside the honest range, as the cap of CRITICAL_LOCAL leaves it. */
function outside(score: number, honest: readonly Honest[]): number {
  const severities = honest.map(({ severity }) => severity);
  const low = Math.min(LOCAL_CAP, ...severities);
  return Math.max(low - score, score - Math.max(...severities), 0);
}

/** Every choice of `size` items, order left out, items more than once. */
function* choices<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) return yield [];
  for (let index = from; index < items.length; index++) {
    for (const rest of choices(items, size - 1, index)) yield [items[index]!, ...rest];
  }
}

describe("weighted_median against a coalition below half the weight (design 4.2, Scoring)", () => {
  it("stays in the honest range for every coalition of equal votes and every threshold severity", () => {
    const levels = [0.1, 0.3, 0.59, 0.6, 0.95];
    const source = SOURCES[2];
    let tried = 0;
    const sizes = [1, 2, 3, 4].slice(0, runs(3, 4));
    for (const size of sizes) {
      for (const severities of choices(levels, size)) {
        const honest = severities.map((severity) => ({ severity, source }));
        const said = honest.map(honestSignal);
        for (let liars = 0; liars < size; liars++) {
          for (const lies of choices(EXTREMES, liars)) {
            const lied = lies.map((severity, i) => ({
              ...honestSignal({ severity, source }, i),
              node_id: `liar-${i}`,
              operator: `liar-${i}`,
            }));
            const { score } = viewOf([...lied, ...said], { hold_ms: 0 }).channels.infra;
            if (outside(score, honest) > 0)
              expect.fail(JSON.stringify({ severities, lies, score }));
            tried++;
          }
        }
      }
    }
    // honest 1: 5 × 1; 2: 15 × (1 + 8); 3: 35 × (1 + 8 + 36); 4: 70 × (1 + 8 + 36 + 120)
    const coalitions = [5, 15 * 9, 35 * 45, 70 * 165].slice(0, sizes.length);
    expect(tried).toBe(coalitions.reduce((sum, count) => sum + count, 0));
  });

  it("moves at exactly half the weight, and no further down than the worse half: the bound is sharp", () => {
    const honest = [{ severity: 0.1, source: SOURCES[2] }];
    const lie = { ...honestSignal({ severity: 0.5, source: SOURCES[2] }, 0), node_id: "l" };
    const up = viewOf([honestSignal(honest[0]!, 0), { ...lie, operator: "l" }], { hold_ms: 0 });
    expect(up.channels.infra.score).toBe(0.5);
  });

  it("stays there for every way in which a capped coalition spreads over sources and nodes", () => {
    const weights = (honest: readonly Honest[]) =>
      honest.reduce((sum, { source }) => sum + source.weight, 0);
    const honestKinds = SOURCES.flatMap((source) =>
      [0.2, 0.45, 0.7].map((severity) => ({ severity, source })),
    );
    // One lying operator with one to three nodes; each node reports for one source.
    const spreads = [1, 2, 3].flatMap((nodes) => [...choices(SOURCES, nodes)]);
    const triples = [...choices(honestKinds, 3)].filter((_, i) => i % runs(24, 1) === 0);
    for (const honest of [...choices(honestKinds, 2), ...triples]) {
      const said = honest.map(honestSignal);
      for (const spread of spreads) {
        const weight = Math.max(...spread.map((source) => source.weight));
        if (weight >= weights(honest)) continue;
        for (const severity of [0, 1]) {
          const lied = spread.map((source, i) => ({
            ...honestSignal({ severity, source }, 0),
            node_id: `l-${i}`,
            operator: "liar",
          }));
          const { score } = viewOf([...said, ...lied], WEIGHTED).channels.infra;
          if (outside(score, honest) > 0) expect.fail(JSON.stringify({ honest, lied, score }));
        }
      }
    }
  });
});

/** What an attacker who holds some nodes can do at one moment. */
type Move = Readonly<{ signal: SignalV2; passMs: number }>;
type Attack = readonly Move[];

type Goal = Readonly<{
  config: NetworkConfig;
  honest: readonly SignalV2[];
  /** Operators in whose name the attacker may send; each has any number of nodes. */
  operators: readonly string[];
  /** How near the attack came; above 0 it has succeeded. */
  damage: (view: NetworkView) => number;
}>;

/** Times at which signals are about to expire, tie, come from ahead; their severities are at thresholds. */
function anyMove(pick: Random["pick"], operators: readonly string[]): Move {
  const passMs = pick([0, 0, 1, 50, 99, 100, 101]);
  const { source, type } = pick([...SOURCES, { source: "sentinel", type: "reorg" }] as const);
  const ahead = pick([undefined, undefined, 0, 10, 10, -50, -99]);
  const operator = pick(operators);
  return {
    passMs,
    signal: {
      node_id: `${operator}-${pick([1, 2, 3, 4, 5, 6])}`,
      operator,
      source,
      type,
      severity: pick([...EXTREMES, 0.3, 0.45]),
      ...(ahead === undefined ? {} : { observed_at: ahead }),
    },
  };
}

/** The worst damage of a view during an attack; honest nodes repeat their signals before each view. */
function damageOf(attack: Attack, { config, honest, damage }: Goal): number {
  const network = createNetworkState({ ttl_ms: 100, hold_ms: 0, max_future_ms: 10, ...config });
  let nowMs = NOW;
  let worst = -Infinity;
  for (const { signal, passMs } of attack) {
    nowMs += passMs;
    for (const said of honest) network.ingest(said, nowMs);
    const { observed_at: ahead } = signal;
    const timed = ahead === undefined ? signal : { ...signal, observed_at: nowMs + ahead };
    network.ingest(timed, nowMs);
    worst = Math.max(worst, damage(network.view(nowMs)));
  }
  return worst;
}

/** Climbs from random attacks: one move changed, added, dropped or moved at a time, kept when no worse. */
function climb(goal: Goal, { seed, steps }: { seed: number; steps: number }): number {
  const { pick } = createRandom(seed);
  const fresh = () => Array.from({ length: pick([1, 4, 8]) }, () => anyMove(pick, goal.operators));
  let best: Attack = fresh();
  let most = damageOf(best, goal);
  for (let step = 0; step < steps; step++) {
    const at = pick(best.map((_, index) => index));
    const kept = best.filter((_, index) => index !== at);
    const changed = anyMove(pick, goal.operators);
    const next = pick([
      () => best.with(at, changed),
      () => best.toSpliced(at, 0, changed),
      () => (kept.length > 0 ? kept : best),
      () => [...kept, best[at]!],
      fresh,
    ])();
    const damage = damageOf(next.slice(0, 12), goal);
    if (damage < most) continue;
    best = next.slice(0, 12);
    most = damage;
  }
  return most;
}

const SEEDS = Array.from(
  { length: Number(process.env["ATTACKS"] ?? runs(4, 12)) },
  (_, i) => i + 1,
);
const STEPS = 120;

describe("a search for attacks", () => {
  it.each(SEEDS)("finds no way out of the honest range for a minority (%i)", (seed) => {
    const { pick } = createRandom(seed * 31);
    const honest = Array.from({ length: 5 }, () => ({
      severity: pick([0.1, 0.3, 0.45, 0.59]),
      source: SOURCES[0],
    }));
    // Five honest operators of weight 3; four liars at the cap of 3.
    const goal: Goal = {
      config: WEIGHTED,
      honest: honest.map(honestSignal),
      operators: ["l1", "l2", "l3", "l4"],
      damage: ({ channels }) => {
        const out = outside(channels.infra.score, honest);
        return out > 0 ? out : channels.infra.score - 1;
      },
    };
    expect(climb(goal, { seed, steps: STEPS })).toBeLessThanOrEqual(0);
  });

  it.each(SEEDS)("finds no way for a lone operator to CRITICAL_GLOBAL (%i)", (seed) => {
    const goal: Goal = {
      config: {},
      honest: [0, 0.3, 0.599999].map((severity, i) =>
        honestSignal({ severity, source: SOURCES[i % 4]! }, i),
      ),
      operators: ["liar"],
      damage: ({ level, score, critical_operators }) =>
        level === "CRITICAL_GLOBAL" || score >= 0.6 ? 1 : critical_operators.length - 2,
    };
    expect(climb(goal, { seed, steps: STEPS })).toBeLessThan(0);
  });

  it.each(SEEDS)("finds no way for a lone operator to hide a true quorum (%i)", (seed) => {
    // 19 honest operators and the liar: a quorum of 2, and 2 are alarmed
    const alarmed = [0.6, 0.6].map((severity, i) =>
      honestSignal({ severity, source: SOURCES[i]! }, i),
    );
    const calm = Array.from({ length: 17 }, (_, i) =>
      honestSignal({ severity: 0, source: SOURCES[i % 4]! }, i + 2),
    );
    const goal: Goal = {
      config: {},
      honest: [...alarmed, ...calm],
      operators: ["liar"],
      damage: ({ level, score, quorum }) =>
        level !== "CRITICAL_GLOBAL" || score < 0.6 ? 1 : quorum - 3,
    };
    expect(climb(goal, { seed, steps: STEPS / 3 })).toBeLessThan(0);
  });
});

describe("a search that can find something", () => {
  it("finds the way to CRITICAL_GLOBAL for two operators, and out of the range for a majority", () => {
    const honest = [{ severity: 0.1, source: SOURCES[0] }];
    const two: Goal = {
      config: {},
      honest: honest.map(honestSignal),
      operators: ["l1", "l2"],
      damage: ({ level, critical_operators }) =>
        level === "CRITICAL_GLOBAL" ? 1 : critical_operators.length - 2,
    };
    expect(climb(two, { seed: 1, steps: STEPS })).toBe(1);
    const majority: Goal = {
      ...two,
      config: WEIGHTED,
      damage: ({ channels }) => outside(channels.infra.score, honest) || channels.infra.score - 1,
    };
    expect(climb(majority, { seed: 1, steps: STEPS })).toBeGreaterThan(0);
  });
});

describe("id games", () => {
  const say = (node_id: string, severity: number, over: Partial<SignalV2> = {}) =>
    report({ node_id, severity, ...over });

  it("does not let a node that is named like an operator count in that operator's vote", () => {
    const view = viewOf([say("x", 0.1, { operator: "exchange" }), say("exchange", 0.5)], {
      hold_ms: 0,
    });
    expect(view).toMatchObject({ live_operators: 2 });
    const third = say("y", 0.1, { operator: "other" });
    // 0.1, 0.1 and the liar's 0.5; merged into "exchange" it would be 0.5 and 0.1: the worse half, 0.5
    const three = viewOf([say("x", 0.1, { operator: "exchange" }), say("exchange", 0.5), third], {
      hold_ms: 0,
    });
    expect(three.channels.consensus.score).toBe(0.1);
  });

  it("lets no operator's all-clear replace another's alarm for a node of that name", () => {
    const alarm = say("node", 0.9, { operator: "op-1", observed_at: NOW - 1 });
    const clear = say("node", 0, { operator: "op-2", observed_at: NOW });
    for (const signals of [
      [alarm, clear],
      [clear, alarm],
    ]) {
      expect(viewOf(signals, { hold_ms: 0 })).toMatchObject({
        level: "CRITICAL_LOCAL",
        critical_operators: ["op-1"],
        live_operators: 2,
      });
    }
  });

  it("takes look-alikes for what they are, other nodes, which count once under their operator", () => {
    const alike = ["node-é", "node-e\u0301", "n\u043ede-é", "node\u200b-é", "NODE-É"];
    const signals = alike.map((id) => say(id, 0.9, { operator: "liar" }));
    expect(viewOf(signals, { hold_ms: 0 })).toMatchObject({
      level: "CRITICAL_LOCAL",
      live_operators: 1,
      channels: { consensus: { signals: alike.length } },
    });
  });

  it("does not let ten thousand nodes of one operator weigh more than one", () => {
    const calm = [say("a", 0.1), say("b", 0.2)];
    const many = Array.from({ length: 10_000 }, (_, i) => say(`l-${i}`, 1, { operator: "liar" }));
    const view = viewOf([...calm, ...many], { hold_ms: 0 });
    expect(view).toMatchObject({ level: "CRITICAL_LOCAL", quorum: 2, live_operators: 3 });
    expect(view.channels.consensus.score).toBe(0.2);
  });

  it("does not let one operator fill the view and shut an alarm out", () => {
    const network = createNetworkState({ max_live_signals: 1_000, hold_ms: 0 });
    const full = { accepted: false, code: "DQSN_ERROR_STATE_FULL", path: "/operator" };
    const flood = Array.from({ length: 2_000 }, (_, i) => say(`l-${i}`, 0, { operator: "liar" }));
    expect(flood.map((signal) => network.ingest(signal, NOW)).at(-1)).toEqual(full);
    const chatter = Array.from({ length: 100 }, (_, i) => say("l", 0, { type: `t${i}` }));
    expect(chatter.map((signal) => network.ingest(signal, NOW)).at(-1)).toEqual({
      ...full,
      path: "/node_id",
    });
    network.ingest(say("a", 0.6), NOW);
    network.ingest(say("b", 0.6), NOW);
    expect(network.view(NOW).level).toBe("CRITICAL_GLOBAL");
  });
});

describe("time games", () => {
  const say = (severity: number, over: Partial<SignalV2> = {}) => report({ severity, ...over });

  it.each([10, 60_000, 31_536_000_000])(
    "lets a calm signal from %i ms ahead outrank no alarm, nor outlive its receipt",
    (aheadMs) => {
      const network = createNetworkState({ hold_ms: 0, ttl_ms: 1_000 });
      network.ingest(say(0, { observed_at: NOW + aheadMs }), NOW);
      network.ingest(say(0.9, { observed_at: NOW }), NOW + 5);
      expect(network.view(NOW + 5).critical_operators).toEqual(["node-a"]);
      const other = createNetworkState({ hold_ms: 0, ttl_ms: 1_000 });
      other.ingest(say(0, { observed_at: NOW + aheadMs }), NOW);
      expect(other.view(NOW + 999).live_operators).toBe(1);
      expect(other.view(NOW + 1_000).live_operators).toBe(0);
    },
  );

  it("does not let an older report, sent again, replace a later one or live longer", () => {
    const network = createNetworkState({ hold_ms: 0, ttl_ms: 100 });
    const alarm = say(0.9, { observed_at: NOW });
    network.ingest(alarm, NOW);
    network.ingest(say(0.1, { observed_at: NOW + 1 }), NOW + 1);
    network.ingest(alarm, NOW + 50);
    expect(network.view(NOW + 50)).toMatchObject({ level: "NORMAL", score: 0.1 });
    network.ingest(say(0.1, { observed_at: NOW + 1 }), NOW + 99);
    expect(network.view(NOW + 101).level).toBe("UNKNOWN");
  });

  it.each([
    ["of one date", { observed_at: NOW }],
    ["that arrive together", {}],
  ])("takes the worse of two reports %s, whatever their bytes, in either order", (_, dated) => {
    const calm = say(0, { ...dated, metadata: { findings: 0 } });
    const alarm = say(0.9, { ...dated, metadata: { a: 1 } });
    const lists = [
      [calm, alarm],
      [alarm, calm],
    ];
    const [one, other] = lists.map((list) => viewOf(list, { hold_ms: 0 }));
    expect(one).toEqual(other);
    expect(one!.critical_operators).toEqual(["node-a"]);
  });

  it("keeps a muted node muted whichever operator it then names, and out of the quorum's base", () => {
    const network = createNetworkState({ hold_ms: 0 });
    network.mute({ node_id: "liar" });
    for (const operator of ["op-1", "op-2", undefined]) {
      const claim = operator === undefined ? {} : { operator };
      network.ingest(say(1, { node_id: "liar", ...claim }), NOW);
      expect(network.view(NOW)).toMatchObject({ live_operators: 0, level: "UNKNOWN" });
    }
  });
});
