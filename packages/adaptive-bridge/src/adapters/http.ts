/** An HTTP receiver as a sink: CloudEvents 1.0 in JSON batches (design section 9). */
import { type ShieldEvent, utf8Length, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { functionSchema, parseOptions } from "../internal/options.js";
import type { BridgeSink, WriteContext, WriteResult } from "../ports.js";
import { BATCH_TYPE, cloudEventText } from "./cloud-events.js";
import { readAnswer } from "./http-answer.js";

/** Bounds of an HTTP sink that is given none. */
export const HTTP_DEFAULTS = Object.freeze({
  /** Milliseconds until a request is given up. */
  timeout_ms: 2_500,
  /** Bytes of one request's body; an event that is larger alone is refused. */
  max_body_bytes: 1_000_000,
});

/** What `createHttpSink` takes. */
export type HttpSinkOptions = Readonly<{
  /** Where batches are posted: an `http:` or `https:` URL. Redirects are not followed. */
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
  url: z.url({ protocol: /^https?$/ }),
  name: wordSchema.default("http"),
  source: z.string().min(1).max(256).default("/dgb-shield"),
  headers: functionSchema.optional(),
  now: functionSchema.optional(),
  fetch: functionSchema.optional(),
  timeout_ms: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(HTTP_DEFAULTS.timeout_ms),
  max_body_bytes: z.int().min(1_000).max(100_000_000).default(HTTP_DEFAULTS.max_body_bytes),
});

type Settings = Required<Omit<HttpSinkOptions, "name">>;

/**
 * A sink that posts batches. Status 2xx is a delivery, but for events that a JSON answer names in
 * `refused: [{ id, reason }]`. 400 and 422 are about the content: the batch is halved until the
 * offending event is found, and that one is refused. 413 halves it too. Everything else (401, 404, 429,
 * 5xx, a redirect, no answer) is about the receiver: nothing is taken, and `Retry-After` is kept.
 * Wrap it by `createResilientSink`, so that failures are waited out.
 *
 * @throws BridgeError `invalid_config`
 * @example createResilientSink(createHttpSink({ url: "https://core.example/events" }), { random: Math.random })
 */
export function createHttpSink(options: HttpSinkOptions): BridgeSink {
  const parsed = parseOptions(optionsSchema, options);
  const { name, url, source, timeout_ms, max_body_bytes } = parsed;
  const settings: Settings = {
    url,
    source,
    timeout_ms,
    max_body_bytes,
    headers: options.headers ?? (() => ({})),
    now: options.now ?? Date.now,
    fetch: options.fetch ?? fetch,
  };
  return Object.freeze({
    name,
    write: (batch: readonly ShieldEvent[], { signal }: WriteContext) =>
      deliver(
        batch.map((event) => packed(event, source)),
        settings,
        signal,
      ),
  });
}

type Packed = Readonly<{ id: string; text: string; bytes: number }>;

function packed(event: ShieldEvent, source: string): Packed {
  const text = cloudEventText(event, source);
  return { id: event.event_id, text, bytes: utf8Length(text) + 1 };
}

/** Delivers a batch, in halves where it must be; stops at the first that is not taken. */
async function deliver(
  events: readonly Packed[],
  settings: Settings,
  signal: AbortSignal,
): Promise<WriteResult> {
  const [first] = events;
  if (first === undefined) return { done: 0 };
  if (first.bytes >= settings.max_body_bytes) {
    return { done: 1, refused: 1, reason: "larger than max_body_bytes" };
  }
  const head = events.slice(0, fitting(events, settings.max_body_bytes));
  const answer = await post(head, settings, signal);
  if (answer.kind === "taken") {
    const { refused, reason } = answer;
    return { done: head.length, refused, ...(reason === undefined ? {} : { reason }) };
  }
  const { reason } = answer;
  if (answer.kind === "unavailable") return { done: 0, pause_ms: answer.pauseMs, reason };
  if (head.length === 1) return { done: 1, refused: 1, reason };
  const half = Math.ceil(head.length / 2);
  const left = await deliver(head.slice(0, half), settings, signal);
  if (left.done < half || (left.pause_ms ?? 0) > 0) return left;
  const right = await deliver(head.slice(half), settings, signal);
  return joined(left, right);
}

function joined(left: WriteResult, right: WriteResult): WriteResult {
  const reason = right.reason ?? left.reason;
  return {
    done: left.done + right.done,
    refused: (left.refused ?? 0) + (right.refused ?? 0),
    pause_ms: right.pause_ms ?? 0,
    ...(reason === undefined ? {} : { reason }),
  };
}

function fitting(events: readonly Packed[], maxBytes: number): number {
  let bytes = 2;
  const end = events.findIndex((event) => (bytes += event.bytes) > maxBytes);
  return end < 0 ? events.length : Math.max(end, 1);
}

async function post(events: readonly Packed[], settings: Settings, signal: AbortSignal) {
  const response = await settings.fetch(settings.url, {
    method: "POST",
    headers: { ...settings.headers(), "content-type": BATCH_TYPE },
    body: `[${events.map(({ text }) => text).join(",")}]`,
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(settings.timeout_ms)]),
  });
  return readAnswer(response, new Set(events.map(({ id }) => id)), settings.now);
}
