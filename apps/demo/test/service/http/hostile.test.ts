import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LedgerError } from "@dgb-shield/wallet-guardian";
import { conformance } from "../../support/conforms.js";
import { type HttpService, KEYS, payment, startHttpService } from "../../support/http-service.js";
import { rawRequest } from "../../support/raw-request.js";
import { digibyteRegtest } from "@dgb-shield/chain";
import { addressNo } from "../../support/addresses.js";

const TOKEN = KEYS.wallet.token;
/** What a caller sends, and no answer to others and no line of the log may show. */
const PLANTED = {
  account_id: "planted-account-4711",
  amount: "73.91827364",
  device_id: "planted-device",
  user_id: "planted-user",
  destinations: [{ address: addressNo(digibyteRegtest, 4_711), amount: "1" }],
};

let http: HttpService;
let wrong: ReturnType<typeof conformance>;
/** What the service does next in place of its answer. */
let fault: (() => never) | undefined;
/** Everything that was answered. */
let answered = "";

beforeAll(async () => {
  http = await startHttpService({
    settings: { allowed_hosts: ["shield.example"], allowed_origins: ["https://console.example"] },
    wrap: (service) => ({
      ...service,
      decide: async (request) => {
        fault?.();
        return service.decide(request);
      },
      records: async (after, limit) => {
        fault?.();
        return service.records(after, limit);
      },
    }),
  });
  wrong = conformance((await http.call("GET /v1/openapi.json")).body);
});
afterAll(() => http.close());
afterEach(() => (fault = undefined));

const DECIDE = "PUT /v1/payments/{id}";
let number = 0;
async function put(body: unknown, headers: Record<string, string> = {}) {
  const answer = await http.call(`PUT /v1/payments/hostile-${++number}`, { body, headers });
  answered += answer.text;
  return answer;
}

