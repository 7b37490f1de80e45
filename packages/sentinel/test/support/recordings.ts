/** The recordings of real nodes, and what is found on them, phase by phase. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CHAINS } from "@dgb-shield/chain";
import type { Finding } from "@dgb-shield/contract";
import {
  createSentinel,
  type LabelledObservation,
  openRecording,
  recordedChain,
  type Sentinel,
} from "../../src/index.js";

const FOLDER = join(import.meta.dirname, "../../recordings");

/** Names of the recordings in `recordings/` that are zipped. */
export const RECORDED = [
  "litecoind-0.21-regtest-basic",
  "litecoind-0.21-regtest-edge-a",
  "litecoind-0.21-regtest-clock-back",
  "litecoind-0.21-regtest-rejoin-a",
  "litecoind-0.21-regtest-rejoin-b",
  "digibyte-core-8.22-regtest-split-a",
  "digibyte-core-8.22-regtest-split-b",
] as const;
export type Recorded = (typeof RECORDED)[number];

const opened = (name: Recorded) =>
  recordedChain(
    openRecording(
      gunzipSync(readFileSync(join(FOLDER, `${name}.jsonl.gz`)))
        .toString()
        .split("\n"),
      { node_id: "unused" },
    ),
    CHAINS,
  );

/** The observations of a recording. */
export const recorded = (name: Recorded): LabelledObservation[] => [...opened(name).observations];

/** A finding at one poll. */
export type Sighting = Readonly<{
  /** Which poll of its phase it is, from 1. */
  poll: number;
  height: number;
  status: string;
  finding: Finding;
}>;

/** What a Sentinel found in each phase, in order. */
export type Sightings = ReadonlyMap<string, readonly Sighting[]>;

/** A Sentinel for the chain of a recording. */
export const sentinelFor = (name: Recorded): Sentinel => {
  const { chain, observations } = opened(name);
  const [first] = observations;
  return createSentinel({ node_id: first!.observation.node_id, chain });
};

/** Runs recordings of one node through one Sentinel, one after the other. */
export function sightings(...names: readonly [Recorded, ...Recorded[]]): Sightings {
  const sentinel = sentinelFor(names[0]);
  const found = new Map<string, Sighting[]>();
  const polls = new Map<string, number>();
  for (const { label, observation } of names.flatMap(recorded)) {
    const poll = (polls.get(label) ?? 0) + 1;
    polls.set(label, poll);
    const { findings, tip, status } = sentinel.observe(observation);
    const ofPhase = found.get(label) ?? [];
    found.set(label, ofPhase);
    for (const finding of findings) {
      ofPhase.push({ poll, height: tip?.height ?? 0, status, finding });
    }
  }
  return found;
}

/** Names of the detectors that found something in a phase which was not there when it began. */
export function newIn(found: Sightings, label: string): string[] {
  const ofOthers = new Set<string>();
  for (const [phase, seen] of found) {
    if (phase === label) break;
    for (const { finding } of seen) ofOthers.add(finding.finding_id);
  }
  const own = (found.get(label) ?? []).filter(({ finding }) => !ofOthers.has(finding.finding_id));
  return [...new Set(own.map(({ finding }) => finding.detector))].sort();
}

/** The sightings of one detector in a phase. */
export const of = (found: Sightings, label: string, detector: string): readonly Sighting[] =>
  (found.get(label) ?? []).filter(({ finding }) => finding.detector === detector);
