/** `shield watch` at real nodes. */
import {
  connect,
  disconnect,
  hasLitecoind,
  type RegtestNode,
  startNode,
} from "@dgb-shield/testkit/litecoind";
import { afterEach, describe, expect, it } from "vitest";
import { watch, type WatchOptions } from "../../src/cli/watch.js";
import { EXIT } from "../../src/errors.js";

const nodes: RegtestNode[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.remove();
});

async function start(): Promise<RegtestNode> {
  const node = await startNode();
  nodes.push(node);
  await node.rpc("createwallet", "w");
  return node;
}

const mine = async (node: RegtestNode, blocks: number) =>
  node.rpc("generatetoaddress", blocks, await node.rpc("getnewaddress"));

/** Runs the command, until `stop` is aborted. */
function run(options: Partial<WatchOptions>, stop = new AbortController().signal, isTTY = false) {
  let [out, err] = ["", ""];
  const io = {
    stdout: { isTTY, write: (text: string) => Boolean((out += text)) },
    stderr: { write: (text: string) => Boolean((err += text)) },
    env: {},
    stop,
  };
  const whole = { node: [], cookie: [], interval: 0.2, once: false, json: false, ...options };
  const ended = watch(whole, io as unknown as Parameters<typeof watch>[1]);
  return { ended, out: () => out, err: () => err };
}

const optionsOf = (given: readonly RegtestNode[]) => ({
  node: given.map(({ url }, i) => `${"ab"[i]}=${url}`),
  cookie: given.map(({ cookieFile }) => cookieFile),
});

async function seen(text: () => string, pattern: RegExp): Promise<void> {
  for (let i = 0; i < 600 && !pattern.test(text()); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(text()).toMatch(pattern);
}

describe.skipIf(!hasLitecoind())("shield watch", { timeout: 120_000 }, () => {
  it("finds out the chain, says which nodes follow which branch, and when they are one again", async () => {
    const [a, b] = [await start(), await start()];
    await connect(a, b);
    await mine(a, 3);
    await connect(a, b);
    const stopping = new AbortController();
    const { ended, out } = run(optionsOf([a, b]), stopping.signal);
    await seen(out, /a \/LitecoinCore.*: chain 3 [0-9a-f]{16}\n/);
    await disconnect(a);
    await mine(a, 3);
    await mine(b, 5);
    await seen(out, /a .*: chain 6 [0-9a-f]{16}, apart above 3\n/);
    await seen(out, /\w+: 1 node\(s\) follow another branch above height 3/);
    await connect(a, b);
    await seen(out, /over: \w+: 1 node\(s\) follow another branch/);
    await seen(out, /a: 3 block\(s\) above height 3 fell out of the active chain/);
    stopping.abort();
    expect(await ended).toBe(EXIT.interrupted);
  });

  it("ends after one round with --once, as text in a terminal and as JSON", async () => {
    const node = await start();
    await mine(node, 2);
    const options = { ...optionsOf([node]), once: true };
    const shown = run(options, undefined, true);
    expect([EXIT.done, EXIT.found]).toContain(await shown.ended);
    expect(shown.out()).toContain("litecoin_regtest");
    expect(shown.out()).toContain("All nodes that answer follow one chain.");
    const json = run({ ...options, json: true });
    await json.ended;
    expect(JSON.parse(json.out())).toMatchObject({
      chain: "litecoin_regtest",
      branches: [{ tip_height: 2, nodes: [{ node_id: "a" }] }],
    });
  });

  it("shows a node that is down beside one that answers", async () => {
    const node = await start();
    await mine(node, 1);
    const { ended, out } = run({
      node: [`up=${node.url}`, "down=http://127.0.0.1:1"],
      cookie: [node.cookieFile],
      once: true,
    });
    expect(await ended).toBe(EXIT.found);
    expect(out()).toContain("down: UNREACHABLE");
    expect(out()).toMatch(/elevated: down: the node does not answer/);
  });
});

describe("shield watch with wrong options", () => {
  it.each([
    [{ node: ["ftp://x"] }, /--node 1: url/],
    [{ node: ["http://u:secret@x"] }, /--node 1: url/],
    [{ node: ["a=http://x", "a=http://y"] }, /two nodes have one name/],
    [{ node: ["http://x", "http://y", "http://z"], cookie: ["1", "2"] }, /--cookie/],
    [{ node: ["http://127.0.0.1:1"], interval: 0.001 }, /no node answers \(connection\)/],
  ])("refuses %j with what to do", async (options, text) => {
    const { ended } = run(options);
    await expect(ended).rejects.toThrow(text);
    await expect(ended).rejects.not.toThrow(/secret/);
  });
});
