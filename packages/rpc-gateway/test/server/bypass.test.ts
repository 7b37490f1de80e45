/** Attempts to get a payment past the gateway; what reached the node is what a proxy in front of it recorded. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { basic, exchange, requestText } from "../support/raw.js";
import {
  call,
  CLIENTS,
  type FundedNode,
  post,
  startFundedNode,
  startSite,
  type TestSite,
} from "../support/site.js";

const SECRET = "cSecretKeyOfATestThatMustNotBeWrittenAnywhere11111111";

describe.skipIf(!hasLitecoind())("an attempt to bypass the gateway", () => {
  let node: FundedNode;
  let site: TestSite;
  let to: string;
  let spend: { jsonrpc: string; id: number; method: string; params: unknown[] };
  beforeAll(async () => {
    node = await startFundedNode();
    const limits = { max_body_bytes: 20_000, max_batch: 10, body_timeout_ms: 500 };
    site = await startSite(node, { config: { limits } });
    site.hook.limit = 0n;
    [to = ""] = node.addresses;
    spend = { jsonrpc: "1.0", id: 1, method: "sendtoaddress", params: [to, 0.1] };
  });
  afterAll(async () => {
    await site.close();
    await node.remove();
  });
  beforeEach(() => site.proxy.clear());

  const codeOf = async (answer: Promise<{ json: { error: { data: { code: string } } } }>) =>
    (await answer).json.error.data.code;
  const nothingSent = () => expect(site.proxy.sent()).toBe("");
  const pay = (params: unknown, headers: Record<string, string> = { "shield-payment-id": "x" }) =>
    codeOf(call(site, "hot", "sendtoaddress", params, headers));

  it("finds a payment that a batch hides, and runs the rest", async () => {
    const batch = [
      { id: 1, method: "getblockcount" },
      spend,
      { id: 3, method: "getbestblockhash" },
    ];
    const answer = await post(site, "hot", batch, { headers: { "shield-payment-id": "b" } });
    expect(answer.json).toMatchObject([
      { error: null },
      { error: { data: { code: "limit" } } },
      { error: null },
    ]);
    expect(site.proxy.sent()).not.toContain("sendtoaddress");
  });

  it.each([
    ["of 1.0, without an id", { jsonrpc: "1.0", id: undefined }, 500],
    ["of 1.0, with a null id", { jsonrpc: "1.0", id: null }, 500],
    ["of 2.0, without an id", { jsonrpc: "2.0", id: undefined }, 204],
    ["of 2.0, with a null id", { jsonrpc: "2.0", id: null }, 200],
  ])("refuses a payment as a notification %s", async (_, members, status) => {
    const headers = { "shield-payment-id": "n" };
    const answer = await post(site, "hot", { ...spend, ...members }, { headers });
    expect(answer.status).toBe(status);
    if (status !== 204) expect(answer.json.error.data.code).toBe("notification_refused");
    const inBatch = await post(site, "hot", [{ ...spend, ...members }], { headers });
    expect(inBatch.status).toBe(status === 204 ? 204 : 200);
    nothingSent();
  });

  it.each([
    ['{"id":1,"method":"getblockcount","method":"sendtoaddress","params":["T",1]}'],
    ['{"id":1,"method":"sendtoaddress","params":[],"\\u0070arams":["T",1]}'],
    ['{"id":1,"method":"sendtoaddress","params":{"address":"T","amount":1,"amount":2}}'],
    ['{"id":1,"__proto__":{"method":"stop"},"method":"getblockcount"}'],
    ['{"id":1,"method":"getblockcount"}{"id":2,"method":"stop"}'],
    ['\ufeff{"id":1,"method":"stop"}'],
    [`{"id":1,"method":"getblockcount","params":${"[".repeat(40)}${"]".repeat(40)}}`],
    ["[".repeat(9_000)],
    ['{"id":1,"method":"getblockcount","params":[1e400]}'],
    [""],
    ["null x"],
  ])("refuses what is no strict JSON: %s", async (body) => {
    const answer = await post(site, "hot", body);
    expect(answer).toMatchObject({
      status: 500,
      json: { error: { code: -32_700, data: { code: "invalid_json" } } },
    });
    nothingSent();
  });

  it.each([
    [{ id: 1, method: "getblockcount", extra: 1 }],
    [{ id: { a: 1 }, method: "getblockcount" }],
    [{ id: 1, method: ["stop"] }],
    [{ id: 1, method: "getblockcount", params: "stop" }],
    [{ jsonrpc: 2, id: 1, method: "getblockcount" }],
    [{ id: "x".repeat(200), method: "getblockcount" }],
    ["text"],
  ])("refuses what is no request: %j", async (body) => {
    const answer = await post(site, "hot", JSON.stringify(body));
    expect(answer).toMatchObject({
      status: 400,
      json: { error: { code: -32_600, data: { code: "invalid_request" } } },
    });
    nothingSent();
  });

  it.each([
    ...[
      "SendToAddress",
      "sendtoaddress ",
      " sendtoaddress",
      "sendtoaddress\u0000",
      "sendtoaddress\n",
    ],
    ...["__proto__", "constructor", "toString", "dumpprivkey", "nosuchmethod", "ѕtop"],
  ])("runs no method but by its exact name: %j", async (method) => {
    const code = await codeOf(call(site, "hot", method, [to, 0.1]));
    expect(["unknown_method", "role_forbids"]).toContain(code);
    nothingSent();
  });

  it("reads positional and named parameters at once as a node does, or not at all", async () => {
    expect(await pay({ args: [to, 0.1], amount: 0.2 })).toBe("parameters_ambiguous");
    expect(await pay({ args: [to], amount: 0.2 })).toBe("limit");
    expect(await pay({ address: to, amount: 0.2, Amount: 1 })).toBe("parameter_unknown");
    expect(await pay({ args: "x", address: to, amount: 1 })).toBe("parameter_unknown");
    expect(await pay([to])).toBe("parameter_invalid");
    expect(await pay([to, 0.1, "", "", "true"])).toBe("parameter_invalid");
    expect(await pay([to, 0.1, ...Array.from({ length: 12 }, () => null)])).toBe(
      "parameter_unknown",
    );
    nothingSent();
  });

  it("refuses amounts, addresses and fee rates that it cannot be certain of", async () => {
    for (const amount of [0, -1, "1e-9", " 1", "0x1", "1_0", true, "01", ""]) {
      expect([amount, await pay([to, amount])]).toEqual([amount, "amount_invalid"]);
    }
    for (const address of ["", "x", to.toUpperCase().slice(1), `${to} `, "ltcmweb1qq", SECRET]) {
      expect([address, await pay([address, 1])]).toEqual([address, "address_unreadable"]);
    }
    expect(await pay({ address: to, amount: 1, fee_rate: "1000.001" })).toBe("fee_rate_too_high");
    expect(await pay({ address: to, amount: 1, fee_rate: 1e3 })).toBe("limit");
    nothingSent();
  });

  it.each([
    ["send", [{}, null, null, null, { add_to_wallet: false }]],
    ["send", [{}, null, null, null, { psbt: true }]],
    ["send", [{}, null, null, null, { lock_unspents: true }]],
    ["send", [{}, null, null, null, { locktime: 5 }]],
    ["fundrawtransaction", ["00", { lockUnspents: true }]],
    ["walletcreatefundedpsbt", { inputs: [], outputs: [], options: { lockUnspents: true } }],
    ["walletcreatefundedpsbt", { args: [[], [], 0, { lockUnspents: "yes" }] }],
  ])("refuses options that hold coins or sign without sending: %s %j", async (method, params) => {
    const filled = JSON.parse(JSON.stringify(params).replace("{}", `{"${to}":0.1}`)) as unknown;
    const code = await codeOf(call(site, "hot", method, filled, { "shield-payment-id": "o" }));
    expect(["option_refused", "decoder_missing"]).toContain(code);
    if (method === "send") expect(code).toBe("option_refused");
    nothingSent();
  });

  it("knows no decoder, or no parameter, for what could pay otherwise", async () => {
    const headers = { "shield-payment-id": "d" };
    for (const method of [
      "abandontransaction",
      "signrawtransactionwithkey",
      "sendfrom",
      "senddigidollar",
    ]) {
      expect(await codeOf(call(site, "hot", method, ["00"], headers))).toBe("decoder_missing");
    }
    const change = [{ [to]: 0.1 }, null, null, null, { change_address: to }];
    expect(await codeOf(call(site, "hot", "send", change, headers))).toBe("parameter_unknown");
    nothingSent();
  });

  it("binds wallets to clients", async () => {
    const body = JSON.stringify(spend);
    for (const path of [
      "/wallet/other",
      "/wallet/",
      "/wallet/HOT",
      "/wallet/hot%00",
      "/wallet/%68ot",
    ]) {
      const answer = await post(site, "hot", body, { path });
      expect([path, answer.status, answer.json.error.data.code]).toEqual([
        path,
        404,
        "wallet_unknown",
      ]);
    }
    for (const target of [
      "//",
      "/wallet/hot/",
      "/wallet//hot",
      "/wallet%2Fhot",
      "/rest/chaininfo.json",
    ]) {
      const text = requestText(body, { head: `POST ${target} HTTP/1.1` });
      expect(await exchange(site.url, text)).toMatch(/^HTTP\/1.1 404.*path_unknown/s);
    }
    for (const target of ["/../", "/?x", "http://127.0.0.1/", "*", "/./wallet/hot"]) {
      const text = requestText(body, { head: `POST ${target} HTTP/1.1` });
      expect(await exchange(site.url, text)).toMatch(/^HTTP\/1.1 40[04]/);
    }
    expect(await codeOf(call(site, "reader", "getbalance"))).toBe("role_forbids");
    nothingSent();
  });

  it("unlocks a wallet for its own clients alone, and not for long", async () => {
    expect(await codeOf(call(site, "hot", "walletpassphrase", [SECRET, 61]))).toBe(
      "unlock_too_long",
    );
    expect(
      await codeOf(call(site, "hot", "walletpassphrase", { passphrase: SECRET, timeout: "9" })),
    ).toBe("parameter_invalid");
    expect(
      await codeOf(call(site, "hot", "walletpassphrase", { args: [SECRET, 5], timeout: 90 })),
    ).toBe("parameter_invalid");
    const other = await post(
      site,
      "other",
      { id: 1, method: "walletpassphrase", params: [SECRET, 5] },
      { path: "/wallet/hot" },
    );
    expect(other.json.error.data.code).toBe("wallet_unknown");
    site.hook.view = { lockdown: "FULL", causes: ["rule_split"] };
    expect(await codeOf(call(site, "hot", "walletpassphrase", [SECRET, 5]))).toBe("state_forbids");
    site.hook.view = { lockdown: "NONE", causes: [] };
    nothingSent();
  });

  it("writes no key and no passphrase anywhere", async () => {
    const [first = ""] = node.addresses;
    const tries: [string, unknown][] = [
      ["signrawtransactionwithkey", ["00", [SECRET]]],
      ["importprivkey", [SECRET]],
      ["walletpassphrase", [SECRET, 9_999]],
      ["walletpassphrasechange", [SECRET, SECRET]],
      [SECRET, []],
      ["sendtoaddress", [SECRET, 1]],
      ["sendtoaddress", [first, 1, SECRET]],
      ["sendtoaddress", { [SECRET]: 1 }],
    ];
    const answers = [];
    for (const [method, params] of tries) {
      answers.push(await call(site, "hot", method, params, { "shield-payment-id": "s" }));
    }
    answers.push(await post(site, "hot", `{"id":1,"method":"x","params":["${SECRET}"]`));
    expect(answers.map(({ text }) => text).join()).not.toContain(SECRET);
    expect(JSON.stringify(site.log)).not.toContain(SECRET);
    nothingSent();
  });

  it.each<[string, Record<string, string | null>, number, string | null]>([
    ["another host", { Host: "evil.example" }, 403, "host_unknown"],
    ["no host", { Host: null }, 400, null],
    ["a browser's origin", { Origin: "http://127.0.0.1" }, 403, "browser_refused"],
    ["a browser's fetch", { "Sec-Fetch-Site": "same-origin" }, 403, "browser_refused"],
    ["no user", { Authorization: null }, 401, null],
    ["an unknown user", { Authorization: basic("unknown") }, 401, null],
    ["a wrong password", { Authorization: basic("hot", "x".repeat(40)) }, 401, null],
    ["a short password", { Authorization: basic("hot", "x") }, 401, null],
    ["a form", { "Content-Type": "application/x-www-form-urlencoded" }, 415, "media_type"],
    ["a compressed body", { "Content-Encoding": "gzip" }, 400, "header_refused"],
    ["an upgrade", { Upgrade: "h2c", Connection: "Upgrade" }, 400, "header_refused"],
    ["two identities", { "Shield-Payment-Id": "y" }, 400, "header_refused"],
    ["another expectation", { Expect: "200-ok" }, 417, null],
    ["a length that is too large", { "Content-Length": "20001" }, 413, "body_too_large"],
    ["two lengths", { "content-length": "3" }, 400, null],
    ["a length and a coding", { "Transfer-Encoding": "chunked" }, 400, null],
    ["another coding", { "Content-Length": null, "Transfer-Encoding": "gzip, chunked" }, 400, null],
    ["a spoilt coding", { "Content-Length": null, "Transfer-Encoding": "xchunked" }, 400, null],
  ])("refuses a request with %s", async (_, headers, status, code) => {
    const received = await exchange(site.url, requestText(JSON.stringify(spend), { headers }));
    expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    if (code !== null) expect(received).toContain(code);
    nothingSent();
  });

  it.each(["GET", "PUT", "OPTIONS", "HEAD", "DELETE"])("serves no %s", async (method) => {
    const received = await exchange(site.url, requestText("", { head: `${method} / HTTP/1.1` }));
    expect(received).toMatch(/^HTTP\/1.1 405/);
    if (method !== "HEAD") expect(received).toContain("method_not_allowed");
    nothingSent();
  });

  it("takes chunks, and refuses those that are none or too many", async () => {
    const chunked = { "Content-Length": null, "Transfer-Encoding": "chunked" };
    const text = JSON.stringify(spend);
    const body = `5\r\n${text.slice(0, 5)}\r\n${(text.length - 5).toString(16)}\r\n${text.slice(5)}\r\n0\r\n\r\n`;
    expect(await exchange(site.url, requestText(body, { headers: chunked }))).toContain('"limit"');
    const broken = body.replace("5\r\n", "zz\r\n");
    expect(await exchange(site.url, requestText(broken, { headers: chunked }))).toMatch(
      /^HTTP\/1.1 4/,
    );
    const large = `5000\r\n${" ".repeat(0x5000)}\r\n0\r\n\r\n`;
    expect(await exchange(site.url, requestText(large, { headers: chunked }))).toContain(
      "body_too_large",
    );
    const unended = requestText(text, { headers: { "Content-Length": String(text.length + 9) } });
    expect(await exchange(site.url, unended)).toContain("body_incomplete");
    nothingSent();
  });

  it("judges each request of a pipeline, and takes what follows a body for a request of its own", async () => {
    const text = JSON.stringify(spend);
    const keep = { Connection: "keep-alive" };
    const two = requestText(text, { headers: keep }) + requestText(text);
    const received = await exchange(site.url, two);
    expect(received.match(/"limit"/g)).toHaveLength(2);
    const smuggled = `${requestText(text, { headers: keep })}POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
    const [, second = ""] = (await exchange(site.url, smuggled)).split(/(?=HTTP\/1.1 401)/);
    expect(second).toMatch(/^HTTP\/1.1 401/);
    nothingSent();
  });

  it("asks for a body that is expected only from a client", async () => {
    const head = { Expect: "100-continue" };
    const text = JSON.stringify(spend);
    expect(await exchange(site.url, requestText(text, { headers: head }))).toMatch(
      /^HTTP\/1.1 100.*limit/s,
    );
    const stranger = { ...head, Authorization: null };
    expect(await exchange(site.url, requestText(text, { headers: stranger }))).toMatch(
      /^HTTP\/1.1 401/,
    );
    nothingSent();
  });

  it("bounds batches and bodies", async () => {
    const calls = Array.from({ length: 11 }, (_, id) => ({ id, method: "getblockcount" }));
    expect((await post(site, "hot", calls)).json.error.data.code).toBe("batch_too_large");
    expect((await post(site, "hot", " ".repeat(20_001))).json.error.data.code).toBe(
      "body_too_large",
    );
    nothingSent();
  });

  it("refuses everything while the policy fails, and payments in a lockdown but to own destinations", async () => {
    const own = String(node.addresses[1]);
    const changed = await startSite(node, {
      config: {
        clients: CLIENTS,
        internal: [{ class: "cold", address: own }],
        evacuation: { nonce_reuse: ["cold"], rule_split: [] },
      },
    });
    const send = async (address: string, causes: string[]) => {
      changed.hook.view = { lockdown: "FULL", causes };
      const headers = { "shield-payment-id": `${address}${causes.join("")}` };
      const { status, json } = await call(changed, "hot", "sendtoaddress", [address, 0.1], headers);
      return status === 200 ? "paid" : json.error.data.code;
    };
    expect(await send(to, ["nonce_reuse"])).toBe("state_forbids");
    expect(await send(own, ["rule_split"])).toBe("state_forbids");
    expect(await send(own, ["nonce_reuse", "rule_split"])).toBe("state_forbids");
    expect(await send(own, ["unknown"])).toBe("state_forbids");
    expect(await send(own, [])).toBe("state_forbids");
    expect(changed.proxy.sent()).toBe("");
    expect(await send(own, ["nonce_reuse"])).toBe("paid");
    expect(changed.hook.reservations).toMatchObject([
      { spend: { payouts: [], internal: [{ class: "cold" }] } },
    ]);
    await changed.close();
    const failing = await startSite(node, {
      ports: {
        policy: {
          decide() {
            throw new Error("broken");
          },
        },
      },
    });
    expect(await codeOf(call(failing, "reader", "getblockcount"))).toBe("policy_failed");
    expect(failing.proxy.sent()).toBe("");
    await failing.close();
  });
});
