/** The network picture as Server-Sent Events: changes of level and score, resumable, slow readers cut off (design section 4.2). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NetworkView } from "@dgb-shield/contract";
import type { LiveNetwork } from "../index.js";
import { guarded } from "./guarded.js";
import { createHistory } from "./sse/history.js";
import { eventText } from "./sse/text.js";
import type { ChangeListener } from "./watch.js";

/** Options of `createEventStream`. */
export type EventStreamOptions = Readonly<{
  network: Pick<LiveNetwork, "view">;
  /** Milliseconds since 1970-01-01T00:00:00Z; the system's clock by default. */
  clock?: () => number;
  /** Past changes that a client can resume from (1,024). */
  maxHistory?: number;
  /** Milliseconds between heartbeats (15,000). */
  heartbeatMs?: number;
  /** Bytes that may wait for one client beyond the socket's own buffers (65,536); one more and it is cut off. */
  maxBufferedBytes?: number;
  /** Clients at once (1,000); one more is answered 503. */
  maxClients?: number;
}>;

/** What a stream has done so far; `clients` is now. */
export type EventStreamStats = Readonly<{
  clients: number;
  events: number;
  /** Clients cut off because they read too slowly. */
  cutOff: number;
  /** Clients turned away because there were too many. */
  turnedAway: number;
}>;

/** A stream of changes. */
export type EventStream = Readonly<{
  /** For `createWatch`. */
  onChange: ChangeListener;
  /** Answers a request, already authorised, with the stream. Never throws. */
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  stats: () => EventStreamStats;
  /** Ends every client's stream; each may come back and resume elsewhere. */
  close: () => void;
}>;

/**
 * Creates a stream. A client is sent first what it missed since its `Last-Event-ID`, or, where that is
 * absent, too old or of another process, a `snapshot`; then a `change` for each change and a
 * `heartbeat` with the picture's time and level. Data is a NetworkView, of a heartbeat its first fields.
 * A client that has heard nothing for two heartbeats must take the picture for UNKNOWN.
 *
 * @example
 * const stream = createEventStream({ network });
 * createWatch({ network, listeners: [stream.onChange] });
 * createServer((request, response) => stream.handle(request, response)).listen(8080);
 */
export function createEventStream(options: EventStreamOptions): EventStream {
  const { network, clock = Date.now, heartbeatMs = 15_000 } = options;
  const { maxHistory = 1_024, maxBufferedBytes = 65_536, maxClients = 1_000 } = options;
  const history = createHistory(maxHistory, guarded(clock) ?? 0);
  const clients = new Set<ServerResponse>();
  const counts = { events: 0, cutOff: 0, turnedAway: 0 };

  function send(client: ServerResponse, text: string): void {
    // [CUT OFF] what waits for one client is memory of all
    if (client.writableLength > maxBufferedBytes) {
      clients.delete(client);
      counts.cutOff++;
      client.destroy();
      return;
    }
    client.write(text);
  }

  function broadcast(text: string): void {
    for (const client of clients) guarded(() => send(client, text));
  }

  function heartbeat(): void {
    if (clients.size === 0) return;
    const view = guarded(() => network.view(clock()));
    broadcast(eventText({ event: "heartbeat", data: heartbeatOf(view) }));
  }

  function greeting(lastEventId: string | undefined): string {
    const missed = lastEventId === undefined ? undefined : history.since(lastEventId);
    if (missed !== undefined) return missed.join("");
    const view = guarded(() => network.view(clock()));
    if (view === undefined) return eventText({ event: "heartbeat", data: heartbeatOf(view) });
    return eventText({ event: "snapshot", id: history.lastId(), data: view });
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    // [503] no room
    if (clients.size >= maxClients) {
      counts.turnedAway++;
      response.writeHead(503, { "retry-after": "5", "content-length": "0" }).end();
      return;
    }
    response.on("error", () => clients.delete(response));
    response.on("close", () => clients.delete(response));
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const lastEventId = request.headers["last-event-id"];
    response.write(`retry: 2000\n\n${greeting(lastEventId?.toString())}`);
    clients.add(response);
  }

  const timer = setInterval(heartbeat, heartbeatMs);
  timer.unref();
  return Object.freeze({
    onChange: ({ view }) => {
      counts.events++;
      broadcast(history.add(view));
    },
    handle: (request, response) => {
      guarded(() => handle(request, response));
    },
    stats: () => ({ ...counts, clients: clients.size }),
    close: () => {
      clearInterval(timer);
      for (const client of clients) client.end();
      clients.clear();
    },
  });
}

/** Without a view nobody knows anything: UNKNOWN, as of no time. */
const heartbeatOf = (view: NetworkView | undefined) =>
  view === undefined
    ? { as_of_ms: null, level: "UNKNOWN" }
    : { as_of_ms: view.as_of_ms, level: view.level, score: view.score };
