import { describe, expect, it } from "vitest";
import {
  calmSite,
  CALM_MS,
  GROESTL,
  HOUR_MS,
  MINUTE_MS,
  NODE,
  REQUEST,
  see,
  seeBlind,
  site,
  stranger,
} from "../support/site.js";

describe("decideWithdrawal, age and status of the own report", () => {
  it.each([0.25, 0.4, 0.59, 0.9, 1])(
    "refuses when the own node has been silent for an hour, though a stranger reports %d",
    async (severity) => {
      const made = calmSite();
      made.moveTo(CALM_MS + HOUR_MS);
      made.pipeline.receive([stranger(severity)]);
      const { final, record } = await made.pipeline.decideWithdrawal(REQUEST);
      expect(final).toBe(false);
      expect(record.veto).toBe("own_node_stale");
      expect(record.inputs.sources).toEqual([
        {
          node_id: NODE,
          status: "WATCHING",
          level: "normal",
          observed_at_ms: CALM_MS,
          age_ms: HOUR_MS,
          fresh: false,
        },
      ]);
    },
  );

  it("allows until three polls and 15 s have passed without a report, and not a millisecond longer", async () => {
    for (const [age, final] of [
      [60_000, true],
      [60_001, false],
    ] as const) {
      const made = calmSite();
      made.moveTo(CALM_MS + age);
      expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(final);
    }
  });

  it.each(["unreachable", "syncing"] as const)(
    "refuses every withdrawal of two hours while the own node is %s",
    async (how) => {
      const made = calmSite();
      for (let at = 15_000; at <= 2 * HOUR_MS; at += 15_000) {
        made.moveTo(CALM_MS + at);
        seeBlind(made, how);
        const id = `w-${at}`;
        const { final, record } = await made.pipeline.decideWithdrawal({
          ...REQUEST,
          withdrawal_id: id,
          amount: "0.1",
        });
        expect([final, record.veto]).toEqual([false, "own_node_stale"]);
      }
    },
  );

  it("refuses with an observation that is delivered now and dated an hour ago, or in the future", async () => {
    for (const off of [-HOUR_MS, HOUR_MS]) {
      const made = calmSite();
      const { observationOf } = await import("../../src/scenarios/headers.js");
      const { block } = await import("../support/site.js");
      made.moveTo(CALM_MS + HOUR_MS);
      made.pipeline.observe(observationOf(NODE, made.now() + off, [], block(3_039)));
      const { final, record } = await made.pipeline.decideWithdrawal(REQUEST);
      expect([final, record.veto]).toEqual([false, "own_node_stale"]);
    }
  });

  it("needs a majority of the own nodes, and lets the worst fresh one decide", async () => {
    const nodes = { further_node_ids: ["node-b", "node-c"] };
    const made = site(nodes);
    const show = (height: number, ...ids: string[]) => ids.map((id) => see(made, height, 2, id));
    for (let height = 3_000; height < 3_040; height++) show(height, NODE);
    expect((await made.pipeline.decideWithdrawal(REQUEST)).record.veto).toBe("own_node_stale");
    for (let height = 3_040; height < 3_060; height++) show(height, NODE, "node-b", "node-c");
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
    for (let height = 3_060; height < 3_066; height++) show(height, NODE, "node-b");
    const two = await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-2" });
    expect(two.record.inputs.sources.map(({ fresh }) => fresh)).toEqual([true, true, false]);
    expect(two.record.veto).not.toBe("own_node_stale");
    see(made, 3_066, GROESTL, "node-b");
    see(made, 3_066, 2);
    const three = await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-3" });
    expect(three.record.inputs.sentinel_level).toBe("critical");
    expect(three.final).toBe(false);
  });

  it("records the times and states of what it used", async () => {
    const made = calmSite();
    made.moveTo(CALM_MS + 7_000);
    const { record } = await made.pipeline.decideWithdrawal(REQUEST);
    expect(record).toMatchObject({
      record_version: 2,
      decided_at_ms: CALM_MS + 7_000,
      inputs: {
        clock: "trusted",
        sources: [{ status: "WATCHING", age_ms: 7_000, fresh: true }],
        min_fresh_nodes: 1,
        view_as_of_ms: CALM_MS + 7_000,
        lockdown: "NONE",
        defense_as_of_ms: CALM_MS + 7_000,
      },
    });
  });
});

