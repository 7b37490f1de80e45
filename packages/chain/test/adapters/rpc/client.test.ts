/** The client against servers that answer wrongly, late or not at all. */
import { writeFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type RunningServer, startServer } from "@dgb-shield/testkit/servers";
import { afterEach, describe, expect, it } from "vitest";
import { createNodeRpc, MAX_BATCH, type NodeRpc } from "../../../src/adapters/rpc/index.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function serve(listener: RequestListener): Promise<RunningServer> {
  const server = await startServer(listener);
  open.push(server);
  return server;
}

function client(url: string, options: Partial<Parameters<typeof createNodeRpc>[0]> = {}): NodeRpc {
  const rpc = createNodeRpc({ url, timeout_ms: 1_000, ...options });
  open.unshift(rpc);
  return rpc;
}

/** Answers every request with a status and a body. */
const saying =
  (status: number, body: string): RequestListener =>
  (_, response) => {
    response.writeHead(status).end(body);
  };

async function bodyOf(request: IncomingMessage): Promise<{ id: number; method: string }> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return JSON.parse(text) as { id: number; method: string };
}

describe("an answer of a node", () => {
  it.each([
    [200, "", "garbage"],
    [200, "<html>", "garbage"],
    [200, "[]", "garbage"],
    [200, "null", "garbage"],
    [200, '{"result":1,"error":null,"id":999}', "garbage"],
    [200, '{"error":null,"id":1}', "garbage"],
    [200, '{"result":1,"result":2,"error":null,"id":1}', "garbage"],
    [200, '{"result":{"a":"\\"","a":[]},"error":null,"id":1}', "garbage"],
    [200, '{"result":1,"error":{"code":"x"},"id":1}', "garbage"],
    [302, "", "garbage"],
    [401, "", "unauthorized"],
    [403, "", "unauthorized"],
    [404, '{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}', "rpc"],
    [500, '{"result":null,"error":{"code":-28,"message":"Loading…"},"id":1}', "rpc"],
    [500, "Work queue depth exceeded", "overloaded"],
    [500, "oops", "garbage"],
    [503, "Work queue depth exceeded", "overloaded"],
    [503, "", "overloaded"],
  ])("%i %j is %s", async (status, body, kind) => {
    const { url } = await serve(saying(status, body));
    const rpc = client(url);
    const answer = await rpc.call("getblockcount");
    expect(answer).toMatchObject({ ok: false, failure: { kind } });
    const two = await rpc.batch([{ method: "a" }, { method: "b" }]);
    expect(two).toMatchObject([
      { ok: false, failure: { kind } },
      { ok: false, failure: { kind } },
    ]);
  });

  it("is a time-out where it does not come, and the next call works", async () => {
    let calls = 0;
    const { url } = await serve((request, response) => {
      if (calls++ === 0) return;
      void bodyOf(request).then(({ id }) => response.end(JSON.stringify({ id, result: 7 })));
    });
    const rpc = client(url, { timeout_ms: 150 });
    expect(await rpc.call("a")).toMatchObject({
      failure: { kind: "timeout", executed: "unknown" },
    });
    expect(await rpc.call("b")).toEqual({ ok: true, value: 7 });
  });

  it.each([
    ["before any byte", (response: ServerResponse) => response.destroy()],
    [
      "in the middle",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-length": 100 }).write('{"res');
        setTimeout(() => response.destroy(), 20);
      },
    ],
  ])("is no answer where the connection breaks %s", async (_, breakOff) => {
    const { url } = await serve((_request, response) => breakOff(response));
    expect(await client(url).call("sendtoaddress")).toMatchObject({
      failure: { kind: "connection", executed: "unknown" },
    });
  });

  it("is not read beyond max_response_bytes", async () => {
    const { url } = await serve(saying(200, `{"id":1,"result":"${"a".repeat(5_000)}"}`));
    expect(await client(url, { max_response_bytes: 1_024 }).call("a")).toMatchObject({
      failure: { kind: "garbage" },
    });
  });

  it("is read whole, whatever stands in its strings and keys", async () => {
    const value = {
      'a"b': ["\\", '\\"', ":", "", { "": '{"a":1,"a":2}' }],
      __proto__x: null,
      n: -1.5e3,
    };
    const { url } = await serve((request, response) => {
      void bodyOf(request).then(({ id }) => response.end(JSON.stringify({ id, result: value })));
    });
    expect(await client(url).call("a")).toEqual({ ok: true, value });
  });

  it("is no answer where it nests without an end", async () => {
    const { url } = await serve(saying(200, "[".repeat(1_000_000)));
    expect(await client(url).call("a")).toMatchObject({ failure: { kind: "garbage" } });
    const deep = `{"id":1,"result":${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
    const other = await serve(saying(200, deep));
    expect(await client(other.url).call("a")).toMatchObject({ ok: expect.any(Boolean) as boolean });
  });

  it("is matched by its id, whatever the order of a batch's answers", async () => {
    const { url } = await serve((request, response) => {
      void bodyOf(request).then((calls) => {
        const answers = (calls as unknown as { id: number; method: string }[]).map(
          ({ id, method }) => ({ id, result: method, error: null }),
        );
        response.end(JSON.stringify(answers.reverse()));
      });
    });
    const answers = await client(url).batch([{ method: "a" }, { method: "b" }, { method: "c" }]);
    expect(answers.map((one) => one.ok && one.value)).toEqual(["a", "b", "c"]);
  });
});

describe("a request", () => {
  it("is the only one under way", async () => {
    let underWay = 0;
    let most = 0;
    const { url } = await serve((request, response) => {
      most = Math.max(most, ++underWay);
      void bodyOf(request).then(({ id }) =>
        setTimeout(() => {
          underWay--;
          response.end(JSON.stringify({ id, result: id }));
        }, 5),
      );
    });
    const rpc = client(url, { timeout_ms: 5_000 });
    await Promise.all(Array.from({ length: 20 }, () => rpc.call("a")));
    expect(most).toBe(1);
  });

  it("is repeated once with a new cookie after 401, and not with the same one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cookie-"));
    const cookie_file = join(folder, ".cookie");
    writeFileSync(cookie_file, "__cookie__:old");
    const seen: (string | undefined)[] = [];
    const { url } = await serve((request, response) => {
      seen.push(request.headers.authorization);
      const isNew = request.headers.authorization === `Basic ${btoa("__cookie__:new")}`;
      if (!isNew) return void response.writeHead(401).end();
      void bodyOf(request).then(({ id }) => response.end(JSON.stringify({ id, result: 1 })));
    });
    const rpc = client(url, { auth: { cookie_file } });
    expect(await rpc.call("a")).toMatchObject({ failure: { kind: "unauthorized" } });
    expect(seen).toHaveLength(1);
    writeFileSync(cookie_file, "__cookie__:new\n");
    expect(await rpc.call("a")).toEqual({ ok: true, value: 1 });
    expect(seen).toHaveLength(3);
    rmSync(folder, { recursive: true });
  });

  it("certainly did not run where nothing listens, or where it cannot be written", async () => {
    const rpc = client(`http://127.0.0.1:${await freePort()}`);
    expect(await rpc.call("a")).toMatchObject({ failure: { kind: "connection", executed: "no" } });
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const params of [cycle, [1n]]) {
      expect(await rpc.call("a", params)).toMatchObject({ failure: { executed: "no" } });
    }
    const many = Array.from({ length: MAX_BATCH + 1 }, () => ({ method: "a" }));
    expect((await rpc.batch(many))[MAX_BATCH]).toMatchObject({ failure: { executed: "no" } });
    expect(await rpc.batch([])).toEqual([]);
  });
});

describe("createNodeRpc", () => {
  it.each([
    [{ url: "ftp://127.0.0.1" }, /^url/],
    [{ url: "127.0.0.1:14022" }, /^url/],
    [{ url: "http://user:hunter2@127.0.0.1" }, /^url/],
    [{ url: "http://127.0.0.1", timeout_ms: 0 }, /^timeout_ms/],
    [{ url: "http://127.0.0.1", max_response_bytes: -1 }, /^max_response_bytes/],
    [{ url: "http://127.0.0.1", auth: { user: "" } }, /^auth/],
  ])("refuses %j, without repeating what it was given", (options, text) => {
    expect(() => createNodeRpc(options as never)).toThrow(text);
    expect(() => createNodeRpc(options as never)).not.toThrow(/hunter2/);
  });
});
