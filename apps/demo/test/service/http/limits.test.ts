import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpService, KEYS, payment, startHttpService } from "../../support/http-service.js";

let http: HttpService | undefined;
afterEach(async () => {
  await http?.close();
  http = undefined;
});

describe("rates", () => {
  it("bound each key by itself, and callers without one", async () => {
    http = await startHttpService({
      settings: { rate_limit: { per_key_per_minute: 5, per_address_per_minute: 3 } },
    });
    const statuses = async (key: typeof KEYS.wallet | null, times: number) => {
      const found: number[] = [];
      for (let time = 0; time < times; time++) {
        found.push((await http!.call("GET /v1/network", { key })).status);
      }
      return found;
    };
    expect(await statuses(null, 5)).toEqual([401, 401, 401, 429, 429]);
    expect(await statuses(KEYS.wallet, 7)).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect(await statuses(KEYS.reader, 1)).toEqual([200]);
    const refused = await http.call("GET /v1/network");
    expect(refused.body.code).toBe("rate_limited");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    // Probes go on.
    expect((await http.call("GET /livez", { key: null })).status).toBe(200);
    expect((await http.call("GET /readyz", { key: null })).status).toBe(200);
  });
});

describe("the end of the server", () => {
  it("comes within a second, whatever is connected", async () => {
    http = await startHttpService();
    const stop = new AbortController();
    await fetch(`${http.url}/v1/events`, {
      signal: stop.signal,
      headers: { authorization: `Bearer ${KEYS.reader.token}` },
    });
    const idle = connect(http.port, "127.0.0.1");
    const half = connect(http.port, "127.0.0.1");
    for (const socket of [idle, half]) socket.on("error", () => undefined);
    half.write("PUT /v1/payments/half HTTP/1.1\r\nhost: localhost\r\n");
    await http.call("PUT /v1/payments/last", { body: payment() });
    await sleep(100);
    const ended = http.app.close();
    const winner = await Promise.race([ended.then(() => "ended"), sleep(5_000, "late")]);
    expect(winner).toBe("ended");
    await expect(fetch(`${http.url}/livez`)).rejects.toThrow();
    stop.abort();
  });
});
