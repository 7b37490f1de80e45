/** Serves the network view as Server-Sent Events: changes of level and score, resumable, bounded in bytes (design section 4.2: exporters). */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { NetworkView } from "@dgb-shield/contract";
import type { NetworkState } from "../../index.js";
import { guarded } from "../shared/guarded.js";
import { bound, delayMs, ownOptions } from "../shared/options.js";
import { createAudience } from "./audience.js";
import { createHistory } from "./history.js";
import { type Clock, systemClock, takeView, wallMsOf } from "../shared/clock.js";
import type { ChangeListener } from "../watch/index.js";

/** Options of `createEventStream`. Bytes are charged with 512 more for each event that waits or is kept. */
export type EventStreamOptions = Readonly<{
  network: Pick<NetworkState, "view">;
  /** The time; the system's clocks by default. */
  clock?: Clock;
  /** Past changes that a client can resume from (1,024). */
  maxHistory?: number;
  /** Bytes of these changes (1,048,576); the oldest go first. */
  maxHistoryBytes?: number;
  /** Milliseconds between heartbeats (15,000). */
  heartbeatMs?: number;
  /** Bytes that may wait for one client beyond the socket's own buffers (65,536); one event may be larger. With more it is cut off. */
  maxBufferedBytes?: number;
  /** Bytes that may wait for all clients together (33,554,432); with more the slowest is cut off. */
  maxTotalBytes?: number;
  /** Clients at once (1,000); one more is answered 503. */
  maxClients?: number;
}>;

/** Counters of a stream; `clients` and the bytes are current. */
export type EventStreamStats = Readonly<{
  clients: number;
  events: number;
  /** Clients cut off because they read too slowly. */
  cutOff: number;
  /** Clients turned away because there were too many. */
  turnedAway: number;
  /** Bytes that wait for clients, at most `maxTotalBytes`. */
  bufferedBytes: number;
  /** Bytes of past changes, at most `maxHistoryBytes`. */
  historyBytes: number;
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
 * Creates a stream. A client first receives the changes since its `Last-Event-ID`, as fast as it reads,
 * or, where that is absent, too old or of another process, a `snapshot`; then a `change` for each change
 * and a `heartbeat` with the view's time and level. Data is a NetworkView, of a heartbeat its
 * first fields. Of a view of more than 65,536 bytes the lists of names are left out; their counts stay.
 * A client that receives nothing for two heartbeats must treat the level as UNKNOWN.
 *
 * @param options see `EventStreamOptions`
 * @throws TypeError when a bound is not an integer from 1
 * @example
 * const stream = createEventStream({ network });
 * createWatch({ network, listeners: [stream.onChange] });
 * createServer((request, response) => stream.handle(request, response)).listen(8080);
 */
export function createEventStream(options: EventStreamOptions): EventStream {
  const own = ownOptions(options);
  const { network, clock = systemClock } = own;
  const maxClients = bound("maxClients", own.maxClients, 1_000);
  const epoch = wallMsOf(guarded(clock));
  const history = createHistory({
    maxEvents: bound("maxHistory", own.maxHistory, 1_024),
    maxBytes: bound("maxHistoryBytes", own.maxHistoryBytes, 1_048_576),
    epoch: Number.isSafeInteger(epoch) ? epoch : Math.floor(Math.random() * 1e15),
  });
  const audience = createAudience({
    history,
    maxBufferedBytes: bound("maxBufferedBytes", own.maxBufferedBytes, 65_536),
    maxTotalBytes: bound("maxTotalBytes", own.maxTotalBytes, 33_554_432),
  });
  const counts = { events: 0, turnedAway: 0 };

  function bytesOf(event: string, view: NetworkView): Buffer {
    const id = history.idOf(event === "change" ? history.last() + 1 : history.last());
    const bytes = eventBytes({ event, id, data: view });
    return bytes.length <= MAX_EVENT_BYTES
      ? bytes
      : eventBytes({ event, id, data: withoutNames(view) });
  }

  const beat = (): Buffer =>
    eventBytes({ event: "heartbeat", data: heartbeatOf(takeView({ network, clock })) });

  function snapshot(): Buffer {
    const view = takeView({ network, clock });
    return view === undefined ? beat() : bytesOf("snapshot", view);
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("connection", "close");
    // [503] no room
    if (audience.size() >= maxClients) {
      counts.turnedAway++;
      response.writeHead(503, { "retry-after": "5", "content-length": "0" }).end();
      return;
    }
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const lastId = ownOptions(request.headers)["last-event-id"]?.toString();
    const from = lastId === undefined ? undefined : history.resumeFrom(lastId);
    const missed = from === undefined ? snapshot() : Buffer.alloc(0);
    audience.join(response, Buffer.concat([RETRY, missed]), from);
  }

  const timer = setInterval(
    () => {
      if (audience.size() > 0) guarded(() => audience.beat(beat()));
    },
    delayMs("heartbeatMs", own.heartbeatMs, 15_000),
  );
  timer.unref();
  return Object.freeze({
    onChange: ({ view }) => {
      counts.events++;
      const bytes = bytesOf("change", view);
      history.add(bytes);
      audience.broadcast(bytes);
    },
    handle: (request, response) => {
      guarded(() => handle(request, response));
    },
    stats: () => ({
      ...counts,
      clients: audience.size(),
      cutOff: audience.cutOff(),
      bufferedBytes: audience.queuedBytes(),
      historyBytes: history.bytes(),
    }),
    close: () => {
      clearInterval(timer);
      audience.close();
    },
  });
}

/** Bytes of one event; a view that names more than that is sent without its names. */
const MAX_EVENT_BYTES = 65_536;
const RETRY = Buffer.from("retry: 2000\n\n");

/** Leaves the lists of names out of a view; their counts are fields of their own. */
const withoutNames = (view: NetworkView): NetworkView => ({
  ...view,
  critical_operators: [],
  silent_reporters: [],
});

/** The data of a heartbeat; without a view UNKNOWN, as of no time. */
const heartbeatOf = (view: NetworkView | undefined) =>
  view === undefined
    ? { as_of_ms: null, level: "UNKNOWN" }
    : { as_of_ms: view.as_of_ms, level: view.level, score: view.score };

/** An event; a client resumes from its `id`. */
type StreamEvent = Readonly<{ event: string; id?: string; data: object }>;

/** Writes an event in the format of Server-Sent Events. JSON has no line breaks, so that nothing in the data can end a line. */
const eventBytes = ({ event, id, data }: StreamEvent): Buffer =>
  Buffer.from(
    `event: ${event}\n${id === undefined ? "" : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
  );
