import { createServer, type Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { networkViewSchema, type NetworkView } from "@dgb-shield/contract";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createEventStream,
  type EventStream,
  type EventStreamOptions,
} from "../../../src/adapters/sse/index.js";
import { createNetworkState } from "../../../src/index.js";

const NOW = 1_782_664_805_000;
const VIEW = createNetworkState().view(NOW);
const viewOf = (score: number): NetworkView => ({ ...VIEW, level: "ELEVATED", score });
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function serve(
  over: Partial<EventStreamOptions> = {},
): Promise<{ stream: EventStream; port: number }> {
  const stream = createEventStream({ network: { view: () => VIEW }, clock: () => NOW, ...over });
  const server: Server = createServer((request, response) => stream.handle(request, response));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanups.push(() => {
    stream.close();
    server.closeAllConnections();
    server.close();
  });
  return { stream, port: (server.address() as AddressInfo).port };
}

type Client = { socket: Socket; text: () => string; closed: () => boolean };

function open(
  port: number,
  { lastId, reads = true }: { lastId?: string; reads?: boolean } = {},
): Client {
  const socket = connect(port, "127.0.0.1");
  cleanups.push(() => socket.destroy());
  let text = "";
  let closed = false;
  socket.on("error", () => undefined).on("close", () => (closed = true));
  if (reads) socket.on("data", (chunk) => (text += chunk.toString()));
  const resume = lastId === undefined ? "" : `last-event-id: ${lastId}\r\n`;
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\n${resume}\r\n`);
  return { socket, text: () => text, closed: () => closed };
}

const eventsOf = (text: string): { event: string; id?: string; data: { score: number } }[] =>
  [...text.matchAll(/event: (\w+)\n(?:id: (.*)\n)?data: (.*)\n\n/g)].map(([, event, id, data]) => ({
    event: event!,
    ...(id === undefined ? {} : { id }),
    data: JSON.parse(data!),
  }));
const scoresOf = (client: Client) =>
  eventsOf(client.text())
    .filter(({ event }) => event === "change")
    .map(({ data }) => data.score);
const until = (check: () => boolean) =>
  vi.waitFor(() => expect(check()).toBe(true), { timeout: 30_000, interval: 5 });

describe("createEventStream", () => {
  it("greets with a snapshot and then sends each change", async () => {
    const { stream, port } = await serve();
    const client = open(port);
    await until(() => client.text().includes("snapshot"));
    stream.onChange({ view: viewOf(0.3) });
    stream.onChange({ view: viewOf(0.4) });
    await until(() => scoresOf(client).length === 2);
    const [snapshot, ...changes] = eventsOf(client.text());
    expect(networkViewSchema.parse(snapshot!.data)).toEqual(VIEW);
    expect(changes.map(({ event, id, data }) => [event, id, data.score])).toEqual([
      ["change", `${NOW}-1`, 0.3],
      ["change", `${NOW}-2`, 0.4],
    ]);
  });

  it.each([
    ["resumes after the last event it saw", `${NOW}-3`, ["change", "change"]],
    ["sends nothing to one who missed nothing", `${NOW}-5`, []],
    ["sends a snapshot where events are gone", `${NOW}-1`, ["snapshot"]],
    ["sends a snapshot to an id from the future", `${NOW}-6`, ["snapshot"]],
    ["sends a snapshot to an id of another process", `1-3`, ["snapshot"]],
    ["sends a snapshot to an id that is none", `x${"9".repeat(400)}`, ["snapshot"]],
  ])("%s", async (_, lastId, expected) => {
    const { stream, port } = await serve({ maxHistory: 3 });
    for (let i = 1; i <= 5; i++) stream.onChange({ view: viewOf(i / 10) });
    const client = open(port, { lastId });
    await until(() => client.text().includes("retry: 2000\n\n"));
    stream.onChange({ view: viewOf(0.9) });
    await until(() => client.text().includes('"score":0.9'));
    expect(eventsOf(client.text()).map(({ event }) => event)).toEqual([...expected, "change"]);
  });

  it("sends the view's time and level in every heartbeat, UNKNOWN when there is no view", async () => {
    let broken = false;
    const view = () => {
      if (broken) throw new Error("no time");
      return VIEW;
    };
    const { port } = await serve({ network: { view }, heartbeatMs: 10 });
    const client = open(port);
    await until(() => client.text().includes("heartbeat"));
    expect(client.text()).toContain(`data: {"as_of_ms":${NOW},"level":"UNKNOWN","score":0.25}`);
    broken = true;
    await until(() => client.text().includes('data: {"as_of_ms":null,"level":"UNKNOWN"}'));
  });

  it("turns away one client too many, and takes one when another has gone", async () => {
    const { stream, port } = await serve({ maxClients: 1 });
    const first = open(port);
    await until(() => stream.stats().clients === 1);
    const second = open(port);
    await until(() => second.text().startsWith("HTTP/1.1 503"));
    first.socket.destroy();
    await until(() => stream.stats().clients === 0);
    const third = open(port);
    await until(() => third.text().includes("snapshot"));
    expect(stream.stats().turnedAway).toBe(1);
  });

  it("cuts off 40 of 80 clients that never read, and the other 40 get everything in order", async () => {
    const { stream, port } = await serve({ maxBufferedBytes: 32_768 });
    const readers = Array.from({ length: 40 }, () => idsOf(open(port).socket));
    for (let i = 0; i < 40; i++) open(port, { reads: false });
    await until(() => stream.stats().clients === 80 && readers.every((ids) => ids.length === 1));
    const critical_operators = Array.from({ length: 500 }, (_, i) => `${i}-`.padEnd(125, "x"));
    let changes = 0;
    while (stream.stats().cutOff < 40 && changes < 300) {
      changes++;
      stream.onChange({ view: { ...viewOf(changes / 1_000), critical_operators } });
      while (readers.some((ids) => ids.length <= changes)) await new Promise(setImmediate);
    }
    expect(stream.stats()).toMatchObject({ clients: 40, cutOff: 40 });
    const all = Array.from({ length: changes + 1 }, (_, i) => i);
    for (const ids of readers) expect(ids).toEqual(all);
  });
});

/** Numbers of the events that a socket gets, as they come; keeps no text. */
function idsOf(socket: Socket): number[] {
  const ids: number[] = [];
  let tail = "";
  socket.on("data", (chunk) => {
    const text = tail + chunk.toString("latin1");
    const matches = [...text.matchAll(/id: \d+-(\d+)\n/g)];
    for (const [, id] of matches) ids.push(Number(id));
    const last = matches.at(-1);
    tail = text.slice(last === undefined ? 0 : last.index + last[0].length).slice(-64);
  });
  return ids;
}
