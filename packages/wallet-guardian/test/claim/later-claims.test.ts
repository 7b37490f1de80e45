/** A later claim replaces every transaction before it, or it is another payment (design, section 7: life of a payment). */
import { describe, expect, it } from "vitest";
import { EXPLICIT, input, life, MEMORIES } from "../support/life.js";
import { HOUR, LEAVES_MS, said, START_MS, VALID_MS } from "../support/guardian.js";

const DAY = 24 * HOUR;
const [a, b, c] = [input(1), input(2), input(3)] as const;

describe.each(MEMORIES)("a claim of what was claimed on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it("for a later transaction has to share an input with every earlier one", async () => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    await claim("w", { inputs: [a] });
    expect(said(await claim("w", { inputs: [a, b] }))).toBe("ALLOW claimed_now");
    expect(said(await claim("w", { inputs: [b, c] }))).toBe("REJECT not_a_replacement");
    time.now += HOUR;
    expect(said(await claim("w", { signer_id: "s2", inputs: [a, c] }))).toBe("ALLOW claimed_now");
    expect(said(await claim("w", { signer_id: "s2", inputs: [b, c] }))).toBe(
      "REJECT not_a_replacement",
    );
  });

  it("for a later transaction never shortens what counts", async () => {
    const { ask, claim, ledger, time } = start();
    await ask("w", "10");
    for (const [n, inputs] of [[a], [a, b], [a, c]].entries()) {
      await claim("w", { inputs });
      const row = await ledger.withdrawal("w");
      expect(row?.counted_at_ms).toBe(START_MS + n * 1_000 + LEAVES_MS);
      time.now += 1_000;
    }
  });

  it("is given twenty times for one payment", async () => {
    const { ask, claim } = start();
    await ask("w", "10");
    for (let n = 0; n < 20; n++) {
      expect(said(await claim("w", { inputs: [a, input(100 + n)] }))).toBe("ALLOW claimed_now");
    }
    expect(said(await claim("w", { inputs: [a] }))).toBe("REJECT claims_exhausted");
  });

  it.each([
    ["0", "ALLOW claimed_now"],
    ["4", "ALLOW claimed_now"],
    ["4.00000001", "DELAY daily_limit"],
  ])("of what has left its window needs room again: %s spent since", async (since, expected) => {
    const { ask, claim, time } = start();
    await ask("w", "6");
    await claim("w", { inputs: [a] });
    time.now += LEAVES_MS + DAY;
    if (since !== "0") await ask("x", since);
    const later = await claim("w", { inputs: [a, b] });
    expect(said(later)).toBe(expected);
    if (later.decision === "DELAY") expect(later.retry_after_ms).toBe(VALID_MS);
  });

  it("of what is still in its window needs none", async () => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    await claim("w", { inputs: [a] });
    time.now += LEAVES_MS + DAY - 1;
    expect(said(await claim("w", { inputs: [a, b] }))).toBe("ALLOW claimed_now");
  });

  it("cannot follow an ALLOW that was the permission to sign", async () => {
    const { ask, claim, time } = start({ max_24h: "10" });
    await ask("w", "10");
    expect(said(await claim("w", { inputs: [a] }))).toBe("DELAY claimed");
    time.now += VALID_MS;
    expect(said(await claim("w", { inputs: [a] }))).toBe("REJECT not_a_replacement");
  });

  it("is recorded, whatever it comes to, and lets the scope's time go on", async () => {
    const { ask, claim, ledger, time } = start();
    await ask("w", "10");
    const before = (await ledger.records(0, 100)).length;
    await claim("w", { signer_id: "s1", inputs: [a] });
    await claim("w", { signer_id: "s2" });
    time.now += 1_000;
    await claim("w", { signer_id: "s1", inputs: [a] });
    const records = await ledger.records(before, 100);
    expect(
      records.map(({ kind, record }) => [kind, record["signer_id"], record["decision"]]),
    ).toEqual([
      ["claim", "s1", "ALLOW"],
      ["claim", "s2", "DELAY"],
      ["claim", "s1", "ALLOW"],
    ]);
    expect(records[0]?.record).toMatchObject({
      inputs: [a],
      risk: "LOW",
      claimed_until_ms: START_MS + VALID_MS,
    });
  });

  it("is refused while the clock is behind the ledger's time", async () => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    time.now -= HOUR;
    const answer = await claim("w");
    expect([said(answer), answer.retry_after_ms]).toEqual(["REJECT clock_untrusted", 5_000]);
    expect(answer.detail).toMatch(/^the wall clock stepped back: /);
    time.now += HOUR;
    expect(said(await claim("w"))).toBe("ALLOW claimed_now");
  });

  it("of one payout is one of its payment", async () => {
    const { claim, pay } = start();
    await pay("p", [
      { withdrawal_id: "1", amount: "2" },
      { withdrawal_id: "2", amount: "3" },
    ]);
    const part = await claim("1");
    expect([said(part), part.detail]).toEqual([
      "REJECT part_of_payment",
      "it is a payout of the payment p: claim that",
    ]);
    expect(said(await claim("p"))).toBe("ALLOW claimed_now");
  });
});
