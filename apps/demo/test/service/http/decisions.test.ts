/** The list of decisions over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type HttpService,
  KEYS,
  payment,
  startHttpService,
  type TestKey,
} from "../../support/http-service.js";

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
