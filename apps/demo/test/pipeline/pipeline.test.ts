import { digibyteRegtest } from "@dgb-shield/chain";
import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { createPipeline, type Pipeline } from "../../src/pipeline/index.js";
import { observationOf, simulatedHash, versionOf } from "../../src/scenarios/headers.js";

const NODE = "node-a";
const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;
const SHA256D = 2;
const GROESTL = 4;

const REQUEST = {
  withdrawal_id: "w-1",
  wallet_id: "hot",
  amount: "10",
  wallet_balance: "1000",
  behaviour_score: 1,
  trusted_device: true,
};

/** A pipeline with a clock that the test moves, and a ledger that the test can read. */
function site(
  options: { unknown_network?: "refuse" | "elevated"; max_report_age_ms?: number } = {},
) {
  let now = START_MS;
  const ledger = createMemoryLedger();
  const pipeline = createPipeline({
    chain: digibyteRegtest,
    node_id: NODE,
    operator: "op",
    ledger,
    guardian_policy: { max_per_tx: "100", max_24h: "500", cooldown_seconds: 0 },
    qwg_policy: {},
    events: {
      emit() {
        throw new Error("this sink is broken");
      },
    },
    clock: () => now,
    ...options,
  });
  return { pipeline, ledger, moveTo: (ms: number) => (now = ms) };
}

function block(height: number, bits: number) {
  return {
    hash: simulatedHash("pipeline", height),
    previous_hash: simulatedHash("pipeline", height - 1),
    height,
    version: versionOf(bits),
    time_s: START_MS / 1_000 + (height - 3_000) * 15,
  };
}

/** Shows the node's block `height` at the block's own time. */
function see(pipeline: Pipeline, moveTo: (ms: number) => number, height: number, bits = SHA256D) {
  const tip = block(height, bits);
  moveTo(tip.time_s * 1_000);
  return pipeline.observe(observationOf(NODE, tip.time_s * 1_000, [tip], tip));
}

/** A site whose chain has been calm for ten minutes. */
function calmSite(options?: Parameters<typeof site>[0]) {
  const made = site(options);
  for (let height = 3_000; height < 3_040; height++) see(made.pipeline, made.moveTo, height);
  return made;
}

