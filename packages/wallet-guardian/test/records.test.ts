/** Every call that decides or changes something is recorded with its events, in one transaction (design, section 7: records). */
import type { ShieldEvent } from "@dgb-shield/contract";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSqliteLedger } from "../src/adapters/sqlite/index.js";
import { createGuardian, decisionOf, eventsOf, type LedgerRecord } from "../src/index.js";
import { act, perform, policy } from "./support/acts.js";
import { askAnything, ORDER, START_MS, TXID, VALID_MS } from "./support/guardian.js";
import { newPath } from "./support/ledgers.js";
import { EXPLICIT, life, MEMORIES } from "./support/life.js";

const decisions = (records: readonly LedgerRecord[]) =>
  records.filter(({ kind }) => kind === "decision").map(({ record }) => record);

describe.each(MEMORIES)("records on the %s ledger", (_name, createLedger) => {
  it("hold every decision, made with a hook or without one", async () => {
    const { ask, guardian, ledger } = life(EXPLICIT, createLedger());
    const allowed = await ask("w", "10");
    const repeated = await ask("w", "10");
    const delayed = await ask("v", "1");
    const refused = await ask("u", "11");
    const malformed = await askAnything(guardian, { withdrawal_id: "t" }, "LOW");
    const hooked = await guardian.evaluate(
      { withdrawal_id: "s", wallet_id: "hot-1", amount: "1" },
      "LOW",
      {
        finalize: ({ decision }) => ({ allow: true, record: { mine: decision } }),
      },
    );
    const records = decisions(await ledger.records(0, 100));
    const payment = (id: string, amount: string) => ({
      payment_id: id,
      wallet_id: "hot-1",
      amount,
      payouts: 1,
    });
    expect(records).toMatchObject([
      { record_version: 2, payment: payment("w", "10"), decision: decisionOf(allowed) },
      { record_version: 2, payment: payment("w", "10"), decision: decisionOf(repeated) },
      { record_version: 2, payment: payment("v", "1"), decision: decisionOf(delayed) },
      { record_version: 2, payment: payment("u", "11"), decision: decisionOf(refused) },
      { record_version: 2, decision: decisionOf(malformed) },
      { mine: "DELAY" },
    ]);
    expect(hooked.record).toEqual({ mine: "DELAY" });
  });

  it("hold a payment's hash and number of payouts, not its payouts", async () => {
    const { ledger, pay } = life(EXPLICIT, createLedger());
    await pay(
      "p",
      ["1", "2", "3"].map((withdrawal_id) => ({ withdrawal_id, amount: "1" })),
    );
    const [record] = decisions(await ledger.records(0, 100));
    expect(record).toMatchObject({
      payment: {
        payment_id: "p",
        amount: "3",
        payouts: 3,
        content_hash: (await ledger.withdrawal("p"))?.content_hash,
      },
    });
  });

  it("hold each event that was emitted, once and in order, whatever is called", async () => {
    /** Events without a call of the ledger, and events of the clock. */
    const unrecorded = new Set([
      "unknown_withdrawal",
      "clock_untrusted",
      "clock_skew",
      "clock_accepted",
    ]);
    await fc.assert(
      fc.asyncProperty(
        policy,
        fc.array(act, { minLength: 5, maxLength: 30 }),
        async (given, calls) => {
          const with_ = life(given, createLedger());
          for (const one of calls) await perform(with_, one);
          const stored = (await with_.ledger.records(0, 1_000)).flatMap(eventsOf);
          const emitted = with_.events.filter(({ action }) => !unrecorded.has(action));
          expect(stored).toEqual(emitted);
          await with_.ledger.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("that hold no events, or are damaged, give none", async () => {
    const of = (kind: LedgerRecord["kind"], record: object) =>
      eventsOf({ seq: 1, at_ms: START_MS, kind, record: record as LedgerRecord["record"] });
    const { freeze, ledger } = life(EXPLICIT, createLedger());
    await freeze();
    const good = (await ledger.records(0, 100)).find(({ kind }) => kind === "event");
    expect(of("event", good?.record ?? {})).toHaveLength(1);
    expect(of("decision", good?.record ?? {})).toEqual([]);
    for (const record of [
      {},
      { events: 1 },
      { events: [{}] },
      { events: [null] },
      Object.create(good?.record ?? {}) as object,
    ]) {
      expect(of("event", record)).toEqual([]);
    }
  });
});

describe.skipIf(!hasSqlite)("events of a process that ended before it could emit them", () => {
  it("are in the records of the one that comes after it", async () => {
    const path = newPath();
    const policy = { max_24h: "10", claim: "explicit" } as const;
    const clock = { now: START_MS };
    const emitted: ShieldEvent[] = [];
    const before = createSqliteLedger({ path, create: true });
    // a sink that is lost with its process
    const first = createGuardian({ policy, ledger: before, clock: () => clock.now });
    const request = { withdrawal_id: "w", wallet_id: "hot-1", amount: "10" };
    await first.evaluate(request, "LOW");
    await first.claim("w", { signer_id: "s", risk: "LOW" });
    await first.commit("w", { txid: TXID });
    await first.commit("w", { txid: "cd".repeat(32) });
    const handled = (await before.records(0, 100)).at(-1)?.seq ?? 0;
    await first.freeze("wallet", "hot-1", ORDER);
    await before.close();

    const after = createSqliteLedger({ path });
    const events = { emit: (event: ShieldEvent) => void emitted.push(event) };
    const second = createGuardian({ policy, ledger: after, clock: () => clock.now, events });
    clock.now += VALID_MS;
    await second.evaluate({ ...request, withdrawal_id: "v" }, "MEDIUM");
    const all = (await after.records(0, 100)).flatMap(eventsOf);
    expect(all.map(({ action }) => action)).toEqual([
      "double_payment",
      "freeze",
      "limit_breach",
      "freeze",
    ]);
    const missed = (await after.records(handled, 100)).flatMap(eventsOf);
    expect(missed.map(({ action }) => action)).toEqual(["freeze", "limit_breach", "freeze"]);
    // what comes again is recognised
    expect(missed.slice(1)).toEqual(emitted);
    expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(all.length);
    await after.close();
  });
});
