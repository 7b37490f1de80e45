/** Age of destinations and behaviour by the ledger's own history, against callers that state anything else. */
import type { JsonObject } from "@dgb-shield/contract";
import {
  createGuardian,
  createMemoryLedger,
  type Ledger,
  type OutsidePayment,
} from "@dgb-shield/wallet-guardian";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { describe, expect, it } from "vitest";
import { createRecheck } from "../../src/audit/recheck/index.js";
import { deploy } from "../support/service.js";
import { calmSite, REQUEST, type SiteOptions } from "../support/site.js";

const LEDGERS = [
  ["memory", createMemoryLedger],
  ["sqlite", () => createSqliteLedger({ path: ":memory:" })],
] as const;

let ids = 0;
/** A request; a field that is undefined is absent. */
const request = (fields: object = {}): JsonObject =>
  JSON.parse(
    JSON.stringify({
      ...{ ...REQUEST, withdrawal_id: `h-${++ids}`, account_id: "ada", wallet_balance: "1000000" },
      destinations: [{ address: "address-1", amount: "10" }],
      ...fields,
    }),
  ) as JsonObject;

const DAY_MS = 86_400_000;

/** Counts what was paid before. */
async function imported(ledger: Ledger, now: number, payments: readonly OutsidePayment[]) {
  const policy = { name: "import", max_24h: "1" };
  const guardian = createGuardian({ policy, ledger, clock: () => now });
  const order = { operator: "op", reason: "r" };
  expect(await guardian.importPayments(payments, order)).toMatchObject({ accepted: true });
}

const AGED = { qwg_policy: { min_address_age_days: 2 } };
const JUDGED: SiteOptions = {
  behaviour: "ledger",
  guardian_policy: { max_24h: "1000000", cooldown_seconds: 0 },
  qwg_policy: { max_tx_ratio_normal: 1, threshold_extra_auth: "1000000" },
};

describe.each(LEDGERS)("the age of a destination on the %s ledger", (_name, create) => {
  it("is the ledger's, whatever the caller states, and grows with the ledger's time", async () => {
    const made = calmSite({ ...AGED, ledger: create() });
    const { pipeline } = made;
    const first = await pipeline.decideWithdrawal(request({ address_age_days: 36_500 }));
    expect(first).toMatchObject({
      final: false,
      record: {
        context: { address_age_days: 0 },
        result: { reason_id: "QWG_NEW_ADDRESS" },
        provenance: {
          address_age_days: { source: "ledger", stated: 36_500, contradicted: true },
        },
      },
    });
    const simulated = await pipeline.simulateWithdrawal(request({ address_age_days: 5 }));
    expect(simulated.record.provenance?.address_age_days).toEqual({
      ...{ source: "ledger", stated: 5, contradicted: true },
    });
  });

  it("runs from when the account first paid it, and passes although the caller states less, or nothing", async () => {
    const ledger = create();
    const made = calmSite({ ...AGED, ledger });
    await imported(ledger, made.now(), [
      {
        ...{ withdrawal_id: "old", wallet_id: "hot", account_id: "ada", amount: "10" },
        ...{ paid_at_ms: made.now() - 3 * DAY_MS + 1, txid: "ab".repeat(32) },
        destinations: [{ address: "address-1", amount: "10" }],
      },
    ]);
    for (const address_age_days of [0, null, undefined, 9]) {
      expect(await made.pipeline.decideWithdrawal(request({ address_age_days }))).toMatchObject({
        final: true,
        record: {
          context: { address_age_days: 2 },
          provenance: {
            address_age_days: {
              ...{ source: "ledger", stated: address_age_days ?? null },
              contradicted: address_age_days === 9,
            },
          },
        },
      });
    }
    const other = await made.pipeline.decideWithdrawal(request({ account_id: "eve" }));
    expect(other.record.result.reason_id).toBe("QWG_NEW_ADDRESS");
  });

  it("is new where no destination is named, and malformed statements are refused", async () => {
    const { pipeline } = calmSite({ ...AGED, ledger: create() });
    const unnamed = await pipeline.decideWithdrawal(request({ destinations: undefined }));
    expect(unnamed.record).toMatchObject({
      result: { reason_id: "QWG_NEW_ADDRESS" },
      provenance: { address_age_days: { source: "ledger" } },
    });
    for (const address_age_days of ["5", -1, 1.5, {}, [], true, 1e300]) {
      const { final, record } = await pipeline.decideWithdrawal(request({ address_age_days }));
      expect([final, record.result.reason_id]).toEqual([false, "QWG_ERROR_INVALID_CONTEXT"]);
    }
  });

  it("is the caller's where the ledger keeps no destinations", async () => {
    const { pipeline } = calmSite({ ledger: create() });
    const { record } = await pipeline.decideWithdrawal(request({ address_age_days: 7 }));
    expect(record).toMatchObject({
      context: { address_age_days: 7 },
      provenance: { address_age_days: { source: "caller", stated: null, contradicted: false } },
    });
  });
});

