/** What is frozen, what is reserved, and what was claimed and never settled: page by page (design, section 7: operators). */
import { describe, expect, it } from "vitest";
import type { LedgerWrites, ListedFreeze, ListedPayment } from "../../src/index.js";
import { EXPLICIT, input, type Life, life, MEMORIES } from "../support/life.js";
import { LEAVES_MS, ORDER, START_MS, VALID_MS } from "../support/guardian.js";

const MANY = 2_500;

async function allPayments({ guardian }: Life, page: object): Promise<[ListedPayment[], number]> {
  const found: ListedPayment[] = [];
  for (let [pages, after] = [1, {}]; ; pages++) {
    const list = await guardian.payments({ ...page, ...after });
    if (!list.accepted) throw new Error(JSON.stringify(list));
    found.push(...list.payments);
    if (list.next === null) return [found, pages];
    after = { after: list.next };
  }
}

async function allFreezes({ guardian }: Life, page: object): Promise<[ListedFreeze[], number]> {
  const found: ListedFreeze[] = [];
  for (let [pages, after] = [1, {}]; ; pages++) {
    const list = await guardian.frozen({ ...page, ...after });
    if (!list.accepted) throw new Error(JSON.stringify(list));
    found.push(...list.freezes);
    if (list.next === null) return [found, pages];
    after = { after: list.next };
  }
}

/** Writes what would take a call each. */
const write = ({ ledger, time }: Life, writes: LedgerWrites): Promise<null> => {
  const scope = { type: "wallet", id: "hot-1" } as const;
  const attempts = { window_ms: 1, limit: 1 };
  const scopes = [{ scope, lock: true, usages: [], attempts }];
  const reads = { now_ms: time.now, ids: [], scopes, freezes: null };
  return ledger.transact(reads, () => ({ result: null, writes }));
};

describe.each(MEMORIES)("listings on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = { ...EXPLICIT, max_24h: "100000" }) =>
    life(policy, createLedger());

  it("give each payment that is reserved or claimed with how far it has come", async () => {
    const with_ = start();
    const { ask, claim, commit, guardian, pay, release, time } = with_;
    await ask("lapsed", "1");
    await ask("unsettled", "2");
    await claim("unsettled", { signer_id: "s9" });
    time.now += LEAVES_MS;
    await ask("reserved", "3");
    await ask("claimed", "4");
    await claim("claimed", { inputs: [input(1)] });
    await pay("batch", [
      { withdrawal_id: "b1", amount: "1" },
      { withdrawal_id: "b2", amount: "2" },
    ]);
    await ask("released", "1");
    await release("released");
    await ask("committed", "1");
    await commit("committed");
    await ask("refused", "100001");
    const list = await guardian.payments();
    expect(list).toEqual({
      accepted: true,
      as_of_ms: time.now,
      next: null,
      payments: [
        ["batch", "3", 2, "reserved", time.now + VALID_MS, null],
        ["claimed", "4", 1, "claimed", time.now + LEAVES_MS, "s1"],
        ["lapsed", "1", 1, "lapsed", START_MS + VALID_MS, null],
        ["reserved", "3", 1, "reserved", time.now + VALID_MS, null],
        ["unsettled", "2", 1, "unsettled", START_MS + LEAVES_MS, "s9"],
      ].map(([withdrawal_id, amount, payouts, status, until_ms, signer_id]) => ({
        withdrawal_id,
        wallet_id: "hot-1",
        amount,
        payouts,
        status,
        until_ms,
        signer_id,
      })),
    });
    for (const status of ["reserved", "lapsed", "claimed", "unsettled"] as const) {
      const [found] = await allPayments(with_, { status, limit: 1 });
      expect(found.length).toBe(status === "reserved" ? 2 : 1);
      expect(new Set(found.map((one) => one.status))).toEqual(new Set([status]));
    }
  });

  it("give an ALLOW that permitted signing as claimed without a signer", async () => {
    const { ask, guardian } = start({ max_24h: "10" });
    await ask("w", "1");
    expect(await guardian.payments()).toMatchObject({
      payments: [{ status: "claimed", signer_id: null }],
    });
  });

  it("of 2,500 payments have each once and in order, however many a page has", async () => {
    const with_ = start();
    const ids = Array.from({ length: MANY }, (_, n) => `w-${String(n).padStart(4, "0")}`);
    await with_.ask("w-0000", "1");
    const row = await with_.ledger.withdrawal("w-0000");
    const rows = ids.map((id) => ({ ...row!, withdrawal_id: id, payment_id: id }));
    await write(with_, { withdrawals: rows.slice(1) });
    for (const [limit, most] of [
      [1_000, 3],
      [999, 3],
      [100, 26],
    ] as const) {
      const [found, pages] = await allPayments(with_, { limit });
      expect(found.map(({ withdrawal_id }) => withdrawal_id)).toEqual(ids);
      expect(pages).toBeLessThanOrEqual(most);
    }
    expect((await allPayments(with_, { status: "lapsed" }))[0]).toEqual([]);
    with_.time.now += VALID_MS;
    expect((await allPayments(with_, { limit: 1_000, status: "lapsed" }))[0]).toHaveLength(MANY);
  });

  it("of 2,500 freezes have each once", async () => {
    const with_ = start();
    const ids = Array.from({ length: MANY }, (_, n) => `w-${String(n).padStart(4, "0")}`);
    const freezes = ids.map((id) => ({
      scope: { type: "wallet" as const, id },
      kind: "operator" as const,
      cause_id: `cause-${id}`,
      frozen_at_ms: START_MS,
      ...ORDER,
    }));
    await write(with_, { freezes });
    const [found, pages] = await allFreezes(with_, { limit: 1_000 });
    expect(found.map(({ id }) => id).sort()).toEqual(ids);
    expect(pages).toBe(3);
    expect(found[0]).toMatchObject({
      scope: "wallet",
      kind: "operator",
      ...ORDER,
      frozen_at_ms: START_MS,
      count: 1,
    });
  });

  it.each<[object, string]>([
    [{ limit: 0 }, "/limit"],
    [{ limit: 1_001 }, "/limit"],
    [{ limit: 1.5 }, "/limit"],
    [{ limit: "10" }, "/limit"],
    [{ after: 1 }, "/after"],
    [{ after: "x".repeat(513) }, "/after"],
    [{ status: "open" }, "/status"],
    [{ offset: 1 }, "/offset"],
  ])("with %o are refused at %s", async (page, path) => {
    const { guardian } = start();
    const refused = { accepted: false, reason_codes: ["invalid_operation"], path };
    expect(await guardian.payments(page as never)).toMatchObject(refused);
    const isOfPayments = path === "/status";
    expect(await guardian.frozen(page as never)).toMatchObject(
      isOfPayments ? { ...refused, path: "/status" } : refused,
    );
  });
});
