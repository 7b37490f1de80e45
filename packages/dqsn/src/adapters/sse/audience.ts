/** Writes events to many clients, within a bound of bytes for each and for all together (design section 4.2: exporters). */
import type { ServerResponse } from "node:http";
import { guarded } from "../shared/guarded.js";
import { costOf, type History } from "./history.js";

/** One client of a stream. */
type Client = {
  readonly response: ServerResponse;
  /** Bytes charged for what is written and has not reached the operating system. */
  queued: number;
  /** Number of the next past event of a client that resumes; undefined once it has caught up. */
  next: number | undefined;
  /** Heartbeats since anything written to this client went out. */
  idleBeats: number;
};

/** Bounds of an audience. */
export type AudienceOptions = Readonly<{
  history: History;
  maxBufferedBytes: number;
  maxTotalBytes: number;
}>;

/** Heartbeats after which a resuming client that reads nothing is cut off. */
const MAX_IDLE_BEATS = 2;

/** Clients and their waiting events. Buffers are shared: an event is serialised once, whatever the number of clients. */
export type Audience = Readonly<{
  /**
   * Adds a client, and writes its greeting.
   *
   * @param from number of the last event that it has, to send it the later ones first
   */
  join: (response: ServerResponse, greeting: Buffer, from?: number) => void;
  /** Writes an event to every client that has caught up. */
  broadcast: (bytes: Buffer) => void;
  /** Writes a heartbeat, and cuts off clients that resume and do not read. */
  beat: (bytes: Buffer) => void;
  size: () => number;
  queuedBytes: () => number;
  cutOff: () => number;
  /** Ends every stream. */
  close: () => void;
}>;

/** Creates an empty audience. */
export function createAudience(options: AudienceOptions): Audience {
  const { history, maxBufferedBytes, maxTotalBytes } = options;
  const clients = new Set<Client>();
  let total = 0;
  let cutOffs = 0;

  function leave(client: Client): void {
    if (!clients.delete(client)) return;
    total -= client.queued;
    client.queued = 0;
  }

  function cutOff(client: Client): void {
    if (!clients.has(client)) return;
    leave(client);
    cutOffs++;
    client.response.destroy();
  }

  const fits = (client: Client, bytes: Buffer): boolean =>
    client.queued === 0 || client.queued + costOf(bytes) <= maxBufferedBytes;

  function write(client: Client, bytes: Buffer): void {
    const cost = costOf(bytes);
    client.queued += cost;
    total += cost;
    client.response.write(bytes, () => {
      if (!clients.has(client)) return;
      client.queued -= cost;
      total -= cost;
      client.idleBeats = 0;
      catchUp(client);
    });
    while (total > maxTotalBytes) cutOffSlowest();
  }

  function cutOffSlowest(): void {
    let slowest: Client | undefined;
    for (const client of clients) {
      if (slowest === undefined || client.queued > slowest.queued) slowest = client;
    }
    if (slowest === undefined) total = 0;
    else cutOff(slowest);
  }

  /** Sends past events as fast as the client reads, so that no more than its bound ever waits. */
  function catchUp(client: Client): void {
    while (client.next !== undefined && clients.has(client)) {
      if (client.next > history.last()) {
        client.next = undefined;
        return;
      }
      const bytes = history.get(client.next);
      // Cut off: it reads more slowly than events come, and the next one is gone.
      if (bytes === undefined) return cutOff(client);
      if (!fits(client, bytes)) return;
      client.next++;
      write(client, bytes);
    }
  }

  function send(client: Client, bytes: Buffer): void {
    if (client.next !== undefined) return;
    // Cut off: events that wait for one client take memory from all.
    if (fits(client, bytes)) write(client, bytes);
    else cutOff(client);
  }

  function broadcast(bytes: Buffer): void {
    for (const client of clients) guarded(() => send(client, bytes));
  }

  return {
    join: (response, greeting, from) => {
      const next = from === undefined ? undefined : from + 1;
      const client: Client = { response, queued: 0, next, idleBeats: 0 };
      response.on("error", () => leave(client));
      response.on("close", () => leave(client));
      clients.add(client);
      write(client, greeting);
      catchUp(client);
    },
    broadcast,
    beat: (bytes) => {
      for (const client of clients) {
        client.idleBeats++;
        if (client.next !== undefined && client.idleBeats > MAX_IDLE_BEATS) cutOff(client);
      }
      broadcast(bytes);
    },
    size: () => clients.size,
    queuedBytes: () => total,
    cutOff: () => cutOffs,
    close: () => {
      for (const client of clients) {
        // A client that does not read would hold its connection open.
        if (client.queued > 0) client.response.destroy();
        else client.response.end();
        leave(client);
      }
    },
  };
}
