/** Which policy is the ledger's current one: a process that has an older one rejects (design, section 7: replicas). */
import { describe, expect, it } from "vitest";
import type { GuardianPolicyInput } from "../../src/index.js";
import { EXPLICIT, life, MEMORIES, told } from "../support/life.js";
import { ORDER, said, VALID_MS } from "../support/guardian.js";

const WIDE = { ...EXPLICIT, max_24h: "1000" } as const;
const STRICT = { ...EXPLICIT, max_24h: "5" } as const;

describe.each(MEMORIES)("policies on the %s ledger", (_name, createLedger) => {
  function processes(...policies: GuardianPolicyInput[]) {
    const ledger = createLedger();
    return policies.map((policy) => life(policy, ledger));
  }

  it("of a process that was forgotten refuse from the new one's first decision on", async () => {
    const [old, next] = processes(WIDE, STRICT);
    expect((await old!.ask("1", "4")).final).toBe(true);
    expect(said(await next!.ask("2", "2"))).toBe("DELAY daily_limit");
    const answer = await old!.ask("3", "1");
    expect([said(answer), answer.final]).toEqual(["REJECT policy_outdated", false]);
    expect(answer.detail).toMatch(/another policy of this name .*: restart this process/);
    expect(answer).not.toHaveProperty("retry_after_ms");
  });

  it("that are outdated are one event, and recorded each time", async () => {
    const [old, next] = processes(WIDE, STRICT);
    await old!.ask("1", "1");
    await next!.ask("2", "1");
    const before = (await old!.ledger.records(0, 100)).length;
    for (const id of ["3", "4"]) await old!.ask(id, "1");
    await old!.claim("1");
    expect(old!.actions()).toEqual(["policy_outdated"]);
    const records = await old!.ledger.records(before, 100);
    expect(records.map(({ kind }) => kind)).toEqual(["decision", "event", "decision", "claim"]);
  });

  it("that are outdated still settle, freeze and show", async () => {
    const [old, next] = processes(WIDE, STRICT);
    await old!.ask("1", "1");
    await old!.claim("1");
    await old!.ask("2", "1");
    await next!.ask("3", "1");
    expect(told(await old!.commit("1"))).toBe("accepted");
    expect(told(await old!.release("2"))).toBe("accepted");
    expect(told(await old!.freeze())).toBe("accepted");
    expect(await old!.guardian.wallet("hot-1")).toMatchObject({ frozen: true });
  });

  it("of another name stand beside each other", async () => {
    const [hot, cold] = processes({ ...WIDE, name: "hot" }, { ...STRICT, name: "cold" });
    for (let n = 0; n < 3; n++) {
      expect((await hot!.ask(`h-${n}`, "1", { wallet_id: "hot" })).final).toBe(true);
      expect((await cold!.ask(`c-${n}`, "1", { wallet_id: "cold" })).final).toBe(true);
    }
  });

  it("of the same version are one: replicas do not outdate each other", async () => {
    const replicas = processes(WIDE, { ...WIDE, allow_valid_seconds: 60 }, WIDE);
    for (let n = 0; n < 9; n++) {
      expect((await replicas[n % 3]!.ask(`w-${n}`, "1")).final).toBe(true);
    }
    const kinds = (await replicas[0]!.ledger.records(0, 100)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "policy")).toHaveLength(1);
  });

  it("that come back are taken by processes that start then", async () => {
    const ledger = createLedger();
    await life(WIDE, ledger).ask("1", "1");
    await life(STRICT, ledger).ask("2", "1");
    const back = life(WIDE, ledger);
    expect((await back.ask("3", "1")).final).toBe(true);
    const kinds = (await ledger.records(0, 100)).filter(({ kind }) => kind === "policy");
    expect(kinds.map(({ record }) => record["policy_version"])).toHaveLength(3);
  });

  it("are not taken over by a request that is refused before it is decided", async () => {
    const [old, next] = processes(WIDE, STRICT);
    await old!.ask("1", "1");
    await next!.ask("", "1");
    expect((await old!.ask("2", "1")).final).toBe(true);
    next!.time.now -= 10 * VALID_MS;
    expect(said(await next!.ask("3", "1"))).toBe("REJECT clock_untrusted");
    expect((await old!.ask("4", "1")).final).toBe(true);
  });

  it("that outdate a reservation make its process evaluate it afresh", async () => {
    const [old, next] = processes(WIDE, STRICT);
    await old!.ask("1", "4");
    const again = await next!.ask("1", "4");
    expect(again).toMatchObject({ final: true, policy_version: next!.guardian.policy_version });
    expect(again).not.toHaveProperty("repeated");
    await next!.guardian.freeze("wallet", "hot-1", ORDER);
    expect(said(await next!.claim("1"))).toBe("REJECT wallet_frozen");
  });
});
