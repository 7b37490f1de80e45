/** The picture that live signals give: who speaks for whom, who is silent, the digest (DQSN v2, section 2). */
import { sha256Hex } from "@dgb-shield/contract";
import { compareBytes } from "./internal/byte-order.js";
import { keepLatest, type TimedSignal } from "./latest.js";
import type { Muting } from "./muting.js";
import { assess, type Assessment, type ScoringOptions } from "./scoring.js";

/** An assessment and the digest of the live signals. */
export type Picture = Assessment & Readonly<{ digest: string }>;

/** Scoring, and the nodes whose silence is noticed. */
export type PictureOptions = ScoringOptions & Readonly<{ expected_reporters: readonly string[] }>;

/**
 * The picture of the live signals. Muted reporters count neither by what they say nor by their
 * silence; the digest covers them, because muting is a local choice.
 *
 * @param live the latest signal of each node, source and type, in any order
 */
export function pictureOf(
  live: readonly TimedSignal[],
  options: PictureOptions,
  isMuted: Muting["isMuted"],
): Picture {
  const operators = operatorsOf(live);
  const operatorOf = (nodeId: string): string => operators.get(nodeId) ?? nodeId;
  const isHeard = (nodeId: string): boolean => !isMuted(nodeId, operatorOf(nodeId));
  const reports = live
    .map(({ signal }) => ({ operator: operatorOf(signal.node_id), signal }))
    .filter(({ signal }) => isHeard(signal.node_id));
  const silent =
    reports.length === 0 ||
    options.expected_reporters.some((id) => isHeard(id) && !operators.has(id));
  return { ...assess(reports, silent, options), digest: digestOf(live) };
}

/**
 * The operator of each node by its own latest signal, so that a node counts for one operator
 * whatever it claims; a node without an operator is its own.
 */
function operatorsOf(live: readonly TimedSignal[]): Map<string, string> {
  const latest = new Map<string, TimedSignal>();
  for (const entry of live) keepLatest(latest, entry.signal.node_id, entry);
  return new Map(
    [...latest].map(([nodeId, { signal }]) => [nodeId, signal.operator ?? nodeId] as const),
  );
}

/** SHA-256 of the canonical array of the live signals, in the order of their canonical bytes. */
function digestOf(live: readonly TimedSignal[]): string {
  const texts = live.map(({ canonical }) => canonical).sort(compareBytes);
  return sha256Hex(`[${texts.join(",")}]`);
}
