/** Payments that were paid without the guardian count from their own time on, all of a list or none (design, section 7: import). */
import { runs } from "@dgb-shield/testkit/runs";
import { describe, expect, it } from "vitest";
import { IMPORT_CODES, type Ledger, LedgerError, type OutsidePayment } from "../../src/index.js";
import { HOUR, MINUTE, ORDER, said, START_MS, TXID } from "../support/guardian.js";
import { life, MEMORIES, txid } from "../support/life.js";
import { newPostgresLedger } from "../support/postgres.js";

const DAY = 24 * HOUR;
const LEDGERS = [...MEMORIES, ["postgres", newPostgresLedger] as const];

/** A payment of 6 coins from `hot-1` an hour ago. */
const outside = (withdrawal_id: string, fields: Partial<OutsidePayment> = {}): OutsidePayment => ({
  ...{ withdrawal_id, wallet_id: "hot-1", amount: "6" },
  ...{ paid_at_ms: START_MS - HOUR, txid: TXID },
  ...fields,
});

/** A ledger that fails at one of its writing transactions, counted from 1. */
function failingAt(ledger: Ledger, nth: number): Ledger {
  let writes = 0;
  return {
    ...ledger,
    transact: (reads, decide) =>
      ledger.transact(reads, (snapshot) => {
        const step = decide(snapshot);
        if (step.writes !== null && ++writes === nth) throw new LedgerError("ledger_busy", "down");
        return step;
      }),
  };
}

