import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { NetworkView } from "@dgb-shield/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEventStream, type EventStreamOptions } from "../../../src/adapters/sse/index.js";
import { createHistory } from "../../../src/adapters/sse/history.js";
import { createNetworkState } from "../../../src/index.js";

const NOW = 1_782_664_805_000;
const VIEW = createNetworkState().view(NOW);
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

/** A view of about that many bytes, within what an event may have. */
const viewOf = (number: number, bytes = 600): NetworkView => ({
  ...VIEW,
  score: number / 1e6,
  critical_operators: Array.from({ length: Math.floor(bytes / 120) }, (_, i) =>
    `${i}`.padEnd(117, "x"),
  ),
});

async function serve(over: Partial<EventStreamOptions> = {}) {
  const stream = createEventStream({
    network: { view: () => VIEW },
    clock: () => NOW,
    heartbeatMs: 60_000,
    ...over,
  });
  const server = createServer((request, response) => stream.handle(request, response));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanups.push(() => {
    stream.close();
    server.closeAllConnections();
    server.close();
  });
  return { stream, port: (server.address() as AddressInfo).port };
}

function open(port: number, lastId?: string): Socket {
  const socket = connect(port, "127.0.0.1");
  cleanups.push(() => socket.destroy());
  socket.on("error", () => undefined);
  socket.pause();
  const resume = lastId === undefined ? "" : `last-event-id: ${lastId}\r\n`;
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${resume}\r\n`);
  return socket;
}

const until = (check: () => boolean) =>
  vi.waitFor(() => expect(check()).toBe(true), { timeout: 30_000, interval: 5 });
const turn = () => new Promise(setImmediate);

describe("createHistory", () => {
  it("holds no more than its bytes, and gives ids only where all that came later is held", () => {
    const history = createHistory({ maxEvents: 1_000, maxBytes: 10_000, epoch: 7 });
    for (let i = 0; i < 100; i++) history.add(Buffer.alloc(488));
    expect([history.bytes(), history.last()]).toEqual([10_000, 100]);
    expect(history.resumeFrom("7-90")).toBe(90);
    expect(history.resumeFrom("7-89")).toBeUndefined();
    history.add(Buffer.alloc(20_000));
    expect([history.bytes(), history.resumeFrom("7-101"), history.resumeFrom("7-100")]).toEqual([
      0,
      101,
      undefined,
    ]);
  });
});

describe("a stream's bounds", () => {
  it("keep the history of large views within its bytes", async () => {
    const { stream } = await serve({ maxHistoryBytes: 1_000_000 });
    for (let i = 1; i <= 400; i++) stream.onChange({ view: viewOf(i, 50_000) });
    expect(stream.stats().historyBytes).toBeLessThanOrEqual(1_000_000);
  });

  it("send a view that names 100,000 operators without the names", async () => {
    const { stream, port } = await serve();
    const critical_operators = Array.from({ length: 100_000 }, (_, i) => `operator-${i}`);
    const socket = open(port);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString())).resume();
    await until(() => text.includes("snapshot"));
    stream.onChange({ view: { ...VIEW, score: 0.9, critical_operators } });
    await until(() => text.includes('"score":0.9'));
    expect(stream.stats().historyBytes).toBeLessThan(3_000);
    expect(text).toContain('"critical_operators":[]');
  });

  it("let 100 resuming clients that read nothing hold no more than their bytes each", async () => {
    const { stream, port } = await serve({ maxBufferedBytes: 65_536, maxHistoryBytes: 64_000_000 });
    for (let i = 1; i <= 500; i++) stream.onChange({ view: viewOf(i, 20_000) });
    for (let i = 0; i < 100; i++) open(port, `${NOW}-0`);
    await until(() => stream.stats().clients === 100);
    let most = 0;
    for (let i = 0; i < 300; i++) {
      most = Math.max(most, stream.stats().bufferedBytes);
      await turn();
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(100 * 65_536);
  });

  it("replay all that was missed to a resuming client, in order, and then what comes", async () => {
    const { stream, port } = await serve({ maxBufferedBytes: 20_000, maxHistoryBytes: 64_000_000 });
    for (let i = 1; i <= 400; i++) stream.onChange({ view: viewOf(i, 10_000) });
    const socket = open(port, `${NOW}-0`);
    await until(() => stream.stats().clients === 1);
    stream.onChange({ view: viewOf(401, 10_000) });
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString())).resume();
    await until(() => text.includes(`id: ${NOW}-401\n`));
    stream.onChange({ view: viewOf(402, 10_000) });
    await until(() => text.includes(`id: ${NOW}-402\n`));
    const ids = [...text.matchAll(/id: \d+-(\d+)\n/g)].map(([, id]) => Number(id));
    expect(ids).toEqual(Array.from({ length: 402 }, (_, i) => i + 1));
    expect(stream.stats().cutOff).toBe(0);
  });

  it("answer a client that missed more than a string can hold with a stream that is alive", async () => {
    const { stream, port } = await serve({ heartbeatMs: 50 });
    for (let i = 1; i <= 1_024; i++) stream.onChange({ view: viewOf(i, 60_000) });
    const socket = open(port, `${NOW}-0`);
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString())).resume();
    await until(() => text.includes("event: snapshot") && text.includes("event: heartbeat"));
  });

  it("cut off a resuming client that reads nothing for three heartbeats", async () => {
    const { stream, port } = await serve({ heartbeatMs: 30, maxHistoryBytes: 64_000_000 });
    for (let i = 1; i <= 200; i++) stream.onChange({ view: viewOf(i, 60_000) });
    open(port, `${NOW}-0`);
    await until(() => stream.stats().cutOff === 1);
    expect(stream.stats()).toMatchObject({ clients: 0, bufferedBytes: 0 });
  });

  it("keep what waits for all clients within its bytes, the slowest going first", async () => {
    const { stream, port } = await serve({ maxBufferedBytes: 1_000_000, maxTotalBytes: 2_000_000 });
    const reader = open(port);
    let ids = 0;
    reader
      .on("data", (chunk) => (ids += chunk.toString("latin1").split("\nid: ").length - 1))
      .resume();
    for (let i = 0; i < 20; i++) open(port);
    await until(() => stream.stats().clients === 21);
    let most = 0;
    for (let i = 1; i <= 200; i++) {
      stream.onChange({ view: viewOf(i, 60_000) });
      most = Math.max(most, stream.stats().bufferedBytes);
      await until(() => ids === i + 1);
    }
    expect(most).toBeLessThanOrEqual(2_000_000);
    expect(stream.stats()).toMatchObject({ clients: 1, cutOff: 20 });
  });

  it("count what small events cost beside their bytes", async () => {
    const { stream, port } = await serve({ maxBufferedBytes: 10_000 });
    open(port);
    await until(() => stream.stats().clients === 1);
    // In one turn nothing goes out: ten thousand small events wait.
    for (let i = 1; i <= 10_000; i++) stream.onChange({ view: viewOf(i, 0) });
    expect(stream.stats()).toMatchObject({ clients: 0, cutOff: 1, bufferedBytes: 0 });
  });

  it.each([
    ["maxHistory", 0],
    ["maxHistoryBytes", NaN],
    ["maxBufferedBytes", Infinity],
    ["maxTotalBytes", -1],
    ["maxClients", "many"],
    ["maxClients", 1.5],
    ["heartbeatMs", 2 ** 31],
  ])("are refused where they are none: %s %s", (name, value) => {
    const options = { network: { view: () => VIEW }, [name]: value } as never;
    expect(() => createEventStream(options)).toThrow(new RegExp(name));
  });
});
