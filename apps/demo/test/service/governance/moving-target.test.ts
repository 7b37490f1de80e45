/** Proposals about what moves before they are carried out: an incident that grows, a clock that steps on. */
import { describe, expect, it } from "vitest";
import { createEffects, type EffectParts } from "../../../src/service/governance/effects.js";

const finding = (finding_id: string) => ({
  ...{ finding_id, detector: "reorg", severity: 0.95, detected_at_ms: 1_000 },
  ...{ summary: "a reorganisation", latched: true },
});

const ORDER = { by: { operator: "p", key_id: "k" }, reason: "known", resumed: false };
const INCIDENT = { kind: "release_incident", incident_id: "reorg-1000" } as const;

/** Effects on a site whose incident has some findings, with its releases. */
function effectsOn(findings: readonly object[], status = "WATCHING") {
  const released: string[] = [];
  const site = { status };
  const overview = () =>
    Promise.resolve({
      ...{ reports: [{ node_id: "node-1", findings }], together: null },
      inputs: { sources: [{ node_id: "node-1", status: site.status }] },
      defense: { events: [] },
    });
  const effects = createEffects({
    decider: { overview },
    watcher: {
      releaseIncident(id: string) {
        released.push(id);
        return Promise.resolve({ released: [id], lifted_freezes: 0 });
      },
    },
  } as unknown as EffectParts);
  return { effects, released, site };
}

describe("the release of an incident", () => {
  it("is stale once more was found of the same cause", async () => {
    const findings = [finding("reorg:100:aa")];
    const { effects, released } = effectsOn(findings);
    const binds = (await effects.bind(INCIDENT)) as string;
    findings.push(finding("reorg:120:bb"));
    expect(await effects.carryOut(INCIDENT, binds, ORDER)).toMatchObject({ result: "stale" });
    findings.pop();
    expect(await effects.carryOut(INCIDENT, binds, ORDER)).toMatchObject({ result: "done" });
    expect(released).toEqual(["reorg-1000"]);
  });

  it("waits after a start until each node has reported, in place of comparing with nothing", async () => {
    const findings = [finding("reorg:100:aa")];
    const { effects, released, site } = effectsOn(findings);
    const binds = (await effects.bind(INCIDENT)) as string;
    const found = findings.splice(0);
    site.status = "UNSEEN";
    for (const resumed of [false, true]) {
      expect(await effects.carryOut(INCIDENT, binds, { ...ORDER, resumed })).toMatchObject({
        result: "again",
      });
    }
    findings.push(...found);
    site.status = "UNREACHABLE";
    expect(await effects.carryOut(INCIDENT, binds, ORDER)).toMatchObject({ result: "done" });
    expect(released).toEqual(["reorg-1000"]);
  });
});

describe("the acceptance of a clock", () => {
  const clock = { step_ms: 0, acceptances: 0, ledger_ms: null as number | null };
  const NOW_MS = 1_780_000_000_000;
  const accepted: number[] = [];
  const effects = createEffects({
    decider: { overview: () => Promise.resolve({ at_ms: NOW_MS }) },
    watcher: {
      readClock: () =>
        Promise.resolve({
          status: clock.step_ms === 0 ? "trusted" : "ahead",
          step_ms: clock.step_ms,
        }),
      acceptClock() {
        accepted.push(clock.step_ms);
        return Promise.resolve({ accepted: true, refused_by: [] });
      },
    },
    ledgerClock: () =>
      Promise.resolve({ acceptances: clock.acceptances, clock_ms: clock.ledger_ms }),
  } as unknown as EffectParts);
  const HOUR_MS = 3_600_000;

  async function proposed() {
    const seen = await effects.clock();
    if ("refused" in seen) throw new Error(seen.refused);
    const change = { kind: "accept_clock", seen } as const;
    return { change, binds: (await effects.bind(change)) as string };
  }

  it.each([
    ["steps on", HOUR_MS, 25 * HOUR_MS, "stale"],
    ["steps the other way by as much", -HOUR_MS, HOUR_MS, "stale"],
    ["steps after it was proposed while it was right", 0, 25 * HOUR_MS, "stale"],
    ["steps back further", -HOUR_MS, -25 * HOUR_MS, "stale"],
    ["stays where it was", HOUR_MS, HOUR_MS + 30_000, "done"],
    ["comes back", HOUR_MS, 0, "done"],
    ["catches up", -HOUR_MS, -HOUR_MS / 2, "done"],
  ])("that %s", async (_, before, now, result) => {
    accepted.length = 0;
    clock.step_ms = before;
    const { change, binds } = await proposed();
    clock.step_ms = now;
    const answer = await effects.carryOut(change, binds, ORDER);
    expect(answer.result).toBe(result);
    expect(accepted).toEqual(result === "done" ? [now] : []);
    if (result === "stale") expect(answer.code).toBe("clock_moved");
  });

  it("covers the ledger's own clock, of whatever process", async () => {
    clock.step_ms = 0;
    clock.ledger_ms = NOW_MS + 100;
    const { change, binds } = await proposed();
    clock.ledger_ms = NOW_MS + 25 * HOUR_MS;
    expect(await effects.carryOut(change, binds, ORDER)).toMatchObject({ code: "clock_moved" });
    const wider = await proposed();
    expect(wider.change.seen.step_ms).toBe(25 * HOUR_MS);
    expect(await effects.carryOut(wider.change, wider.binds, ORDER)).toMatchObject({
      result: "done",
    });
    clock.ledger_ms = null;
  });

  it("is stale once another acceptance was made", async () => {
    clock.step_ms = HOUR_MS;
    const { change, binds } = await proposed();
    clock.acceptances++;
    expect(await effects.carryOut(change, binds, ORDER)).toMatchObject({
      ...{ result: "stale", code: "stale" },
    });
  });
});
