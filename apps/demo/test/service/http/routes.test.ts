import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conformance } from "../../support/conforms.js";
import {
  type CallOptions,
  type HttpService,
  KEYS,
  payment,
  startHttpService,
} from "../../support/http-service.js";
import { digibyteRegtest } from "@dgb-shield/chain";
import { addressNo } from "../../support/addresses.js";

let http: HttpService;
let wrong: ReturnType<typeof conformance>;
beforeAll(async () => {
  http = await startHttpService({
    config: {
      guardian: {
        ...{ max_per_tx: "100", max_24h: "500", cooldown_seconds: 0, claim: "explicit" },
        limits: { account: { max_24h: "50" } },
      },
      guard: { threshold_extra_auth: "60" },
    },
  });
  wrong = conformance((await http.call("GET /v1/openapi.json")).body);
});
afterAll(() => http.close());

const ids = (route: string): string =>
  route.replace(/\?.*/, "").replace(/\/(payments|wallets|accounts|incidents)\/[^/]+/, "/$1/{id}");

/** Calls a route, and checks its answer against the document. */
async function call(route: string, options?: CallOptions) {
  const answer = await http.call(route, options);
  expect(wrong(ids(route), answer)).toBeUndefined();
  return answer;
}

const ACCOUNT = { account_id: "alice" };
const pay = (id: string, more: object = {}) =>
  call(`PUT /v1/payments/${id}`, { body: payment({ ...ACCOUNT, amount: "1", ...more }) });
const TXID = "ab".repeat(32);

