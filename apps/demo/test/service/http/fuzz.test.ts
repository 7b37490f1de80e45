import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHostileSession } from "../../support/hostile-session.js";
import { type HttpService, payment, startHttpService } from "../../support/http-service.js";

let http: HttpService;
beforeAll(async () => {
  http = await startHttpService();
});
afterAll(() => http.close());

describe("requests by the document and against it", () => {
  it("are all answered as documented, without internal errors, and change no later answer (pnpm fuzz: the full form)", async () => {
    const statuses = await runHostileSession(http, { count: 300, seed: 1 });
    for (const status of [200, 400, 401, 403, 404]) expect(statuses.get(status)).toBeGreaterThan(0);
    const { body } = await http.call("PUT /v1/payments/afterwards", {
      body: payment({ wallet_id: "calm", amount: "1" }),
    });
    expect(body.recorded).toBe(true);
    expect(Object.prototype).not.toHaveProperty("polluted");
    expect(http.logged()).not.toMatch(/unexpected failure|planted-secret/);
  }, 20_000);
});
