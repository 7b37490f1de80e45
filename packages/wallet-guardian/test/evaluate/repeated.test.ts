/** A repeated ALLOW runs the finalize hook again (design, section 7: ids). */
import { describe, expect, it } from "vitest";
import type { Finalize, Ledger } from "../../src/index.js";
import { harness, MINUTE, said, START_MS, TXID } from "../support/guardian.js";
import { LEDGERS } from "../support/ledgers.js";
import { newPostgresLedger } from "../support/postgres.js";

/** Status of the payment, and the ALLOW that is in force. */
async function answerIn(ledger: Ledger): Promise<unknown[]> {
  const row = await ledger.withdrawal("w");
  const state = JSON.parse(row?.state ?? "{}") as { answer?: unknown };
  return [row?.status, state.answer];
}

const ALL: typeof LEDGERS = [...LEDGERS, ["postgres", () => newPostgresLedger()]];

describe.each(ALL)("a repeated ALLOW on the %s ledger", (_name, createLedger) => {
  /** A guardian, and a hook that answers by the evidence of now. */
  function start(claim: "implicit" | "explicit" = "implicit") {
    const started = harness({ max_24h: "10", cooldown_seconds: 600, claim }, createLedger());
    const evidence = { allow: true, level: "normal" };
    const finalize: Finalize = ({ decision }) => ({
      allow: evidence.allow,
      record: { decision, level: evidence.level },
    });
    const evaluate = (hook: Finalize | null = finalize, risk: "LOW" | "MEDIUM" = "LOW") =>
      started.guardian.evaluate(
        { withdrawal_id: "w", wallet_id: "hot-1", amount: "10" },
        risk,
        hook === null ? {} : { finalize: hook },
      );
    return { ...started, evidence, evaluate };
  }

  it("is the same answer, marked, with the evidence of now, while the hook agrees", async () => {
    const { evaluate, evidence, time, ledger } = start();
    const first = await evaluate();
    expect(first).not.toHaveProperty("repeated");
    evidence.level = "elevated";
    time.now += 1_000;
    expect(await evaluate()).toEqual({
      ...first,
      repeated: true,
      valid_for_ms: MINUTE - 1_000,
      record: { decision: "ALLOW", level: "elevated" },
    });
    // a caller without a hook gets the last record
    expect(await evaluate(null)).toMatchObject({
      repeated: true,
      record: { level: "elevated" },
    });
    const records = (await ledger.records(0, 10)).filter(({ kind }) => kind === "decision");
    // each answer has its record, one without a hook that of the decision
    expect(records.map(({ record }) => record["level"])).toEqual(["normal", "elevated", undefined]);
    await ledger.close();
  });

  it("is taken back once the hook refuses: not final, counted on, and can still be committed", async () => {
    const { ask, evaluate, evidence, events, guardian, ledger, time } = start();
    await evaluate();
    evidence.allow = false;
    time.now += 1_000;
    const refused = await evaluate();
    expect([refused.final, refused.record]).toEqual([
      false,
      { decision: "ALLOW", level: "normal" },
    ]);
    expect(refused).not.toHaveProperty("valid_for_ms");
    expect(refused).not.toHaveProperty("repeated");
    expect(events).toMatchObject([
      { action: "allow_revoked", extra: { withdrawal_id: "w", at_ms: START_MS + 1_000 } },
    ]);
    expect(await guardian.wallet("hot-1")).toMatchObject({ windows: [{ spent: "10" }] });
    expect(said(await ask("x", "1"))).toBe("DELAY daily_limit cooldown_breach");
    // it was claimed, and may have been signed
    expect(await guardian.commit("w", { txid: TXID })).toMatchObject({
      accepted: true,
      reason_codes: [],
    });
    await ledger.close();
  });

  it("is not given again after it was taken back: it may have been signed", async () => {
    const { evaluate, evidence, ledger } = start();
    await evaluate();
    evidence.allow = false;
    await evaluate();
    evidence.allow = true;
    const again = await evaluate();
    expect([said(again), again.final]).toEqual(["REJECT claim_unsettled", false]);
    await ledger.close();
  });

  it("of a reservation is taken back with its room, evaluated afresh, and may be allowed again", async () => {
    const { evaluate, evidence, guardian, ledger, time } = start("explicit");
    await evaluate();
    evidence.allow = false;
    expect(await evaluate()).toMatchObject({ decision: "ALLOW", final: false });
    expect(await guardian.wallet("hot-1")).toMatchObject({ windows: [{ spent: "0" }] });
    const claim = await guardian.claim("w", { signer_id: "s", risk: "LOW" });
    expect(said(claim)).toBe("REJECT not_reserved");
    evidence.allow = true;
    time.now += 5_000;
    const fresh = await evaluate();
    expect(fresh).toMatchObject({ final: true, decided_at_ms: START_MS + 5_000 });
    expect(fresh).not.toHaveProperty("repeated");
    await ledger.close();
  });

  it.each<[string, Finalize]>([
    [
      "throws",
      () => {
        throw new Error("no");
      },
    ],
    ["is asynchronous", (async () => ({ allow: true, record: {} })) as never],
    ["gives no boolean", () => ({ allow: 1 as never, record: {} })],
    ["has its answer in a prototype", () => Object.create({ allow: true, record: {} }) as never],
  ])("is taken back where the hook %s", async (_what, hook) => {
    const { evaluate, ledger, guardian } = start();
    await evaluate();
    const answer = await evaluate(hook);
    expect([said(answer), answer.final]).toEqual(["REJECT finalize_failed", false]);
    expect(await answerIn(ledger)).toEqual(["claimed", null]);
    expect(await guardian.wallet("hot-1")).toMatchObject({ windows: [{ spent: "10" }] });
    await ledger.close();
  });

  it("calls a hook for an ALLOW that was given without one", async () => {
    const { evaluate, evidence, ledger } = start();
    await evaluate(null);
    expect(await evaluate()).toMatchObject({ final: true, repeated: true });
    evidence.allow = false;
    expect(await evaluate()).toMatchObject({ final: false });
    expect(await answerIn(ledger)).toEqual(["claimed", null]);
    await ledger.close();
  });

  it("is evaluated afresh where risk is higher, and keeps its reservation", async () => {
    const { evaluate, guardian, ledger } = start("explicit");
    await evaluate();
    const answer = await evaluate(null, "MEDIUM");
    expect(answer).toMatchObject({ final: true, risk: "MEDIUM" });
    expect(answer).not.toHaveProperty("repeated");
    expect(await guardian.wallet("hot-1")).toMatchObject({ windows: [{ spent: "10" }] });
    await ledger.close();
  });
});
