/** A small receiver of CloudEvents batches: validates, deduplicates by `event_id`, confirms what is on its disk. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type ShieldEvent, shieldEventSchema } from "@dgb-shield/contract";
import { CloudEvent } from "cloudevents";
import type { EventStore } from "./store.js";

const MAX_BODY_BYTES = 2_000_000;

/** What a batch has for each event. */
type Attributes = Record<string, unknown>;

/** An event that will never be taken. */
type Rejection = Readonly<{ id: string; reason: string }>;

/** A request that is answered with a status other than 200. */
class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The server, not yet listening. `POST /events` takes batches, `GET /health` answers with counters. */
export function createReceiver(store: EventStore): Server {
  const counters = { stored: 0, duplicates: 0, refused: 0 };
  return createServer((request, response) => {
    answer(request, store, counters).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const status = error instanceof HttpError ? error.status : 503;
        send(response, status, { error: error instanceof Error ? error.message : "unknown" });
      },
    );
  });
}

async function answer(
  request: IncomingMessage,
  store: EventStore,
  counters: { stored: number; duplicates: number; refused: number },
): Promise<unknown> {
  if (request.method === "GET" && request.url === "/health") return counters;
  if (request.url !== "/events") throw new HttpError(404, "POST /events or GET /health");
  if (request.method !== "POST") throw new HttpError(405, "POST /events");
  const { events, refused } = sort(parseBatch(request, await readBody(request)));
  const stored = await store.add(events);
  counters.stored += stored;
  counters.duplicates += events.length - stored;
  counters.refused += refused.length;
  return { stored, duplicates: events.length - stored, refused };
}

function parseBatch(request: IncomingMessage, body: string): readonly Attributes[] {
  if (!request.headers["content-type"]?.startsWith("application/cloudevents-batch+json")) {
    throw new HttpError(415, "content-type must be application/cloudevents-batch+json");
  }
  const batch = parsed(body);
  if (!Array.isArray(batch) || !batch.every(isObject)) {
    throw new HttpError(400, "not a batch of CloudEvents");
  }
  return batch;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Attributes =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function sort(batch: readonly Attributes[]): { events: ShieldEvent[]; refused: Rejection[] } {
  const events: ShieldEvent[] = [];
  const refused: Rejection[] = [];
  for (const attributes of batch) {
    const reason = offence(attributes);
    if (reason === null) events.push(attributes["data"] as ShieldEvent);
    else refused.push({ id: String(attributes["id"]).slice(0, 128), reason });
  }
  return { events, refused };
}

/** What is wrong with an event; null where nothing is. */
function offence(attributes: Attributes): string | null {
  if (!isCloudEvent(attributes)) return "not a CloudEvent 1.0";
  const event = shieldEventSchema.safeParse(attributes["data"]);
  if (!event.success) return "data is not a shield event";
  return event.data.event_id === attributes["id"] ? null : "id is not the event_id of the data";
}

/** Made without validation, so that one bad event does not cost its batch; `validate` is false for another version. */
function isCloudEvent(attributes: Attributes): boolean {
  try {
    return new CloudEvent(attributes, false).validate();
  } catch {
    return false;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new HttpError(413, `more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const close = status === 413 ? { connection: "close" } : {};
  response.writeHead(status, { "content-type": "application/json", ...close });
  response.end(JSON.stringify(body));
}
