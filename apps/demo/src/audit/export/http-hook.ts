/** Posts checkpoints to an address. */
import type { ExportHook } from "./hook.js";

/** An address, and what it asks for. */
export type HttpTarget = Readonly<{ url: string; token: string | null; timeout_ms: number }>;

/** Creates a hook that posts each line as JSON; any status from 200 to 299 takes it. Redirections are followed nowhere. */
export const createHttpHook = (name: string, { url, token, timeout_ms }: HttpTarget): ExportHook =>
  Object.freeze({
    name,
    async send(line, stop) {
      const response = await fetch(url, {
        method: "POST",
        redirect: "error",
        body: line,
        headers: {
          "content-type": "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        signal: AbortSignal.any([stop, AbortSignal.timeout(timeout_ms)]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`status ${response.status}`);
    },
  } satisfies ExportHook);
