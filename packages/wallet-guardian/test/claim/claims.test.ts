/** A claim permits one signer to sign a reserved payment (design, section 7: life of a payment). */
import { describe, expect, it } from "vitest";
import { EXPLICIT, input, type Life, life, MEMORIES, txid } from "../support/life.js";
import { HOUR, LEAVES_MS, said, START_MS, TXID, VALID_MS } from "../support/guardian.js";

const DAY = 24 * HOUR;
const [a, b] = [input(1), input(2)] as const;

describe.each(MEMORIES)("a claim on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it("permits its signer to sign for as long as an ALLOW holds, and states until when", async () => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    time.now += 1_000;
    expect(await claim("w")).toEqual({
      decision: "ALLOW",
      reason_codes: ["claimed_now"],
      withdrawal_id: "w",
      signer_id: "s1",
      decided_at_ms: START_MS + 1_000,
      claimed_until_ms: START_MS + 1_000 + VALID_MS,
      valid_for_ms: VALID_MS,
    });
  });

  it("counts from the last moment at which it permits signing, to the millisecond", async () => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    time.now += VALID_MS - 1;
    await claim("w");
    time.now += LEAVES_MS + DAY - 1;
    expect(await ask("x", "1")).toMatchObject({ decision: "DELAY", retry_after_ms: 1 });
    time.now += 1;
    expect(said(await ask("x", "1"))).toBe("ALLOW within_limits");
  });

  /** What happens to the ALLOW of 10 coins at LOW before the claim. */
  const REFUSED: readonly [string, (with_: Life) => Promise<unknown>, string][] = [
    ["of an id that was never seen", () => Promise.resolve(), "REJECT unknown_withdrawal"],
    [
      "that was only delayed",
      async ({ ask }) => {
        await ask("x", "10");
        await ask("w", "10");
      },
      "REJECT not_reserved",
    ],
    [
      "that was released",
      async ({ ask, release }) => {
        await ask("w", "10");
        await release("w");
      },
      "REJECT not_reserved",
    ],
    [
      "that was paid",
      async ({ ask, claim, commit }) => {
        await ask("w", "10");
        await claim("w");
        await commit("w");
      },
      "REJECT already_committed",
    ],
    [
      "whose reservation has lapsed this millisecond",
      async ({ ask, time }) => {
        await ask("w", "10");
        time.now += VALID_MS;
      },
      "REJECT reservation_lapsed",
    ],
    [
      "whose wallet is frozen",
      async ({ ask, freeze }) => {
        await ask("w", "10");
        await freeze();
      },
      "REJECT wallet_frozen",
    ],
    [
      "while the site is frozen",
      async ({ ask, freeze }) => {
        await ask("w", "10");
        await freeze("global", "global");
      },
      "REJECT wallet_frozen",
    ],
    [
      "that lapsed and whose wallet is frozen",
      async ({ ask, freeze, time }) => {
        await ask("w", "10");
        await freeze();
        time.now += VALID_MS;
      },
      "REJECT reservation_lapsed",
    ],
  ];

  it.each(REFUSED)("is not given for a payment %s", async (_what, prepare, expected) => {
    const with_ = start();
    await prepare(with_);
    expect(said(await with_.claim("w"))).toBe(expected);
  });

  it.each([
    ["LOW", "LOW", {}, "ALLOW claimed_now"],
    ["MEDIUM", "LOW", {}, "ALLOW claimed_now"],
    ["LOW", "MEDIUM", {}, "REJECT allow_not_in_force"],
    ["LOW", "HIGH", {}, "REJECT high_risk_freeze"],
    ["LOW", "HIGH", { high_risk_freeze: false }, "REJECT allow_not_in_force"],
    ["HIGH", "HIGH", { high_risk_freeze: false }, "ALLOW claimed_now"],
  ])("of an ALLOW at %s is made at %s with %o: %s", async (before, now, more, expected) => {
    const { ask, claim } = start({ ...EXPLICIT, ...more });
    await ask("w", "10", { risk: before });
    expect(said(await claim("w", { risk: now }))).toBe(expected);
  });

  it("at HIGH freezes the wallet, emits an event, and leaves the reservation as it is", async () => {
    const { actions, ask, claim, spent } = start();
    await ask("w", "10");
    await claim("w", { risk: "HIGH" });
    expect(said(await ask("x", "1"))).toBe("REJECT wallet_frozen daily_limit");
    expect(said(await claim("w", { risk: "HIGH" }))).toBe("REJECT high_risk_lockdown");
    expect([actions()[0], await spent()]).toEqual(["freeze", "10"]);
  });

  it("is refused where the policy is another one, and to the process that has the old one", async () => {
    const ledger = createLedger();
    const [old, next] = [life(EXPLICIT, ledger), life({ ...EXPLICIT, max_24h: "20" }, ledger)];
    await old.ask("w", "10");
    // a claim makes no policy the current one
    expect(said(await next.claim("w"))).toBe("REJECT policy_outdated");
    await next.ask("x", "1");
    expect(said(await next.claim("w"))).toBe("REJECT allow_not_in_force");
    expect(said(await old.claim("w"))).toBe("REJECT policy_outdated");
    expect(old.actions()).toEqual(["policy_outdated"]);
  });

  it("names the transaction that paid", async () => {
    const { ask, commit, claim } = start();
    await ask("w", "1");
    await commit("w");
    expect(await claim("w")).toMatchObject({ reason_codes: ["already_committed"], txid: TXID });
  });

  it("of another signer waits until the claim is over, and then needs a transaction", async () => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    await claim("w");
    time.now += 1;
    const other = await claim("w", { signer_id: "s2", inputs: [a] });
    expect([said(other), other.retry_after_ms]).toEqual(["DELAY claimed", VALID_MS - 1]);
    time.now += VALID_MS - 2;
    expect(said(await claim("w", { signer_id: "s2" }))).toBe("DELAY claimed");
    time.now += 1;
    expect(said(await claim("w", { signer_id: "s2", inputs: [a] }))).toBe(
      "REJECT not_a_replacement",
    );
  });

  it("of two workers with two transactions permits one of them alone", async () => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    const answers = [
      await claim("w", { signer_id: "s1", inputs: [a] }),
      await claim("w", { signer_id: "s2", inputs: [b] }),
    ];
    time.now += HOUR;
    answers.push(await claim("w", { signer_id: "s2", inputs: [b] }));
    expect(answers.map(said)).toEqual([
      "ALLOW claimed_now",
      "DELAY claimed",
      "REJECT not_a_replacement",
    ]);
  });

  it.each<[string, readonly string[] | undefined, readonly string[] | undefined, string]>([
    ["the same inputs", [a, b], [a, b], "repeated"],
    ["the same inputs in another order", [a, b], [b, a], "repeated"],
    ["no transaction, twice", undefined, undefined, "repeated"],
    ["one input more", [a], [a, b], "new"],
    ["one input less", [a, b], [b], "new"],
    ["another input", [a], [b], "REJECT not_a_replacement"],
    ["a transaction after none", undefined, [a], "REJECT not_a_replacement"],
    ["none after a transaction", [a], undefined, "REJECT not_a_replacement"],
  ])("by the same signer with %s", async (_what, first, second, expected) => {
    const { ask, claim, time } = start();
    await ask("w", "10");
    await claim("w", first === undefined ? {} : { inputs: first });
    time.now += 1_000;
    const again = await claim("w", second === undefined ? {} : { inputs: second });
    if (expected === "repeated") {
      expect(again).toMatchObject({
        decision: "ALLOW",
        repeated: true,
        valid_for_ms: VALID_MS - 1_000,
      });
    } else if (expected === "new") {
      expect(again).toMatchObject({ decision: "ALLOW", valid_for_ms: VALID_MS });
      expect(again).not.toHaveProperty("repeated");
    } else expect(said(again)).toBe(expected);
  });

  it.each<[string, (with_: Life) => Promise<unknown>, string]>([
    ["a freeze", ({ freeze }) => freeze(), "REJECT wallet_frozen"],
    ["nothing", () => Promise.resolve(), "ALLOW claimed_now"],
  ])("that is made again after %s", async (_what, happens, expected) => {
    const with_ = start();
    await with_.ask("w", "10");
    await with_.claim("w", { inputs: [a] });
    await happens(with_);
    expect(said(await with_.claim("w", { inputs: [a] }))).toBe(expected);
    expect(said(await with_.claim("w", { inputs: [a, b] }))).toBe(expected);
  });
});

