/** GW-SIM-001 (Wallet Guardian v2, section 6): one wallet under rising risk, over a simulated chain. */
import { digibyteRegtest } from "@dgb-shield/chain";
import type { BlockHeader } from "@dgb-shield/sentinel";
import { observationOf, simulatedHash, versionOf } from "./headers.js";
import { mergeSteps, type Reporter, type Scenario, type Step } from "./scenario.js";

const START_MS = Date.UTC(2026, 0, 1, 12);
const SPACING_S = 15;
const FIRST_HEIGHT = 1_000;
const MINUTE_MS = 60_000;
/** The last block comes 3 min 15 s into the story; then the chain stalls. */
const BLOCKS_BEFORE = 40;
const BLOCKS_AFTER = 13;
const SHA256D = 2;
const WALLET = "gw-sim-wallet";

const NODE: Reporter = { node_id: "sim-node", operator: "sim-site", note: "a simulated node" };

/** Minute and amount of each request. */
const REQUESTS = [
  [0, "3000"],
  [3, "4000"],
  [8, "5000"],
  [15, "2500"],
  [25, "1000"],
] as const;

/** The scenario: nothing in it is seeded, since its chain is as regular as a clock. */
export function gwSim001(): Scenario {
  return {
    name: "gw-sim-001",
    title: "GW-SIM-001: one wallet while risk rises from LOW to HIGH",
    origin: "simulation",
    provenance: [
      "Wallet, amounts and minutes from the Guardian's scenario GW-SIM-001.",
      "Risk is not scripted: a simulated chain with a block every 15 s stalls at 3 min 15 s.",
    ],
    chain: digibyteRegtest,
    reporters: [NODE],
    clock: "elapsed",
    zero_ms: START_MS,
    poll_interval_ms: SPACING_S * 1_000,
    guardian_policy: { max_per_tx: "5000", max_24h: "10000", cooldown_seconds: 600 },
    qwg_policy: {},
    balances: { [WALLET]: "40000" },
    steps: mergeSteps(phases(), observations(), REQUESTS.map(withdrawal)),
  };
}

function phases(): Step[] {
  const note = "a block every 15 seconds until 3 min 15 s, then none";
  return [{ kind: "phase", at_ms: START_MS - 10 * MINUTE_MS, label: "simulated chain", note }];
}

function observations(): Step[] {
  const blocks = Array.from({ length: BLOCKS_BEFORE + BLOCKS_AFTER + 1 }, (_, i) => block(i));
  const last = START_MS + 26 * MINUTE_MS;
  const steps: Step[] = [];
  for (let at_ms = START_MS - 10 * MINUTE_MS; at_ms <= last; at_ms += SPACING_S * 1_000) {
    const index = (at_ms - START_MS) / (SPACING_S * 1_000) + BLOCKS_BEFORE;
    const tip = blocks[Math.min(index, blocks.length - 1)];
    if (tip === undefined) throw new RangeError(`no block at ${at_ms}`);
    const fresh = index < blocks.length ? [tip] : [];
    const observation = observationOf(NODE.node_id, at_ms, fresh, tip);
    steps.push({ kind: "observation", at_ms, observation });
  }
  return steps;
}

function block(index: number): BlockHeader {
  return {
    hash: simulatedHash("gw-sim-001", index),
    previous_hash: simulatedHash("gw-sim-001", index - 1),
    height: FIRST_HEIGHT + index,
    version: versionOf(SHA256D),
    time_s: START_MS / 1_000 + (index - BLOCKS_BEFORE) * SPACING_S,
  };
}

function withdrawal([minute, amount]: readonly [number, string], index: number): Step {
  return {
    kind: "withdrawal",
    at_ms: START_MS + minute * MINUTE_MS,
    request: {
      withdrawal_id: `gw-sim-${index + 1}`,
      wallet_id: WALLET,
      amount,
      destinations: [{ address: "simulated-address", amount }],
      behaviour_score: 1,
      trusted_device: true,
      device_id: "simulated-device",
      address_age_days: 400,
      user_id: "simulated-user",
    },
  };
}
