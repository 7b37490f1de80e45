import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCESS, ROUTE_IDS, type RouteId } from "../../../src/service/http/access.js";
import { ROLES } from "../../../src/service/keys/key.js";
import { type HttpService, KEYS, payment, startHttpService } from "../../support/http-service.js";
import { digibyteRegtest } from "@dgb-shield/chain";
import { addressNo } from "../../support/addresses.js";

const SIGNAL = {
  node_id: "peer-1",
  operator: "peer",
  source: "sentinel",
  type: "latency",
  severity: 0.1,
};
const ORDER = { reason: "a drill" };

/** A body of each route that has one. */
const BODIES: Readonly<Partial<Record<RouteId, object>>> = {
  "PUT /v1/payments/{id}": payment(),
  "POST /v1/payments/{id}/approvals": { binds: "0".repeat(64) },
  "POST /v1/payments/{id}/claim": { signer_id: "signer" },
  "POST /v1/payments/{id}/commit": { txid: "1".repeat(64) },
  "POST /v1/payments/{id}/release": ORDER,
  "POST /v1/simulate": payment({ withdrawal_id: "simulated" }),
  "PUT /v1/destinations": { account_id: "alice", address: addressNo(digibyteRegtest, 1) },
  "POST /v1/destinations/approvals": {
    account_id: "alice",
    address: addressNo(digibyteRegtest, 1),
    ...ORDER,
  },
  "POST /v1/signals": { signals: [SIGNAL] },
  "POST /v1/telemetry": { calls: 1, refused: 0, unauthorized: 0 },
  "POST /v1/freezes": { scope: "wallet", id: "hot-9", ...ORDER },
  "POST /v1/freezes/lift": { scope: "wallet", id: "hot-9", ...ORDER },
  "POST /v1/incidents/{id}/release": ORDER,
  "POST /v1/clock/accept": ORDER,
  "POST /v1/proposals": { change: { kind: "accept_clock" }, ...ORDER },
  "POST /v1/proposals/{id}/approve": ORDER,
  "POST /v1/proposals/{id}/reject": ORDER,
  "POST /v1/proposals/{id}/withdraw": ORDER,
  "POST /v1/keys/{id}/revoke": ORDER,
};

let http: HttpService;
beforeAll(async () => {
  http = await startHttpService({
    // A site with a key of statements: without one there is none.
    wrap: (service) => ({
      ...service,
      tipStatement: () => Promise.resolve({ payloadType: "test", payload: "", signatures: [] }),
      tipKey: () => ({
        ...{ operator: "site", key_id: "tip-1" },
        public_keys: { ed25519: "", ml_dsa_65: "" },
      }),
    }),
  });
});
afterAll(() => http.close());

