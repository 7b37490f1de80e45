/** The source of the balance: the node where one is asked, whatever the caller states. */
import type { JsonObject } from "@dgb-shield/contract";
import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRecheck } from "../../src/audit/recheck/index.js";
import type { AskedBalance } from "../../src/pipeline/index.js";
import { deploy } from "../support/service.js";
import { calmSite, NODE, REQUEST, seeBlind } from "../support/site.js";

/** A pipeline whose wallet `hot` is proven. */
function provenSite(answer: () => Promise<AskedBalance | null> | AskedBalance | null) {
  const ledger = createMemoryLedger();
  const asked: string[] = [];
  const balances = {
    of(walletId: string) {
      asked.push(walletId);
      return walletId === "hot" ? Promise.resolve(answer()) : Promise.resolve(null);
    },
  };
  return { ...calmSite({ ledger, balances }), ledger, asked };
}

const balance = (amount: string | null, age = 0, node_id: string | null = NODE): AskedBalance => ({
  ...{ node_id, amount, age_ms: () => age },
});

let ids = 0;
/** A request; a field that is undefined is absent. */
const request = (fields: object = {}): JsonObject =>
  JSON.parse(
    JSON.stringify({ ...REQUEST, withdrawal_id: `b-${++ids}`, amount: "10", ...fields }),
  ) as JsonObject;

describe("a proven balance", () => {
  it("counts in place of what the caller states, in decisions and simulations", async () => {
    const { pipeline } = provenSite(() => balance("15"));
    for (const ask of [pipeline.simulateWithdrawal, pipeline.decideWithdrawal]) {
      const { final, record } = await ask(request({ wallet_balance: "1000" }));
      expect(final).toBe(false);
      expect(record).toMatchObject({
        veto: null,
        context: { wallet_balance: "15" },
        result: { reason_id: "QWG_RATIO_NORMAL" },
        provenance: {
          wallet_balance: {
            ...{ source: "node", node_id: NODE, age_ms: 0, stated: "1000", contradicted: true },
          },
        },
      });
    }
  });

  it("counts where the caller states less, or nothing", async () => {
    const { pipeline } = provenSite(() => balance("1000"));
    const stated = await pipeline.decideWithdrawal(request({ wallet_balance: 11 }));
    expect(stated).toMatchObject({
      final: true,
      record: { provenance: { wallet_balance: { stated: 11, contradicted: false } } },
    });
    const silent = await pipeline.decideWithdrawal(request({ wallet_balance: undefined }));
    expect(silent).toMatchObject({
      final: true,
      record: { provenance: { wallet_balance: { stated: null, contradicted: false } } },
    });
  });

  it.each([
    ["the node gives none", balance(null)],
    ["it is too old", balance("1000", 15_001)],
    ["it is of a node that is not the site's", balance("1000", 0, "stranger")],
    ["no node could be asked", balance("1000", 0, null)],
  ])(
    "is missing where %s, and the balance stated by the caller never takes its place",
    async (_name, answer) => {
      const { pipeline } = provenSite(() => answer);
      const decided = await pipeline.decideWithdrawal(request({ wallet_balance: "1000" }));
      expect(decided).toMatchObject({
        final: false,
        recorded: true,
        record: {
          veto: "balance_unavailable",
          result: { decision: "block", reason_id: "QWG_ERROR_INVALID_CONTEXT" },
          provenance: { wallet_balance: { source: "node", stated: "1000", age_ms: null } },
        },
      });
      expect(decided.record.context).not.toHaveProperty("wallet_balance");
    },
  );

  it("is missing where its port fails", async () => {
    const { pipeline } = provenSite(() => Promise.reject(new Error("broken")));
    const { final, record } = await pipeline.decideWithdrawal(request());
    expect([final, record.veto]).toEqual([false, "balance_unavailable"]);
  });

  it("is missing while its node is not fresh, although others are", async () => {
    const made = calmSite({
      further_node_ids: ["node-b"],
      min_fresh_nodes: 1,
      balances: { of: () => Promise.resolve(balance("1000", 0, "node-b")) },
    });
    seeBlind(made, "syncing", "node-b");
    const { record } = await made.pipeline.decideWithdrawal(request());
    expect(record.veto).toBe("balance_unavailable");
  });

  it("leaves a malformed statement to be refused", async () => {
    const { pipeline } = provenSite(() => balance("1000"));
    for (const wallet_balance of ["1e9", -1, null, {}, [], true, "", "0x10", "9".repeat(40)]) {
      const { final, record } = await pipeline.decideWithdrawal(request({ wallet_balance }));
      expect([final, record.result.reason_id]).toEqual([false, "QWG_ERROR_INVALID_CONTEXT"]);
    }
  });

  it("is asked for by the wallet's id alone, and other wallets have the balance stated by the caller", async () => {
    const { pipeline, asked } = provenSite(() => balance("1"));
    const { record } = await pipeline.decideWithdrawal(request({ wallet_id: "warm" }));
    expect(record).toMatchObject({
      final: "ALLOW",
      provenance: {
        wallet_balance: {
          ...{ source: "caller", node_id: null, age_ms: null, stated: null, contradicted: false },
        },
      },
    });
    for (const wallet_id of [undefined, 5, {}, ["hot"]])
      expect((await pipeline.decideWithdrawal(request({ wallet_id }))).final).toBe(false);
    expect(asked).toEqual(["warm"]);
  });

  it("is never beaten by anything that the caller states", async () => {
    const { pipeline } = provenSite(() => balance("15"));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json().map((text): unknown => JSON.parse(text)),
          fc.bigInt({ min: 0n }).map(String),
        ),
        fc.dictionary(fc.constantFrom("wallet_balance", "balance", "provenance"), fc.anything()),
        async (wallet_balance, more) => {
          const { final } = await pipeline.simulateWithdrawal({
            ...request({ ...more, wallet_balance }),
          });
          expect(final).toBe(false);
        },
      ),
    );
  });

  it("is part of what an audit checks, and records of before are accepted", async () => {
    const deployment = await deploy();
    const check = async (change: (record: Record<string, unknown>) => void) => {
      const { pipeline, ledger } = provenSite(() => balance(amount));
      const decided = await pipeline.decideWithdrawal(request({ wallet_balance: "1000" }));
      expect(decided.recorded).toBe(true);
      const records = await ledger.records(0, 100);
      const stored = records.find(({ kind }) => kind === "decision");
      if (stored === undefined) throw new Error("no decision");
      const record = JSON.parse(JSON.stringify(stored.record)) as Record<string, unknown>;
      change(record);
      const recheck = createRecheck(deployment.config);
      await recheck.take({ ...stored, record: record as never });
      return recheck
        .result()
        .differences.filter(({ layer }) => layer === "service")
        .map(({ detail }) => detail);
    };
    let amount: string | null = "15";
    const nothing = () => undefined;
    expect(await check(nothing)).toEqual([]);
    expect(await check((record) => delete record["provenance"])).toEqual([]);
    const asProvenance = (record: Record<string, unknown>) =>
      (record["provenance"] as { wallet_balance: Record<string, unknown> }).wallet_balance;
    expect(await check((record) => (asProvenance(record)["contradicted"] = false))).toEqual([
      "contradicted: false is recorded, and the balances give true",
    ]);
    amount = null;
    expect(await check(nothing)).toEqual([]);
    expect(await check((record) => (record["veto"] = null))).toEqual([
      "no veto is recorded, and the balance was not proven",
    ]);
    deployment.remove();
  });
});
