/** The gateway's hook on a real service: ledger, pipeline and evidence of a recording. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digibyteRegtest } from "@dgb-shield/chain";
import type { Payout, Spend } from "@dgb-shield/rpc-gateway";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchDefense } from "../../src/gateway/defense.js";
import { openEvacuations } from "../../src/gateway/evacuations.js";
import { createSpendHook, type HookParts, type PaymentPort } from "../../src/gateway/hook.js";
import { partsOf } from "../../src/gateway/handle.js";
import { requestOf } from "../../src/gateway/spend-request.js";
import type { Service } from "../../src/service/service.js";
import { RECORDING } from "../support/http-service.js";
import { deploy, type Deployment, until } from "../support/service.js";

const COIN = 100_000_000n;
const TXID = "ab".repeat(32);

const TERMS = {
  wallet_ids: { "node-wallet": "hot", "seen-wallet": "watched" },
  default_wallet_id: "hot",
  fee_reserve: COIN / 100n,
  behaviour_score: 1,
  trusted_device: true,
};

/** Scripts of the test's made-up addresses. */
const scriptOf = (address: string): string | null =>
  address.startsWith("addr-") ? Buffer.from(address).toString("hex") : null;
const payout = (address: string, coins: number): Payout => ({
  ...{ address, script: scriptOf(address) ?? "", amount: BigInt(coins) * COIN },
});

const idOf = (handle: string): string => partsOf(handle.replace(/^observed:(.*)$/, "$1\n")).id;

const spendOf = (fields: Partial<Spend> = {}): Spend => ({
  ...{ method: "sendtoaddress", wallet: "node-wallet", client: "backend" },
  ...{ payouts: [payout("addr-1", 5)], internal: [], fee: { kind: "reserve" }, inputs: null },
  ...{ replaces: [], payment_id: null, transaction: null },
  ...fields,
});

