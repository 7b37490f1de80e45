/** What the parts of one gateway share. */
import type { GatewayConfig } from "../../config.js";
import type { FairQueue } from "../../rate/fair-queue.js";
import type { SpendContext } from "../../spend/outputs.js";
import type { EndedAttempt, Moment } from "./attempts.js";
import type { NodeLink } from "./node-link.js";
import type { OwnPlaces } from "./own-places.js";
import type { GatewayLogEntry, GatewayPorts } from "./ports.js";
import type { Questions } from "./wallet-search.js";

/** One gateway. */
export type Site = Readonly<{
  config: GatewayConfig;
  ports: GatewayPorts;
  link: NodeLink;
  questions: Questions;
  /** Calls that read. */
  reads: FairQueue;
  /** Payments: apart, so that no flood of reads delays one. */
  payments: FairQueue;
  spending: SpendContext;
  /** What is the site's own by its configuration. */
  places: OwnPlaces;
  /** Highest fee of a transaction that a client brings, in base units. */
  maxFee: bigint;
  log(entry: Partial<GatewayLogEntry> & Pick<GatewayLogEntry, "event">): void;
}>;

const METHOD_NAME = /^[a-z]{1,40}$/;

/** Makes the log: a name that is no method's is not written, since it could be a key. */
export const logOf =
  ({ log, count }: GatewayPorts): Site["log"] =>
  ({ event, client = null, method = null, code = null, payment_id = null, txid = null }) => {
    const name = method !== null && METHOD_NAME.test(method) ? method : null;
    try {
      log?.({ event, client, method: name, code, payment_id, txid });
      count?.("shield_gateway_events_total", { event, code: code ?? "" });
    } catch {
      // A log that fails changes no decision.
    }
  };

/** Now, by both clocks. */
export const momentOf = ({
  nowMs,
  monotonicMs,
}: Pick<GatewayPorts, "nowMs" | "monotonicMs">): Moment => ({
  ...{ wallMs: nowMs(), monotonicMs: monotonicMs() },
});

/** An attempt that has just ended, at a process of the node that was named `instance` when it began. */
export function endedAttempt({ link, ports }: Site, instance: string | undefined): EndedAttempt {
  const last = link.instance();
  return { at: momentOf(ports), instance: last, isOneInstance: last === instance };
}