describe("decideWithdrawal", () => {
  it("allows a sound request on a calm chain, reserves it and records it", async () => {
    const { pipeline, ledger } = calmSite();
    const decided = await pipeline.decideWithdrawal(REQUEST);
    expect(decided).toMatchObject({ final: true, recorded: true });
    expect(decided.record.result.reason_id).toBe("QWG_ALLOW");
    expect(await ledger.withdrawal("w-1")).toMatchObject({ status: "claimed" });
    const kinds = (await ledger.records(0, 10)).map(({ kind }) => kind);
    expect(kinds).toEqual(["policy", "decision"]);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["a text", "w-1"],
    ["a list", [REQUEST]],
    [
      "an accessor",
      Object.defineProperty({ ...REQUEST }, "amount", { get: () => "10", enumerable: true }),
    ],
    [
      "a proxy that throws",
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new TypeError("no");
          },
        },
      ),
    ],
    ["an unknown field", { ...REQUEST, approve: true }],
    ["evidence of the caller's own", { ...REQUEST, sentinel_level: "normal" }],
    ["a Guardian decision of the caller's own", { ...REQUEST, guardian_decision: "ALLOW" }],
    ["no balance", { ...REQUEST, wallet_balance: undefined }],
    ["a negative amount", { ...REQUEST, amount: "-1" }],
    ["an amount that is no decimal", { ...REQUEST, amount: NaN }],
    [
      "a missing device report",
      Object.fromEntries(Object.entries(REQUEST).filter(([k]) => k !== "trusted_device")),
    ],
    ["half a megabyte", { ...REQUEST, user_id: "x".repeat(500_000) }],
    ["a nest of 31", { ...REQUEST, device_id: JSON.parse("[".repeat(31) + "]".repeat(31)) }],
    ["600 kB of characters of three bytes", { ...REQUEST, user_id: "€".repeat(200_000) }],
    ["a nest of 40", JSON.parse(`{"amount":${"[".repeat(40)}${"]".repeat(40)}}`)],
  ])("refuses %s, reserves nothing", async (_, request) => {
    const { pipeline, ledger } = calmSite();
    const decided = await pipeline.decideWithdrawal(request);
    expect(decided.final).toBe(false);
    expect(decided.record.final).toBe("REFUSED");
    expect(decided.recorded).toBe(true);
    expect((await ledger.withdrawal("w-1"))?.status ?? "open").toBe("open");
  });

  it("refuses before the own node has been seen", async () => {
    const { pipeline } = site();
    const { final, record } = await pipeline.decideWithdrawal(REQUEST);
    expect(final).toBe(false);
    expect(record.inputs).toMatchObject({ sentinel_level: "critical", dqs_advisory: "UNKNOWN" });
  });

  it("refuses when the own node has gone silent, whatever an unknown network counts as", async () => {
    for (const unknown_network of ["refuse", "elevated"] as const) {
      const { pipeline, moveTo } = calmSite({ unknown_network });
      moveTo(START_MS + 30 * MINUTE_MS);
      const decided = await pipeline.decideWithdrawal(REQUEST);
      expect(decided.record.inputs.dqs_advisory).toBe("UNKNOWN");
      expect(decided.final).toBe(false);
      expect(decided.record.veto).toBe("own_node_stale");
    }
  });

  it("refuses an unknown network, unless it is configured to count as elevated", async () => {
    // A report younger than the view's signals: the own node is fresh, its signal has expired.
    for (const [unknown_network, final] of [
      ["refuse", false],
      ["elevated", true],
    ] as const) {
      const { pipeline, moveTo } = calmSite({ unknown_network, max_report_age_ms: 86_400_000 });
      moveTo(START_MS + 39 * 15_000 + 181_000);
      const decided = await pipeline.decideWithdrawal(REQUEST);
      expect(decided.record.inputs.dqs_advisory).toBe("UNKNOWN");
      expect(decided.record.veto).toBe(final ? null : "network_unknown");
      expect(decided.final).toBe(final);
    }
  });

  it("refuses from the first retired block on, until an operator releases it", async () => {
    const { pipeline, moveTo } = calmSite();
    expect(see(pipeline, moveTo, 3_040, GROESTL).defense.lockdown).toBe("FULL");
    for (let height = 3_041; height < 3_400; height++) see(pipeline, moveTo, height);
    expect((await pipeline.decideWithdrawal(REQUEST)).final).toBe(false);
    const order = { detector: "retired_algorithm", operator: "op", reason: "upgraded" };
    expect(pipeline.release(order)).toEqual(["retired_algorithm:3040"]);
    // Risk is LOW a minute after the release, and the Guardian's freeze ends ten minutes later: 44 blocks.
    for (let height = 3_400; height < 3_440; height++) see(pipeline, moveTo, height);
    expect((await pipeline.decideWithdrawal(REQUEST)).final).toBe(false);
    for (let height = 3_440; height < 3_460; height++) see(pipeline, moveTo, height);
    expect((await pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });

  it("lets no number of callers at once exceed a limit: 500 / 10 = 50 fit", async () => {
    const { pipeline } = calmSite();
    const decided = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: `w-${i}` }),
      ),
    );
    expect(decided.filter(({ final }) => final)).toHaveLength(50);
  });
});

describe("receive", () => {
  it("lets no other site alone lock the node down or stop withdrawals", async () => {
    const { pipeline, moveTo } = calmSite();
    const liar = {
      node_id: "liar",
      source: "sentinel",
      type: "retired_algorithm",
      severity: 1,
      operator: "liar",
    } as const;
    pipeline.receive([liar]);
    const { view, defense } = see(pipeline, moveTo, 3_040);
    expect(view.level).toBe("CRITICAL_LOCAL");
    expect(defense).toMatchObject({ lockdown: "NONE", level: "elevated" });
    expect((await pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });

  it("counts what it refuses", () => {
    const { pipeline } = calmSite();
    pipeline.receive([{ node_id: "x", source: "sentinel", type: "reorg", severity: 2 }]);
    expect(pipeline.refusedSignals()).toBe(1);
  });
});
