/** Trace context of requests (W3C Trace Context): continued where one comes in, begun where none does. */
import { randomFillSync } from "node:crypto";

/** Where a request stands in its trace. */
export type Trace = Readonly<{
  trace_id: string;
  /** The service's own part. */
  span_id: string;
  /** Two hexadecimal digits; 01: sampled. */
  flags: string;
}>;

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * Continues a trace.
 *
 * @param header the `traceparent` that came in; one that is malformed begins a new trace
 */
export function continueTrace(header: string | string[] | undefined): Trace {
  const [, version, trace_id = "", parent, flags = "00", rest] =
    TRACEPARENT.exec(typeof header === "string" ? header : "") ?? [];
  const isZero = /^0*$/.test(trace_id) || /^0*$/.test(parent ?? "");
  const isOther = version === "00" && rest !== undefined;
  const span_id = randomHex(8);
  return isZero || isOther
    ? { trace_id: randomHex(16), span_id, flags: "00" }
    : { trace_id, span_id, flags };
}

/** Random bytes in stock: each draw from the system costs as much as hundreds of them. */
const stock = Buffer.alloc(4_096);
let used = stock.length;

function randomHex(bytes: number): string {
  if (used + bytes > stock.length) {
    randomFillSync(stock);
    used = 0;
  }
  used += bytes;
  return stock.toString("hex", used - bytes, used);
}

/** Writes the `traceparent` of an answer. */
export const traceparentOf = ({ trace_id, span_id, flags }: Trace): string =>
  `00-${trace_id}-${span_id}-${flags}`;