describe("the spend hook", () => {
  let deployment: Deployment;
  let service: Service;
  let ids = 0;

  beforeAll(async () => {
    deployment = await deploy({
      addresses: "text",
      chain: digibyteRegtest,
      unknown_network: "elevated",
      recording: { file: RECORDING, speed: 1 },
      max_report_age_ms: 60_000,
      wallets: new Map([
        ["hot", "enforce"],
        ["watched", "observe"],
      ]),
    });
    service = await deployment.start();
    await until(
      () => service.status(),
      ({ state }) => state === "open",
    );
  });
  afterAll(async () => {
    await service.close();
    deployment.remove();
  });

  const hookOf = (fields: Partial<HookParts> = {}) =>
    createSpendHook({
      payments: service,
      defense: watchDefense(service, { monotonic: () => 0, max_age_ms: 1 }),
      terms: TERMS,
      unannounced: "decide",
      evacuation: { classes: { nonce_reuse: ["cold"] }, approvals: 2 },
      evacuations: openEvacuations(join(deployment.config.data_dir, "evacuations.json")),
      nowMs: () => Date.now(),
      wallets: ["node-wallet", "seen-wallet"],
      balanceOf: () => Promise.resolve(100_000n * COIN),
      newId: () => `made-${++ids}`,
      scriptOf,
      txidOf: () => TXID,
      ...fields,
    });
  const newId = () => `given-${++ids}`;

  it("decides, claims, and commits with what the node took", async () => {
    const hook = hookOf();
    const answer = await hook.authorizeSpend(spendOf());
    if (!answer.allow) throw new Error(answer.text);
    expect(await service.payment(idOf(answer.handle))).toMatchObject({
      ...{ wallet_id: "hot", status: "claimed", amount: "5.01", max_fee: "0.01" },
      destinations: [{ address: "addr-1", amount: "5" }],
    });
    expect(await hook.unsettled()).toEqual([
      {
        ...{ handle: answer.handle, payment_id: idOf(answer.handle), wallet: "node-wallet" },
        ...{ authorized_at_ms: expect.any(Number) as number, txid: null },
        earliest_at_ms: expect.any(Number) as number,
        payouts: [{ address: "addr-1", amount: 5n * COIN }],
      },
    ]);
    await hook.commit(answer.handle, { txid: TXID, fee: 1_000n });
    await hook.commit(answer.handle, { txid: TXID, fee: 1_000n });
    expect(await service.payment(idOf(answer.handle))).toMatchObject({
      status: "committed",
      txid: TXID,
    });
    expect(await hook.unsettled()).toEqual([]);
  });

  it("returns the room of what was certainly not executed", async () => {
    const hook = hookOf();
    const answer = await hook.authorizeSpend(spendOf());
    if (!answer.allow) throw new Error(answer.text);
    await hook.release(answer.handle, { reason: "the node answered -6" });
    expect(await service.payment(idOf(answer.handle))).toMatchObject({ status: "released" });
  });

  it("takes the same id for the same payment: unsettled while it is under way, then with its transaction", async () => {
    const hook = hookOf();
    const spend = spendOf({ payment_id: newId() });
    const [first, second] = await Promise.all([
      hook.authorizeSpend(spend),
      hook.authorizeSpend(spend),
    ]);
    expect([first.allow, second.allow].sort()).toEqual([false, true]);
    const [allowed, other] = first.allow ? [first, second] : [second, first];
    expect(other).toMatchObject({ allow: false, code: "claim_unsettled", unsettled: true });
    if (!allowed.allow) throw new Error("none was allowed");
    await hook.commit(allowed.handle, { txid: TXID, fee: null });
    expect(await hook.authorizeSpend(spend)).toMatchObject({ committed_txid: TXID });
    for (const changed of [
      { payouts: [payout("addr-1", 6)] },
      { payouts: [payout("addr-2", 5)] },
      { wallet: "seen-wallet" },
    ]) {
      expect(await hook.authorizeSpend({ ...spend, ...changed })).toMatchObject({
        code: "content_changed",
      });
    }
  });

  it("claims what was announced, for exactly these scripts and amounts", async () => {
    const hook = hookOf({ unannounced: "refuse" });
    const announce = async (fields: object = {}) => {
      const withdrawal_id = newId();
      const { final } = await service.decide({
        ...{ withdrawal_id, wallet_id: "hot", amount: "7.5", max_fee: "0.5", account_id: "ada" },
        destinations: [
          { address: "addr-1", amount: "3" },
          { address: "addr-2", amount: "4" },
        ],
        ...{ wallet_balance: "100000", behaviour_score: 1, trusted_device: true },
        ...fields,
      });
      expect(final).toBe("ALLOW");
      return withdrawal_id;
    };
    const payment_id = await announce();
    const payouts = [payout("addr-2", 4), payout("addr-1", 1), payout("addr-1", 2)];
    for (const wrong of [
      { payouts: [payout("addr-2", 4), payout("addr-1", 2)] },
      { payouts: [...payouts, payout("addr-3", 1)] },
      { payouts: [payout("addr-1", 7)] },
      { payouts, fee: { kind: "known", amount: COIN } as const },
      { payouts, wallet: "seen-wallet" },
    ]) {
      expect(await hook.authorizeSpend(spendOf({ payment_id, ...wrong }))).toMatchObject({
        allow: false,
        code: "content_changed",
      });
    }
    const answer = await hook.authorizeSpend(spendOf({ payment_id, payouts }));
    expect(answer).toMatchObject({ allow: true });
    if (!answer.allow) return;
    await hook.commit(answer.handle, { txid: TXID, fee: 1n });
    expect(await hook.authorizeSpend(spendOf({ payment_id, payouts }))).toMatchObject({
      committed_txid: TXID,
    });
    expect(await hook.authorizeSpend(spendOf())).toMatchObject({ code: "payment_unannounced" });
    const unknown = spendOf({ payment_id: newId() });
    expect(await hook.authorizeSpend(unknown)).toMatchObject({ code: "payment_unannounced" });
    const vague = await announce({ destinations: [] });
    expect(await hook.authorizeSpend(spendOf({ payment_id: vague, payouts }))).toMatchObject({
      code: "content_changed",
    });
  });

  it("refuses beyond a limit, with a code and what to do; an observed wallet pays all the same", async () => {
    const hook = hookOf();
    const large = { payouts: [payout("addr-1", 1_001)] };
    expect(await hook.authorizeSpend(spendOf(large))).toMatchObject({
      ...{ allow: false, code: "per_tx_limit" },
      text: expect.stringContaining("largest") as string,
    });
    const seen = await hook.authorizeSpend(spendOf({ ...large, wallet: "seen-wallet" }));
    expect(seen).toMatchObject({ allow: true });
    if (!seen.allow) return;
    await hook.commit(seen.handle, { txid: TXID, fee: null });
    expect(await service.payment(idOf(seen.handle))).toMatchObject({ status: "open" });
  });

  it("counts what goes to own destinations alone for a wallet id of their class", async () => {
    const hook = hookOf();
    const cold = { ...payout("addr-cold", 50), class: "cold" };
    const inner = await hook.authorizeSpend(spendOf({ payouts: [], internal: [cold] }));
    if (!inner.allow) throw new Error(inner.text);
    expect(await service.payment(idOf(inner.handle))).toMatchObject({ wallet_id: "hot:cold" });
    await hook.release(inner.handle, { reason: "test" });
  });

  it("lets an evacuation out under a lockdown whose cause allows it, once two people approved it", async () => {
    const cold = { ...payout("addr-cold", 5_000), class: "cold" };
    const spend = spendOf({ payouts: [], internal: [cold], payment_id: newId() });
    const under = (...causes: string[]) =>
      hookOf({
        defense: { view: () => ({ lockdown: "FULL", causes }), refresh: () => Promise.resolve() },
      });
    for (const causes of [["rule_split"], ["nonce_reuse", "rule_split"], ["unknown"], []]) {
      expect(await under(...causes).authorizeSpend(spend)).toMatchObject({ code: "per_tx_limit" });
    }
    const outward = spendOf({ payouts: [payout("addr-1", 5_000)], payment_id: newId() });
    const hook = under("nonce_reuse");
    expect(await hook.authorizeSpend(outward)).toMatchObject({ code: "per_tx_limit" });
    const asked = await hook.authorizeSpend(spend);
    expect(asked).toMatchObject({ allow: false, code: "approvals_missing" });
    const binds = /binds ([0-9a-f]{64})/.exec(asked.allow ? "" : asked.text)?.[1] ?? "";
    const approve = (operator: string) =>
      service.approve(spend.payment_id ?? "", { binds }, { operator, key_id: operator });
    await approve("ann");
    await approve("Ann");
    expect(await hook.authorizeSpend(spend)).toMatchObject({ code: "approvals_missing" });
    await approve("ben");
    const other = { ...spend, internal: [{ ...cold, amount: cold.amount + 1n }] };
    expect(await hook.authorizeSpend(other)).toMatchObject({ allow: false });
    // Two gateways on one folder are asked at the same moment.
    const both = await Promise.all(
      [hook, under("nonce_reuse")].map((one) => one.authorizeSpend(spend)),
    );
    const answer = both.find(({ allow }) => allow);
    if (answer?.allow !== true) throw new Error("none was allowed");
    expect(both.find((one) => one !== answer)).toMatchObject({ allow: false, unsettled: true });
    const { handle, payment_id } = answer;
    // A gateway that ended here leaves it to the next one, which sends it no second time.
    const next = under("nonce_reuse");
    expect(await next.unsettled()).toEqual([
      {
        ...{ handle, payment_id, wallet: "node-wallet", txid: null },
        authorized_at_ms: expect.any(Number) as number,
        payouts: [{ address: "addr-cold", amount: 5_000n * COIN }],
      },
    ]);
    expect(await next.authorizeSpend(spend)).toMatchObject({ allow: false, unsettled: true });
    expect(await hookOf().authorizeSpend(spend)).toMatchObject({ allow: false, unsettled: true });
    expect(await next.authorizeSpend(other)).toMatchObject({ code: "content_changed" });
    await next.release(handle, { reason: "the wallet does not have it" });
    expect(await next.unsettled()).toEqual([]);
    expect(await next.authorizeSpend(spend)).toMatchObject({ allow: true });
    await next.commit(handle, { txid: TXID, fee: 1n });
    expect(await next.unsettled()).toEqual([]);
    expect(await service.payment(payment_id)).toMatchObject({
      ...{ status: "committed", txid: TXID, wallet_id: "hot:cold" },
    });
    expect(await next.authorizeSpend(spend)).toMatchObject({ committed_txid: TXID });
  });

  it("sends no evacuation that it cannot keep, and does not start with a file that it cannot read", () => {
    const path = join(deployment.config.data_dir, "spoilt.json");
    for (const text of ["[", "{}", '[{"payment_id":"x"}]', '[{"payment_id":1,"payment_id":2}]']) {
      writeFileSync(path, text);
      expect(() => openEvacuations(path)).toThrow(/cannot be read, .*: look for them/);
    }
    rmSync(path);
    const lost = openEvacuations(join(deployment.config.data_dir, "no-folder", "file.json"));
    const one = { payment_id: "e", wallet: null, at_ms: 0, txid: null, payouts: [] };
    expect(() => lost.begin(one)).toThrow("ENOENT");
  });

  it("releases a claim whose answer was lost, at once or at the next try, since nothing was sent", async () => {
    let down = new Set<string>();
    const losing = async <T>(name: string, work: Promise<T>): Promise<T> => {
      const answer = await work;
      if (down.has(name)) throw new Error("the answer was lost");
      return answer;
    };
    const payments: PaymentPort = {
      ...service,
      claim: (...args) => losing("claim", service.claim(...args)),
      releaseUnsent: (...args) => losing("release", service.releaseUnsent(...args)),
    };
    const hook = hookOf({ payments });
    const spend = spendOf({ payment_id: newId() });
    const id = spend.payment_id ?? "";
    down = new Set(["claim"]);
    await expect(hook.authorizeSpend(spend)).rejects.toThrow("was lost");
    expect(await service.payment(id)).toMatchObject({ status: "released" });
    down = new Set(["claim", "release"]);
    const second = spendOf({ payment_id: newId() });
    await expect(hook.authorizeSpend(second)).rejects.toThrow("was lost");
    down = new Set();
    expect(await hook.unsettled()).toEqual([]);
    for (const one of [spend, second]) {
      const answer = await hook.authorizeSpend(one);
      if (!answer.allow) throw new Error(answer.code);
      await hook.release(answer.handle, { reason: "test" });
    }
  });

  it("counts the fee of what pays only that", async () => {
    const hook = hookOf();
    const fee = { kind: "known", amount: 3_000n } as const;
    const bump = await hook.authorizeSpend(spendOf({ payouts: [], fee, replaces: [TXID] }));
    if (!bump.allow) throw new Error(bump.text);
    expect(await service.payment(idOf(bump.handle))).toMatchObject({ amount: "0.00003" });
    await hook.release(bump.handle, { reason: "test" });
  });

  it("names the transaction that a client brought, so that it can be settled after a crash", async () => {
    const hook = hookOf();
    const inputs = [{ txid: "cd".repeat(32), vout: 1 }];
    const answer = await hook.authorizeSpend(spendOf({ transaction: "00", inputs }));
    expect(await hookOf().unsettled()).toMatchObject([{ txid: TXID }]);
    if (answer.allow) await hook.commit(answer.handle, { txid: TXID, fee: null });
  });

  it("names the transactions with which equal payments are committed, and no others", async () => {
    const hook = hookOf();
    const made: string[] = [];
    const pay = async (txid: string, fields: Partial<Spend> = {}) => {
      const answer = await hook.authorizeSpend(
        spendOf({ payouts: [payout("addr-equal", 3)], payment_id: newId(), ...fields }),
      );
      if (!answer.allow) throw new Error(answer.text);
      made.push(answer.handle);
      if (txid !== "") await hook.commit(answer.handle, { txid, fee: 1n });
    };
    const [equal, other, unknown] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [
      string,
      string,
      string,
    ];
    await pay(equal);
    await pay(other, { payouts: [payout("addr-equal", 4)] });
    await pay("");
    const [unclear] = await hook.unsettled();
    if (unclear === undefined) throw new Error("nothing is unsettled");
    expect(unclear.payouts).toEqual([{ address: "addr-equal", amount: 3n * COIN }]);
    expect(await hook.committed(unclear, [unknown, equal])).toEqual([equal]);
    // Of the larger one less can have left: its payee may bear the fee.
    expect(await hook.committed(unclear, [other, unknown])).toEqual([other]);
    const vague = { ...unclear, payouts: [] };
    expect(await hook.committed(vague, [other, equal])).toEqual([other, equal]);
    let read = 0;
    const { decisions } = await service.decisions({ limit: 1, isShown: () => true });
    const many = hookOf({
      payments: {
        ...service,
        decisions: () =>
          Promise.resolve({
            decisions: Array.from({ length: 1_000 }, () => ({
              ...decisions[0]!,
              ...{ standing: "committed" as const, destinations: [] },
              ...{ destinations_count: 21, payment_id: "another" },
            })),
            ...{ total: 2_000, complete: true, next: 1 },
          }),
        payment: () => Promise.resolve({ missing: ++read > 0 } as never),
      },
    });
    expect(await many.committed(unclear, [equal])).toEqual([]);
    expect(read).toBe(1_000);
    const failing = hookOf({
      payments: { ...service, decisions: () => Promise.reject(new Error("the ledger is gone")) },
    });
    await expect(failing.committed(unclear, [equal])).rejects.toThrow("is gone");
    await hook.commit(made.at(-1) ?? "", { txid: unknown, fee: null });
    expect(await hook.committed(unclear, [unknown])).toEqual([]);
  });

  it("has an unclear payment looked for from before the longest claim could begin", async () => {
    const claimedAtMs = Date.now();
    const listing: PaymentPort["payments"] = async (page) => {
      const given = await service.payments(page);
      if (!given.accepted) return given;
      // A claim of a day, counted for a day more.
      const until_ms = claimedAtMs + 2 * 86_400_000;
      return { ...given, payments: given.payments.map((one) => ({ ...one, until_ms })) };
    };
    const hook = hookOf({ payments: { ...service, payments: listing } });
    const answer = await hook.authorizeSpend(spendOf({ payment_id: newId() }));
    if (!answer.allow) throw new Error(answer.text);
    const [unclear] = await hook.unsettled();
    expect(unclear?.earliest_at_ms).toBeLessThanOrEqual(claimedAtMs);
    await hook.commit(answer.handle, { txid: "4".repeat(64), fee: 1n });
  });

  it("names a transaction that a client had signed elsewhere as such", async () => {
    const hook = hookOf();
    const given = { method: "sendrawtransaction", transaction: "00", payment_id: newId() };
    const answer = await hook.authorizeSpend(spendOf(given));
    expect(await hookOf().unsettled()).toMatchObject([{ txid: TXID, is_brought: true }]);
    if (answer.allow) await hook.commit(answer.handle, { txid: TXID, fee: null });
  });

  it.each(["sendrawtransaction", "submitpackage", "send"])(
    "lets one of two gateways send a transaction by %s, and only that one release it",
    async (method) => {
      const [first, second] = [hookOf(), hookOf()];
      const inputs = [{ txid: "ef".repeat(32), vout: 0 }];
      const spend = spendOf({ method, transaction: "00", inputs, payment_id: newId() });
      const answers = await Promise.all([first, second].map((hook) => hook.authorizeSpend(spend)));
      const allowed = answers.filter(({ allow }) => allow);
      expect(allowed).toHaveLength(1);
      expect(answers).toContainEqual(expect.objectContaining({ code: "claim_unsettled" }));
      // What one sent is not given back by the word of the other, whose node refused it or knows nothing of it.
      const [mine] = allowed;
      if (mine?.allow !== true) throw new Error("none was allowed");
      await first.commit(mine.handle, { txid: TXID, fee: null });
      expect(await service.payment(idOf(mine.handle))).toMatchObject({ status: "committed" });
    },
  );

  it("releases the claim of a transaction whose answer was lost, since nothing was sent", async () => {
    const payments: PaymentPort = {
      ...service,
      async claim(...args) {
        await service.claim(...args);
        throw new Error("the answer was lost");
      },
    };
    const spend = spendOf({
      ...{ method: "sendrawtransaction", transaction: "00", payment_id: newId() },
      inputs: [{ txid: "ef".repeat(32), vout: 1 }],
    });
    await expect(hookOf({ payments }).authorizeSpend(spend)).rejects.toThrow("was lost");
    expect(await service.payment(spend.payment_id ?? "")).toMatchObject({ status: "released" });
    const answer = await hookOf().authorizeSpend(spend);
    if (!answer.allow) throw new Error(answer.code);
    await hookOf().release(answer.handle, { reason: "test" });
  });

  it("settles what a gateway of an earlier version claimed by the transaction alone", async () => {
    const hook = hookOf();
    const spend = spendOf({ payment_id: newId() });
    const answer = await hook.authorizeSpend(spend);
    if (!answer.allow) throw new Error(answer.code);
    const { id, signer_id } = partsOf(answer.handle);
    await hook.release(answer.handle, { reason: "test" });
    await service.decide(requestOf(spend, TERMS, { id, balance: 100_000n * COIN }));
    const wallet = signer_id.split(":")[1] ?? "";
    await service.claim(id, { signer_id: `gateway:${wallet}:brought:${TXID}` });
    const [old] = await hook.unsettled();
    expect(old).toMatchObject({ payment_id: id, txid: TXID, is_brought: true });
    await hook.commit(old?.handle ?? "", { txid: TXID, fee: null });
  });

  it("names a package by its child, as one that may be executed in parts", async () => {
    const hook = hookOf();
    const given = { method: "submitpackage", transaction: "00", payment_id: newId() };
    const answer = await hook.authorizeSpend(spendOf(given));
    expect(await hookOf().unsettled()).toMatchObject([{ txid: TXID, in_parts: true }]);
    if (answer.allow) await hook.commit(answer.handle, { txid: TXID, fee: null });
  });
});

describe("the watch of the defense", () => {
  const reads = (lockdown: string, causes: readonly string[]) => ({
    defense: () => Promise.resolve({ lockdown } as never),
    incidents: () => Promise.resolve(causes.map((cause) => ({ cause, severity: 0.9 }) as never)),
  });

  it("names what holds the lockdown, and something where nothing does", async () => {
    for (const [given, causes] of [
      [["rule_split", "rule_split"], ["rule_split"]],
      [[], ["unknown"]],
    ] as const) {
      const watch = watchDefense(reads("FULL", given), { monotonic: () => 0, max_age_ms: 1 });
      await watch.refresh();
      expect(watch.view()).toEqual({ lockdown: "FULL", causes });
    }
  });

  it("gives nothing before the first reading, and nothing that is too old", async () => {
    let now = 0;
    const watch = watchDefense(reads("NONE", []), { monotonic: () => now, max_age_ms: 5_000 });
    expect(() => watch.view()).toThrow("not known");
    await watch.refresh();
    now = 5_000;
    expect(watch.view()).toEqual({ lockdown: "NONE", causes: [] });
    now = 5_001;
    expect(() => watch.view()).toThrow("not known");
  });
});