describe.each(LEDGERS)("importPayments on the %s ledger", { timeout: 60_000 }, (_name, create) => {
  it("counts a payment until its own time has left the window: 6 + 5 > 10, and 23 h later there is room", async () => {
    const { guardian, ask, time, spent, ledger } = life({ max_24h: "10" }, create());
    expect(await guardian.importPayments([outside("w-1")], ORDER)).toMatchObject({
      ...{ accepted: true, imported: 1, repeated: 0, issues_count: 0 },
    });
    expect(await spent()).toBe("6");
    const full = await ask("w-2", "5");
    expect(said(full)).toBe("DELAY daily_limit");
    expect(full.retry_after_ms).toBe(23 * HOUR);
    time.now += 23 * HOUR;
    expect(said(await ask("w-2", "5"))).toBe("ALLOW within_limits");
    await ledger.close();
  });

  it("counts for wallet, account and site, among what was decided before and after it", async () => {
    const window = { max_24h: "100" };
    const limits = { account: window, global: window };
    const { guardian, ask, time, ledger } = life({ ...window, limits }, create());
    const ada = { account_id: "ada" };
    await ask("w-1", "1", ada);
    time.now += 2 * MINUTE;
    const paid = (n: number) =>
      outside(`o-${n}`, { ...ada, amount: "2", paid_at_ms: START_MS - n });
    await guardian.importPayments([paid(3), paid(1), { ...paid(2), wallet_id: "hot-2" }], ORDER);
    await ask("w-2", "4", ada);
    const views = [guardian.wallet("hot-1"), guardian.account("ada"), guardian.global()];
    const sums = (await Promise.all(views)).map(
      (view) => "windows" in view && view.windows[0]?.spent,
    );
    expect(sums).toEqual(["9", "11", "11"]);
    time.now = START_MS + DAY - 2;
    // Two of the three have left: 3 and 2 ms before the start.
    const later = await guardian.account("ada");
    expect("windows" in later && later.windows[0]?.spent).toBe("7");
    await ledger.close();
  });

  it("starts the cooldown, and never pays an id again", async () => {
    const policy = { max_24h: "100", cooldown_seconds: 7_200 };
    const { guardian, ask, commit, ledger } = life(policy, create());
    await guardian.importPayments([outside("w-1")], ORDER);
    expect(said(await ask("w-2", "1"))).toBe("DELAY cooldown_breach");
    expect(said(await ask("w-1", "6"))).toBe("REJECT already_committed");
    expect(said(await ask("w-1", "7"))).toBe("REJECT content_changed");
    expect(await commit("w-1")).toMatchObject({ accepted: true, repeated: true });
    await ledger.close();
  });

  it("imports a list twice as once, and what is new in a longer one", async () => {
    const { guardian, spent, ledger } = life({ max_24h: "100" }, create());
    const list = [outside("w-1"), outside("w-2")];
    const first = await guardian.importPayments(list, ORDER);
    const records = (await ledger.records(0, 100)).length;
    const again = await guardian.importPayments([...list].reverse(), ORDER);
    expect(again).toMatchObject({ accepted: true, imported: 0, repeated: 2 });
    expect(again.import_id).toBe(first.import_id);
    expect((await ledger.records(0, 100)).length).toBe(records);
    expect(await guardian.importPayments([...list, outside("w-3")], ORDER)).toMatchObject({
      ...{ imported: 1, repeated: 2 },
    });
    expect(await spent()).toBe("18");
    await ledger.close();
  });

  it("records each payment with the order", async () => {
    const { guardian, ledger } = life({ max_24h: "100" }, create());
    const destinations = [{ address: "DAddress1", amount: "5.9" }];
    await guardian.importPayments([outside("w-1", { destinations, max_fee: "0.1" })], ORDER);
    const [recorded] = await ledger.records(0, 10);
    expect(recorded).toMatchObject({
      ...{ seq: 1, kind: "import", at_ms: START_MS },
      record: {
        ...{ ...ORDER, withdrawal_id: "w-1", wallet_id: "hot-1", account_id: null, amount: "6" },
        ...{ max_fee: "0.1", destinations, paid_at_ms: START_MS - HOUR, txid: TXID },
        at_ms: START_MS,
      },
    });
    await ledger.close();
  });

  it("writes nothing where it only checks", async () => {
    const { guardian, ledger, spent } = life({ max_24h: "100" }, create());
    const checked = await guardian.importPayments([outside("w-1")], ORDER, { check: true });
    expect(checked).toMatchObject({ accepted: true, imported: 1 });
    expect(await ledger.records(0, 10)).toEqual([]);
    expect(await spent()).toBe("0");
    await ledger.close();
  });

  it("freezes everything until an import of several transactions is complete", async () => {
    const size = runs(1_100, 5_000);
    const ledger = create();
    const policy = { max_24h: "100000" };
    const list = Array.from({ length: size }, (_, n) =>
      outside(`o-${n}`, { amount: "1", txid: txid(n), paid_at_ms: START_MS - HOUR - n }),
    );
    const broken = life(policy, failingAt(ledger, 2));
    const steps: number[] = [];
    const progress = (done: number) => void steps.push(done);
    const cut = await broken.guardian.importPayments(list, ORDER, { progress });
    expect(cut).toMatchObject({ accepted: false, reason_codes: ["ledger_busy"], incomplete: true });
    expect(steps.at(-1)).toBe(size + 500);
    const { guardian, ask, spent } = life(policy, ledger);
    expect(await spent()).toBe("500");
    expect(said(await ask("w-1", "1"))).toBe("REJECT wallet_frozen");
    const frozen = await guardian.frozen();
    expect("freezes" in frozen && frozen.freezes).toMatchObject([
      { scope: "global", kind: "operator", cause_id: cut.import_id },
    ]);
    // Another list does not lift it.
    await guardian.importPayments([outside("x")], ORDER);
    expect(said(await ask("w-1", "1"))).toBe("REJECT wallet_frozen");
    const whole = await guardian.importPayments(list, ORDER);
    expect(whole).toMatchObject({ accepted: true, imported: size - 500, repeated: 500 });
    expect(said(await ask("w-2", "1"))).toBe("ALLOW within_limits");
    expect(await spent()).toBe(String(size + 6 + 1));
    await ledger.close();
  });
});

