/** A DQSN request of a usual size: about 600 bytes a signal, 38 kB for 64. */
import { createEnvelope, type DqsnRequest } from "../src/index.js";

const COMPONENTS = ["sentinel", "adn", "wallet_guardian"] as const;
const DECISIONS = ["ALLOW", "WARN", "BLOCK"] as const;

/** A request with `count` signals, the same for the same count. */
export function request(count: number): DqsnRequest {
  const signals = Array.from({ length: count }, (_, i) =>
    createEnvelope({
      component: COMPONENTS[i % 3] ?? "sentinel",
      request_id: `node-${i}@${1_782_664_805_000 + i}`,
      decision: DECISIONS[i % 3] ?? "WARN",
      score: 0.272331,
      reason_codes: ["SENTINEL_BLOCK_STALL", "SENTINEL_REORG"],
      evidence: {
        chain: "digibyte",
        findings: [
          {
            detector: "block_stall",
            finding_id: `block_stall:${23_751_096 + i}`,
            severity: 0.272331,
            summary: `no block for ${i + 200} s at height ${23_751_096 + i}`,
          },
        ],
        height: 23_751_096 + i,
        node_id: `node-${i}`,
        observed_at_ms: 1_782_664_805_000 + i,
        score: i / 64,
      },
    }),
  );
  return { contract_version: 3, component: "dqsn", request_id: "bench", signals };
}
