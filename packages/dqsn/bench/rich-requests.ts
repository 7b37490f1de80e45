/** A DQSN request whose evidence has decimals, non-ASCII text and nested lists: about 800 bytes a signal. */
import { createEnvelope, type DqsnRequest } from "@dgb-shield/contract";
import { requestOf } from "./requests.js";

const ALGORITHMS = ["sha256d", "scrypt", "skein", "qubit", "odocrypt"] as const;
const PLACES = ["Zürich", "Århus", "東京", "São Paulo", "Łódź"] as const;

/** A request with `count` signals, the same for the same count. */
export function richRequestOf(count: number): DqsnRequest {
  const { signals, ...request } = requestOf(count);
  return { ...request, signals: signals.map((signal, i) => rich(signal, i)) };
}

function rich(signal: DqsnRequest["signals"][number], i: number) {
  return createEnvelope({
    component: signal.component,
    request_id: signal.request_id,
    decision: signal.decision,
    score: signal.risk.score,
    reason_codes: signal.reason_codes,
    evidence: {
      place: PLACES[i % PLACES.length] ?? "",
      summary: `Ø ${(i * 7.3).toFixed(1)} s → „kein Block“ seit Höhe ${23_751_096 + i} · ≥ 3 σ`,
      shares: ALGORITHMS.map((name, k) => [name, (k + 1) * 0.061 + i / 1_000, [i, k, 0.5]]),
      spacing_s: Array.from({ length: 12 }, (_, k) => Math.round(1e5 / (i + k + 3)) / 1_000),
      latency: { p50: 12.25 + i, p99: 180.125 + i / 3, samples: [[0.1, 0.25], [i / 8, 1e-7], []] },
      difficulty: 8_264_137.921837 + i * 0.001,
    },
  });
}
