/** Reads the body of a request, in bounded size and time. */
import type { IncomingMessage } from "node:http";
import { type Checked, passed, refused } from "../../codes.js";

/** Reads a body whole. */
export function readBody(
  request: IncomingMessage,
  options: Readonly<{ maxBytes: number; timeoutMs: number }>,
): Promise<Checked<Buffer>> {
  const { maxBytes, timeoutMs } = options;
  // [REFUSE body_too_large] by its length, or by what came
  const tooLarge = refused("body_too_large", "the body is larger than max_body_bytes: split it");
  // [REFUSE body_incomplete] it broke off, or did not end in time
  const incomplete = refused(
    "body_incomplete",
    "the body did not come whole in time: send it again",
  );
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return Promise.resolve(tooLarge);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => end(incomplete), timeoutMs);
    function end(result: Checked<Buffer>): void {
      clearTimeout(timer);
      request.removeAllListeners("data");
      if (!result.ok) request.pause();
      resolve(result);
    }
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) end(tooLarge);
      else chunks.push(chunk);
    });
    request.on("end", () => end(request.complete ? passed(Buffer.concat(chunks)) : incomplete));
    request.on("error", () => end(incomplete));
    request.on("close", () => end(incomplete));
  });
}
