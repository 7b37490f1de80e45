/** `shield record`, as a person runs it. */
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRecording } from "@dgb-shield/sentinel";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLines } from "../../../src/cli/file-lines.js";
import { record, type RecordOptions } from "../../../src/cli/record/record.js";
import { EXIT } from "../../../src/errors.js";
import { start } from "../../support/shield.js";

let folder: string;
let file: string;
const nodes: RegtestNode[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shield-record-"));
  file = join(folder, "a.jsonl.gz");
});
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.remove();
  rmSync(folder, { recursive: true });
});

async function startedNode(): Promise<RegtestNode> {
  const node = await startNode();
  nodes.push(node);
  await node.rpc("createwallet", "w");
  await mine(node, 1);
  return node;
}

const mine = async (node: RegtestNode, blocks: number) =>
  node.rpc("generatetoaddress", blocks, await node.rpc("getnewaddress"));

/** Runs the command, until `stop` is aborted. */
function run(options: Partial<RecordOptions>, stop = new AbortController().signal) {
  let out = "";
  const stream = { isTTY: false, columns: 80, write: (text: string) => Boolean((out += text)) };
  const io = { stdout: stream, stderr: stream, env: {}, stop };
  const whole = {
    ...{ node: [], cookie: [], interval: 0.1, flush: 0.1, label: "live" },
    ...{ append: false, force: false, transactions: true, ...options },
  };
  return {
    ended: record(file, whole, io as unknown as Parameters<typeof record>[2]),
    out: () => out,
  };
}

const optionsOf = (node: RegtestNode) => ({
  node: [`a=${node.url}`],
  cookie: [node.cookieFile],
});

const shown = () => [...openRecording(openLines(file).lines, { node_id: "x" }).observations];

async function seen(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600 && !holds(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  expect(holds()).toBe(true);
}

const sizeOf = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

describe.skipIf(!hasLitecoind())("shield record", { timeout: 120_000 }, () => {
  it("ends in good order when it is stopped, and goes on with --append from the last tip", async () => {
    const node = await startedNode();
    const stopping = new AbortController();
    const first = run(optionsOf(node), stopping.signal);
    await seen(() => sizeOf() > 0);
    stopping.abort();
    expect(await first.ended).toBe(EXIT.interrupted);
    expect(first.out()).toContain("recording a (litecoin_regtest)");
    expect(first.out()).toMatch(/\d+ polls?, \d+ blocks?, tip 1, [\d,]+ bytes in /);
    const before = shown().length;

    await expect(run(optionsOf(node)).ended).rejects.toThrow(/is there already/);
    expect(shown().length).toBe(before);

    await mine(node, 3);
    const again = run({ ...optionsOf(node), append: true, for: 0.3 });
    expect(await again.ended).toBe(EXIT.done);
    const all = shown();
    expect(all.length).toBeGreaterThan(before);
    const { observation } = all[before]!;
    expect(observation.blocks.map(({ height }) => height)).toEqual([2, 3, 4]);
    expect(observation.last_tip).toMatchObject({ status: "active", height: 1 });
    // The monotonic clock of another process began anew.
    expect(observation.monotonic_ms).toBeUndefined();
    expect(all[before - 1]!.observation.monotonic_ms).toBeGreaterThan(0);
  });

  it("leaves a readable file when it is killed, which can be continued", async () => {
    const node = await startedNode();
    const cookie = ["--cookie", node.cookieFile, "--interval", "0.05", "--flush", "0.05"];
    const { child, ended } = start(["record", "--node", `a=${node.url}`, ...cookie, file]);
    let size = 0;
    await seen(() => sizeOf() > 0);
    size = sizeOf();
    await seen(() => sizeOf() > size);
    child.kill("SIGKILL");
    expect((await ended).code).toBeNull();
    const before = shown().length;
    expect(before).toBeGreaterThanOrEqual(2);
    await run({ ...optionsOf(node), append: true, for: 0.2 }).ended;
    expect(shown().length).toBeGreaterThan(before);
  });

  it("does not go on with the recording of another chain, nor with a foreign file", async () => {
    const node = await startedNode();
    await run({ ...optionsOf(node), for: 0.1 }).ended;
    await expect(
      run({ ...optionsOf(node), append: true, chain: "digibyte" }).ended,
    ).rejects.toThrow(/cannot be continued \(.*is of litecoin_regtest, not of digibyte/);
    await expect(run({ ...optionsOf(node), force: true, chain: "digibyte" }).ended).rejects.toThrow(
      /give another node/,
    );
  });
});

describe("shield record with wrong options", () => {
  it.each([
    [{ node: ["http://a", "http://b"] }, /--node: give one: record each node into a file/],
    [{ node: ["http://a"], append: true, force: true }, /--append and --force/],
    [{ node: ["http://127.0.0.1:1"], interval: 0.001 }, /no node answers \(connection\)/],
  ])("refuses %j with what to do, and leaves no file", async (options, text) => {
    await expect(run(options).ended).rejects.toThrow(text);
    expect(existsSync(file)).toBe(false);
  });
});

it("stops at once though the node does not answer", { timeout: 20_000 }, async () => {
  // A call may take 30 s: it is not waited for.
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const asked = once(server, "connection") as Promise<[Socket]>;
  const stopping = new AbortController();
  const { ended } = run(
    { node: [`http://127.0.0.1:${port}`], chain: "litecoin_regtest" },
    stopping.signal,
  );
  const [socket] = await asked;
  stopping.abort();
  expect(await ended).toBe(EXIT.interrupted);
  expect(existsSync(file)).toBe(false);
  socket.destroy();
  server.close();
});