describe("decideWithdrawal, evidence that changes while the ledger is waited for", () => {
  it("refuses when the node is locked down before the ledger's transaction runs", async () => {
    const { createMemoryLedger } = await import("@dgb-shield/wallet-guardian");
    const inner = createMemoryLedger();
    let open = () => {};
    const opened = new Promise<void>((resolve) => (open = resolve));
    let isHeld = false;
    let reach = () => {};
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const ledger: typeof inner = {
      ...inner,
      transact: async (reads, decide) => {
        if (isHeld) {
          reach();
          await opened;
        }
        return inner.transact(reads, decide);
      },
    };
    const made = calmSite({ ledger });
    isHeld = true;
    const asked = made.pipeline.decideWithdrawal(REQUEST);
    await reached;
    expect(see(made, 3_040, GROESTL).defense.lockdown).toBe("FULL");
    open();
    const { final, record, recorded } = await asked;
    expect({ final, recorded }).toEqual({ final: false, recorded: true });
    expect(record.inputs).toMatchObject({ sentinel_level: "critical", lockdown: "FULL" });
    expect(record.veto).toBe("evidence_changed");
    expect((await ledger.withdrawal("w-1"))?.status ?? "open").toBe("open");
  });

  it("evaluates a repeated id again: a standing ALLOW ends when the device or the network is no longer sound", async () => {
    const worse: [string, (made: ReturnType<typeof site>) => object][] = [
      ["an untrusted device", () => ({ trusted_device: false })],
      ["strange behaviour", () => ({ behaviour_score: 99 })],
      ["a smaller balance", () => ({ wallet_balance: "5" })],
      ["a blind node", (made) => (seeBlind(made, "unreachable"), {})],
      [
        "a silent node",
        (made) => (made.moveTo(made.now() + 59_000), made.moveTo(CALM_MS + 61_000), {}),
      ],
    ];
    for (const [name, change] of worse) {
      const made = calmSite({
        guardian_policy: {
          max_per_tx: "100",
          max_24h: "500",
          cooldown_seconds: 0,
          allow_valid_seconds: 600,
        },
      });
      expect((await made.pipeline.decideWithdrawal(REQUEST)).final, name).toBe(true);
      made.moveTo(CALM_MS + 1_000);
      const again = await made.pipeline.decideWithdrawal({ ...REQUEST, ...change(made) });
      expect([name, again.final]).toEqual([name, false]);
    }
  });

  it("gives a repeated request whose evidence is as good the same ALLOW again, reserved once", async () => {
    const made = calmSite();
    const first = await made.pipeline.decideWithdrawal(REQUEST);
    made.moveTo(CALM_MS + 1_000);
    const again = await made.pipeline.decideWithdrawal(REQUEST);
    expect([first.final, again.final]).toEqual([true, true]);
    const forty = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: `x-${i}` }),
      ),
    );
    // 500 / 10 = 50, of which the repeated one takes a single place
    expect(forty.filter(({ final }) => final)).toHaveLength(49);
  });
});

describe("decideWithdrawal, clocks", () => {
  it.each([
    ["gives no number", () => NaN],
    ["gives seconds", (now: number) => Math.floor(now / 1_000)],
    [
      "throws",
      () => {
        throw new Error("no clock");
      },
    ],
    ["gives nothing", () => undefined as unknown as number],
  ])("refuses when the clock %s, and never rejects", async (_, wrong) => {
    const clock: { read: (now: number) => number } = { read: (now) => now };
    const { pipeline } = site({}, (now) => clock.read(now));
    clock.read = wrong;
    const { final, record } = await pipeline.decideWithdrawal(REQUEST);
    expect(final).toBe(false);
    expect(record.veto).toBe("clock_untrusted");
    expect(record.inputs.clock).toBe("invalid");
  });

  it("decides again as soon as a clock that gave no time is right", async () => {
    let isBroken = false;
    const made = site({}, (now) => (isBroken ? 5_000 : now));
    const { pipeline } = made;
    for (let height = 3_000; height < 3_040; height++) {
      isBroken = height === 3_020;
      see(made, height);
      if (isBroken) await pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "glitch" });
    }
    expect((await pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });

  it("refuses while the wall clock runs two hours ahead or behind, and decides again when it is right", async () => {
    for (const off of [2 * HOUR_MS, -2 * HOUR_MS]) {
      const made = calmSite();
      made.moveTo(CALM_MS + 1_000);
      made.skewBy(off);
      const wrong = await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "glitch" });
      expect([wrong.final, wrong.record.veto]).toEqual([false, "clock_untrusted"]);
      made.skewBy(0);
      made.moveTo(CALM_MS + 2_000);
      expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
    }
  });

  it("finds a stall of 15 minutes after a clock that was two hours ahead for one decision", async () => {
    const { observationOf } = await import("../../src/scenarios/headers.js");
    const { block } = await import("../support/site.js");
    const made = calmSite();
    made.skewBy(2 * HOUR_MS);
    await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "glitch" });
    made.skewBy(0);
    let picture = see(made, 3_039);
    for (let at = 15_000; at <= 15 * MINUTE_MS; at += 15_000) {
      made.moveTo(CALM_MS + at);
      picture = made.pipeline.observe(observationOf(NODE, made.now(), [], block(3_039)));
    }
    expect(picture.report.level).toBe("critical");
    expect(picture.defense.lockdown).toBe("FULL");
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(false);
  });

  it("decides by the wall clock again once an operator has accepted it", async () => {
    const made = calmSite();
    made.skewBy(HOUR_MS);
    expect((await made.pipeline.decideWithdrawal(REQUEST)).record.veto).toBe("clock_untrusted");
    const order = { operator: "ann", reason: "the host's time zone was corrected" };
    expect(await made.pipeline.acceptClock(order)).toEqual({ accepted: true, refused_by: [] });
    for (let height = 3_040; height < 3_060; height++) see(made, height);
    const { final, record } = await made.pipeline.decideWithdrawal(REQUEST);
    expect([record.inputs.clock, record.veto]).toEqual(["trusted", null]);
    expect(final).toBe(true);
  });
});
