/** Detector `flag_day`: a node that is too old for a change of the consensus rules (design: layer 1). */
import { heightSchema, SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters, ConsensusChange } from "@dgb-shield/chain";
import { defineDetector, type Detector, type DetectorFinding } from "./detector.js";
import { isBelow, softwareOf } from "./software-version.js";

/** How long before a change a node that is too old for it is a finding. */
const NOTICE_SECONDS = 14 * 86_400;

const stateSchema = z.strictObject({
  /** The node's software as it named itself last. */
  software: z.string().max(256).nullable(),
  height: heightSchema.nullable(),
});
type FlagState = z.infer<typeof stateSchema>;

/**
 * Finds a node whose version is below that which a change of the chain's calendar (`consensus_changes`,
 * `from_version`) needs: 0.25 from 14 days of blocks before its height, 0.60 from the height on, where the node
 * follows the old rules and can be split off. It ends with a node that is new enough.
 *
 * False alarms: none, as far as calendar and node are right: neither is a statistic. The version is read from
 * the name that the node gives itself, which must begin as the chain's does; versions are compared number by
 * number. A name that cannot be read raises nothing: within 14 days of a change it is a finding of severity 0
 * that states it. On DigiByte Thaw Day (24,490,000, from 9.26.6) is announced from 24,409,360 on.
 */
export const flagDay: Detector<FlagState> = defineDetector({
  name: "flag_day",
  stateSchema,
  initial: () => ({ software: null, height: null }),
  reduce(previous, { node, tip }, chain) {
    const software = node?.software ?? previous.software;
    const state = { software, height: tip.height };
    if (software === null) return { state, findings: [] };
    return { state, findings: findingsOf({ software, height: tip.height }, chain) };
  },
  appliesTo: ({ consensus_changes = [] }) =>
    consensus_changes.some(({ from_version }) => from_version !== null),
});

type Node = Readonly<{ software: string; height: number }>;

function findingsOf(
  { software, height }: Node,
  { name, consensus_changes = [], spacing_seconds }: ChainParameters,
): DetectorFinding[] {
  const { version, lacks } = readingOf(software, { name, changes: consensus_changes });
  // The common case: it is new enough for every change.
  if (lacks.length === 0) return [];
  const notice = Math.ceil(NOTICE_SECONDS / spacing_seconds);
  const due = lacks.filter((change) => height >= change.height - notice);
  if (version === undefined) {
    const near = due.filter((change) => height < change.height + notice);
    return near.map((change) => finding(change, { software, height }, null));
  }
  // [FINDING flag_day] the node's version is below that which a change of the rules needs
  return due.map((change) => finding(change, { software, height }, version));
}

type Calendar = Readonly<{ name: string; changes: readonly ConsensusChange[] }>;

/** What the name of a software shows: its version, and the changes that it is too old for, or may be. */
type Reading = Readonly<{
  software: string;
  version: string | undefined;
  lacks: readonly ConsensusChange[];
}>;

/** The last reading by each calendar: a node's software seldom changes. */
const readings = new WeakMap<readonly ConsensusChange[], Reading>();

function readingOf(software: string, { name, changes }: Calendar): Reading {
  const known = readings.get(changes);
  if (known?.software === software) return known;
  const version = versionOf(software, name);
  const lacks = changes.filter(
    ({ from_version }) =>
      from_version !== null && (version === undefined || isBelow(version, from_version)),
  );
  const reading = { software, version, lacks };
  readings.set(changes, reading);
  return reading;
}

/** The version of the chain's own software; undefined where it is another one, or cannot be read. */
function versionOf(software: string, chainName: string): string | undefined {
  const { program = "", version } = softwareOf(software) ?? {};
  const [chain = chainName] = chainName.split("_");
  return program.startsWith(chain) ? version : undefined;
}

function finding(
  { name, height: at, summary, from_version }: ConsensusChange,
  { software, height }: Node,
  version: string | null,
): DetectorFinding {
  const isPast = height >= at;
  const when = isPast ? `has held since height ${at}` : `holds from height ${at}`;
  const known = isPast ? SCALE.high : SCALE.elevated;
  return {
    finding_id: `flag_day:${name}`,
    severity: version === null ? 0 : known,
    summary:
      version === null
        ? `${name} ${when} and needs version ${from_version ?? ""}: the node's is unknown`
        : `${name} ${when} and needs version ${from_version ?? ""}, the node is ${version}: upgrade it`,
    height: at,
    latched: false,
    evidence: { change: name, effect: summary, from_version, version, software },
  };
}
