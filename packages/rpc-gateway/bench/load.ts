/** What the benchmark's parts share: calls over kept connections, and the quantiles of their times. */
import { Pool } from "undici";

/** A caller of one server. */
export type Caller = Readonly<{
  /** Makes one call, or a batch; the milliseconds until the answer was read. */
  call(
    method: string,
    params?: readonly unknown[],
    headers?: Record<string, string>,
  ): Promise<number>;
  batch(calls: number, method: string): Promise<number>;
  close(): Promise<void>;
}>;

/** Makes a caller. */
export function createCaller(url: string, credentials: string, connections: number): Caller {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const authorization = `Basic ${Buffer.from(credentials).toString("base64")}`;

  async function post(body: string, headers: Record<string, string> = {}): Promise<number> {
    const from = performance.now();
    const answer = await pool.request({
      ...{ path: "/", method: "POST", body },
      headers: { authorization, "content-type": "application/json", ...headers },
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}: ${text}`);
    return performance.now() - from;
  }

  return {
    call: (method, params = [], headers) =>
      post(JSON.stringify({ jsonrpc: "1.0", id: 1, method, params }), headers),
    batch(calls, method) {
      const one = (_: unknown, id: number) => ({ jsonrpc: "1.0", id, method, params: [] });
      return post(JSON.stringify(Array.from({ length: calls }, one)));
    },
    close: () => pool.destroy(),
  };
}

/** A quantile of times. */
export const quantile = (times: readonly number[], part: number): number => {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
};

/** Milliseconds with two places. */
export const ms = (value: number): string => `${value.toFixed(2)} ms`;
