/** Reads a request's body as bytes, within a size and a time (design section 4.1). */
import type { IncomingMessage } from "node:http";
import { HttpRefusal } from "./answers.js";

/** Bounds on a body. */
export type BodyBounds = Readonly<{
  declaredBytes: string | undefined;
  maxBytes: number;
  timeoutMs: number;
}>;

/**
 * The bytes of a body.
 *
 * @throws HttpRefusal `DQSN_ERROR_PAYLOAD_TOO_LARGE`, `DQSN_ERROR_BODY_TIMEOUT`, `DQSN_ERROR_BODY_ABORTED`
 */
export async function readBody(payload: IncomingMessage, bounds: BodyBounds): Promise<Buffer> {
  // [413] says itself that it is too large
  if (Number(bounds.declaredBytes ?? 0) > bounds.maxBytes) {
    throw new HttpRefusal("DQSN_ERROR_PAYLOAD_TOO_LARGE");
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => fail("DQSN_ERROR_BODY_TIMEOUT"), bounds.timeoutMs);

    function settle(): void {
      clearTimeout(timer);
      payload.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      // An aborted request emits an error later; without a listener that would end the process.
      payload.on("error", () => undefined);
    }
    function fail(code: HttpRefusal["code"]): void {
      settle();
      payload.pause();
      reject(new HttpRefusal(code));
    }
    function onData(chunk: Buffer): void {
      bytes += chunk.length;
      // [413] is too large, whatever it said
      if (bytes > bounds.maxBytes) fail("DQSN_ERROR_PAYLOAD_TOO_LARGE");
      else chunks.push(chunk);
    }
    function onEnd(): void {
      settle();
      resolve(Buffer.concat(chunks));
    }
    // [400] the sender went away before the end
    const onGone = (): void => fail("DQSN_ERROR_BODY_ABORTED");

    payload.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}
