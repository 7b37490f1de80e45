/** Trace context of requests (W3C Trace Context): continued where one comes in, begun where none does. */
import { randomBytes } from "node:crypto";

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
  const span_id = randomBytes(8).toString("hex");
  return isZero || isOther
    ? { trace_id: randomBytes(16).toString("hex"), span_id, flags: "00" }
    : { trace_id, span_id, flags };
}

/** Writes the `traceparent` of an answer. */
export const traceparentOf = ({ trace_id, span_id, flags }: Trace): string =>
  `00-${trace_id}-${span_id}-${flags}`;
