/** One connection of a stream: opens it, and reads messages until it ends. */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import { errorOf } from "../answer.js";
import { ClientError } from "../client-error.js";
import { COMMON_INIT, timeoutText, unreachableText } from "../send.js";
import type { ClientSettings } from "../settings.js";

/** Characters of one message at most. */
const MAX_MESSAGE = 4_194_304;

/** What a connection gives to its reader. */
export type ConnectionReader = Readonly<{
  lastId: string | null;
  silenceMs: number;
  signal: AbortSignal;
  /** The next bytes are read when its promise resolves. */
  onMessage: (message: EventSourceMessage) => void | Promise<void>;
  /** Milliseconds that the service asks a reader to wait before it comes back. */
  onRetry: (ms: number) => void;
}>;

/**
 * Reads one connection until it ends.
 *
 * @returns why it ended
 * @throws what `onMessage` throws
 */
export async function readConnection(
  reader: ConnectionReader,
  settings: ClientSettings,
): Promise<ClientError> {
  const url = `${settings.baseUrl}/v1/events`;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  reader.signal.addEventListener("abort", end, { once: true });
  if (reader.signal.aborted) end();
  // An abort ends the wait by itself: where the request was collected as garbage, Node's fetch does not pass it on.
  const inTime = <T>(ms: number, work: Promise<T>): Promise<T | ClientError> =>
    new Promise((resolve) => {
      const { signal } = ending;
      const settle = (value: T | ClientError): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", late);
        resolve(value);
      };
      const late = (): void => settle(new ClientError("timeout", timeoutText(url, ms)));
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", late, { once: true });
      if (signal.aborted) late();
      work.then(settle, (cause: unknown) =>
        settle(new ClientError("unreachable", unreachableText(url, cause), { cause })),
      );
    });
  try {
    const opened = await inTime(settings.timeoutMs, open(url, reader, settings, ending.signal));
    if (opened instanceof ClientError) return opened;
    return await readBody(opened, reader, (work) => inTime(reader.silenceMs, work));
  } finally {
    reader.signal.removeEventListener("abort", end);
    end();
  }
}

async function open(
  url: string,
  { lastId }: ConnectionReader,
  { platform, headers }: ClientSettings,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | ClientError> {
  const resume = lastId === null ? {} : { "last-event-id": lastId };
  const response = await platform.fetch(url, {
    ...COMMON_INIT,
    headers: { ...headers, ...resume, accept: "text/event-stream" },
    signal,
  });
  const isStream = /^text\/event-stream(?:;|$)/i.test(response.headers.get("content-type") ?? "");
  if (response.status === 200 && isStream && response.body !== null) return response.body;
  // A page of something in front of the service may be endless.
  const text = isStream ? "" : await response.text();
  return errorOf({ status: response.status, headers: response.headers, text }, 1);
}

type InTime = <T>(work: Promise<T>) => Promise<T | ClientError>;

async function readBody(
  body: ReadableStream<Uint8Array>,
  { onMessage, onRetry }: ConnectionReader,
  inTime: InTime,
): Promise<ClientError> {
  const messages: EventSourceMessage[] = [];
  const faults: string[] = [];
  const parser = createParser({
    onEvent: (message) => void messages.push(message),
    onRetry,
    onError: ({ type }) => void faults.push(type),
    maxBufferSize: MAX_MESSAGE,
  });
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const chunks = body.getReader();
  try {
    for (;;) {
      const chunk = await inTime(chunks.read());
      if (chunk instanceof ClientError) return chunk;
      if (chunk.done) return new ClientError("unreachable", "The service has ended the stream.");
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      for (const message of messages.splice(0)) await onMessage(message);
      // Fields that are not known are to be ignored.
      if (faults.splice(0).includes("max-buffer-size-exceeded"))
        return new ClientError("unexpected_answer", "An event is too large.");
    }
  } finally {
    // Closes the connection, whatever became of the abort.
    chunks.cancel().catch(() => undefined);
  }
}
