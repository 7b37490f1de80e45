/** Server-Sent Events: every reader resumes from the events that are kept, and one that reads too slowly is cut off. */
import type { ServerResponse } from "node:http";
import type { ApiKey } from "../keys/key.js";
import type { Service, ServiceEvent } from "../service.js";
import { HttpProblem } from "./problems.js";
import { mayUse } from "./wallets.js";

/** Bounds of a stream. */
export type StreamBounds = Readonly<{
  /** Milliseconds between heartbeats. */
  heartbeat_ms: number;
  /** Bytes that may wait for one reader beyond the operating system's buffers; with more it is cut off. */
  max_buffered_bytes: number;
  /** Readers at once, of all keys and of one. */
  max_clients: number;
  max_clients_of_key: number;
}>;

/** Bounds where none are given: 16 MiB wait at most. */
export const STREAM_BOUNDS: StreamBounds = Object.freeze({
  heartbeat_ms: 15_000,
  max_buffered_bytes: 65_536,
  max_clients: 256,
  max_clients_of_key: 16,
});

/** What a stream counts; clients and bytes are current. */
export type StreamStats = Readonly<{ clients: number; buffered_bytes: number; cut_off: number }>;

/** A reader that asks to join. */
export type Reader = Readonly<{
  key: ApiKey;
  /** The `Last-Event-ID` that came in. */
  last_id: string | undefined;
  response: ServerResponse;
  /** Headers of the answer. */
  headers: Readonly<Record<string, string>>;
  /** Whether the key still counts; read at each heartbeat. */
  isAllowed: () => boolean;
}>;

type Client = Reader & {
  /** Number of the next kept event; undefined once it has caught up. */
  next: number | undefined;
  /** Heartbeats since what waits for it has last gone out. */
  stalled: number;
};

/** A stream of the service's events. */
export type EventStream = Readonly<{
  /** @throws HttpProblem `too_many_streams`, `closing` */
  join(reader: Reader): void;
  stats(): StreamStats;
  /** Ends every reader's stream. */
  close(): void;
}>;

/** Heartbeats without progress after which a reader is cut off. */
const MAX_STALLED = 2;

/**
 * Creates the stream of a service's events.
 *
 * @param epoch names this process in the ids of events, so that an id of an earlier one is known as such
 */
export function createEventStream(
  service: Pick<Service, "events" | "subscribe">,
  epoch: number,
  bounds: StreamBounds = STREAM_BOUNDS,
): EventStream {
  const clients = new Set<Client>();
  let cutOffs = 0;
  let isClosed = false;

  function cutOff(client: Client): void {
    if (!clients.delete(client)) return;
    cutOffs++;
    client.response.destroy();
  }

  const roomOf = ({ response }: Client): number =>
    bounds.max_buffered_bytes - response.writableLength;

  function write(client: Client, bytes: Buffer): void {
    // One event may be larger than the bound; a second one then has to wait.
    if (client.response.writableLength > 0 && bytes.length > roomOf(client)) cutOff(client);
    else client.response.write(bytes);
  }

  /** Sends kept events as fast as they are read. */
  function catchUp(client: Client): void {
    while (client.next !== undefined && clients.has(client)) {
      const kept = service.events(client.next - 1);
      const [first] = kept;
      if (first === undefined) {
        client.next = undefined;
        return;
      }
      // What it has not read yet is no longer kept.
      if (first.seq > client.next) return cutOff(client);
      for (const event of kept) {
        if (client.response.writableLength > bounds.max_buffered_bytes / 2) return;
        client.next = event.seq + 1;
        if (isShown(client.key, event)) client.response.write(bytesOf(event, epoch));
      }
    }
  }

  function broadcast(event: ServiceEvent): void {
    const bytes = bytesOf(event, epoch);
    for (const client of clients) {
      if (client.next === undefined && isShown(client.key, event)) write(client, bytes);
    }
  }

  function beat(): void {
    for (const client of clients) {
      if (!client.isAllowed()) {
        clients.delete(client);
        client.response.end();
        continue;
      }
      client.stalled = client.response.writableLength === 0 ? 0 : client.stalled + 1;
      if (client.stalled > MAX_STALLED) cutOff(client);
      else if (client.next === undefined) write(client, HEARTBEAT);
    }
  }

  function join(reader: Reader): void {
    const { key, response } = reader;
    // [503] the service is ending
    if (isClosed) throw new HttpProblem("closing");
    const own = [...clients].filter((client) => client.key.id === key.id);
    // [429] no room
    if (clients.size >= bounds.max_clients || own.length >= bounds.max_clients_of_key) {
      throw new HttpProblem("too_many_streams");
    }
    const kept = service.events(0);
    const last = kept.at(-1)?.seq ?? 0;
    const known = knownNumber(reader.last_id, { epoch, kept, last });
    const client: Client = {
      ...reader,
      next: known === undefined ? undefined : known + 1,
      stalled: 0,
    };
    response.writeHead(200, {
      ...reader.headers,
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
    });
    clients.add(client);
    response.on("error", () => clients.delete(client)).on("close", () => clients.delete(client));
    response.on("drain", () => {
      client.stalled = 0;
      catchUp(client);
    });
    response.write(greeting(known, `${epoch}-${last}`));
    catchUp(client);
  }

  const leave = service.subscribe(broadcast);
  const timer = setInterval(beat, bounds.heartbeat_ms);
  timer.unref();
  return Object.freeze({
    join,
    stats: () => ({
      clients: clients.size,
      buffered_bytes: [...clients].reduce((sum, { response }) => sum + response.writableLength, 0),
      cut_off: cutOffs,
    }),
    close() {
      isClosed = true;
      clearInterval(timer);
      leave();
      for (const client of clients) {
        // A reader that does not read would hold its connection open.
        if (client.response.writableLength > 0) client.response.destroy();
        else client.response.end();
      }
      clients.clear();
    },
  } satisfies EventStream);
}

const HEARTBEAT = Buffer.from("event: heartbeat\ndata: {}\n\n");

/** A new reader, and one whose events are no longer kept, reads the state anew: `reset`. */
const greeting = (known: number | undefined, id: string): Buffer =>
  known === undefined
    ? Buffer.from(`retry: 2000\nevent: reset\nid: ${id}\ndata: {}\n\n`)
    : Buffer.from("retry: 2000\nevent: resumed\ndata: {}\n\n");

type Kept = Readonly<{ epoch: number; kept: readonly ServiceEvent[]; last: number }>;

/** The number that an id stands for, where every later event is still kept. */
function knownNumber(id: string | undefined, { epoch, kept, last }: Kept): number | undefined {
  const [, of, text] = /^(\d{1,16})-(\d{1,16})$/.exec(id ?? "") ?? [];
  const number = Number(text);
  const oldest = kept[0]?.seq ?? last + 1;
  return Number(of) === epoch && number <= last && number >= oldest - 1 ? number : undefined;
}

/** A key that is bound to wallets sees events that name one of them, and no other. */
const isShown = (key: ApiKey, { data }: ServiceEvent): boolean =>
  key.wallets === null || (typeof data["wallet_id"] === "string" && mayUse(key, data["wallet_id"]));

/** JSON has no line breaks, so that nothing in the data can end a line; a type is one word. */
const bytesOf = (event: ServiceEvent, epoch: number): Buffer =>
  Buffer.from(
    `event: ${event.type.replaceAll(/[^\w.-]/g, "_")}\nid: ${epoch}-${event.seq}\ndata: ${JSON.stringify(event)}\n\n`,
  );
