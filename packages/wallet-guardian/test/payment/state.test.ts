/** The state of a payment as the ledger stores it: what was written is read, and what cannot be read decides nothing. */
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createGuardian,
  createMemoryLedger,
  type Ledger,
  type LedgerSnapshot,
  type StoredWithdrawal,
} from "../../src/index.js";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import {
  NEW_STATE,
  type PaymentState,
  readState,
  UnreadableState,
  writeState,
} from "../../src/payment/state.js";
import { said, START_MS, TXID } from "../support/guardian.js";
import { EXPLICIT, input, life, told } from "../support/life.js";

const row = (state: string | null): StoredWithdrawal => ({
  withdrawal_id: "w",
  payment_id: "w",
  wallet_id: "hot-1",
  account_id: null,
  amount: 1n,
  content_hash: "0".repeat(64),
  status: "claimed",
  counts: "allowed",
  counted_at_ms: START_MS,
  allowed_at_ms: START_MS,
  txid: null,
  state,
});

const time = fc.nat({ max: 2 * START_MS });
const inputs = fc.option(fc.array(fc.nat({ max: 9 }).map(input), { minLength: 1, maxLength: 3 }));
const coins = fc.constantFrom("0", "0.5", "1");
const state: fc.Arbitrary<PaymentState> = fc.record({
  answer: fc.constant(null),
  claims: fc.array(
    fc.record({ signer_id: fc.option(fc.string()), at_ms: time, until_ms: time, inputs }),
    { maxLength: 3 },
  ),
  commits: fc.array(
    fc.record({ txid: fc.string(), fee: fc.option(coins), inputs, isDouble: fc.boolean() }),
    { maxLength: 3 },
  ),
  payouts: fc.option(
    fc.array(
      fc.record({
        withdrawal_id: fc.string(),
        account_id: fc.option(fc.string()),
        amount: fc.bigInt({ min: 1n, max: 10n ** 18n }),
        content_hash: fc.string(),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  ),
  max_fee: fc.option(coins),
  lapses: fc.nat({ max: 30 }),
  wait_until_ms: time,
});

describe("writeState and readState", () => {
  it("give back what was written", () => {
    fc.assert(
      fc.property(state, (given) => {
        const kept = given.lapses === 0 ? { ...given, wait_until_ms: 0 } : given;
        expect(readState(row(writeState(kept)))).toEqual(kept);
      }),
    );
  });

  it("write nothing where there is nothing to keep", () => {
    expect(writeState(NEW_STATE)).toBeNull();
    expect(readState(row(null))).toEqual(NEW_STATE);
    expect(readState(null)).toEqual(NEW_STATE);
  });

  it.each([
    "",
    "null",
    "1",
    "[]",
    "{",
    '{"claims":1}',
    '{"answer":null,"unknown":1}',
    '{"answer":null,"claims":[{}]}',
    '{"answer":null,"claims":[{"signer_id":"s","at_ms":-1,"until_ms":1,"inputs":null}]}',
    '{"answer":null,"payouts":[]}',
    '{"answer":null,"payouts":[["w",null,"0","x"]]}',
    '{"answer":null,"payouts":[["w",null,"-1","x"]]}',
    '{"answer":null,"max_fee":"x"}',
    '{"answer":null,"commits":[{"txid":"x","fee":"-1","inputs":null,"isDouble":false}]}',
  ])("refuse %s", (text) => {
    expect(() => readState(row(text))).toThrow(UnreadableState);
  });

  it.each([
    '{"answer":1}',
    '{"answer":{"decision":{},"record":null}}',
    '{"answer":null}',
    '{"lapses":1,"wait_until_ms":0}',
  ])("take %s for a state without an ALLOW in force", (text) => {
    expect(readState(row(text)).answer).toBeNull();
  });
});

/** A memory ledger whose rows have a damaged state. */
function damaged(): Ledger {
  const ledger = createMemoryLedger();
  const damage = <T extends StoredWithdrawal | null>(one: T): T =>
    one === null ? one : { ...one, state: "{" };
  return {
    ...ledger,
    transact: (reads, decide) =>
      ledger.transact(reads, (snapshot: LedgerSnapshot) =>
        decide({ ...snapshot, withdrawals: snapshot.withdrawals.map(damage) }),
      ),
    withdrawal: async (id) => damage(await ledger.withdrawal(id)),
  };
}

describe("a payment whose state cannot be read", () => {
  it("is neither allowed, claimed, committed nor released, and the log names the reason", async () => {
    const log: unknown[] = [];
    const ledger = damaged();
    const { claim, commit, release } = life(EXPLICIT, ledger);
    const guardian = createGuardian({
      policy: EXPLICIT,
      ledger,
      clock: () => START_MS,
      log: (entry) => void log.push(entry),
    });
    const request = { withdrawal_id: "w", wallet_id: "hot-1", amount: "1" };
    expect((await guardian.evaluate(request, "LOW")).final).toBe(true);
    expect(said(await guardian.evaluate(request, "LOW"))).toBe("REJECT ledger_unavailable");
    expect(said(await claim("w"))).toBe("REJECT ledger_unavailable");
    expect(told(await commit("w", { txid: TXID }))).toBe("refused ledger_unavailable");
    expect(told(await release("w"))).toBe("refused ledger_unavailable");
    expect(log).toMatchObject([
      { code: "ledger_unavailable", detail: "a stored state is no JSON object" },
    ]);
  });
});

describe.skipIf(!hasSqlite)("a state of an earlier version", () => {
  it("is a permission to sign that was given, whose ALLOW is out of force under new rules", async () => {
    const ledger = createSqliteLedger({ path: ":memory:" });
    const { ask, guardian, time } = life({ max_24h: "10" }, ledger);
    await ask("w", "1");
    const before = await ledger.withdrawal("w");
    const { answer } = JSON.parse(before?.state ?? "{}") as { answer: { decision: object } };
    const earlier = { decision: { ...answer.decision, rules_version: "1.0.0" }, record: null };
    const read = readState({ ...before!, state: JSON.stringify(earlier) });
    expect(read.claims).toEqual([
      { signer_id: null, at_ms: START_MS, until_ms: START_MS + 60_000, inputs: null },
    ]);
    expect(read.answer?.decision.rules_version).toBe("1.0.0");
    time.now += 1;
    expect(await guardian.payments()).toMatchObject({ payments: [{ signer_id: null }] });
    await ledger.close();
  });
});
