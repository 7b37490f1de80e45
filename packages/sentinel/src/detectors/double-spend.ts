/** Detector `double_spend`: a payment that was in the chain and was replaced by another one (design: layer 1). */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding, type Timed } from "./detector.js";
import { severityOfDepth } from "./reorg/held.js";
import type { DoubleSpend, Observation } from "../observation/observation.js";
import { isNotable, MAX_SEVERITY } from "../stats/severity.js";
import { counted } from "../internal/counted.js";

/** How long one that anyone can stage stays a finding: a day, in milliseconds. */
const HOLD_MS = 86_400_000;

/** Most that are kept; beyond them the oldest of the mildest is dropped. */
const MAX_HELD = 32;

/** Anyone can stage one in an ordinary reorganisation: alone it is never more than `elevated`. */
const MAX_STAGED = 0.59;

/** A fee bump takes at most this share of what a script was paid, and gives it to no other script. */
const BUMP_SHARE = 0.1;

const heldSchema = z.strictObject({
  kind: z.enum(["payment", "staged", "fee_bump"]),
  outpoint: z.string(),
  lost_txid: hash256Schema,
  new_txid: hash256Schema,
  confirmations: z.int().min(1),
  lost_tip: hash256Schema,
  fork_height: heightSchema,
  new_height: heightSchema,
  withdrawn: z.int().min(0),
  /** When it ends, on the running time `held_ms`; null: when an operator acknowledges it. */
  until_ms: z.int().nullable(),
});
type Held = z.infer<typeof heldSchema>;

const stateSchema = z.strictObject({ held: z.array(heldSchema).max(MAX_HELD) });
type DoubleSpendState = z.infer<typeof stateSchema>;

/**
 * Finds an outpoint that a transaction of a lost branch had spent and that another transaction of the active chain
 * spends now, and names both. The source reads both branches (`LostTransactions`), up to 240 blocks after the fork.
 *
 * - `payment`, 0.99, latched until an operator acknowledges it: the lost transaction had c confirmations, and an
 *   honest chain loses as many at most once a year (N·r^c). DigiByte: from 3 on;
 * - `staged`, 0.59 for a day: with fewer confirmations. Whoever sends two versions of a payment to two sides of the
 *   network has one of them replaced in an ordinary reorganisation sooner or later, without any hash power
 *   (DigiByte: 40 of one block a day, two of two blocks a week);
 * - `fee_bump`, severity 0 for a day: the recipients get what they got, or at most a tenth less that no other
 *   script gets and that went into the fee. A wallet that raises the fee of a payment makes such a pair when each
 *   of two branches has one version; so does a third party that changes an input's script.
 *
 * False alarms: an owner who has cancelled an unconfirmed payment, both versions of which were mined, in a
 * reorganisation that comes at most once a year.
 */
export const doubleSpend: Detector<DoubleSpendState> = defineDetector({
  name: "double_spend",
  stateSchema,
  initial: () => ({ held: [] }),
  reduce(previous, observation, chain) {
    const state = advance(previous, observation, chain);
    return { state, findings: findingsOf(state, observation) };
  },
  reduceUnwatched(previous, observation, chain) {
    if (observation.double_spends === undefined) return { state: previous, findings: null };
    const state = advance(previous, observation, chain);
    return { state, findings: findingsOf(state, observation) };
  },
  hasEvidence: ({ double_spends }) => double_spends !== undefined,
  acknowledge: ({ held }, findingId) => ({
    held: held.filter((one) => idOf(one) !== findingId),
  }),
});

function advance(
  { held }: DoubleSpendState,
  { double_spends = [], times }: Timed<Observation>,
  chain: ChainParameters,
): DoubleSpendState {
  if (held.length === 0 && double_spends.length === 0) return { held };
  const untilMs = times.held_ms + HOLD_MS;
  const running = held.filter(({ until_ms }) => until_ms === null || until_ms > times.held_ms);
  const found = double_spends.map((one) => heldOf(one, untilMs, chain));
  const byId = new Map([...running, ...found].map((one) => [idOf(one), one]));
  return { held: worst([...byId.values()]) };
}

function heldOf(one: DoubleSpend, untilMs: number, chain: ChainParameters): Held {
  const { lost_txid, new_txid, confirmations, lost_tip, fork_height, new_height, withdrawn } = one;
  const kind = kindOf(one, chain);
  return {
    kind,
    outpoint: `${one.spent_txid}:${one.spent_vout}`,
    ...{ lost_txid, new_txid, confirmations, lost_tip, fork_height, new_height, withdrawn },
    until_ms: kind === "payment" ? null : untilMs,
  };
}

function kindOf(
  { paid, withdrawn, redirected, confirmations }: DoubleSpend,
  chain: ChainParameters,
): Held["kind"] {
  const isToFee = redirected === 0 && withdrawn <= BUMP_SHARE * paid;
  if (withdrawn === 0 || isToFee) return "fee_bump";
  const severity = severityOfDepth(confirmations, chain.stale_rate, chain);
  return isNotable(severity) ? "payment" : "staged";
}

const SEVERITY: Readonly<Record<Held["kind"], number>> = Object.freeze({
  payment: MAX_SEVERITY,
  staged: MAX_STAGED,
  fee_bump: 0,
});

function worst(held: Held[]): Held[] {
  if (held.length <= MAX_HELD) return held;
  const kept = new Set(
    held
      .map((one, i) => ({ one, i }))
      .toSorted((a, b) => SEVERITY[b.one.kind] - SEVERITY[a.one.kind] || b.i - a.i)
      .slice(0, MAX_HELD)
      .map(({ one }) => one),
  );
  return held.filter((one) => kept.has(one));
}

const idOf = ({ lost_txid, new_txid }: Held): string =>
  `double_spend:${lost_txid.slice(-16)}:${new_txid.slice(-16)}`;

// [FINDING double_spend] an outpoint is spent by a lost transaction and by another one of the active chain
const findingsOf = (
  { held }: DoubleSpendState,
  { at_ms, times }: Timed<Observation>,
): DetectorFinding[] =>
  held.map((one) => ({
    finding_id: idOf(one),
    severity: SEVERITY[one.kind],
    summary:
      one.kind === "fee_bump"
        ? `transaction ${one.lost_txid} was replaced by ${one.new_txid} with another fee after a reorganisation`
        : `transaction ${one.lost_txid} had ${counted(one.confirmations, "confirmation")} and was replaced by ${one.new_txid}, which spends the same coin and pays others`,
    height: one.new_height,
    latched: one.until_ms === null,
    evidence: {
      ...one,
      until_ms: one.until_ms === null ? null : at_ms + one.until_ms - times.held_ms,
    },
  }));
