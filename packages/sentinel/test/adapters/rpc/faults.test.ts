/** A source at servers that answer wrongly: what it observes, and that the next poll works. */
import { startServer } from "@dgb-shield/testkit/servers";
import { afterEach, describe, expect, it } from "vitest";
import { createNodeSource } from "../../../src/adapters/rpc/index.js";
import { parseObservation } from "../../../src/observation/read-observation.js";
import { hashOf } from "../../support/chain.js";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Call = { id: number; method: string; params: unknown[] };
type Answers = (call: Call) => unknown;

/** The answers of a node with blocks up to a height; `undefined` is no answer at all. */
const node =
  (height: number, changed: Record<string, unknown> = {}): Answers =>
  ({ method, params }) => {
    if (Object.hasOwn(changed, method)) return changed[method];
    const at = method === "getblockheader" ? Number(`0x${String(params[0]).slice(1, 63)}`) : 0;
    switch (method) {
      case "getblockchaininfo":
        return info(height);
      case "getbestblockhash":
        return hashOf(height);
      case "getblockhash":
        return hashOf(Number(params[0]));
      case "getblockheader":
        return {
          ...{ hash: params[0], height: at, version: 1, time: 1_800_000_000 + at },
          ...{ previousblockhash: hashOf(Math.max(0, at - 1)), confirmations: height - at + 1 },
        };
      case "getmempoolinfo":
        return { size: 0, bytes: 0 };
      case "getpeerinfo":
        return [];
      case "uptime":
        return 100;
      case "getchaintips":
        return [{ hash: hashOf(height), height, branchlen: 0, status: "active" }];
      default:
        return { subversion: "/x:1/" };
    }
  };

async function sourceOf(answers: () => Answers) {
  const server = await startServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const results = (JSON.parse(text) as Call[]).map((call) => ({
        id: call.id,
        result: answers()(call),
      }));
      if (results.every(({ result }) => result !== undefined)) {
        response.end(JSON.stringify(results));
      }
    });
  });
  let nowMs = 1_800_000_000_000;
  const source = createNodeSource({
    node_id: "a",
    node: { url: server.url, timeout_ms: 2_000 },
    clock: () => (nowMs += 5_000),
    monotonic: () => nowMs,
    transactions: false,
  });
  open.push(source, server);
  return source;
}

describe("a source at a node that answers wrongly", () => {
  it.each([
    ["no object", { getblockchaininfo: 7 }],
    ["another best block", { getbestblockhash: hashOf(9_999) }],
    ["no hash", { getbestblockhash: "x" }],
    ["the height of another block", { getblockchaininfo: info(7) }],
    ["amounts beyond all bounds", { getmempoolinfo: { size: 0, bytes: 0, mempoolminfee: 1e300 } }],
    ["text for numbers", { getmempoolinfo: { size: "0", bytes: 0 } }],
    ["a header of another block", { getblockheader: { hash: hashOf(1), height: 1 } }],
  ])("observes a failure for %s, and the node as it is afterwards", async (_, changed) => {
    let answers = node(5, changed);
    const source = await sourceOf(() => answers);
    const failed = await source.poll();
    expect(failed).toMatchObject({ reachable: false, tip: null, failure: { kind: "garbage" } });
    expect(parseObservation(failed)).toMatchObject({ ok: true });
    answers = node(5);
    const whole = await source.poll();
    expect(whole).toMatchObject({ reachable: true, tip: { height: 5 } });
    expect(whole.blocks).toHaveLength(6);
  });

  it("is not silent because the list of tips does not come, and sends no more requests than at its times", async () => {
    let lists = 0;
    const source = await sourceOf(() => (call) => {
      if (call.method !== "getchaintips") return node(5)(call);
      lists++;
      return undefined;
    });
    const first = await source.poll();
    expect(first).toMatchObject({
      reachable: true,
      tip: { height: 5 },
      unavailable: [{ what: "tips", reason: "failed" }],
    });
    expect(await source.poll()).toMatchObject({ reachable: true });
    expect(lists).toBe(1);
  });

  it("leaves a node that is too busy alone, for longer each time, and never calls it silent", async () => {
    const fixed = node(5);
    let isBusy = true;
    let requests = 0;
    const server = await startServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        requests++;
        if (isBusy) response.writeHead(500).end("Work queue depth exceeded");
        else {
          const calls = JSON.parse(text) as Call[];
          response.end(JSON.stringify(calls.map((one) => ({ id: one.id, result: fixed(one) }))));
        }
      });
    });
    let nowMs = 1_800_000_000_000;
    const source = createNodeSource({
      ...{ node_id: "a", node: { url: server.url, timeout_ms: 2_000 }, transactions: false },
      ...{ clock: () => nowMs, monotonic: () => nowMs },
    });
    open.push(source, server);
    const asked: number[] = [];
    for (let i = 0; i <= 150; i++, nowMs += 1_000) {
      const before = requests;
      const observation = await source.poll();
      expect(parseObservation(observation)).toMatchObject({ ok: true });
      expect(observation).toMatchObject({
        ...{ reachable: true, tip: null, failure: { kind: "overloaded", code: 500 } },
      });
      expect(await source.wait(1_000)).toBe(false);
      if (requests > before) asked.push(i);
    }
    expect(asked).toEqual([0, 5, 15, 35, 75, 135]);
    isBusy = false;
    nowMs += 60_000;
    expect(await source.poll()).toMatchObject({ reachable: true, tip: { height: 5 } });
    nowMs += 1_000;
    await source.poll();
    expect(requests).toBeGreaterThanOrEqual(asked.length + 2);
  });

  it("goes on where its clock has failed once", async () => {
    const server = await startServer((_, response) => void response.end("[]"));
    let calls = 0;
    const source = createNodeSource({
      node_id: "a",
      node: { url: server.url },
      clock() {
        if (calls++ === 0) throw new Error("no clock");
        return 1_800_000_000_000;
      },
      monotonic: () => 0,
    });
    open.push(source, server);
    await expect(source.poll()).rejects.toThrow("no clock");
    expect(await source.poll()).toMatchObject({ reachable: false });
  });
});

function info(blocks: number) {
  return {
    ...{ chain: "regtest", blocks, headers: blocks, initialblockdownload: false },
    bestblockhash: hashOf(blocks),
  };
}
