/** Simulated hours on real nodes: blocks at exponential times, a poll every 15 s, and splits where they are wanted. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { createRandom } from "@dgb-shield/testkit/random";
import type { FleetReport } from "../../src/index.js";
import { type HeapReading, heapBytes } from "./heap.js";
import { findingsOf, type LiveFleet, type Member } from "./live-fleet.js";

/** Seconds between two polls. */
const POLL_S = 15;

/** Readings of the heap in one run. */
const READINGS = 24;

/** How a run goes. */
export type HoursOptions = Readonly<{
  seed: number;
  /** Simulated hours. */
  hours: number;
  /** Each so many hours one node is cut off for half of that time; absent: never. */
  splitEachHours?: number;
}>;

/** What a run showed. */
export type Hours = {
  polls: number;
  blocks: number;
  /** Each finding once, with its worst severity: `fleet` or the node's name, and its id. */
  findings: Map<string, number>;
  /** Of each split: polls from the first moment with blocks on both sides to `tip_divergence`; null for none. */
  delays: (number | null)[];
  /** Most calls of a poll of a node whose tip had not changed, and the most requests of any such poll. */
  mostCalls: number;
  mostRequests: number;
  heap: HeapReading[];
};

/** Runs so many simulated hours. */
export async function runHours(fleet: LiveFleet, options: HoursOptions): Promise<Hours> {
  const { seed, hours, splitEachHours } = options;
  const random = createRandom(seed);
  const { site, members } = fleet;
  const spacing = litecoinRegtest.spacing_seconds;
  const next = () => -spacing * Math.log(1 - random.next());
  const shown: Hours = {
    ...{ polls: 0, blocks: 0, findings: new Map(), delays: [] },
    ...{ mostCalls: 0, mostRequests: 0, heap: [] },
  };
  const last = members.at(-1) as Member;
  const beginS = site.nowS;
  const endS = beginS + hours * 3_600;
  const splits = new Splits(fleet, last, splitEachHours);
  let blockS = site.nowS + next();
  let isNew = true;
  while (site.nowS < endS) {
    site.nowS += POLL_S;
    if (await splits.at((site.nowS - beginS) / 3_600)) isNew = true;
    for (; blockS <= site.nowS; blockS += next()) {
      await fleet.mine(random.pick(members));
      await fleet.settle();
      shown.blocks++;
      isNew = true;
    }
    const before = members.map(({ source }) => source.statistics());
    const report = await fleet.round();
    shown.polls++;
    // Where nodes are apart their lists of tips are read as well.
    if (!isNew && report.branches.length === 1) countCalls(shown, fleet, before);
    isNew = false;
    note(shown, report);
    splits.note(shown, report);
    if (shown.polls % Math.ceil((hours * 240) / READINGS) === 0) {
      shown.heap.push({ polls: shown.polls, bytes: heapBytes() });
    }
  }
  await splits.at(Infinity);
  splits.finish(shown);
  return shown;
}

function countCalls(
  shown: Hours,
  { members }: LiveFleet,
  before: readonly ReturnType<Member["source"]["statistics"]>[],
): void {
  members.forEach(({ source }, i) => {
    const { calls, requests } = source.statistics();
    shown.mostCalls = Math.max(shown.mostCalls, calls - (before[i]?.calls ?? 0));
    shown.mostRequests = Math.max(shown.mostRequests, requests - (before[i]?.requests ?? 0));
  });
}

function note({ findings }: Hours, report: FleetReport): void {
  const severities = new Map(
    [...report.findings, ...report.reports.flatMap((one) => one.findings)].map((one) => [
      one.finding_id,
      one.severity,
    ]),
  );
  for (const name of findingsOf(report)) {
    const severity = severities.get(name.slice(name.indexOf(" ") + 1)) ?? 0;
    findings.set(name, Math.max(severity, findings.get(name) ?? 0));
  }
}

/** Cuts one node off at its times, and measures how soon that shows. */
class Splits {
  readonly #fleet: LiveFleet;
  readonly #node: Member;
  readonly #eachHours: number | undefined;
  #isCut = false;
  /** Polls since both sides had a block of their own; undefined before. */
  #polls: number | undefined;
  #isFound = false;

  constructor(fleet: LiveFleet, node: Member, eachHours: number | undefined) {
    this.#fleet = fleet;
    this.#node = node;
    this.#eachHours = eachHours;
  }

  /** Cuts or joins where it is time to, and whether it was: the second half of each period is cut. */
  async at(hour: number): Promise<boolean> {
    if (this.#eachHours === undefined) return false;
    const isCut = hour !== Infinity && hour % this.#eachHours >= this.#eachHours / 2;
    if (isCut === this.#isCut) return false;
    this.#isCut = isCut;
    if (isCut) {
      await this.#fleet.cut(this.#node);
      return true;
    }
    await this.#fleet.join(this.#node);
    // A node asks a new peer for its chain only where that has more work.
    await this.#fleet.mine(this.#fleet.members[0] as Member);
    await this.#fleet.settle();
    return true;
  }

  note(shown: Hours, { branches, findings }: FleetReport): void {
    if (this.#isCut && branches.length > 1) this.#polls = (this.#polls ?? 0) + 1;
    if (!this.#isFound && findings.some(({ detector }) => detector === "tip_divergence")) {
      this.#isFound = true;
      shown.delays.push(this.#polls ?? 0);
    }
    if (!this.#isCut) this.finish(shown);
  }

  /** Ends a split: one that was not found counts as well. */
  finish(shown: Hours): void {
    if (this.#polls !== undefined && !this.#isFound) shown.delays.push(null);
    this.#polls = undefined;
    this.#isFound = false;
  }
}
