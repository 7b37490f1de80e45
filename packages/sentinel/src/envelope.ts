/** Converts a report to a v3 envelope (contract v3, section 4). */
import {
  createEnvelope,
  DECISION_OF_LEVEL,
  type Envelope,
  type SentinelReport,
} from "@dgb-shield/contract";
import { CLOCK_UNTRUSTED, reasonCodeOf, SENTINEL_OK, STATUS_CODES } from "./codes.js";

/**
 * The envelope of a report: component `sentinel`, the decision that goes with its level, a code for its
 * status, for each detector that found something (worst first) and for a clock that is not trusted,
 * `SENTINEL_OK` where there is none.
 *
 * @param requestId 1–128 characters; two envelopes of one report differ in nothing else
 */
export function toEnvelope(report: SentinelReport, requestId: string): Envelope {
  const { level, score, ...evidence } = report;
  return createEnvelope({
    component: "sentinel",
    request_id: requestId,
    decision: DECISION_OF_LEVEL[level],
    score,
    reason_codes: reasonCodes(report),
    evidence,
  });
}

function reasonCodes({ status, clock, findings }: SentinelReport): string[] {
  const statusCode = STATUS_CODES[status];
  // Also where an operator has hidden the finding: the level is elevated for it.
  const clockCodes = clock === "trusted" ? [] : [reasonCodeOf(CLOCK_UNTRUSTED)];
  const found = findings.map(({ detector }) => reasonCodeOf(detector));
  const codes = [
    ...new Set([...(statusCode === null ? [] : [statusCode]), ...found, ...clockCodes]),
  ];
  return codes.length === 0 ? [SENTINEL_OK] : codes;
}
