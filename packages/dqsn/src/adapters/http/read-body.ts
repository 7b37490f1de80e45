/** Reads a request's body as bytes, within a size, a time and a bound for all bodies together (design section 4.2: exporters). */
import type { IncomingMessage } from "node:http";
import { HttpRejection } from "./answers.js";

/** Bytes that all bodies that are being read may take together. */
export type BodyBudget = { free: number };

/** Bounds on a body. */
export type BodyBounds = Readonly<{
  declaredBytes: string | undefined;
  maxBytes: number;
  timeoutMs: number;
  budget: BodyBudget;
}>;

const FIRST_BYTES = 4_096;

/**
 * Reads a body. Chunks are copied into one buffer that doubles, so that a body of tiny chunks takes no more
 * memory than one of large ones.
 *
 * @throws HttpRejection `DQSN_ERROR_PAYLOAD_TOO_LARGE`, `DQSN_ERROR_BODY_TIMEOUT`, `DQSN_ERROR_BODY_ABORTED`, `DQSN_ERROR_BUSY`
 */
export async function readBody(payload: IncomingMessage, bounds: BodyBounds): Promise<Buffer> {
  const { maxBytes, timeoutMs, budget } = bounds;
  // [413] the declared length is too large
  if (Number(bounds.declaredBytes ?? 0) > maxBytes) {
    throw new HttpRejection("DQSN_ERROR_PAYLOAD_TOO_LARGE");
  }
  return new Promise((resolve, reject) => {
    let body = Buffer.alloc(0);
    let used = 0;
    const timer = setTimeout(() => fail("DQSN_ERROR_BODY_TIMEOUT"), timeoutMs);

    function settle(): void {
      clearTimeout(timer);
      budget.free += body.length;
      payload.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      // An aborted request emits an error later; without a listener that would end the process.
      payload.on("error", () => undefined);
    }
    function fail(code: HttpRejection["code"]): void {
      settle();
      payload.pause();
      reject(new HttpRejection(code));
    }
    function grow(needed: number): boolean {
      const size = Math.min(maxBytes, Math.max(FIRST_BYTES, 2 * body.length, needed));
      if (size - body.length > budget.free) return false;
      budget.free -= size - body.length;
      const larger = Buffer.allocUnsafe(size);
      body.copy(larger, 0, 0, used);
      body = larger;
      return true;
    }
    function onData(chunk: Buffer): void {
      const needed = used + chunk.length;
      // [413] the body is too large, whatever it declared
      if (needed > maxBytes) return fail("DQSN_ERROR_PAYLOAD_TOO_LARGE");
      // [503] other bodies take all the room
      if (needed > body.length && !grow(needed)) return fail("DQSN_ERROR_BUSY");
      used += chunk.copy(body, used);
    }
    function onEnd(): void {
      settle();
      resolve(body.subarray(0, used));
    }
    // [400] the connection ended before the body
    const onGone = (): void => fail("DQSN_ERROR_BODY_ABORTED");

    payload.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
  });
}
