/** Findings of `reorg`: those that are held, and the circuit breaker's. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { DetectorFinding, Timed } from "../detector.js";
import type { WatchedObservation } from "../../observation/observation.js";
import { MAX_SEVERITY, significant } from "../../stats/severity.js";
import { type Held, perYear, severityOfDepth } from "./held.js";
import type { Burst } from "./reorg-burst.js";
import { counted } from "../../internal/counted.js";

/** The findings that are active at an observation. */
export function findingsOf(
  { held, burst }: Readonly<{ held: readonly Held[]; burst: Burst }>,
  { tip, at_ms, times }: Timed<WatchedObservation>,
  chain: ChainParameters,
): DetectorFinding[] {
  // Dated for a reader: running times differ from the wall clock where that was wrong.
  const dated = (until_ms: number): number => at_ms + until_ms - times.held_ms;
  const each = held.map(({ finding_id, until_ms, stale_rate, ...facts }) => {
    const rate = stale_rate ?? chain.stale_rate;
    return {
      finding_id,
      severity: severityOfDepth(facts.depth, rate, chain),
      summary: `${counted(facts.depth, "block")} above height ${facts.fork_height} fell out of the active chain${withThem(facts.dropped)}`,
      height: tip.height,
      latched: false,
      evidence: {
        ...facts,
        stale_rate: significant(rate),
        expected_per_year: significant(perYear(facts.depth, rate, chain)),
        until_ms: dated(until_ms),
      },
    };
  });
  const { tripped } = burst;
  if (tripped === null) return each;
  const until_ms = dated(tripped.until_ms);
  return [...each, repeatedFinding({ ...tripped, until_ms }, chain)];
}

const withThem = (dropped: Held["dropped"]): string =>
  dropped === null
    ? ""
    : `, and with them ${counted(dropped.count, "transaction")} that ${dropped.count === 1 ? "is" : "are"} in no new block`;

function repeatedFinding(
  tripped: NonNullable<Burst["tripped"]>,
  chain: ChainParameters,
): DetectorFinding {
  const { height, count, least_depth, spacings, false_alarm_years, until_ms } = tripped;
  const window_seconds = spacings * chain.spacing_seconds;
  return {
    finding_id: `reorg:repeated:${height}`,
    severity: MAX_SEVERITY,
    summary: `${count} reorganisations of ${counted(least_depth, "block")} or more within ${window_seconds} s`,
    height,
    latched: false,
    evidence: {
      count,
      least_depth,
      window_seconds,
      false_alarm_years: significant(false_alarm_years),
      until_ms,
    },
  };
}
