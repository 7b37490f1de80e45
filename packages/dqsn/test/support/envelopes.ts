/** Requests, signals and arbitraries that the tests share. */
import { createEnvelope, ENVELOPE_DECISIONS, type Envelope } from "@dgb-shield/contract";
import fc from "fast-check";

/** A genuine signal; `over` replaces fields after the hash was taken, as a forger would. */
export function signal(
  said: Partial<Parameters<typeof createEnvelope>[0]> = {},
  over: Record<string, unknown> = {},
): Envelope {
  const envelope = createEnvelope({
    component: "sentinel",
    request_id: "s-1",
    decision: "ALLOW",
    score: 0.1,
    reason_codes: ["SENTINEL_NORMAL"],
    evidence: {},
    ...said,
  });
  return { ...envelope, ...over };
}

/** A request for `signals`; `over` adds or replaces top-level fields. */
export const request = (signals: unknown, over: Record<string, unknown> = {}) => ({
  contract_version: 3,
  component: "dqsn",
  request_id: "r-1",
  signals,
  ...over,
});

export const signalArbitrary: fc.Arbitrary<Envelope> = fc
  .record({
    component: fc.constantFrom("sentinel", "adn", "wallet_guard"),
    request_id: fc.constantFrom("s-1", "s-2", "s-3"),
    decision: fc.constantFrom(...ENVELOPE_DECISIONS),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    reason_codes: fc.subarray(["A_ONE", "B_TWO", "C_THREE"]),
    evidence: fc.dictionary(fc.constantFrom("a", "b", "ü"), fc.integer()),
  })
  .map((said) => signal(said));
