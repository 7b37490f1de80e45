/** A DQSN request of a usual size: reports of Sentinels, about 600 bytes a signal, 38 kB for 64. */
import { createEnvelope, type DqsnRequest } from "@dgb-shield/contract";

const COMPONENTS = ["sentinel", "adn", "wallet_guardian"] as const;
const DECISIONS = ["ALLOW", "WARN", "BLOCK"] as const;
const START_HEIGHT = 23_751_096;
const START_MS = 1_782_664_805_000;

/** A request with `count` signals, the same for the same count. */
export function requestOf(count: number): DqsnRequest {
  const signals = Array.from({ length: count }, (_, i) =>
    createEnvelope({
      component: COMPONENTS[i % 3] ?? "sentinel",
      request_id: `node-${i}@${START_MS + i}`,
      decision: DECISIONS[i % 3] ?? "WARN",
      score: 0.272331,
      reason_codes: ["SENTINEL_BLOCK_STALL", "SENTINEL_REORG"],
      evidence: {
        chain: "digibyte",
        findings: [
          {
            detector: "block_stall",
            finding_id: `block_stall:${START_HEIGHT + i}`,
            severity: 0.272331,
            summary: `no block for ${i + 200} s at height ${START_HEIGHT + i}`,
          },
        ],
        height: START_HEIGHT + i,
        node_id: `node-${i}`,
        observed_at_ms: START_MS + i,
        score: i / 64,
      },
    }),
  );
  return { contract_version: 3, component: "dqsn", request_id: "bench", signals };
}