describe("importPayments", () => {
  const wide = { max_24h: "100" };

  const WRONG: readonly [string, object, (typeof IMPORT_CODES)[number], string][] = [
    ["an amount of zero", { amount: "0" }, "invalid_payment", "/amount"],
    ["an unknown field", { note: "x" }, "invalid_payment", "/note"],
    ["seconds for milliseconds", { paid_at_ms: 1_782_664_805 }, "invalid_payment", "/paid_at_ms"],
    ["no time", { paid_at_ms: undefined }, "invalid_payment", ""],
    ["no transaction", { txid: "ab" }, "invalid_payment", "/txid"],
    ["a later time", { paid_at_ms: START_MS + HOUR }, "paid_later", "/paid_at_ms"],
    ["the id of another one", { withdrawal_id: "first" }, "duplicate_id", "/withdrawal_id"],
    ["another content", { withdrawal_id: "old", amount: "7" }, "content_changed", "/withdrawal_id"],
    ["another transaction", { withdrawal_id: "old", txid: txid(7) }, "content_changed", "/txid"],
    [
      "another time",
      { withdrawal_id: "old", paid_at_ms: START_MS },
      "content_changed",
      "/paid_at_ms",
    ],
    ["a reserved id", { withdrawal_id: "asked" }, "not_outside", "/withdrawal_id"],
    [
      "no address",
      { destinations: [{ address: "bad", amount: "1" }] },
      ...(["destination_unreadable", "/destinations/0/address"] as const),
    ],
  ];

  it.each(WRONG)("rejects a whole list for %s", async (_what, fields, code, path) => {
    const scriptOf = (address: string) => (address === "bad" ? null : "00");
    const { guardian, ask, ledger } = life({ ...wide, claim: "explicit" }, undefined, { scriptOf });
    await guardian.importPayments([outside("old")], ORDER);
    await ask("asked", "6");
    const records = (await ledger.records(0, 100)).length;
    const list = [outside("first"), { ...outside("w-1"), ...fields }];
    const answer = await guardian.importPayments(list, ORDER);
    expect(answer).toMatchObject({ accepted: false, imported: 0, issues_count: 1 });
    expect(answer.issues).toMatchObject([{ index: 1, code, path }]);
    expect((await ledger.records(0, 100)).length).toBe(records);
  });

  it("has a case for each code", () => {
    expect(new Set(WRONG.map(([, , code]) => code))).toEqual(new Set(IMPORT_CODES));
  });

  it("requires the account where the policy limits accounts", async () => {
    const { guardian } = life({ ...wide, limits: { account: wide } });
    const { issues } = await guardian.importPayments([outside("w-1")], ORDER);
    expect(issues).toMatchObject([{ code: "invalid_payment", path: "/account_id" }]);
  });

  it("accepts the transaction of a payment that the guardian itself committed", async () => {
    const { guardian, ask, commit } = life(wide);
    await ask("w-1", "6");
    await commit("w-1");
    expect(await guardian.importPayments([outside("w-1")], ORDER)).toMatchObject({
      ...{ accepted: true, imported: 0, repeated: 1 },
    });
  });

  it("rejects a malformed order, what is no list, and a clock that is not trusted", async () => {
    const { guardian, ask, time } = life(wide);
    const noReason = await guardian.importPayments([], { operator: "op", reason: "" });
    expect(noReason.reason_codes).toEqual(["invalid_operation"]);
    const noList = await guardian.importPayments("x" as never, ORDER);
    expect(noList.reason_codes).toEqual(["invalid_operation"]);
    await ask("w-0", "1");
    time.now -= DAY;
    const early = await guardian.importPayments(
      [outside("w-1", { paid_at_ms: START_MS - 2 * DAY })],
      ORDER,
    );
    expect(early.reason_codes).toEqual(["clock_untrusted"]);
  });

  it("knows a destination since it was first paid, and lets it pass where its time is over", async () => {
    const policy = { ...wide, new_destination_seconds: 86_400 };
    const { guardian, ask } = life(policy);
    const to = (address: string) => ({ destinations: [{ address, amount: "6" }] });
    await guardian.importPayments(
      [
        outside("w-1", { ...to("DKnownAddress1"), paid_at_ms: START_MS - DAY }),
        outside("w-2", { ...to("DKnownAddress1"), paid_at_ms: START_MS - 1 }),
        outside("w-3", { ...to("DFreshAddress2"), paid_at_ms: START_MS - 1 }),
      ],
      ORDER,
    );
    expect(said(await ask("w-4", "6", to("DKnownAddress1")))).toBe("ALLOW within_limits");
    expect(said(await ask("w-5", "6", to("DFreshAddress2")))).toBe("DELAY new_destination");
  });
});
