/** The time of one call, and whether it is trusted (design, section 7: clocks). */
import type { ClockStatus } from "@dgb-shield/contract";

/** The clock that counts: the process's, or the ledger's own. */
export type ClockOwner = "caller" | "ledger";

/** The time of one call, and whether it is trusted. */
export type Time = Readonly<{
  /** What the clock that counts gives; where it is not trusted the best estimate, 0 where there is none. */
  nowMs: number;
  trusted: boolean;
  status: ClockStatus | "invalid";
  /** What is wrong, and what to do; undefined while it is trusted. */
  detail: string | undefined;
}>;

/** What the process's clocks gave at one moment; `steady` is undefined where there is no monotonic clock. */
export type LocalTime = Readonly<{ wall: unknown; steady: number | undefined }>;

/** An operator's latest acceptance of the clock, as the ledger stores it. */
export type Acceptance = Readonly<{
  /** How many there were. */
  count: number;
  /** What the accepted clock gave; 0 where there was none. */
  at_ms: number;
}>;

/** A change of the clock's status, reported once. */
export type ClockNotice = Readonly<{
  action: "clock_untrusted" | "clock_skew";
  at_ms: number;
  status: Time["status"];
  detail: string;
}>;
