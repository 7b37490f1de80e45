/**
 * Compares Sentinel with another build of it: the same reports and states, byte for byte (members of
 * states sorted), on all recordings, simulated live chains and attacks, and the processor time of both in one run. `--against FILE` names the other build, an ES
 * module such as `packages/sentinel/dist/index.js` of another checkout; `--blocks N` and `--kinds a,b` choose the
 * simulated chains, `--no-attacks` and `--no-recordings` leave those out; the time is the least of `--rounds N`.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { ChainParameters } from "@dgb-shield/chain";
import * as present from "@dgb-shield/sentinel";
import type { Observation } from "@dgb-shield/sentinel";
import { HONEST_KINDS } from "../src/simulation/live/honest-kinds.js";
import { LIVE_ATTACKS } from "../src/simulation/live/live-attacks.js";
import { liveObservations } from "../src/simulation/live/live-scenario.js";
import { recordingsOf } from "./recordings.js";

type Build = Pick<typeof present, "createSentinel">;
type Stream = Readonly<{ name: string; chain: ChainParameters; observations: Observation[] }>;

const { values } = parseArgs({
  allowNegative: true,
  options: {
    against: { type: "string" },
    blocks: { type: "string", default: "20000" },
    kinds: {
      type: "string",
      default: "ordinary,mixed,restarts,visits-10,shape-60,litecoin,bitcoin",
    },
    attacks: { type: "boolean", default: true },
    recordings: { type: "boolean", default: true },
    rounds: { type: "string", default: "3" },
  },
});
if (values.against === undefined) throw new RangeError("--against FILE is missing");
const other = (await import(pathToFileURL(resolve(values.against)).href)) as Build;

/** Observations between two states that are compared, and between two restarts from what is stored. */
const STATE_EVERY = 251;
const RESTART_EVERY = 2_503;

function* streams(): Generator<Stream> {
  if (values.recordings) yield* recordingsOf();
  for (const name of values.kinds.split(",")) {
    const kind = HONEST_KINDS.find((one) => one.name === name);
    if (kind === undefined) throw new RangeError(`no kind ${name}`);
    const made = liveObservations(kind.conditions, { seed: 5, blocks: Number(values.blocks) });
    yield { name, chain: kind.conditions.chain, observations: listOf(made) };
  }
  if (!values.attacks) return;
  for (const { name, conditions, before, after, changes, events, peersFollow } of LIVE_ATTACKS) {
    const options = { seed: 5, blocks: before + after, changes, events, peersFollow };
    const made = liveObservations(conditions, options);
    yield { name, chain: conditions.chain, observations: listOf(made) };
  }
}

const listOf = (labelled: Iterable<present.LabelledObservation>): Observation[] =>
  Array.from(labelled, ({ observation }) => observation);

/** Compares both builds on a stream; the present one is restarted from its stored state now and then. */
function compare({ name, chain, observations }: Stream): void {
  const node_id = observations[0]?.node_id ?? "node";
  let one = present.createSentinel({ node_id, chain });
  let two = other.createSentinel({ node_id, chain });
  for (const [i, observation] of observations.entries()) {
    const [left, right] = [one, two].map((sentinel) =>
      JSON.stringify(sentinel.observe(observation)),
    );
    expectSame(left, right, `${name}, report ${i}`);
    const isLast = i === observations.length - 1;
    if (i % STATE_EVERY !== 0 && i % RESTART_EVERY !== 0 && !isLast) continue;
    const [mine, theirs] = [one, two].map((sentinel) => JSON.stringify(sorted(sentinel.state())));
    expectSame(mine, theirs, `${name}, state ${i}`);
    if (i % RESTART_EVERY !== 0) continue;
    // The clock's monotonic reading ends with the process: both are restarted.
    one = present.createSentinel({ node_id, chain, state: JSON.parse(mine ?? "") as unknown });
    two = other.createSentinel({ node_id, chain, state: JSON.parse(theirs ?? "") as unknown });
  }
}

/** Where two texts are not the same. */
function expectSame(left = "", right = "", what: string): void {
  if (left === right) return;
  let at = 0;
  while (left[at] === right[at]) at++;
  const [mine, theirs] = [left, right].map((text) => text.slice(Math.max(0, at - 200), at + 200));
  throw new Error(`${what} differs\n${mine}\n${theirs}`);
}

/** The order of the members of an object is no part of a state. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sorted(member)]));
}

function processorUs(build: Build, { chain, observations }: Stream): number {
  const sentinel = build.createSentinel({ node_id: observations[0]?.node_id ?? "node", chain });
  const begun = process.cpuUsage();
  for (const observation of observations) sentinel.observe(observation);
  const { user, system } = process.cpuUsage(begun);
  return user + system;
}

const ROUNDS = Number(values.rounds);

for (const stream of streams()) {
  compare(stream);
  const { name, observations } = stream;
  const isLong = HONEST_KINDS.some((kind) => kind.name === name);
  if (!isLong) {
    console.log(`${name.padEnd(36)} same; ${String(observations.length).padStart(6)} observations`);
    continue;
  }
  const rounds = Array.from({ length: ROUNDS }, () => [
    processorUs(other, stream),
    processorUs(present, stream),
  ]);
  // The least of each is what no other process on the machine disturbed.
  const [before = 0, after = 0] = [0, 1].map((i) =>
    Math.min(...rounds.map((round) => round[i] ?? 0)),
  );
  const each = (us: number): string => (us / observations.length).toFixed(1).padStart(6);
  console.log(
    `${name.padEnd(36)} same; ${String(observations.length).padStart(6)} observations, ` +
      `${each(before)} and ${each(after)} µs each, ${(before / after).toFixed(2)} times as fast`,
  );
}
