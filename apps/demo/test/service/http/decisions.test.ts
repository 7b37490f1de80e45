/** The list of decisions over HTTP. */
import { digibyteRegtest } from "@dgb-shield/chain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressNo } from "../../support/addresses.js";
import {
  type HttpService,
  KEYS,
  payment,
  startHttpService,
  type TestKey,
} from "../../support/http-service.js";

/** A payment to an address that the ledger has never seen. */
const PAID = { destinations: [{ address: addressNo(digibyteRegtest, 17), amount: "10" }] };

describe("the latest decision on a payment", () => {
  let http: HttpService;
  beforeAll(async () => {
    http = await startHttpService();
  });
  afterAll(() => http.close());

  const listed = async (key: TestKey) => {
    const { body } = await http.call("GET /v1/decisions", { key });
    const { decisions } = body as { decisions: readonly Record<string, unknown>[] };
    return decisions.map(({ payment_id, wallet_id, final, standing }) =>
      [payment_id, wallet_id, final, standing].join(" "),
    );
  };

  it("stays where another wallet's key, or a repeated request, gives its id", async () => {
    const path = "PUT /v1/payments/one";
    expect((await http.call(path, { body: payment({ wallet_id: "hot-2" }) })).status).toBe(200);
    expect(await listed(KEYS.reader)).toEqual(["one hot-2 ALLOW allowed"]);
    const stolen = await http.call(path, { key: KEYS.bound, body: payment() });
    expect(stolen.body.code).toBe("content_changed");
    expect(await listed(KEYS.reader)).toEqual(["one hot-2 ALLOW allowed"]);
    expect(await listed(KEYS.bound)).toEqual([]);

    const commit = { body: { txid: "ab".repeat(32) } };
    expect((await http.call("POST /v1/payments/one/commit", commit)).status).toBe(200);
    await http.call(path, { body: payment({ wallet_id: "hot-2" }) });
    expect(await listed(KEYS.reader)).toEqual(["one hot-2 ALLOW committed"]);
  });
});

describe("a payment's timeline", () => {
  let http: HttpService;
  beforeAll(async () => {
    http = await startHttpService({
      config: { behaviour: "ledger", guard: { min_address_age_days: 2 } },
    });
  });
  afterAll(() => http.close());

  it("gives the sources of a decision's facts, and what counted, as the answer does", async () => {
    const given = payment({ address_age_days: 400, ...PAID });
    const decided = await http.call("PUT /v1/payments/one", { body: given });
    const path = "GET /v1/payments/one/timeline";
    const { body } = await http.call(path, { key: KEYS.reader });
    expect(body.entries).toHaveLength(1);
    expect(body.entries[0]).toMatchObject({
      provenance: decided.body.provenance,
      counted: { wallet_balance: "1000", address_age_days: 0, behaviour_score: 1 },
    });
    expect(decided.body.provenance).toMatchObject({
      wallet_balance: { source: "caller" },
      address_age_days: { source: "ledger", stated: 400, contradicted: true },
      behaviour_score: { source: "ledger" },
    });
  });

  it("says nothing of it where a record is no decision", async () => {
    await http.call("PUT /v1/payments/two", { body: payment() });
    const claim = { body: { signer_id: "signer-1" } };
    expect((await http.call("POST /v1/payments/two/claim", claim)).status).toBe(200);
    const path = "GET /v1/payments/two/timeline";
    const { body } = await http.call(path, { key: KEYS.reader });
    const others = body.entries.filter(({ kind }: { kind: string }) => kind !== "decision");
    expect(others).not.toEqual([]);
    for (const entry of others) expect(entry).toMatchObject({ provenance: null, counted: null });
  });
});