describe("a payment", () => {
  it("is decided, claimed, committed, and read", async () => {
    const decided = await pay("p-1");
    expect(decided.body).toMatchObject({
      payment_id: "p-1",
      final: "ALLOW",
      next: "claim",
      recorded: true,
    });
    expect((await pay("p-1")).body).toMatchObject({ final: "ALLOW", repeated: true });
    const claim = await call("POST /v1/payments/p-1/claim", { body: { signer_id: "signer-1" } });
    expect(claim.body).toMatchObject({ decision: "ALLOW", enforced: true });
    const taken = await call("POST /v1/payments/p-1/claim", { body: { signer_id: "signer-2" } });
    expect([taken.status, taken.body.decision]).toEqual([200, "DELAY"]);
    const commit = await call("POST /v1/payments/p-1/commit", {
      body: { txid: TXID, fee: "0.01" },
    });
    expect(commit.body).toMatchObject({ accepted: true, status: "committed" });
    const again = await call("POST /v1/payments/p-1/commit", { body: { txid: TXID } });
    expect(again.body.accepted).toBe(true);
    expect((await call("GET /v1/payments/p-1")).body).toMatchObject({
      status: "committed",
      txid: TXID,
    });
    const late = await call("POST /v1/payments/p-1/release", { body: { reason: "too late" } });
    expect([late.status, late.body.code]).toEqual([409, "already_committed"]);
  });

  it("of several payouts is one decision", async () => {
    const payouts = [1, 2, 3].map((number) => ({
      withdrawal_id: `b-${number}`,
      amount: "1",
      ...ACCOUNT,
    }));
    const { body } = await call("PUT /v1/payments/batch-1", {
      body: { ...payment(), amount: undefined, payouts },
    });
    expect(body).toMatchObject({ payment_id: "batch-1", final: "ALLOW" });
    const part = await call("POST /v1/payments/b-2/claim", { body: { signer_id: "s" } });
    expect([part.status, part.body.code]).toEqual([409, "part_of_payment"]);
  });

  it("that is refused is 200, with reasons", async () => {
    const { status, body } = await pay("p-2", { amount: "101" });
    expect([status, body.final, body.next]).toEqual([200, "REFUSED", "stop"]);
    expect(body.reasons.map(({ code }: { code: string }) => code)).toContain("per_tx_limit");
    const claim = await call("POST /v1/payments/p-2/claim", { body: { signer_id: "s" } });
    expect(claim.body).toMatchObject({ decision: "REJECT", reason_codes: ["not_reserved"] });
  });

  it("is approved by the hash of what was decided", async () => {
    const asked = () => pay("p-3", { amount: "60", account_id: "bob-large" });
    const simulated = await call("POST /v1/simulate", {
      body: payment({ withdrawal_id: "p-4", amount: "40", ...ACCOUNT }),
    });
    expect(simulated.body.binds).toMatch(/^[0-9a-f]{64}$/);
    const { body } = await asked();
    expect(body.final).toBe("REFUSED");
    const approval = await call("POST /v1/payments/p-3/approvals", {
      key: KEYS.approver,
      body: { binds: body.binds },
    });
    expect(approval.body).toMatchObject({
      payment_id: "p-3",
      approver: "approver",
      binds: body.binds,
    });
  });

  it("that is released gives its room back", async () => {
    await pay("p-5");
    const released = await call("POST /v1/payments/p-5/release", { body: { reason: "cancelled" } });
    expect(released.body).toMatchObject({ accepted: true, status: "released" });
    await pay("p-6");
    await call("POST /v1/payments/p-6/claim", { body: { signer_id: "s" } });
    const claimed = await call("POST /v1/payments/p-6/release", { body: { reason: "cancelled" } });
    expect([claimed.status, claimed.body.code]).toEqual([409, "claimed"]);
    const early = await call("POST /v1/payments/p-6/release", {
      key: KEYS.operator,
      body: { reason: "not sent", not_executed: true },
    });
    expect([early.status, early.body.code]).toEqual([409, "claim_running"]);
    expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
    const signer = await call("POST /v1/payments/p-6/release", {
      body: { reason: "not sent", not_executed: true, signer_id: "s" },
    });
    expect(signer.body.status).toBe("released");
  });

  it("with the id of another content is 409, and carries the decision", async () => {
    await pay("p-7");
    const { status, body } = await pay("p-7", { amount: "2" });
    expect([status, body.code, body.decision.final]).toEqual([409, "content_changed", "REFUSED"]);
  });

  it("that the Guardian cannot read is 400, and names the field", async () => {
    const { status, body } = await pay("p-8", {
      max_fee: "0.5",
      destinations: [{ address: "a", amount: "0.6" }],
    });
    expect([status, body.code]).toEqual([400, "invalid_withdrawal"]);
    expect(body.errors).toHaveLength(1);
  });

  it.each<[string, object, string, string]>([
    ["a number for an amount", { amount: 1 }, "malformed_request", "/amount"],
    ["an unknown field", { amout: "1" }, "unknown_field", "/amout"],
    ["its id in the body", { withdrawal_id: "p-9" }, "unknown_field", "/withdrawal_id"],
    [
      "a level of risk of its own",
      { sentinel_level: "normal" },
      "unknown_field",
      "/sentinel_level",
    ],
    ["too many places", { amount: "1.123456789" }, "malformed_request", "/amount"],
    [
      "a wrong payout",
      { amount: undefined, account_id: undefined, payouts: [{}] },
      "malformed_request",
      "/payouts/0/withdrawal_id",
    ],
  ])("with %s is 400, and names it", async (_, more, code, pointer) => {
    const { status, body } = await pay("p-9", more);
    expect([status, body.code]).toEqual([400, code]);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    const read = await call("GET /v1/payments/p-9");
    expect([read.status, read.body.code]).toEqual([404, "not_found"]);
  });

  it("has an id of any characters", async () => {
    const id = "Überweisung 1/2 ✓";
    const { body } = await pay(encodeURIComponent(id));
    expect(body).toMatchObject({ payment_id: id, final: "ALLOW" });
    expect((await call(`GET /v1/payments/${encodeURIComponent(id)}`)).body.payment_id).toBe(id);
    expect((await pay(encodeURIComponent("a\nb"))).status).toBe(400);
    expect((await pay("x".repeat(129))).status).toBe(400);
  });

  it("is listed while it is open", async () => {
    const { body } = await call("GET /v1/payments?status=reserved&limit=2");
    expect(body.payments).toHaveLength(2);
    for (const query of ["limit=0", "limit=1e2", "limit=1&limit=2", "status=paid", "sort=x"]) {
      expect((await call(`GET /v1/payments?${query}`)).status).toBe(400);
    }
  });
});

