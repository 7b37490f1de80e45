/** Samples the node that payments leave by, and the calls of the gateway, for the defense (design, section 6). */
import { createNodeRpc, type NodeRpc, type RpcResult } from "@dgb-shield/chain/rpc";
import type { Watch } from "../../pipeline/index.js";
import type { ServiceNode } from "../config/service-config.js";

/** How a call of the gateway ended, as the defense counts it. */
export type RpcOutcome = "calls" | "refused" | "unauthorized";

/** Calls of all gateways since they were taken last. */
export type RpcCounts = Readonly<{
  /** @param times how often: 1 */
  count(outcome: RpcOutcome, times?: number): void;
  /** Counts since the last time; null where no gateway has counted. */
  take(): Readonly<Record<RpcOutcome, number>> | null;
}>;

/** Makes the counter; without a call of `count` there is nothing to take. */
export function createRpcCounts(): RpcCounts {
  let counts: Record<RpcOutcome, number> | null = null;
  return Object.freeze({
    count(outcome, times = 1) {
      counts ??= { calls: 0, refused: 0, unauthorized: 0 };
      counts[outcome] = Math.min(counts[outcome] + times, Number.MAX_SAFE_INTEGER);
    },
    take() {
      const taken = counts;
      counts = null;
      return taken;
    },
  } satisfies RpcCounts);
}

/** What a sampler is made of. */
export type TelemetryParts = Readonly<{
  node: Pick<ServiceNode, "url" | "auth">;
  watch: Pick<Watch, "noteTelemetry">;
  counts: RpcCounts;
  /** Milliseconds between two samples. */
  interval_ms: number;
  warn: (text: string) => void;
}>;

const CALLS = [
  { method: "getconnectioncount" },
  { method: "getmempoolinfo" },
  { method: "getblockcount" },
] as const;

/**
 * Takes a sample at intervals; a node that does not answer is no evidence, which Sentinel's own findings are for. Calls that were counted before
 * are left out: a process that did not watch has counted for as long as it ran.
 */
export function startTelemetry({
  node: { url, auth },
  watch,
  counts,
  interval_ms,
  warn,
}: TelemetryParts): Readonly<{ close(): Promise<void> }> {
  const rpc = createNodeRpc({ url, ...(auth === undefined ? {} : { auth }) });
  let under: Promise<void> | undefined;
  counts.take();
  const look = (): void => {
    under ??= sample(rpc, counts)
      .then(watch.noteTelemetry)
      .catch((error: unknown) => warn(`a sample of the node was lost: ${String(error)}`))
      .finally(() => (under = undefined));
  };
  const timer = setInterval(look, interval_ms);
  return Object.freeze({
    async close() {
      clearInterval(timer);
      await rpc.close();
      await under;
    },
  });
}

async function sample(
  rpc: NodeRpc,
  counts: RpcCounts,
): Promise<Parameters<Watch["noteTelemetry"]>[0]> {
  const [peers, mempool, height] = await rpc.batch(CALLS);
  return {
    peers: countIn(peers),
    mempool_bytes: countIn(mempool, "bytes"),
    height: countIn(height),
    rpc: counts.take(),
  };
}

/** A count of an answer, or of a member of it; null where it is none. */
function countIn(answer: RpcResult | undefined, member?: string): number | null {
  const value: unknown = answer?.ok === true ? answer.value : undefined;
  const isObject = typeof value === "object" && value !== null;
  const given =
    member === undefined ? value : isObject && (value as Record<string, unknown>)[member];
  return typeof given === "number" && Number.isSafeInteger(given) && given >= 0 ? given : null;
}
