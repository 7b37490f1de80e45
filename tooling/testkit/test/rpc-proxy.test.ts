/** The proxy and its faults, in front of a server that answers as a node does. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import * as faults from "../src/rpc-faults.js";
import { type ProxiedNode, type RpcProxy, startRpcProxy } from "../src/rpc-proxy.js";
import { startServer } from "../src/servers.js";

const folder = mkdtempSync(join(tmpdir(), "proxy-"));
const cookieFile = join(folder, ".cookie");
writeFileSync(cookieFile, "__cookie__:secret");
afterAll(() => rmSync(folder, { recursive: true }));

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A node whose every result is its name; it knows its cookie alone. */
async function nodeOf(name: string): Promise<ProxiedNode> {
  const server = await startServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const isKnown = request.headers.authorization === `Basic ${btoa("__cookie__:secret")}`;
      if (!isKnown) return void response.writeHead(401).end();
      const calls = JSON.parse(text) as { id: number }[];
      response.end(JSON.stringify(calls.map(({ id }) => ({ id, result: name, error: null }))));
    });
  });
  open.push(server);
  return { url: server.url, cookieFile };
}

async function proxied(): Promise<RpcProxy> {
  const proxy = await startRpcProxy(await nodeOf("a"));
  open.unshift(proxy);
  return proxy;
}

const BATCH = [
  { id: 1, method: "x" },
  { id: 2, method: "y" },
];

async function ask({ url }: RpcProxy, signal = AbortSignal.timeout(2_000)): Promise<string> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(BATCH), signal });
  return `${answer.status} ${await answer.text()}`;
}

const honest = '200 [{"id":1,"result":"a","error":null},{"id":2,"result":"a","error":null}]';

describe("startRpcProxy", () => {
  it("passes answers on by the node's cookie, and counts what is called", async () => {
    const proxy = await proxied();
    expect(await ask(proxy)).toBe(honest);
    await Promise.all([ask(proxy), ask(proxy)]);
    expect(proxy.requests()).toEqual([
      ["x", "y"],
      ["x", "y"],
      ["x", "y"],
    ]);
    expect(proxy.mostAtOnce()).toBeLessThanOrEqual(2);
  });

  it("answers by a fault until it is honest again", async () => {
    const proxy = await proxied();
    proxy.use(faults.stated(503, "Work queue depth exceeded"));
    expect(await ask(proxy)).toBe("503 Work queue depth exceeded");
    proxy.use();
    expect(await ask(proxy)).toBe(honest);
  });

  it("ends the connection where the node is down", async () => {
    const proxy = await startRpcProxy({ url: "http://127.0.0.1:1", cookieFile });
    open.push(proxy);
    await expect(ask(proxy)).rejects.toThrow();
  });
});

describe("faults", () => {
  it("change what is answered", async () => {
    const proxy = await proxied();
    proxy.use(faults.truncated);
    expect(await ask(proxy)).toBe(honest.slice(0, 4 + ((honest.length - 4) >> 1)));
    proxy.use(faults.late(1));
    expect(await ask(proxy)).toBe(honest);
    proxy.use(faults.refusing(-28, "Loading"));
    expect(await ask(proxy)).toContain('{"id":1,"result":null,"error":{"code":-28');
    proxy.use(faults.withResults((result, { method }) => (method === "y" ? 7 : result)));
    expect(await ask(proxy)).toBe(honest.replace('"id":2,"result":"a"', '"id":2,"result":7'));
    proxy.use(faults.withAnswers((answers) => answers.toReversed()));
    expect(await ask(proxy)).toContain('200 [{"id":2');
  });

  it("turn to another node, or hit some requests alone", async () => {
    const proxy = await proxied();
    const [a, b] = [await nodeOf("a"), await nodeOf("b")];
    proxy.use(faults.turning([a, b]));
    expect(await ask(proxy)).toBe(honest);
    expect(await ask(proxy)).toContain('"result":"b"');
    proxy.use(faults.where(({ index }) => index === 1, faults.stated(500)));
    expect(await ask(proxy)).toBe(honest);
    expect(await ask(proxy)).toBe("500 ");
  });

  it.each([
    ["hanging", faults.hanging],
    ["hangingMidway", faults.hangingMidway],
    ["broken", faults.broken],
    ["endless", faults.endless],
  ])("%s gives no whole answer", async (_, fault) => {
    const proxy = await proxied();
    proxy.use(fault);
    await expect(ask(proxy, AbortSignal.timeout(300))).rejects.toThrow();
    proxy.use();
    expect(await ask(proxy)).toBe(honest);
  });
});
