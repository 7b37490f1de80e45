/** Posts to an HTTP receiver, as a sink: CloudEvents 1.0 in JSON batches (design, section 9). */
import { type ShieldEvent, utf8Length, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { functionSchema, parseOptions } from "../../internal/options.js";
import { deliverBatch, type Receiver, ReceiverMemory } from "../../internal/delivery.js";
import type { BridgeSink, WriteContext } from "../../ports.js";
import { BATCH_TYPE, cloudEventText } from "./cloud-events.js";
import { readAnswer } from "./answer.js";

/** Bounds of an HTTP sink that is given none. */
export const HTTP_DEFAULTS = Object.freeze({
  /** Milliseconds until a request is given up. */
  timeoutMs: 2_500,
  /** Bytes of one request's body; an event that is larger alone is refused. */
  maxBodyBytes: 1_000_000,
});

/** What `createHttpSink` takes. */
export type HttpSinkOptions = Readonly<{
  /**
   * Where batches are posted: an `http:` or `https:` URL without a user name and password, which would show up in
   * errors; send credentials by `headers`. Redirects are not followed.
   */
  url: string;
  /** Label of its counters; `http` by default. */
  name?: string;
  /** Source attribute of the CloudEvents, before `/<layer>`; `/dgb-shield` by default. */
  source?: string;
  /** Headers of each request, read for each one: a token may change. */
  headers?: () => Readonly<Record<string, string>>;
  /** Milliseconds since 1970, for a `Retry-After` that is a date; `Date.now` by default. */
  now?: () => number;
  /** By default the one of the platform. */
  fetch?: typeof fetch;
}> &
  Partial<Readonly<Record<keyof typeof HTTP_DEFAULTS, number>>>;

const optionsSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .refine((url) => !hasCredentials(url), "a URL with credentials: send them by headers"),
  name: wordSchema.default("http"),
  source: z
    .string()
    .min(1)
    .max(256)
    .refine((source) => !hasCredentials(source), "a source with credentials")
    .default("/dgb-shield"),
  headers: functionSchema.optional(),
  now: functionSchema.optional(),
  fetch: functionSchema.optional(),
  timeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(HTTP_DEFAULTS.timeoutMs),
  maxBodyBytes: z.int().min(1_000).max(100_000_000).default(HTTP_DEFAULTS.maxBodyBytes),
});

type Settings = Required<Omit<HttpSinkOptions, "name">>;

/**
 * A sink that posts batches. Status 2xx is a delivery, but for events that a JSON answer names in
 * `refused: [{ id, reason }]`. 400, 413 and 422, and an answer that refuses every event, are about the content: the batch
 * is halved until the offending event is found. That one is refused where the receiver takes other events and rejects
 * it again, three times in all; a receiver that takes nothing is unavailable. Everything else (401, 404, 429, 5xx, a
 * redirect, an HTML page, no answer) is about the receiver: nothing is taken, and `Retry-After` is kept. Wrap it by
 * `createResilientSink`, so that failures are waited out.
 *
 * @throws BridgeError `invalid_config`
 * @example createResilientSink(createHttpSink({ url: "https://core.example/events" }), { random: Math.random })
 */
export function createHttpSink(options: HttpSinkOptions): BridgeSink {
  const parsed = parseOptions(optionsSchema, options) as z.infer<typeof optionsSchema> &
    Pick<HttpSinkOptions, "headers" | "now" | "fetch">;
  const { name, source } = parsed;
  const settings: Settings = {
    url: parsed.url,
    source,
    timeoutMs: parsed.timeoutMs,
    maxBodyBytes: parsed.maxBodyBytes,
    headers: parsed.headers ?? (() => ({})),
    now: parsed.now ?? Date.now,
    fetch: parsed.fetch ?? fetch,
  };
  const memory = new ReceiverMemory<Packed>();
  return Object.freeze({
    name,
    write: (batch: readonly ShieldEvent[], { signal }: WriteContext) => {
      const events = batch.map((event) => packed(event, source));
      const head = events.slice(0, Math.max(1, fitting(events, settings.maxBodyBytes)));
      return deliverBatch(head, receiverOf(settings, signal), memory);
    },
  });
}

type Packed = Readonly<{ id: string; text: string; bytes: number }>;

function packed(event: ShieldEvent, source: string): Packed {
  const text = cloudEventText(event, source);
  return { id: event.event_id, text, bytes: utf8Length(text) + 1 };
}

const receiverOf = (settings: Settings, signal: AbortSignal): Receiver<Packed> => ({
  send: (events) => post(events, settings, signal),
  fitting: (events) => fitting(events, settings.maxBodyBytes),
  tooLarge: "larger than maxBodyBytes",
});

/** How many events from the head fit one body; the brackets around them count. */
function fitting(events: readonly Packed[], maxBytes: number): number {
  let bytes = 1;
  const end = events.findIndex((event) => (bytes += event.bytes) > maxBytes);
  return end < 0 ? events.length : end;
}

async function post(events: readonly Packed[], settings: Settings, signal: AbortSignal) {
  const response = await settings.fetch(settings.url, {
    method: "POST",
    headers: headersOf(settings),
    body: `[${events.map(({ text }) => text).join(",")}]`,
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(settings.timeoutMs)]),
  });
  return readAnswer(response, new Set(events.map(({ id }) => id)), settings.now);
}

/** The headers of a request. What is wrong with one is not in the error: it may be a secret. */
function headersOf(settings: Settings): Headers {
  const given = settings.headers();
  try {
    const headers = new Headers(given);
    headers.set("content-type", BATCH_TYPE);
    return headers;
  } catch {
    throw new Error("headers() gives a name or a value that no HTTP header may have");
  }
}

/** Whether a URL has a user name or password. */
const hasCredentials = (url: string): boolean => /^[a-z][a-z0-9+.-]*:\/*[^/?#]*@/i.test(url);
