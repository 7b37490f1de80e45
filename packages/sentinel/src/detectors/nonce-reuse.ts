/** Detector `nonce_reuse`: two signatures made with one nonce, which give their keys away (design: layer 1). */
import { hash256Schema, heightSchema, idSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { NO_SIGNATURES, signatureMemorySchema, withSignatures } from "./signature-memory.js";
import { isKnownR } from "./weak-nonces.js";
import type { Signature, WatchedObservation } from "../observation/observation.js";
import { MAX_SEVERITY } from "../stats/severity.js";

/** How long a reuse stays a finding: a day, in milliseconds. */
const HOLD_MS = 86_400_000;

/** Most that are held at once; beyond them the oldest of the mildest is dropped. */
const MAX_HELD = 32;

const heldSchema = z.strictObject({
  reuse: z.enum(["same_key", "other_key"]),
  r: hash256Schema,
  /** The key of the later signature. */
  key: idSchema,
  height: heightSchema,
  /** When it ends, on the running time `held_ms`. */
  until_ms: z.int(),
});
type Held = z.infer<typeof heldSchema>;

const stateSchema = z.strictObject({
  signatures: signatureMemorySchema,
  held: z.array(heldSchema).max(MAX_HELD),
});
type ReuseState = z.infer<typeof stateSchema>;

/**
 * Finds two signatures with the same r among the last 900 (with ECDSA's r = x(k·G) and Schnorr's R = k·G one
 * memory serves both):
 * - `same_key`: another s under the same key. Two equations, two unknowns: anyone can compute the key from what
 *   is on the chain. 0.99;
 * - `other_key`: another key, or one that goes by another name. Each owner can compute the other's key, and a
 *   third signature gives both away. 0.60.
 * A copy is no reuse: the same key and s, or n − s in ECDSA, which anyone may put in its place, or a signature
 * whose s is not known. No message is needed. The r of a nonce that anyone knows is left out: `entropy_drop`
 * finds those that matter.
 *
 * False alarms: none. With random nonces two r are equal with the probability 2⁻²⁵⁶ a pair; what is remembered
 * of an r are 66 bits, so that 10^9 signatures a year compared with 960 each match by chance once in 77 million
 * years. Of real reuses one in 262,144 is taken for a copy (18 bits of s), and one in 4,096 of two keys for one
 * key's (12 bits). A finding is held for a day. 900 signatures are half an hour of DigiByte; a reuse that is
 * farther apart is not seen.
 */
export const nonceReuse: Detector<ReuseState> = defineDetector({
  name: "nonce_reuse",
  stateSchema,
  initial: () => ({ signatures: NO_SIGNATURES, held: [] }),
  reduce(previous, observation) {
    const { signatures = [], times } = observation;
    const found: Held[] = [];
    const judged = signatures.filter(({ r }) => !isKnownR(r));
    const remembered = withSignatures(previous.signatures, judged, (signature, reuse) => {
      found.push(heldOf(signature, reuse, observation));
    });
    const held = merged(previous.held, found).filter(({ until_ms }) => until_ms > times.held_ms);
    // [FINDING nonce_reuse] two signatures have one r and are no copies of each other
    return {
      state: { signatures: remembered, held },
      findings: held.map((one) => findingOf(one, observation)),
    };
  },
  hasEvidence: ({ signatures }) => signatures !== undefined,
});

const heldOf = (
  { r, key }: Signature,
  reuse: Held["reuse"],
  { tip, times }: Timed<WatchedObservation>,
): Held => ({ reuse, r, key, height: tip.height, until_ms: times.held_ms + HOLD_MS });

/** One finding for an r and kind, as it was first seen, held for a day after it was last. */
function merged(held: readonly Held[], found: readonly Held[]): Held[] {
  if (found.length === 0) return [...held];
  const known = new Map(held.map((one) => [`${one.reuse}:${one.r}`, one]));
  for (const one of found) {
    const id = `${one.reuse}:${one.r}`;
    known.set(id, { ...(known.get(id) ?? one), until_ms: one.until_ms });
  }
  const all = [...known.values()];
  const worst = all.filter(({ reuse }) => reuse === "same_key").slice(-MAX_HELD);
  const others = all.filter(({ reuse }) => reuse === "other_key");
  return [...(worst.length < MAX_HELD ? others.slice(worst.length - MAX_HELD) : []), ...worst];
}

const findingOf = (
  { reuse, r, key, height, until_ms }: Held,
  { at_ms, times }: Timed<WatchedObservation>,
): DetectorFinding => ({
  finding_id: `nonce_reuse:${reuse}:${r.slice(-16)}`,
  severity: reuse === "same_key" ? MAX_SEVERITY : SCALE.high,
  summary:
    reuse === "same_key"
      ? "a key has signed twice with one nonce: anyone can compute it from these signatures"
      : "two keys have signed with one nonce: each owner can compute the other's key",
  height,
  latched: false,
  evidence: { r, key, until_ms: at_ms + until_ms - times.held_ms },
});
