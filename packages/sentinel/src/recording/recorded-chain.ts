/** Which chain a recording is of: by its header, or by what its observations show of the node. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { Observation } from "../observation/observation.js";
import { RecordingError } from "./error.js";
import type { LabelledObservation } from "./labelled.js";
import type { Recording } from "./open.js";

/** Observations that are read ahead to find out the chain. */
const MOST_READ_AHEAD = 256;

/** What a recording shows of its chain. */
type Traces = {
  network: string | undefined;
  genesisHash: string | undefined;
  software: string | undefined;
  /** Whether difficulties by algorithm were recorded; undefined where no tip was. */
  hasAlgorithms: boolean | undefined;
};

/** Name of the software (`/Name:1.2.3/`) and the first word of the chains that it runs. */
const COINS: ReadonlyMap<string, string> = new Map([
  ["DigiByte", "digibyte"],
  ["LitecoinCore", "litecoin"],
  ["Satoshi", "bitcoin"],
]);

const SOFTWARE = /^\/([^:/]+):(\d+)\.(\d+)/;

/** Chains of one genesis whose rules depend on the version of the node: the first one that has the second's. */
const BY_VERSION: ReadonlyMap<string, (major: number, minor: number) => boolean> = new Map([
  ["digibyte_regtest", (major, minor) => major < 8 || (major === 8 && minor < 26)],
  ["digibyte_regtest_26", (major, minor) => major > 8 || (major === 8 && minor >= 26)],
]);

/** A chain and the observations of a recording of it. */
export type RecordedChain = Readonly<{
  chain: ChainParameters;
  observations: Iterable<LabelledObservation>;
}>;

/**
 * Finds the chain that a recording is of: the one that its header names, or for a raw one that of network,
 * genesis, software and algorithms. The recording's observations are read ahead for it: use those of the result.
 *
 * @param chains the known ones, such as `CHAINS`
 * @param name the chain that is chosen; undefined leaves the choice to the recording
 * @throws RecordingError `other_chain` where the recording is not of the chosen chain, `unknown_chain` where it
 * fits none or more than one, and what reading the first observations throws
 * @example
 * const { chain, observations } = recordedChain(openRecording(lines, { node_id: "a" }), CHAINS);
 */
export function recordedChain(
  recording: Recording,
  chains: readonly ChainParameters[],
  name?: string,
): RecordedChain {
  const { header } = recording;
  const { traces, observations } = readAhead(recording);
  const candidates = chains.filter(
    (chain) => (header === null || chain.name === header.chain) && fits(chain, traces),
  );
  const own = header?.chain ?? textOf(traces);
  if (name !== undefined) {
    const chosen = candidates.find((chain) => chain.name === name);
    if (chosen !== undefined) return { chain: chosen, observations };
    throw new RecordingError("other_chain", 1, `the recording is of ${own}, not of ${name}`);
  }
  const [first, ...others] = candidates;
  if (first !== undefined && others.length === 0) return { chain: first, observations };
  const detail =
    first === undefined
      ? `the recording is of ${own}; known is one of ${namesOf(chains)}`
      : `the recording is of ${own}: choose one of ${namesOf(candidates)}`;
  throw new RecordingError("unknown_chain", 1, detail);
}

/** Whether nothing that a recording shows contradicts a chain. */
function fits(chain: ChainParameters, traces: Traces): boolean {
  const { network, genesisHash, software, hasAlgorithms } = traces;
  if (network !== undefined && chain.network !== undefined && network !== chain.network) {
    return false;
  }
  if (genesisHash !== undefined && chain.genesis !== undefined) {
    if (genesisHash !== chain.genesis.hash) return false;
  }
  const [coin] = chain.name.split("_");
  const isOfDigiByte = coin === "digibyte";
  if (hasAlgorithms === true && chain.algorithms.length === 0 && !isOfDigiByte) return false;
  if (hasAlgorithms === false && isOfDigiByte) return false;
  const [, named = "", major, minor] = SOFTWARE.exec(software ?? "") ?? [];
  const ofSoftware = COINS.get(named);
  if (ofSoftware === undefined) return true;
  if (ofSoftware !== coin) return false;
  return BY_VERSION.get(chain.name)?.(Number(major), Number(minor)) ?? true;
}

/** Reads observations until they show the node's software, or none will. */
function readAhead({ header, observations }: Recording): {
  traces: Traces;
  observations: Iterable<LabelledObservation>;
} {
  const traces: Traces = {
    network: header?.network,
    genesisHash: header?.genesis_hash,
    software: undefined,
    hasAlgorithms: undefined,
  };
  const read: LabelledObservation[] = [];
  // A header names the chain: what follows is checked against it while it is replayed.
  while (header === null && traces.software === undefined && read.length < MOST_READ_AHEAD) {
    const next = observations.next();
    if (next.done === true) break;
    read.push(next.value);
    trace(traces, next.value.observation);
  }
  return { traces, observations: followedBy(read, observations) };
}

function trace(traces: Traces, { chain, node, difficulties, tip }: Observation): void {
  traces.network ??= chain?.network;
  traces.genesisHash ??= chain?.genesis_hash;
  traces.software ??= node?.software;
  if (tip !== null && chain?.network !== undefined) {
    traces.hasAlgorithms ??= difficulties !== undefined;
  }
}

function* followedBy(
  read: readonly LabelledObservation[],
  rest: Iterable<LabelledObservation>,
): Generator<LabelledObservation> {
  yield* read;
  yield* rest;
}

/** What a recording is of, in words. */
function textOf({ network, software, genesisHash }: Traces): string {
  const parts = [
    ...(network === undefined ? [] : [`the network ${network}`]),
    ...(software === undefined ? [] : [`the software ${software}`]),
    ...(genesisHash === undefined ? [] : [`the first block ${genesisHash}`]),
  ];
  return parts.length === 0 ? "a chain that it does not name" : parts.join(", ");
}

const namesOf = (chains: readonly ChainParameters[]): string =>
  chains.map(({ name }) => name).join(", ");
