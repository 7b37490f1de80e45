import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { calmSite, REQUEST } from "../support/site.js";

const POLICIES = {
  guardian_policy: { max_per_tx: "100", max_24h: "150", claim: "explicit" as const },
  wallet_policies: {
    cold: { max_per_tx: "1000", max_24h: "1500", claim: "explicit" as const },
    tight: { max_per_tx: "5", max_24h: "5", claim: "explicit" as const, allow_valid_seconds: 7 },
  },
};

describe("a wallet with a policy of its own", () => {
  const site = () => calmSite({ ...POLICIES, ledger: createMemoryLedger() });
  const ask = (wallet_id: string, withdrawal_id: string, amount: string) => ({
    ...{ ...REQUEST, wallet_id, withdrawal_id, amount, wallet_balance: "1000000" },
  });

  it("is decided by it, and every other wallet by the site's", async () => {
    const { pipeline } = site();
    const decided = async (wallet: string, id: string, amount: string) => {
      const { final, record } = await pipeline.decideWithdrawal(ask(wallet, id, amount));
      return final ? "ALLOW" : record.guardian.reason_codes;
    };
    expect(await decided("cold", "c-1", "900")).toBe("ALLOW");
    expect(await decided("cold", "c-2", "700")).toEqual(["daily_limit"]);
    expect(await decided("tight", "t-1", "6")).toContain("per_tx_limit");
    expect(await decided("hot", "h-1", "101")).toContain("per_tx_limit");
    expect(await decided("hot", "h-2", "100")).toBe("ALLOW");
    for (const name of ["__proto__", "constructor", "toString"]) {
      expect(await decided(name, `p-${name}`, "101")).toContain("per_tx_limit");
    }
  });

  it("is simulated, claimed, committed, released and shown by it", async () => {
    const { pipeline } = site();
    const simulated = await pipeline.simulateWithdrawal(ask("tight", "t-1", "6"));
    expect(simulated.record.guardian.reason_codes).toContain("per_tx_limit");
    for (const id of ["t-2", "t-3"]) {
      expect((await pipeline.decideWithdrawal(ask("tight", id, "2"))).final).toBe(true);
    }
    expect(await pipeline.claim("t-2", { signer_id: "signer" })).toMatchObject({
      decision: "ALLOW",
      valid_for_ms: 7_000,
    });
    const txid = "ab".repeat(32);
    expect(await pipeline.commit("t-2", { txid })).toMatchObject({ accepted: true });
    expect(await pipeline.releaseWithdrawal("t-3", { reason: "no" })).toMatchObject({
      accepted: true,
    });
    const view = await pipeline.guardian.wallet("tight");
    expect(JSON.stringify(view)).toContain('"5"');
  });
});
