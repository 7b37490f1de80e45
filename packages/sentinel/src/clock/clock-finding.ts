/** Makes the finding of a clock that is not trusted. */
import { SCALE } from "@dgb-shield/contract";
import type { ClockState } from "./clock-state.js";
import { CLOCK_UNTRUSTED } from "../codes.js";
import type { Raised } from "../report.js";

const REMEDY = "correct it, or accept it as an operator if it is right";

/**
 * Makes a finding of a clock that is not trusted: 0.25, elevated, until the clock comes back or an operator
 * accepts it.
 *
 * @param height of the tip
 * @returns no finding while the clock is trusted
 */
export function clockFinding(
  { status, since_ms, wall_ms, time_ms }: ClockState,
  height: number,
): Raised[] {
  // [FINDING clock_untrusted] the clock went back, or ran away from its monotonic clock
  if (status === "trusted") return [];
  const seconds = Math.floor(Math.abs(wall_ms - time_ms) / 1_000);
  const summary =
    status === "behind"
      ? `the observer's clock went back: it is ${seconds} s behind the latest time that it gave`
      : `the observer's clock ran ahead: it is ${seconds} s ahead of what its monotonic clock measured`;
  return [
    {
      detector: CLOCK_UNTRUSTED,
      finding_id: `${CLOCK_UNTRUSTED}:${status}:${since_ms}`,
      severity: SCALE.elevated,
      summary: `${summary}; ${REMEDY}`,
      height,
      latched: false,
      evidence: { status, wall_ms, time_ms },
    },
  ];
}
