/** NATS JetStream as a sink: one message an event, its id the message id (design section 9). */
import { canonicalize, type ShieldEvent, wordSchema } from "@dgb-shield/contract";
import type { JetStreamClient } from "@nats-io/jetstream";
import { z } from "zod";
import { describeError } from "../internal/describe-error.js";
import { parseOptions } from "../internal/options.js";
import type { BridgeSink, WriteContext, WriteResult } from "../ports.js";

/** What a NATS sink uses of a JetStream client. */
export type JetStreamPublisher = Pick<JetStreamClient, "publish">;

/** What `createNatsSink` takes. */
export type NatsSinkOptions = Readonly<{
  /** `jetstream(connection)`; the connection is the caller's, to open, to watch and to close. */
  jetstream: JetStreamPublisher;
  /** Subjects are `<prefix>.<layer>.<action>`; `shield.events` by default. */
  subject_prefix?: string;
  /** Label of its counters; `nats` by default. */
  name?: string;
  /** Milliseconds until an acknowledgement is given up; 2,500 by default. */
  timeout_ms?: number;
  /** Bytes of one message, at most the server's `max_payload`; 1,000,000 by default. A larger event is refused. */
  max_message_bytes?: number;
}>;

const optionsSchema = z.strictObject({
  jetstream: z.custom<JetStreamPublisher>(
    (value) => typeof (value as JetStreamPublisher | undefined)?.publish === "function",
    "not a JetStream client",
  ),
  subject_prefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/)
    .max(200)
    .default("shield.events"),
  name: wordSchema.default("nats"),
  timeout_ms: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(2_500),
  max_message_bytes: z.int().min(1_000).max(64_000_000).default(1_000_000),
});

/**
 * A sink that publishes to a stream, one event after the other: the next one goes out when the
 * stream has acknowledged the last, so that the stream's order is the bridge's. The message is the
 * canonical form of the event, and its `event_id` the message id: JetStream drops what comes again
 * within the stream's duplicate window.
 *
 * @throws BridgeError `invalid_config`
 * @example createNatsSink({ jetstream: jetstream(await connect({ servers: "127.0.0.1:4222" })) })
 */
export function createNatsSink(options: NatsSinkOptions): BridgeSink {
  const parsed = parseOptions(optionsSchema, options);
  const { name, jetstream, subject_prefix, timeout_ms, max_message_bytes } = parsed;
  const publish = async (event: ShieldEvent): Promise<"taken" | "refused"> => {
    const payload = new TextEncoder().encode(canonicalize(event));
    if (payload.length > max_message_bytes) return "refused";
    const subject = `${subject_prefix}.${event.layer}.${event.action}`;
    await jetstream.publish(subject, payload, { msgID: event.event_id, timeout: timeout_ms });
    return "taken";
  };
  return Object.freeze({
    name,
    write: (batch: readonly ShieldEvent[], { signal }: WriteContext) =>
      publishAll(batch, publish, signal),
  });
}

/** Publishes until one fails; what was acknowledged before it is done. */
async function publishAll(
  batch: readonly ShieldEvent[],
  publish: (event: ShieldEvent) => Promise<"taken" | "refused">,
  signal: AbortSignal,
): Promise<WriteResult> {
  let done = 0;
  let refused = 0;
  try {
    for (const event of batch) {
      signal.throwIfAborted();
      if ((await publish(event)) === "refused") refused++;
      done++;
    }
  } catch (error) {
    if (done === 0) throw error;
    return { done, refused, reason: describeError(error) };
  }
  return refused === 0 ? { done } : { done, refused, reason: "larger than max_message_bytes" };
}
