/** Judges the inputs by the thresholds: which events they make, and how severe (design, section 6). */
import { SCALE } from "@dgb-shield/contract";
import type { InputsConfig } from "./config.js";
import type { Counter, InputsMemory, InputType } from "./model.js";
import type { Telemetry } from "./telemetry.js";
import { totalOf, type Window } from "./window.js";

/** What the inputs show. */
export type InputFinding = Readonly<{ type: InputType; severity: number; summary: string }>;

/** Well within elevated: below every threshold of a lockdown. */
const MARKED = 0.4;
/** How many times a threshold makes a finding more than barely elevated. */
const MULTIPLE = 4;

const severityOf = (value: number, limit: number): number =>
  value >= MULTIPLE * limit ? MARKED : SCALE.elevated;

/**
 * Judges what is counted. Each is elevated at most: customers can have payments refused at will, and any client of
 * the gateway can have calls refused (decision 18).
 */
export function judgedCounts(inputs: InputsMemory, config: InputsConfig): InputFinding[] {
  return [...spikes(inputs, config), ...abuse(inputs, config)];
}

/** A counter, its limit, and what is counted. */
type Limit = readonly [counter: Counter, limit: number, what: string];

function spikes(inputs: InputsMemory, config: InputsConfig): InputFinding[] {
  const { max_refused_payments, max_freezes } = config;
  // [ELEVATED withdrawal_spike] refused payments, freezes or Guardian's own spikes reach a threshold
  return exceeded("withdrawal_spike", inputs, [
    ["refused_payments", max_refused_payments, "payments refused or delayed for their own sake"],
    ["freezes", max_freezes, "freezes and persistent attempts"],
    ["spikes", 1, "spikes of a wallet"],
  ]);
}

function abuse(inputs: InputsMemory, config: InputsConfig): InputFinding[] {
  const { max_rpc_calls, max_rpc_refused, max_rpc_unauthorized } = config;
  // [ELEVATED rpc_abuse] calls, refused calls or wrong credentials reach a threshold
  return exceeded("rpc_abuse", inputs, [
    ["rpc_unauthorized", max_rpc_unauthorized, "calls with wrong credentials"],
    ["rpc_refused", max_rpc_refused, "refused calls"],
    ["rpc_calls", max_rpc_calls, "calls"],
  ]);
}

function exceeded(type: InputType, inputs: InputsMemory, limits: readonly Limit[]): InputFinding[] {
  const reached = limits.flatMap(([counter, limit, what]) => {
    const total = totalOf(inputs, counter);
    return total >= limit ? [{ severity: severityOf(total, limit), text: `${total} ${what}` }] : [];
  });
  if (reached.length === 0) return [];
  const severity = Math.max(...reached.map((one) => one.severity));
  return [{ type, severity, summary: reached.map(({ text }) => text).join(", ") }];
}

/**
 * Judges a sample. No peers at all, or a height that stands for three times the threshold, is high: that takes power over
 * the node's network or over the hash rate.
 */
export function judgedSample(
  inputs: InputsMemory,
  { peers, mempool_bytes, height }: Telemetry,
  { config, time_ms }: Readonly<{ config: InputsConfig }> & Pick<Window, "time_ms">,
): InputFinding[] {
  const { min_peers, max_mempool_bytes, spacing_ms, max_stalled_spacings } = config;
  const findings: InputFinding[] = [];
  if (peers !== null && peers < min_peers) {
    // [HIGH peers_lost] fewer peers than the least, or none
    const severity = peers === 0 ? SCALE.high : MARKED;
    findings.push({
      type: "peers_lost",
      severity,
      summary: `${peers} peers, at least ${min_peers} expected`,
    });
  }
  if (
    mempool_bytes !== null &&
    max_mempool_bytes !== undefined &&
    mempool_bytes >= max_mempool_bytes
  ) {
    // [ELEVATED mempool_flood] the mempool has reached its threshold
    const severity = severityOf(mempool_bytes, max_mempool_bytes);
    findings.push({
      type: "mempool_flood",
      severity,
      summary: `the mempool has ${mempool_bytes} bytes`,
    });
  }
  if (height !== null && spacing_ms !== undefined && inputs.height !== null) {
    const stood = time_ms - inputs.height.since_ms;
    const limit = spacing_ms * max_stalled_spacings;
    // [HIGH height_stalled] no new height for many spacings
    if (stood >= limit) {
      const severity = stood >= 3 * limit ? SCALE.high : MARKED;
      findings.push({
        type: "height_stalled",
        severity,
        summary: `no new height since ${height} for ${Math.floor(stood / 1_000)} s`,
      });
    }
  }
  return findings;
}