describe.each(LEDGERS)("behaviour on the %s ledger", (_name, create) => {
  const history = Array.from({ length: 8 }, (_, i) => ({
    ...{ withdrawal_id: `old-${i}`, wallet_id: "hot", account_id: "ada", amount: "10" },
    ...{ txid: i.toString(16).padStart(64, "0") },
  }));

  async function judged(options: SiteOptions = {}) {
    const ledger = create();
    const made = calmSite({ ...JUDGED, ...options, ledger });
    const paid = history.map((one, i) => ({ ...one, paid_at_ms: made.now() - (i + 2) * DAY_MS }));
    await imported(ledger, made.now(), paid);
    return made.pipeline;
  }

  it("is the ledger's where the caller states less or nothing, in decisions and simulations", async () => {
    const pipeline = await judged();
    for (const behaviour_score of [1, 0, undefined]) {
      for (const ask of [pipeline.simulateWithdrawal, pipeline.decideWithdrawal]) {
        const { final, record } = await ask(
          request({ amount: "40", destinations: undefined, behaviour_score }),
        );
        expect(final).toBe(false);
        expect(record).toMatchObject({
          context: { behaviour_score: 2 },
          result: { reason_id: "QWG_BEHAVIOUR_OR_DEVICE" },
          provenance: {
            behaviour_score: {
              ...{ source: "ledger", stated: behaviour_score ?? null },
              contradicted: behaviour_score !== undefined,
            },
          },
        });
      }
    }
    expect((await pipeline.decideWithdrawal(request({ amount: "15" }))).final).toBe(true);
  });

  it("is part of what an audit checks", async () => {
    const pipeline = await judged();
    const deployment = await deploy();
    const differences = async (
      stated: number | undefined,
      change: (fact: Record<string, unknown>, context: Record<string, unknown>) => unknown,
    ) => {
      const asked = request({ amount: "40", destinations: undefined, behaviour_score: stated });
      const { record } = await pipeline.decideWithdrawal(asked);
      const copy = structuredClone(record) as typeof record & { context: Record<string, unknown> };
      change(copy.provenance?.behaviour_score ?? {}, copy.context);
      const recheck = createRecheck(deployment.config);
      const stored = { seq: 1, at_ms: copy.decided_at_ms, kind: "decision" } as const;
      await recheck.take({ ...stored, record: copy as unknown as JsonObject });
      const found = recheck.result().differences.filter(({ layer }) => layer === "service");
      return found.map(({ detail }) => detail);
    };
    const falsely = "contradicted: false is recorded, and the scores give true";
    const truly = "contradicted: true is recorded, and the scores give false";
    for (const stated of [0, 1, 3, undefined])
      expect(await differences(stated, () => undefined)).toEqual([]);
    expect(await differences(1, (fact) => (fact["contradicted"] = false))).toEqual([falsely]);
    // A score of the caller's own, or none, contradicts nothing.
    for (const stated of [3, undefined])
      expect(await differences(stated, (fact) => (fact["contradicted"] = true))).toEqual([truly]);
    expect(await differences(1, (fact) => (fact["stated"] = 2))).toEqual([truly]);
    expect(await differences(1, (fact) => (fact["source"] = "caller"))).toEqual([truly]);
    const [none] = await differences(undefined, (_, context) => delete context["behaviour_score"]);
    expect(none).toContain("the context has no score");
    deployment.remove();
  });

  it("is the caller's where that is more, and what is malformed is refused", async () => {
    const pipeline = await judged();
    const { record } = await pipeline.decideWithdrawal(request({ behaviour_score: 3 }));
    expect(record).toMatchObject({
      context: { behaviour_score: 3 },
      result: { reason_id: "QWG_BEHAVIOUR_OR_DEVICE" },
      provenance: { behaviour_score: { source: "caller", contradicted: false } },
    });
    for (const behaviour_score of ["1", -1, null, {}, [], true]) {
      const decided = await pipeline.decideWithdrawal(request({ behaviour_score }));
      expect(decided.record.result.reason_id).toBe("QWG_ERROR_INVALID_CONTEXT");
    }
  });

  it("is neutral for an account without a history, and no payment of another account changes that", async () => {
    const pipeline = await judged();
    const { final, record } = await pipeline.decideWithdrawal(
      request({ account_id: "new", amount: "5000", destinations: undefined }),
    );
    expect([final, record.context["behaviour_score"]]).toEqual([true, 1]);
  });

  it("is the caller's where nothing else is configured", async () => {
    const pipeline = await judged({ behaviour: "caller" });
    const { record } = await pipeline.decideWithdrawal(
      request({ amount: "40", destinations: undefined }),
    );
    expect(record).toMatchObject({
      context: { behaviour_score: 1 },
      provenance: { behaviour_score: { source: "caller" } },
    });
  });
});
