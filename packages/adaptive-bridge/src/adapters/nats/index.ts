/** Publishes to NATS JetStream, as a sink: one message an event, its id the message id (design, section 9). */
import { canonicalize, type ShieldEvent, wordSchema } from "@dgb-shield/contract";
import type { JetStreamClient } from "@nats-io/jetstream";
import { z } from "zod";
import { type Answer, deliverBatch, ReceiverMemory } from "../../internal/delivery.js";
import { describeError } from "../../internal/describe-error.js";
import { parseOptions } from "../../internal/options.js";
import type { BridgeSink, WriteContext, WriteResult } from "../../ports.js";

/** What a NATS sink uses of a JetStream client. */
export type JetStreamPublisher = Pick<JetStreamClient, "publish">;

/** What `createNatsSink` takes. */
export type NatsSinkOptions = Readonly<{
  /**
   * `jetstream(connection)`; the connection is the caller's, to open, to watch and to close. Its server's URL must have no
   * credentials.
   */
  jetstream: JetStreamPublisher;
  /** Subjects are `<prefix>.<layer>.<action>`; `shield.events` by default. */
  subjectPrefix?: string;
  /** Label of its counters; `nats` by default. */
  name?: string;
  /** Milliseconds until an acknowledgement is given up; 2,500 by default. */
  timeoutMs?: number;
  /** Bytes of one message, at most the server's `max_payload`; 1,000,000 by default. A larger event is refused. */
  maxMessageBytes?: number;
}>;

const optionsSchema = z.strictObject({
  jetstream: z
    .custom<JetStreamPublisher>(
      (value) => typeof (value as JetStreamPublisher | undefined)?.publish === "function",
      "not a JetStream client",
    )
    .refine(
      (jetstream) => !hasCredentials(jetstream),
      "a connection whose server URL has credentials: pass them as options of connect",
    ),
  subjectPrefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/)
    .max(200)
    .default("shield.events"),
  name: wordSchema.default("nats"),
  timeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(2_500),
  maxMessageBytes: z.int().min(1_000).max(64_000_000).default(1_000_000),
});

/**
 * A sink that publishes to a stream, one event after the other: the next one goes out when the
 * stream has acknowledged the last, so that the stream's order is the bridge's. The message is the
 * canonical form of the event, and its `event_id` the message id: JetStream drops what comes again
 * within the stream's duplicate window. An event that the server rejects is refused where others are taken in between,
 * three times in all; a server that takes nothing is unavailable.
 *
 * @throws BridgeError `invalid_config`
 * @example createNatsSink({ jetstream: jetstream(await connect({ servers: "127.0.0.1:4222" })) })
 */
export function createNatsSink(options: NatsSinkOptions): BridgeSink {
  const parsed = parseOptions(optionsSchema, options);
  const { name, jetstream, subjectPrefix, timeoutMs, maxMessageBytes } = parsed;
  const memory = new ReceiverMemory<Packed>();
  const send = async ({ event, payload }: Packed, signal: AbortSignal): Promise<Answer> => {
    signal.throwIfAborted();
    const subject = `${subjectPrefix}.${event.layer}.${event.action}`;
    try {
      await jetstream.publish(subject, payload, { msgID: event.event_id, timeout: timeoutMs });
      return { kind: "taken", refused: 0 };
    } catch (error) {
      if (!isAboutMessage(error)) throw error;
      return { kind: "rejected", reason: describeError(error) };
    }
  };
  const fits = (item: Packed | undefined): boolean =>
    item !== undefined && item.payload.length <= maxMessageBytes;
  return Object.freeze({
    name,
    async write(batch: readonly ShieldEvent[], { signal }: WriteContext): Promise<WriteResult> {
      const receiver = {
        send: ([first]: readonly Packed[]) => send(first as Packed, signal),
        fitting: ([first]: readonly Packed[]) => (fits(first) ? 1 : 0),
        tooLarge: "larger than maxMessageBytes",
      };
      const result = await deliverBatch(batch.map(packed), receiver, memory);
      if (result.done === 0 && batch.length > 0) throw new Error(result.reason);
      return result;
    },
  });
}

type Packed = Readonly<{ id: string; event: ShieldEvent; payload: Uint8Array }>;

const packed = (event: ShieldEvent): Packed => ({
  id: event.event_id,
  event,
  payload: new TextEncoder().encode(canonicalize(event)),
});

/**
 * Whether an error may be about one message alone: the server's answer to it, no stream for its subject, or too many
 * bytes. Whether it is shows by other messages.
 */
function isAboutMessage(error: unknown): boolean {
  const name: unknown = (error as { name?: unknown } | null | undefined)?.name;
  return typeof name === "string" && ABOUT_MESSAGE.has(name);
}

const ABOUT_MESSAGE = new Set([
  "JetStreamApiError",
  "JetStreamNotEnabled",
  "NoRespondersError",
  "InvalidArgumentError",
]);

/** Whether the connection was made by a URL with a user name and password, which errors may show. */
function hasCredentials(jetstream: JetStreamPublisher): boolean {
  const { nc } = jetstream as { nc?: { options?: { servers?: unknown } } };
  const servers = [nc?.options?.servers].flat();
  return servers.some((server) => typeof server === "string" && server.includes("@"));
}
