/** Detector `entropy_drop`: signatures whose nonces are not random (design: layer 1). */
import { hash256Schema, heightSchema, idSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { raisedAfter } from "../stats/hysteresis.js";
import { observeBits, rBitsSchema, UNIFORM_BITS } from "./nonce-bias.js";
import type { Signature, WatchedObservation } from "../observation/observation.js";
import {
  MAX_SEVERITY,
  MAX_SEVERITY_YEARS,
  severityOfReturnPeriod,
  significant,
} from "../stats/severity.js";
import { isKnownR, SHORT_R, WEAK_NONCES } from "./weak-nonces.js";

/** Signatures a year that the rates are stated for: 475 a block of DigiByte, more than it has carried. */
const SIGNATURES_PER_YEAR = 1_000_000_000;

/** How long a guessable or shared nonce stays a finding: a day, in milliseconds. */
const HOLD_MS = 86_400_000;

/** Most such nonces held at once; beyond them the oldest is dropped. */
const MAX_HELD = 32;

/** Anyone can publish a weak signature for a fee: alone it is never more than `elevated`. */
const MAX_ALONE = 0.59;

const heldSchema = z.strictObject({
  /** `shared_nonce` was found by earlier versions; such a finding is held to its end (now: `nonce_reuse`). */
  kind: z.enum(["weak_nonce", "shared_nonce"]),
  r: hash256Schema,
  /** The guessable nonce, or nothing. */
  nonce: z.string(),
  /** Keys that signed with it. */
  keys: z.array(idSchema).max(2),
  height: heightSchema,
  /** When it ends, on the running time `held_ms`. */
  until_ms: z.int(),
});
type Held = z.infer<typeof heldSchema>;

const stateSchema = z.strictObject({
  held: z.array(heldSchema),
  bits: rBitsSchema,
  raised_at: heightSchema.nullable(),
});
type EntropyState = z.infer<typeof stateSchema>;

/** What an earlier version stored: it remembered signatures, too. */
const formerSchema = z.strictObject({ ...stateSchema.shape, remembered: z.array(z.unknown()) });

const NONCE_OF_R: ReadonlyMap<string, string> = new Map(WEAK_NONCES.map(([k, r]) => [r, k]));

/**
 * Finds ECDSA signatures whose nonces are not random, in the r values that observations carry:
 * - `weak_nonce`: r is that of a nonce that can be guessed (`WEAK_NONCES`): the key is lost. With random nonces that does
 *   not happen in the life of the universe. The r of 1/2 is left out (`SHORT_R`);
 * - `leading_bits`: the bits of r after the top one are off the uniform distribution: a Shiryaev–Roberts
 *   statistic R of a predicted against the uniform distribution (`observeBits`). Honest signatures,
 *   up to 10^9 a year, let R reach n once in n/10^9 years or less often, without approximation.
 * False alarms: one a year at `elevated`, all by leading bits. Alone it is never above 0.59, since anyone
 * can publish such a signature; together with a mempool surge and a deep reorganisation it is critical.
 *
 * A nonce stays a finding for a day; leading bits until enough signatures have been uniform.
 * An r that two signatures have is `nonce_reuse`'s.
 */
export const entropyDrop: Detector<EntropyState> = defineDetector({
  name: "entropy_drop",
  stateSchema,
  initial: () => ({ held: [], bits: UNIFORM_BITS, raised_at: null }),
  upgrade(stored) {
    const read = formerSchema.safeParse(stored);
    if (!read.success) return undefined;
    const { held, bits, raised_at } = read.data;
    return { held: held.filter(({ r }) => r !== SHORT_R), bits, raised_at };
  },
  reduce(previous, observation) {
    const { signatures = [], tip, times } = observation;
    const found = nonces(signatures, observation);
    // A nonce that is found by its name is not found again by its bits.
    const others = signatures.filter(({ r }) => !isKnownR(r));
    const bits = observeBits(previous.bits, others, SIGNATURES_PER_YEAR * MAX_SEVERITY_YEARS);
    const years = bits.statistic / SIGNATURES_PER_YEAR;
    const state = {
      held: merged(previous.held, found).filter(({ until_ms }) => until_ms > times.held_ms),
      bits,
      raised_at: raisedAfter(previous.raised_at, years, tip.height),
    };
    // [FINDING entropy_drop] a nonce is guessable, or r is biased
    return {
      state,
      findings: [
        ...state.held.map((held) => nonceFinding(held, observation)),
        ...bitsFindings(state, tip.height),
      ],
    };
  },
  hasEvidence: ({ signatures }) => signatures !== undefined,
});

const nonces = (
  signatures: readonly Signature[],
  { tip, times }: Timed<WatchedObservation>,
): Held[] =>
  signatures.flatMap(({ r, key }): Held[] => {
    const nonce = NONCE_OF_R.get(r);
    if (nonce === undefined) return [];
    const until_ms = times.held_ms + HOLD_MS;
    return [{ kind: "weak_nonce", r, nonce, keys: [key], height: tip.height, until_ms }];
  });

/** One finding for an r, as it was first seen, held for a day after it was last. */
function merged(held: readonly Held[], found: readonly Held[]): Held[] {
  const byR = new Map(held.map((one) => [one.r, one]));
  for (const one of found) {
    const known = byR.get(one.r);
    byR.set(one.r, known === undefined ? one : { ...known, until_ms: one.until_ms });
  }
  return [...byR.values()].slice(-MAX_HELD);
}

const nonceFinding = (
  { kind, r, nonce, keys, height, until_ms }: Held,
  { at_ms, times }: Timed<WatchedObservation>,
): DetectorFinding => ({
  finding_id: `entropy_drop:${kind}:${r.slice(-16)}`,
  severity: Math.min(MAX_ALONE, MAX_SEVERITY),
  summary:
    kind === "weak_nonce"
      ? `a signature uses the nonce ${nonce}, which anybody can guess`
      : "two keys have signed with the same nonce",
  height,
  latched: false,
  evidence: {
    r,
    keys,
    until_ms: at_ms + until_ms - times.held_ms,
    ...(kind === "weak_nonce" && { nonce }),
  },
});

function bitsFindings({ bits, raised_at }: EntropyState, height: number): DetectorFinding[] {
  if (raised_at === null) return [];
  const years = bits.statistic / SIGNATURES_PER_YEAR;
  const severity = Math.max(SCALE.elevated, severityOfReturnPeriod(years));
  return [
    {
      finding_id: `entropy_drop:leading_bits:${raised_at}`,
      severity: Math.min(MAX_ALONE, severity),
      summary: "the leading bits of recent signatures' r are not uniform",
      height,
      latched: false,
      evidence: { signatures: bits.counted, false_alarm_years: significant(years) },
    },
  ];
}
