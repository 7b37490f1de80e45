/**
 * Server-Sent Events: every reader resumes behind the last record that it has, from the ledger where it must, and one that
 * reads too slowly is cut off.
 */
import type { ServerResponse } from "node:http";
import type { ApiKey } from "../../keys/key.js";
import type { Journal, MomentEvent, Service } from "../../service.js";
import { HttpProblem } from "../problems.js";
import { type Beginning, beginningOf, greeting } from "./beginning.js";
import { createRecordTail } from "./record-tail.js";
import { isShown, renderMoment, walletIn } from "./render.js";

/** Bounds of a stream. */
export type StreamBounds = Readonly<{
  /** Milliseconds between heartbeats. */
  heartbeat_ms: number;
  /** Bytes that may wait for one reader beyond the operating system's buffers, and one event more. */
  max_buffered_bytes: number;
  /** Readers at once, of all keys and of one. */
  max_clients: number;
  max_clients_of_key: number;
  /** Records that a reader may be behind to resume; one that is further back is reset. */
  max_resume_records: number;
  /** Bytes of the newest events that are kept for all readers. */
  kept_bytes: number;
  /** Longest time between two looks at the ledger, in milliseconds. */
  look_ms: number;
}>;

/** Bounds where none are given: 24 MiB of events at most, and four pages of records. */
export const STREAM_BOUNDS: StreamBounds = Object.freeze({
  heartbeat_ms: 15_000,
  max_buffered_bytes: 65_536,
  max_clients: 256,
  max_clients_of_key: 16,
  max_resume_records: 100_000,
  kept_bytes: 8_388_608,
  look_ms: 500,
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
  /** Number of the next record; null while the reader joins. */
  next: number | null;
  /** Whether events are being written to it. */
  isPumping: boolean;
  /** Whether an event of the moment was left out while it caught up: it then gets the status again. */
  hasMissed: boolean;
  /** Heartbeats since what waits for it has last gone out. */
  stalled: number;
};

/** A stream of the service's events. */
export type EventStream = Readonly<{
  /** @throws HttpProblem `too_many_streams`, `closing`; what the ledger answers */
  join(reader: Reader): Promise<void>;
  stats(): StreamStats;
  /** Ends every reader's stream. */
  close(): void;
}>;

/** Heartbeats without progress after which a reader is cut off. */
const MAX_STALLED = 2;

/** Creates the stream of a service's events. The ledger is read while there are readers. */
export function createEventStream(
  service: Journal & Pick<Service, "subscribe">,
  bounds: StreamBounds = STREAM_BOUNDS,
): EventStream {
  const clients = new Set<Client>();
  const tail = createRecordTail(service, bounds, {
    grown() {
      for (const client of clients) void pump(client);
    },
    // Each comes back with its place, from which what it has to read again is found.
    replaced() {
      for (const client of clients) if (client.next !== null) end(client);
    },
  });
  let cutOffs = 0;
  let isClosed = false;
  let status: Buffer | undefined;

  function leave(client: Client): boolean {
    const had = clients.delete(client);
    if (clients.size === 0) tail.rest();
    return had;
  }

  function cutOff(client: Client): void {
    if (!leave(client)) return;
    cutOffs++;
    client.response.destroy();
  }

  function end(client: Client): void {
    leave(client);
    client.response.end();
  }

  const refuseWhenClosed = (): void => {
    // [503] the service is ending
    if (isClosed) throw new HttpProblem("closing");
  };

  const hasRoom = ({ response }: Client): boolean =>
    response.writableLength <= bounds.max_buffered_bytes / 2;

  const isBehind = ({ next }: Client): boolean => (next ?? 0) <= (tail.head()?.seq ?? 0);

  function showStatus(client: Client): void {
    client.hasMissed = false;
    if (status !== undefined && isShown(client.key, null)) client.response.write(status);
  }

  /** Writes records as fast as they are read; what a reader has no room for stays in the ledger. */
  async function pump(client: Client): Promise<void> {
    if (client.isPumping || client.next === null) return;
    client.isPumping = true;
    try {
      while (clients.has(client) && isBehind(client)) {
        const events = await tail.from(client.next);
        if (events.length === 0) return;
        for (const { seq, wallet_id, bytes } of events) {
          if (!clients.has(client) || !hasRoom(client)) return;
          // [reset] what it has not read yet was pruned
          if (seq !== client.next) return cutOff(client);
          client.next = seq + 1;
          if (isShown(client.key, wallet_id)) client.response.write(bytes);
        }
      }
      if (client.hasMissed) showStatus(client);
    } catch {
      // The ledger did not answer: the next look comes back to this reader.
    } finally {
      client.isPumping = false;
    }
  }

  function broadcast(event: MomentEvent): void {
    const bytes = renderMoment(event);
    if (event.type === "status") status = bytes;
    for (const client of clients) {
      if (client.next === null || !isShown(client.key, walletIn(event.data))) continue;
      // One event may be larger than the bound; with a second one the reader is too slow.
      const { writableLength } = client.response;
      const isFull =
        writableLength > 0 && writableLength + bytes.length > bounds.max_buffered_bytes;
      if (!isFull) client.response.write(bytes);
      else if (isBehind(client)) client.hasMissed = true;
      else cutOff(client);
    }
  }

  function beat(): void {
    for (const client of clients) {
      if (client.next === null) continue;
      if (!client.isAllowed()) {
        end(client);
        continue;
      }
      client.stalled = client.response.writableLength === 0 ? 0 : client.stalled + 1;
      if (client.stalled > MAX_STALLED) cutOff(client);
      else if (hasRoom(client)) client.response.write(HEARTBEAT);
      void pump(client);
    }
  }

  async function join(reader: Reader): Promise<void> {
    const { key, response } = reader;
    refuseWhenClosed();
    const own = [...clients].filter((client) => client.key.id === key.id);
    // [429] no room
    if (clients.size >= bounds.max_clients || own.length >= bounds.max_clients_of_key) {
      throw new HttpProblem("too_many_streams");
    }
    const fresh = { next: null, isPumping: false, hasMissed: false, stalled: 0 };
    const client: Client = { ...reader, ...fresh };
    clients.add(client);
    response.on("error", () => leave(client)).on("close", () => leave(client));
    try {
      const beginning = await beginningOf(reader.last_id, { journal: service, tail, bounds });
      refuseWhenClosed();
      if (clients.has(client)) begin(client, beginning);
      else leave(client);
    } catch (error) {
      leave(client);
      throw error;
    }
  }

  function begin(client: Client, beginning: Beginning): void {
    const { response, headers } = client;
    client.next = beginning.place.seq + 1;
    response.writeHead(200, {
      ...headers,
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
    });
    response.on("drain", () => {
      client.stalled = 0;
      void pump(client);
    });
    response.write(greeting(beginning));
    showStatus(client);
    void pump(client);
  }

  const unsubscribe = service.subscribe({ onEvent: broadcast, onRecorded: tail.nudge });
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
      unsubscribe();
      for (const { response } of clients) {
        // A reader that does not read would hold its connection open.
        if (response.writableLength > 0) response.destroy();
        else if (response.headersSent) response.end();
      }
      clients.clear();
      tail.rest();
    },
  } satisfies EventStream);
}

const HEARTBEAT = Buffer.from("event: heartbeat\ndata: {}\n\n");
