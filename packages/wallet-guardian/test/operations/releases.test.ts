/** A payment is given back: at once where nothing could be signed, with proof where it could (design, section 7: life of a payment). */
import { describe, expect, it } from "vitest";
import { EXPLICIT, input, type Life, life, MEMORIES, told } from "../support/life.js";
import { HOUR, LEAVES_MS, MINUTE, ORDER, said, VALID_MS } from "../support/guardian.js";

const NOT_EXECUTED = { not_executed: true } as const;

describe.each(MEMORIES)("a release on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  const PLAIN: readonly [string, (with_: Life) => Promise<unknown>, string, string][] = [
    ["of an id that was never seen", () => Promise.resolve(), "refused unknown_withdrawal", "0"],
    ["of what was refused", ({ ask }) => ask("w", "11"), "refused not_reserved", "0"],
    ["of a reservation", ({ ask }) => ask("w", "10"), "accepted", "0"],
    [
      "of a lapsed reservation",
      async ({ ask, time }) => {
        await ask("w", "10");
        time.now += VALID_MS;
      },
      "accepted",
      "0",
    ],
    [
      "of what was released",
      async ({ ask, release }) => {
        await ask("w", "10");
        await release("w");
      },
      "accepted",
      "0",
    ],
    [
      "of what was claimed",
      async ({ ask, claim }) => {
        await ask("w", "10");
        await claim("w");
      },
      "refused claimed",
      "10",
    ],
    [
      "of what was paid",
      async ({ ask, claim, commit }) => {
        await ask("w", "10");
        await claim("w");
        await commit("w");
      },
      "refused already_committed",
      "10",
    ],
  ];

  it.each(PLAIN)("%s", async (_what, prepare, expected, left) => {
    const with_ = start();
    await prepare(with_);
    expect(told(await with_.release("w"))).toBe(expected);
    expect(await with_.spent()).toBe(left);
  });

  it("answers again that it was released, and writes no second record", async () => {
    const { ask, ledger, release } = start();
    await ask("w", "10");
    expect(await release("w")).toEqual({ accepted: true, reason_codes: [], status: "released" });
    const before = (await ledger.records(0, 100)).length;
    expect(await release("w")).toMatchObject({
      accepted: true,
      status: "released",
      repeated: true,
    });
    expect((await ledger.records(0, 100)).length).toBe(before);
  });

  /** Who vouches, how long after the claim, and the answer. */
  it.each<[object, number, string]>([
    [{ signer_id: "s1", ...NOT_EXECUTED }, 0, "accepted"],
    [{ signer_id: "s1", ...NOT_EXECUTED }, LEAVES_MS, "accepted"],
    [{ signer_id: "s1" }, LEAVES_MS, "refused claimed"],
    [{ signer_id: "s2", ...NOT_EXECUTED }, LEAVES_MS, "refused claimed"],
    [{ ...NOT_EXECUTED }, LEAVES_MS, "refused claimed"],
    [{ operator: "op" }, LEAVES_MS, "refused claimed"],
    [{ operator: "op", ...NOT_EXECUTED }, 0, "refused claim_running"],
    [{ operator: "op", ...NOT_EXECUTED }, VALID_MS, "refused claim_running"],
    [{ operator: "op", ...NOT_EXECUTED }, LEAVES_MS - 1, "refused claim_running"],
    [{ operator: "op", ...NOT_EXECUTED }, LEAVES_MS, "accepted"],
    [{ operator: "op", signer_id: "s2", ...NOT_EXECUTED }, LEAVES_MS, "accepted"],
  ])("of what s1 has claimed, by %o after %i ms: %s", async (by, wait, expected) => {
    const { actions, ask, claim, release, spent, time } = start();
    await ask("w", "10");
    await claim("w");
    time.now += wait;
    const answer = await release("w", by);
    expect(told(answer)).toBe(expected);
    expect(await spent()).toBe(expected === "accepted" ? "0" : "10");
    expect(actions()).toEqual(expected === "accepted" ? ["claim_released"] : []);
    if (expected.endsWith("claim_running")) expect(answer.retry_after_ms).toBe(LEAVES_MS - wait);
  });

  it("by one of two signers needs the other one's proof too: an operator's", async () => {
    const { ask, claim, release, time } = start();
    await ask("w", "10");
    await claim("w", { signer_id: "s1", inputs: [input(1)] });
    time.now += VALID_MS;
    await claim("w", { signer_id: "s2", inputs: [input(1)] });
    for (const signer_id of ["s1", "s2"]) {
      expect(told(await release("w", { signer_id, ...NOT_EXECUTED }))).toBe("refused claimed");
    }
    time.now += LEAVES_MS;
    expect(told(await release("w", { operator: "op", ...NOT_EXECUTED }))).toBe("accepted");
  });

  it("of an ALLOW that permitted signing is an operator's alone", async () => {
    const { ask, release, time } = start({ max_24h: "10" });
    await ask("w", "10");
    expect(told(await release("w", { signer_id: "s1", ...NOT_EXECUTED }))).toBe("refused claimed");
    time.now += LEAVES_MS;
    expect(told(await release("w", { operator: "op", ...NOT_EXECUTED }))).toBe("accepted");
  });

  it("leaves the cooldown as it is, and lets the payment be requested again", async () => {
    const { ask, release } = start({ ...EXPLICIT, cooldown_seconds: 600 });
    await ask("w", "10");
    await release("w");
    expect(await ask("x", "1")).toMatchObject({ decision: "DELAY", retry_after_ms: 10 * MINUTE });
    expect(said(await ask("w", "10"))).toBe("ALLOW within_limits");
  });

  it("stays where the payment is refused afterwards", async () => {
    const { ask, freeze, ledger, release } = start();
    await ask("w", "10");
    await release("w");
    await freeze();
    expect(said(await ask("w", "10"))).toBe("REJECT wallet_frozen");
    expect(await ledger.withdrawal("w")).toMatchObject({ status: "released", counts: "nothing" });
  });

  it("drops the claims of before with the next ALLOW", async () => {
    const { ask, claim, release, time } = start();
    await ask("w", "10");
    await claim("w", { signer_id: "s1", inputs: [input(1)] });
    await release("w", { signer_id: "s1", ...NOT_EXECUTED });
    time.now += HOUR;
    expect(said(await ask("w", "10"))).toBe("ALLOW within_limits");
    expect(said(await claim("w", { signer_id: "s2", inputs: [input(2)] }))).toBe(
      "ALLOW claimed_now",
    );
  });

  it("is recorded with the operator who vouches, and for what", async () => {
    const { ask, claim, ledger, release, time } = start();
    await ask("w", "10");
    await claim("w");
    time.now += LEAVES_MS;
    await release("w", { ...ORDER, ...NOT_EXECUTED });
    const records = await ledger.records(0, 100);
    expect(records.slice(-2)).toMatchObject([
      {
        kind: "release",
        record: { withdrawal_id: "w", ...ORDER, signer_id: null, not_executed: true },
      },
      { kind: "event", record: { events: [{ action: "claim_released" }] } },
    ]);
  });

  it.each<[object, string]>([
    [{ not_executed: false }, "/not_executed"],
    [{ not_executed: 1 }, "/not_executed"],
    [{ signer_id: "" }, "/signer_id"],
    [{ reason: "" }, "/reason"],
  ])("with %o is refused at %s", async (options, path) => {
    const { ask, release } = start();
    await ask("w", "1");
    expect(await release("w", options)).toMatchObject({
      accepted: false,
      reason_codes: ["invalid_operation"],
      path,
    });
  });
});