/** Calls a route; of a stream the head alone. */
async function statusOf(
  id: RouteId,
  token: string | null,
): Promise<{ status: number; code?: string }> {
  const [method = "", path = ""] = id.split(" ");
  const body = BODIES[id];
  const stop = new AbortController();
  const response = await fetch(http.url + path.replace("{id}", "matrix-1").replace("{seq}", "1"), {
    method,
    signal: stop.signal,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const text = isStream ? "" : await response.text();
  if (isStream) stop.abort();
  return text.startsWith("{") && response.status >= 400
    ? { status: response.status, code: (JSON.parse(text) as { code: string }).code }
    : { status: response.status };
}

describe.each(ROUTE_IDS)("%s", (id) => {
  const { roles, binding } = ACCESS[id];

  it("refuses a caller without a key, unless it is public", async () => {
    for (const token of [null, "shd_000000000000_unknown"]) {
      const { status, code } = await statusOf(id, token);
      if (roles === "public") expect(status).toBe(200);
      else expect({ status, code }).toEqual({ status: 401, code: "unauthenticated" });
    }
  });

  it.each(ROLES)("lets a %s call it where the table has that role", async (role) => {
    const { status, code } = await statusOf(id, KEYS[role].token);
    if (roles === "public" || roles.includes(role)) {
      expect([401, 403, 500]).not.toContain(status);
    } else {
      expect({ status, code }).toEqual({ status: 403, code: "role_not_allowed" });
    }
  });

  it("refuses a key that is bound to wallets where it is about the whole site", async () => {
    if (roles === "public") return;
    for (const key of [KEYS.bound, KEYS.boundOperator]) {
      if (!roles.includes(key.key.role)) continue;
      const { code } = await statusOf(id, key.token);
      if (binding === "site") expect(code).toBe("wallet_not_allowed");
      if (binding === "none") expect(code).toBeUndefined();
    }
  });
});

describe("a key that is bound to a wallet", () => {
  it("asks for payments of its own wallet alone", async () => {
    const other = { key: KEYS.bound, body: payment({ wallet_id: "hot-2" }) };
    expect((await http.call("PUT /v1/payments/b-1", other)).body.code).toBe("wallet_not_allowed");
    const simulated = {
      key: KEYS.bound,
      body: payment({ wallet_id: "hot-2", withdrawal_id: "b-1" }),
    };
    expect((await http.call("POST /v1/simulate", simulated)).body.code).toBe("wallet_not_allowed");
    const own = await http.call("PUT /v1/payments/b-2", { key: KEYS.bound, body: payment() });
    expect(own.body.final).toBe("ALLOW");
  });

  it("neither sees nor moves payments of another", async () => {
    const body = payment({ wallet_id: "hot-2" });
    expect((await http.call("PUT /v1/payments/c-1", { body })).body.final).toBe("ALLOW");
    for (const [route, order] of [
      ["GET /v1/payments/c-1", undefined],
      ["POST /v1/payments/c-1/claim", { signer_id: "s" }],
      ["POST /v1/payments/c-1/commit", { txid: "2".repeat(64) }],
      ["POST /v1/payments/c-1/release", { reason: "mine" }],
    ] as const) {
      const answer = await http.call(route, { key: KEYS.bound, body: order });
      expect([answer.status, answer.body.code]).toEqual([404, "not_found"]);
      const unknown = await http.call(route.replace("c-1", "never-asked"), {
        key: KEYS.bound,
        body: order,
      });
      // Nothing tells a payment of another wallet from none.
      expect({ ...unknown.body, instance: "" }).toEqual({ ...answer.body, instance: "" });
    }
    expect((await http.call("GET /v1/payments/c-1")).body.status).toBe("reserved");
  });

  it("lists its own payments, page by page, and no cursor names another's", async () => {
    for (let number = 0; number < 6; number++) {
      const wallet_id = number % 2 === 0 ? "hot-1" : "secret-wallet";
      const answer = await http.call(`PUT /v1/payments/l-${number}-${wallet_id}`, {
        body: payment({ wallet_id, amount: "1" }),
      });
      expect(answer.body.final).toBe("ALLOW");
    }
    const found: string[] = [];
    let after = "";
    for (let page = 0; page < 20; page++) {
      const { body, text } = await http.call(`GET /v1/payments?limit=1${after}`, {
        key: KEYS.bound,
      });
      expect(text).not.toMatch(/secret-wallet|hot-2/);
      found.push(
        ...body.payments.map(({ withdrawal_id }: { withdrawal_id: string }) => withdrawal_id),
      );
      if (body.next === null) break;
      after = `&after=${encodeURIComponent(body.next)}`;
    }
    const all = await http.call("GET /v1/payments", { key: KEYS.reader });
    const own = all.body.payments.filter((one: { wallet_id: string }) => one.wallet_id === "hot-1");
    expect(found).toEqual(own.map(({ withdrawal_id }: { withdrawal_id: string }) => withdrawal_id));
    expect(own.length).toBeGreaterThan(3);
    expect(all.body.payments.length).toBeGreaterThan(own.length);
  });

  it("lists freezes of its own wallet, and gives orders about it alone", async () => {
    for (const id of ["hot-1", "secret-wallet"]) {
      const body = { scope: "wallet", id, reason: "drill" };
      expect((await http.call("POST /v1/freezes", { key: KEYS.operator, body })).status).toBe(200);
    }
    const { text, body } = await http.call("GET /v1/freezes?limit=1", { key: KEYS.bound });
    expect(body.freezes).toHaveLength(1);
    expect(text).not.toContain("secret-wallet");
    for (const order of [
      { scope: "wallet", id: "secret-wallet", reason: "x" },
      { scope: "global", id: "global", reason: "x" },
      { scope: "account", id: "alice", reason: "x" },
    ]) {
      const answer = await http.call("POST /v1/freezes", { key: KEYS.boundOperator, body: order });
      expect(answer.body.code).toBe("wallet_not_allowed");
    }
    expect((await http.call("GET /v1/wallets/secret-wallet", { key: KEYS.bound })).status).toBe(
      403,
    );
    const status = await http.call("GET /v1/status", { key: KEYS.bound });
    expect(status.text).not.toMatch(/secret-wallet|hot-2/);
  });
});
