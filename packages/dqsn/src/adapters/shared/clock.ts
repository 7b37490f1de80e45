/** The system's clocks, the default of every adapter, and views at their time (design section 2). */
import { checkTimeMs, type NetworkView, type TimeReading } from "@dgb-shield/contract";
import type { NetworkState } from "../../index.js";
import { guarded } from "./guarded.js";

/** The time source of an adapter; a number is the wall clock alone. */
export type Clock = () => TimeReading;

/** Reads wall clock and monotonic clock of this process together. */
export const systemClock: Clock = () => ({
  now_ms: Date.now(),
  monotonic_ms: performance.now(),
});

/** Gives the wall clock of a reading in milliseconds; NaN for a malformed one. */
export function wallMsOf(reading: unknown): number {
  if (typeof reading === "number") return reading;
  if (typeof reading !== "object" || reading === null) return NaN;
  const now: unknown = Object.getOwnPropertyDescriptor(reading, "now_ms")?.value;
  return typeof now === "number" ? now : NaN;
}

/** The network of a view, and the clock of its time. */
export type ViewOptions = Readonly<{ network: Pick<NetworkState, "view">; clock: Clock }>;

/** Takes the view now; undefined when the clock gives no time or the view cannot be taken. Never throws. */
export const takeView = ({ network, clock }: ViewOptions): NetworkView | undefined =>
  guarded(() => {
    const reading = clock();
    if (checkTimeMs(wallMsOf(reading)) !== undefined) return undefined;
    return network.view(reading);
  });
