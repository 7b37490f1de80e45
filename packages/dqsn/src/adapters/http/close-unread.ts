/** Closes the connection of a request whose body is not read, after its answer (design section 4.2: exporters). */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Bytes of an unwanted body that are read and dropped, so that most senders can read the answer. */
const MAX_DRAINED_BYTES = 65_536;
/** Milliseconds until the connection is destroyed. */
const MAX_DRAIN_MS = 500;

/**
 * Turns the answer to a request whose body has not been read into one that ends the connection. The
 * whole answer is sent at once; what follows of the body is read up to a bound, then the connection is
 * destroyed. Without this Node would read an endless body for ever.
 *
 * @returns the payload to send: `payload` itself where nothing is left to read
 */
export function closeUnread(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): unknown {
  if (!hasUnreadBody(request.raw)) return payload;
  void reply.header("connection", "close");
  if (typeof payload !== "string" || request.method === "HEAD") return payload;
  const bytes = Buffer.from(payload);
  void reply.header("content-length", bytes.length);
  return Readable.from(answerThenDrain(bytes, request.raw), { objectMode: false });
}

function hasUnreadBody({ headers, complete }: IncomingMessage): boolean {
  if (complete) return false;
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

async function* answerThenDrain(answer: Buffer, body: IncomingMessage): AsyncGenerator<Buffer> {
  yield answer;
  await drained(body);
}

function drained(body: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      // No more is read, but the sender has the rest of the time to read the answer: closing now would reset it.
      if (bytes > MAX_DRAINED_BYTES) body.off("data", onData).pause();
    };
    const done = (): void => {
      clearTimeout(timer);
      body.off("data", onData).off("end", done).off("close", done).pause();
      resolve();
    };
    const timer = setTimeout(done, MAX_DRAIN_MS);
    body.on("error", done);
    if (body.readableEnded || body.destroyed) done();
    else body.on("data", onData).on("end", done).on("close", done);
  });
}