describe("evidence", () => {
  it.each(["network", "nodes", "chain", "findings", "lockdown", "incidents", "status"])(
    "%s is answered as documented",
    async (name) => {
      expect((await call(`GET /v1/${name}`)).status).toBe(200);
    },
  );

  const signal = {
    node_id: "peer-1",
    operator: "peer",
    source: "sentinel",
    type: "latency",
    severity: 0.1,
  };
  it("takes in signals of a reporter's own nodes, all or none", async () => {
    const send = (signals: object[]) =>
      call("POST /v1/signals", { key: KEYS.reporter, body: { signals } });
    expect((await send([signal])).body).toEqual({ accepted: 1, refused: 0 });
    const before = (await call("GET /v1/network")).body.digest;
    for (const foreign of [
      { ...signal, node_id: "other" },
      { ...signal, operator: "site-a" },
    ]) {
      const { status, body } = await send([{ ...signal, severity: 0.9 }, foreign]);
      expect([status, body.code, body.errors[0].pointer]).toEqual([
        403,
        "reporter_not_allowed",
        "/signals/1",
      ]);
    }
    expect((await call("GET /v1/network")).body.digest).toBe(before);
    expect((await send([{ ...signal, severity: 2 }])).status).toBe(400);
  });
});

describe("orders", () => {
  const order = (route: string, body: object) => call(route, { key: KEYS.operator, body });
  it("freeze and lift", async () => {
    const target = { scope: "wallet", id: "cold", reason: "a drill" };
    const frozen = await order("POST /v1/freezes", target);
    expect(frozen.body.accepted).toBe(true);
    expect((await call("GET /v1/wallets/cold")).body).toMatchObject({ id: "cold", frozen: true });
    expect((await call("GET /v1/freezes")).body.freezes).toContainEqual(
      expect.objectContaining({ id: "cold", operator: "operator", reason: "a drill" }),
    );
    const automatic = await order("POST /v1/freezes/lift", target);
    expect([automatic.status, automatic.body.code]).toEqual([409, "operator_freeze"]);
    const lifted = await order("POST /v1/freezes/lift", {
      scope: "cause",
      id: frozen.body.cause_id,
      reason: "over",
    });
    expect(lifted.body.accepted).toBe(true);
    const nothing = await order("POST /v1/freezes/lift", {
      scope: "wallet",
      id: "never",
      reason: "x",
    });
    expect([nothing.status, nothing.body.code]).toEqual([409, "not_frozen"]);
    expect(
      (await order("POST /v1/freezes", { scope: "global", id: "x", reason: "y" })).status,
    ).toBe(400);
  });

  it("register and approve destinations", async () => {
    const target = { account_id: "alice", address: addressNo(digibyteRegtest, 1) };
    expect((await call("PUT /v1/destinations", { body: target })).body.accepted).toBe(true);
    expect((await call("PUT /v1/destinations", { body: target })).body.repeated).toBe(true);
    expect(
      (await order("POST /v1/destinations/approvals", { ...target, reason: "known" })).status,
    ).toBe(200);
    expect((await call("PUT /v1/destinations", { body: { address: "a" } })).status).toBe(400);
    expect((await call("GET /v1/accounts/alice")).body.scope).toBe("account");
  });

  it("accept the clock, and release incidents that there are", async () => {
    expect((await order("POST /v1/clock/accept", { reason: "checked" })).body).toEqual({
      accepted: true,
      refused_by: [],
    });
    const { status, body } = await order("POST /v1/incidents/none/release", { reason: "over" });
    expect([status, body.code]).toEqual([404, "not_found"]);
    expect((await order("POST /v1/clock/accept", { reason: "two\nlines" })).status).toBe(400);
  });

  it("are recorded in the name of the key", async () => {
    const first = await call("GET /v1/records?limit=3", { key: KEYS.reader });
    expect(first.body.records.map(({ seq }: { seq: number }) => seq)).toEqual([1, 2, 3]);
    const all = await call(`GET /v1/records?after=${first.body.next}&limit=1000`, {
      key: KEYS.reader,
    });
    expect(all.body.next).toBeNull();
    expect(all.text).toContain('"operator":"operator"');
  });
});

describe("probes", () => {
  it("show details to operators and readers alone", async () => {
    const open = await call("GET /readyz", { key: null });
    expect(open.body).toMatchObject({ ready: true });
    expect(open.text).not.toContain("detail");
    expect((await call("GET /readyz", { key: KEYS.operator })).text).toContain("detail");
    expect((await call("GET /livez", { key: null })).body).toEqual({ live: true });
  });
});
