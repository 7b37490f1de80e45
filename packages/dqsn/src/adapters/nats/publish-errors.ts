/** Distinguishes a stream that refuses one message from a server that cannot be reached (design section 4.2: exporters). */
import { JetStreamApiError } from "@nats-io/jetstream";

/** Names of the client library's errors that do not concern the message. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "TimeoutError",
  "NoRespondersError",
  "RequestError",
  "JetStreamNotEnabled",
  "ClosedConnectionError",
  "DrainingConnectionError",
  "ConnectionError",
]);

/** JetStream's code for a message above the stream's maximum size. */
const MESSAGE_TOO_LARGE = 10_054;

/** Whether something answered: the server, or the client library that refused to send. */
export const isAnswer = (error: unknown): boolean =>
  !(error instanceof Error && UNREACHABLE.has(error.name));

/** Whether the answer concerns this message alone: it is too large. */
export const isAboutMessage = (error: unknown): boolean =>
  error instanceof JetStreamApiError
    ? error.code === MESSAGE_TOO_LARGE
    : error instanceof Error && error.name === "InvalidArgumentError";