describe("claims that are malformed", () => {
  const good = { signer_id: "s", risk: "LOW" };
  const long = Array.from({ length: 2_001 }, (_, n) => input(n));

  it.each<[string, unknown, unknown, string]>([
    ["no options", "w", undefined, ""],
    ["a list of options", "w", [], ""],
    ["an empty id", "", good, "/withdrawal_id"],
    ["an id that is a symbol", Symbol("w"), good, "/withdrawal_id"],
    ["no signer", "w", { risk: "LOW" }, "/signer_id"],
    ["a signer with a space", "w", { ...good, signer_id: "s " }, "/signer_id"],
    ["no risk", "w", { signer_id: "s" }, "/risk"],
    ["a risk in lower case", "w", { ...good, risk: "low" }, "/risk"],
    [
      "a risk with a time that is none",
      "w",
      { ...good, risk: { level: "LOW", low_since_ms: -1 } },
      "/risk",
    ],
    [
      "a transaction without inputs",
      "w",
      { ...good, transaction: { inputs: [] } },
      "/transaction/inputs",
    ],
    ["2,001 inputs", "w", { ...good, transaction: { inputs: long } }, "/transaction/inputs"],
    ["one input twice", "w", { ...good, transaction: { inputs: [a, a] } }, "/transaction/inputs"],
    [
      "an input in upper case",
      "w",
      { ...good, transaction: { inputs: [`${"AB".repeat(32)}:0`] } },
      "/transaction/inputs/0",
    ],
    [
      "an input without a number",
      "w",
      { ...good, transaction: { inputs: [txid(1)] } },
      "/transaction/inputs/0",
    ],
    [
      "an input with a leading zero",
      "w",
      { ...good, transaction: { inputs: [`${txid(1)}:01`] } },
      "/transaction/inputs/0",
    ],
    ["a finalize that is no function", "w", { ...good, finalize: true }, "/finalize"],
    ["an unknown option", "w", { ...good, signer: "s" }, "/signer"],
  ])("are refused: %s", async (_what, id, options, path) => {
    const { ask, guardian, ledger } = life();
    await ask("w", "1");
    const before = (await ledger.records(0, 100)).length;
    const answer = await guardian.claim(id as never, options as never);
    expect(answer).toMatchObject({ decision: "REJECT", reason_codes: ["invalid_claim"], path });
    expect(answer.detail).toMatch(/^((the )?options|\/[^:]*): .+; .+$/);
    expect(await ledger.withdrawal("w")).toMatchObject({ status: "reserved" });
    // each try leaves a record
    expect(await ledger.records(before, 100)).toMatchObject([
      { kind: "claim", record: { decision: "REJECT", reason_codes: ["invalid_claim"] } },
    ]);
  });

  it.each([
    ["an id that was never seen", "?", "unknown_withdrawal"],
    ["a payout", "1", "part_of_payment"],
  ])("or of %s are recorded", async (_what, id, code) => {
    const { claim, ledger, pay } = life();
    await pay("p", [{ withdrawal_id: "1", amount: "1" }]);
    const before = (await ledger.records(0, 100)).length;
    await claim(id);
    expect(await ledger.records(before, 100)).toMatchObject([
      { kind: "claim", record: { withdrawal_id: id, signer_id: "s1", reason_codes: [code] } },
    ]);
  });
});
