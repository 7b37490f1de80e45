import { createNodeRpc } from "@dgb-shield/chain/rpc";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { createNodeBalances } from "../../../src/service/balances/node-balances.js";
import { readBalance, unitsOf } from "../../../src/service/balances/read-balance.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Listens as a node whose wallet answers a batch; returns its address. */
async function nodeOf(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers each call of a batch by its method; a text is the whole body. */
const answering =
  (answers: Readonly<Record<string, unknown>> | string, seen: string[] = []): RequestListener =>
  (request, response) => {
    seen.push(request.url ?? "");
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      if (typeof answers === "string") return response.end(answers);
      const calls = JSON.parse(text) as { id: number; method: string }[];
      const all = calls.map(({ id, method }) => ({ id, error: null, result: answers[method] }));
      return response.end(JSON.stringify(all));
    });
  };

describe("unitsOf", () => {
  it.each([
    ["0", 0, 0n],
    ["a coin", 1, 100_000_000n],
    ["a unit", 1e-8, 1n],
    ["the largest exact one", 67_108_863.99999999, 6_710_886_399_999_999n],
    // From 2^26 coins on a double can stand for several amounts: a whole coin less is no more than there is.
    ["an amount that shares its double", 90_071_992.54740991, 9_007_199_100_000_000n],
    ["a hundred million coins", 100_000_000, 9_999_999_900_000_000n],
    ["nearly two hundred million", 199_999_999.99999999, 19_999_999_900_000_000n],
    ["21 thousand million", 21_000_000_000, 2_099_999_999_900_000_000n],
  ])("reads %s", (_name, value, units) => {
    expect(unitsOf(value)).toBe(units);
  });

  it.each([-1, Number.NaN, Infinity, 1e11, null, undefined, {}, [], true, "1e9", "-1", "", 1e-9])(
    "refuses %j",
    (value) => {
      expect(unitsOf(value)).toBeNull();
    },
  );
});

describe("readBalance", () => {
  const read = async (answers: Readonly<Record<string, unknown>> | string) => {
    const rpc = createNodeRpc({ url: await nodeOf(answering(answers)) });
    const units = await readBalance(rpc, 2_000);
    await rpc.close();
    return units;
  };

  it("takes the balance of a wallet that is not being scanned", async () => {
    expect(await read({ getbalance: 5, getwalletinfo: { scanning: false } })).toBe(500_000_000n);
    expect(await read({ getbalance: 5, getwalletinfo: {} })).toBe(500_000_000n);
  });

  it("takes none of a wallet that is being scanned, or that answers anything else", async () => {
    const scanning = { duration: 3, progress: 0.2 };
    expect(await read({ getbalance: 5, getwalletinfo: { scanning } })).toBeNull();
    expect(await read({ getbalance: 5, getwalletinfo: { scanning: null } })).toBeNull();
    expect(await read({ getbalance: 5, getwalletinfo: null })).toBeNull();
    expect(await read({ getbalance: "much", getwalletinfo: {} })).toBeNull();
    expect(await read({ getwalletinfo: {} })).toBeNull();
    for (const text of ["", "[]", "{}", "null", '[{"id":1}]', "x".repeat(1_000)])
      expect(await read(text)).toBeNull();
  });
});

describe("createNodeBalances", () => {
  const portOf = (url: string, monotonic: () => number) =>
    createNodeBalances({
      config: {
        nodes: [{ node_id: "n", url }],
        node_wallets: new Map([
          ["hot", { node_id: "n", wallet: "a/b c" }],
          ["warm", { node_id: "n", wallet: "a/b c" }],
          ["lost", { node_id: "other", wallet: "w" }],
        ]),
      },
      monotonic,
    });

  it("asks once for callers at the same time, and again after a second; no wallet but those that are configured", async () => {
    const seen: string[] = [];
    let now = 0;
    const url = await nodeOf(answering({ getbalance: 7, getwalletinfo: {} }, seen));
    const port = portOf(url, () => now);
    const [first, second] = await Promise.all([port.of("hot"), port.of("warm")]);
    expect(first).toMatchObject({ node_id: "n", amount: "7" });
    expect(second).toBe(first);
    expect(seen).toEqual(["/wallet/a%2Fb%20c"]);
    now = 1_000;
    expect((await port.of("hot"))?.age_ms()).toBe(1_000);
    now = 1_001;
    expect((await port.of("hot"))?.age_ms()).toBe(0);
    expect(seen).toHaveLength(2);
    for (const name of ["cold", "", "__proto__", "constructor"])
      expect(await port.of(name)).toBeNull();
    expect(await port.of("lost")).toMatchObject({ amount: null });
    await port.close();
  });

  it("has no balance of a node that is gone, and asks it again", async () => {
    let now = 0;
    const port = portOf("http://127.0.0.1:1", () => now);
    expect(await port.of("hot")).toMatchObject({ node_id: "n", amount: null });
    now = 2_000;
    expect(await port.of("hot")).toMatchObject({ amount: null });
    await port.close();
    // What is asked after the end has no answer either.
    now = 4_000;
    expect(await port.of("hot")).toMatchObject({ amount: null });
  });
});
