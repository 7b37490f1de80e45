/** The defense counts Guardian's events and telemetry, where that is configured, and is not kept up by its own consequences. */
import { describe, expect, it } from "vitest";
import {
  calmSite,
  HOUR_MS,
  MINUTE_MS,
  REQUEST,
  see,
  type SiteOptions,
  type TestSite,
} from "../support/site.js";

const thresholds = { max_refused_payments: 3 };
const withInputs = (options: SiteOptions = {}) =>
  calmSite({ defense_inputs: thresholds, ...options });
/** A request above the largest single payment. */
const tooLarge = (name: string) => ({ ...REQUEST, withdrawal_id: name, amount: "101" });
const typesOf = async ({ pipeline }: TestSite) =>
  (await pipeline.overview()).defense.events.map(({ type }) => type);

describe("Guardian's events", () => {
  it("raise the risk to MEDIUM once so many payments were refused for their own sake", async () => {
    const made = withInputs();
    for (const name of ["a", "b", "b", "b"]) await made.pipeline.decideWithdrawal(tooLarge(name));
    expect(await typesOf(made)).toEqual([]);
    await made.pipeline.decideWithdrawal(tooLarge("c"));
    expect(await typesOf(made)).toEqual(["withdrawal_spike"]);
    const { inputs, veto } = await made.pipeline.overview();
    expect([inputs.adn_level, inputs.guardian_risk, veto]).toEqual(["elevated", "MEDIUM", null]);
    const { record } = await made.pipeline.decideWithdrawal(REQUEST);
    expect([record.guardian.decision, record.inputs.guardian_risk]).toEqual(["ALLOW", "MEDIUM"]);
  });

  it("end, however many payments are refused while the risk is MEDIUM because of them", async () => {
    const made = withInputs();
    let height = 3_040;
    for (const name of ["a", "b", "c"]) await made.pipeline.decideWithdrawal(tooLarge(name));
    const begin = made.now();
    for (; made.now() < begin + 13 * MINUTE_MS; height++) {
      see(made, height);
      if (made.now() < begin + 9 * MINUTE_MS)
        await made.pipeline.decideWithdrawal(tooLarge(`m-${height}`));
    }
    expect(await typesOf(made)).toEqual([]);
    expect((await made.pipeline.overview()).inputs.guardian_risk).toBe("LOW");
  });

  it("count in no simulation, and not at all where it is not configured", async () => {
    const made = withInputs();
    for (let i = 0; i < 9; i++) await made.pipeline.simulateWithdrawal(tooLarge(`s-${i}`));
    expect(await typesOf(made)).toEqual([]);
    const plain = calmSite();
    for (let i = 0; i < 9; i++) await plain.pipeline.decideWithdrawal(tooLarge(`p-${i}`));
    expect(await typesOf(plain)).toEqual([]);
  });

  it("reach the sink all the same, and a sink that throws hides none from the defense", async () => {
    const actions: string[] = [];
    const made = withInputs({
      events: {
        emit: ({ action }) => {
          actions.push(action);
          throw new Error("the sink is full");
        },
      },
    });
    for (const name of ["a", "b", "c"]) await made.pipeline.decideWithdrawal(tooLarge(name));
    expect(actions.filter((action) => action === "limit_breach")).toHaveLength(3);
    expect(await typesOf(made)).toEqual(["withdrawal_spike"]);
  });

  it("are counted by sound thresholds alone", () => {
    expect(() => calmSite({ defense_inputs: { max_freezes: 0 } })).toThrow(
      expect.objectContaining({
        code: "invalid_config",
        path: "/defense_inputs/max_freezes",
      }) as Error,
    );
  });
});

describe("noteTelemetry", () => {
  const sample = { peers: 10, mempool_bytes: 0, height: null, rpc: null };

  it("takes the gateway's counts in, and keeps them over a restart", async () => {
    let stored: string | null = null;
    const state = { load: () => stored, save: (text: string) => void (stored = text) };
    const made = calmSite({ state });
    const wrong = { calls: 0, refused: 0, unauthorized: 19 };
    made.pipeline.noteTelemetry({ ...sample, rpc: wrong });
    expect(await typesOf(made)).toEqual([]);
    // a minute later it is written in any case
    for (let height = 3_040; height < 3_046; height++) see(made, height);
    const again = calmSite({ state, ledger: made.ledger });
    again.moveTo(made.now());
    again.pipeline.noteTelemetry({ ...sample, rpc: { ...wrong, unauthorized: 1 } });
    expect(await typesOf(again)).toContain("rpc_abuse");
  });

  it("restricts payments of a node without peers, and locks down by what it cannot read", async () => {
    const made = calmSite();
    made.pipeline.noteTelemetry({ ...sample, peers: 0 });
    expect((await made.pipeline.overview()).defense.lockdown).toBe("PARTIAL");
    made.pipeline.noteTelemetry({} as never);
    expect((await made.pipeline.overview()).defense).toMatchObject({ lockdown: "FULL" });
    made.moveTo(made.now() + HOUR_MS);
    expect((await made.pipeline.overview()).defense.lockdown).toBe("NONE");
  });
});
