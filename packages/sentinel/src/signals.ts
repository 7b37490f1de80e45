/** Converts a report to v2 signals, for the network view (DQSN v2, sections 2 and 6). */
import { type Finding, SCALE, type SentinelReport, type SignalV2 } from "@dgb-shield/contract";
import { CLOCK_UNTRUSTED } from "./codes.js";
import { ownMember } from "./internal/own.js";

/** Type of the signal about the node itself: whether it can be watched, by a clock that is trusted. */
export const NODE_STATUS = "node_status";

/** Who runs the node; see `SignalV2`. */
export type SignalOptions = Readonly<{ operator?: string }>;

/**
 * One signal for each detector that ran or whose findings are still active, with the severity of its
 * worst finding (0 for none), and one `node_status`: 0 for a node that is watched by a clock that is trusted,
 * else 0.25 (UNKNOWN). `observed_at` is the observation's own time.
 *
 * @returns in the order of the detectors' names, `node_status` last
 */
export function toSignals(report: SentinelReport, options: SignalOptions = {}): SignalV2[] {
  const { node_id, observed_at_ms, clock, status, tip, detectors, findings, tolerated } = report;
  const operator = ownMember(options, "operator") as string | undefined;
  const common = {
    node_id,
    source: "sentinel",
    observed_at: observed_at_ms,
    ...(operator === undefined ? {} : { operator }),
  } as const;
  const types = new Set([...detectors, ...findings.map(({ detector }) => detector)]);
  types.delete(CLOCK_UNTRUSTED);
  const channels = [...types].sort().map((type) => ({
    ...common,
    type,
    ...worstOf(findings.filter(({ detector }) => detector === type)),
  }));
  const isKnown = status === "WATCHING" && clock === "trusted";
  const severity = isKnown ? 0 : SCALE.elevated;
  const metadata = {
    status,
    height: tip?.height ?? null,
    ...(clock === "trusted" ? {} : { clock }),
    ...(tolerated && { tolerated: tolerated.map(({ algorithm }) => algorithm) }),
  };
  return [...channels, { ...common, type: NODE_STATUS, severity, metadata }];
}

/** The worst of a detector's findings; a report has them worst first. */
function worstOf(findings: readonly Finding[]): Pick<SignalV2, "severity" | "metadata"> {
  const [worst] = findings;
  if (worst === undefined) return { severity: 0, metadata: { findings: 0 } };
  const { severity, finding_id, height } = worst;
  return { severity, metadata: { findings: findings.length, finding_id, height } };
}