describe("a body", () => {
  it.each<[string, string, number, string]>([
    ["that is no JSON", "{", 400, "malformed_json"],
    ["that is empty", "", 400, "malformed_json"],
    ["with a key twice", '{"wallet_id":"hot-1","amount":"1","amount":"2"}', 400, "malformed_json"],
    [
      "with __proto__",
      '{"wallet_id":"hot-1","amount":"1","__proto__":{"x":1}}',
      400,
      "malformed_json",
    ],
    [
      "with a number that loses precision",
      '{"wallet_id":"hot-1","amount":9007199254740993}',
      400,
      "malformed_json",
    ],
    ["with a lone surrogate", '{"wallet_id":"\\ud800","amount":"1"}', 400, "malformed_json"],
    ["that is deep", "[".repeat(33) + "]".repeat(33), 400, "malformed_json"],
    ["with a byte order mark", '\ufeff{"wallet_id":"hot-1","amount":"1"}', 400, "malformed_json"],
    ["that is a list", "[]", 400, "malformed_request"],
    ["that is null", "null", 400, "malformed_request"],
    ["that is a text", '"x"', 400, "malformed_request"],
    [
      "with an inherited name",
      '{"wallet_id":"hot-1","amount":"1","constructor":1}',
      400,
      "unknown_field",
    ],
    [
      "that is too large",
      JSON.stringify({ wallet_id: "x".repeat(300_000) }),
      413,
      "body_too_large",
    ],
  ])("%s is refused", async (_, body, status, code) => {
    const answer = await put(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(wrong(DECIDE, answer)).toBeUndefined();
  });

  it.each([
    ["text/plain", {}],
    ["application/x-www-form-urlencoded", {}],
    ["application/json; charset=utf-16", {}],
    ["application/json", { "content-encoding": "gzip" }],
    ["application/json", { "content-encoding": "br" }],
  ])("as %s %j is refused", async (type, headers) => {
    const answer = await put(JSON.stringify(payment()), { "content-type": type, ...headers });
    expect([answer.status, answer.body.code]).toEqual([415, "media_type"]);
  });

  it("that is packed is never unpacked", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const response = await fetch(`${http.url}/v1/payments/bomb`, {
      method: "PUT",
      headers: {
        authorization: `Bearer ${TOKEN}`,
        "content-type": "application/json",
        "content-encoding": "gzip",
      },
      body: bomb,
    });
    expect(response.status).toBe(415);
  });

  it("is not read without a key", async () => {
    const head =
      "PUT /v1/payments/x HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const answer = await rawRequest(
      http.port,
      `${head}content-length: 1000000\r\nconnection: close\r\n\r\n{"a`,
      1_000,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("that ends early records nothing", async () => {
    const head = `PUT /v1/payments/early HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n`;
    await rawRequest(
      http.port,
      `${head}content-type: application/json\r\ncontent-length: 99\r\n\r\n{}`,
      200,
    );
    expect((await http.call("GET /v1/payments/early")).status).toBe(404);
  });
});

describe("a request", () => {
  const raw = (headers: string, line = "GET /livez HTTP/1.1") =>
    rawRequest(http.port, `${line}\r\n${headers}connection: close\r\n\r\n`);

  it.each([
    ["localhost", 200],
    ["127.0.0.1:9999", 200],
    ["[::1]:1", 200],
    ["shield.example", 200],
    ["SHIELD.example:8480", 200],
    ["evil.example", 403],
    ["localhost.evil.example", 403],
    ["127.0.0.1.nip.io", 403],
    ["", 403],
    ["shield.example@evil.example", 403],
    ["0.0.0.0", 403],
  ])("to the host %j is %d", async (host, status) => {
    expect(await raw(`host: ${host}\r\n`)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it("from a foreign page is refused, and from an allowed one answered", async () => {
    const from = async (origin: string) => http.call("GET /v1/status", { headers: { origin } });
    for (const origin of [
      "null",
      "https://evil.example",
      "http://localhost:1",
      "https://console.example.evil",
    ]) {
      const answer = await from(origin);
      expect([answer.status, answer.body.code]).toEqual([403, "origin_not_allowed"]);
      expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    }
    const own = await from(http.url);
    expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([200, null]);
    const allowed = await from("https://console.example");
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://console.example");
    const preflight = await http.call("OPTIONS /v1/status", {
      key: null,
      headers: { origin: "https://console.example", "access-control-request-method": "GET" },
    });
    expect([preflight.status, preflight.headers.get("access-control-allow-credentials")]).toEqual([
      204,
      null,
    ]);
  });

  it("of an unknown path or method is answered before its body is read", async () => {
    for (const [line, status] of [
      ["POST /nothing HTTP/1.1", 404],
      ["DELETE /v1/status HTTP/1.1", 405],
      ["POST /v1/payments/x HTTP/1.1", 405],
      ["GET /v1/payments/%zz HTTP/1.1", 400],
      ["GET /v1/../etc/passwd HTTP/1.1", 404],
      ["GET /docs/static/..%2f..%2fpackage.json HTTP/1.1", 404],
    ] as const) {
      const answer = await raw(
        "host: localhost\r\ncontent-type: application/json\r\ncontent-length: 9999999\r\n",
        line,
      );
      expect(`${line}: ${answer.split("\r\n")[0]}`).toMatch(new RegExp(`: HTTP/1\\.1 ${status} `));
      expect(answer).toContain("application/problem+json");
      answered += answer;
    }
  });

  it("that is no HTTP, or has large headers, is answered and ended", async () => {
    expect(await rawRequest(http.port, "hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await raw(`host: localhost\r\nx: ${"y".repeat(20_000)}\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    const smuggled = "content-length: 4\r\ntransfer-encoding: chunked\r\n";
    expect(await raw(`host: localhost\r\n${smuggled}`, "POST /livez HTTP/1.1")).toMatch(
      /^HTTP\/1\.1 400 /,
    );
  });

  it.each([
    "Basic abc",
    "Bearer",
    "Bearer  x",
    "bearer",
    `Bearer ${TOKEN} ${TOKEN}`,
    `Token ${TOKEN}`,
  ])("with the authorization %j has no key", async (authorization) => {
    const answer = await http.call("GET /v1/status", { key: null, headers: { authorization } });
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([
      401,
      'Bearer realm="shield"',
    ]);
  });

  it("continues its trace, and is named in its answer", async () => {
    const trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    const answer = await http.call("GET /v1/nothing", {
      headers: { traceparent: `00-${trace_id}-00f067aa0ba902b7-01` },
    });
    expect(answer.headers.get("traceparent")).toMatch(
      new RegExp(`^00-${trace_id}-[0-9a-f]{16}-01$`),
    );
    expect(answer.headers.get("traceparent")).not.toContain("00f067aa0ba902b7");
    expect(answer.body.instance).toBe(`urn:uuid:${answer.headers.get("x-request-id")}`);
    for (const traceparent of [
      "00-" + "0".repeat(32) + "-00f067aa0ba902b7-01",
      "x",
      `ff-${trace_id}-00f067aa0ba902b7-01`,
    ]) {
      const fresh = await http.call("GET /livez", { headers: { traceparent } });
      expect(fresh.headers.get("traceparent")).toMatch(
        /^00-(?!0{32})[0-9a-f]{32}-[0-9a-f]{16}-00$/,
      );
    }
  });

  it("is answered with headers that let a browser do nothing", async () => {
    for (const route of ["GET /v1/status", "GET /nothing", "GET /livez"]) {
      const { headers } = await http.call(route);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("server")).toBeNull();
    }
  });
});

describe("a failure of the service", () => {
  it("is 500 without any detail", async () => {
    fault = () => {
      throw new Error(`secret path /srv/keys of ${PLANTED.account_id}`);
    };
    const answer = await put(payment(PLANTED));
    expect([answer.status, answer.body.code]).toEqual([500, "internal_error"]);
    expect(answer.text).not.toMatch(/secret|srv|Error|node_modules|\.ts/);
    expect(wrong(DECIDE, answer)).toBeUndefined();
  });

  it("of the ledger is 503 with a time to try again", async () => {
    fault = () => {
      throw new LedgerError("ledger_busy", "another process has it");
    };
    const records = await http.call("GET /v1/records", { key: KEYS.reader });
    expect([records.status, records.body.code, records.headers.get("retry-after")]).toEqual([
      503,
      "ledger_busy",
      "5",
    ]);
    fault = () => {
      throw new LedgerError("ledger_unavailable", "the file is missing at /srv/ledger");
    };
    const answer = await put(payment());
    expect([answer.status, answer.body.code]).toEqual([503, "ledger_unavailable"]);
    expect(answer.text).not.toContain("/srv");
  });
});

describe("everything that was written", () => {
  it("shows no secret and no personal data, whatever was sent", async () => {
    await put(payment(PLANTED));
    await put({ ...payment(PLANTED), [`unknown-${PLANTED.user_id}`]: 1 });
    await put(`{"account_id":"${PLANTED.account_id}"`);
    await http.call(`GET /v1/accounts/${PLANTED.account_id}`, { key: KEYS.reader });
    await http.call(`GET /v1/payments?after=${PLANTED.account_id}`);
    await rawRequest(
      http.port,
      `GET /${TOKEN} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
      200,
    );
    const metrics = await http.call("GET /metrics", { key: KEYS.reader });
    const lines = http.logged();
    expect(lines.split("\n").length).toBeGreaterThan(50);
    const secrets = Object.values(KEYS).map(({ token }) => token);
    const personal = ["planted-", PLANTED.amount, PLANTED.destinations[0]!.address, "hostile-"];
    for (const planted of [
      ...secrets,
      "planted-secret",
      ...personal,
      "secret path",
      "console.example",
    ]) {
      expect(lines).not.toContain(planted);
      expect(metrics.text).not.toContain(planted);
    }
    for (const secret of [...secrets, "secret path", "node_modules", "    at "]) {
      expect(answered).not.toContain(secret);
    }
    const entries = lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = entries.filter(({ msg }) => msg === "request");
    expect(
      requests.every(
        ({ request_id, trace_id }) => request_id !== undefined && trace_id !== undefined,
      ),
    ).toBe(true);
    expect(entries.some(({ msg }) => msg === "unexpected failure")).toBe(true);
  });
});
