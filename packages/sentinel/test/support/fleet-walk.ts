/** A random walk over real nodes: they are cut off, stopped, set wrong; and what must hold at each step. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { createRandom, type Random } from "@dgb-shield/testkit/random";
import type { FleetReport } from "../../src/index.js";
import { findingsOf, type LiveFleet, type Member } from "./live-fleet.js";

/** What a walk did, and what of it was wrong. */
export type Walk = Readonly<{ steps: readonly string[]; faults: readonly string[] }>;

/** What can happen to the nodes. */
const KINDS = ["mine", "mine", "mine", "pass", "cut", "join", "stop", "start"] as const;
const ORDERS = ["invalidate", "reconsider", "renew"] as const;

/** Blocks that a walk may take back. */
const MAX_BACK = 4;

/** Longest time that passes in one step, in seconds. */
const MAX_PASS_S = 900;

/** After so many spacings without anything new, nothing is held any more: a reorganisation is for 40. */
const QUIET_SPACINGS = 45;

/**
 * Walks so many steps, and then sets everything right again.
 *
 * @param seed the same gives the same steps; what the nodes do between them is their own
 */
export async function walk(fleet: LiveFleet, seed: number, count: number): Promise<Walk> {
  const walker = new Walker(fleet, createRandom(seed));
  for (let i = 0; i < count; i++) await walker.step();
  await walker.release();
  return walker;
}

type Seen = Readonly<{ report: FleetReport; together: ReadonlySet<string> }>;

class Walker implements Walk {
  readonly steps: string[] = [];
  readonly faults: string[] = [];
  readonly #fleet: LiveFleet;
  readonly #random: Random;
  #apartSinceMs: number | undefined;
  readonly #taken: { member: Member; hash: unknown }[] = [];

  constructor(fleet: LiveFleet, random: Random) {
    this.#fleet = fleet;
    this.#random = random;
  }

  async step(): Promise<void> {
    this.steps.push(await this.#act());
    this.#check(await this.#look());
  }

  async #act(): Promise<string> {
    const { members, running, site } = this.#fleet;
    const kind = this.#random.pick([...KINDS, ...ORDERS]);
    const member = this.#random.pick(kind === "start" ? members : running);
    switch (kind) {
      case "mine":
        site.nowS += this.#random.below(2 * litecoinRegtest.spacing_seconds);
        await this.#fleet.mine(member);
        break;
      case "pass":
        await site.pass(this.#random.below(MAX_PASS_S));
        break;
      case "cut":
        await this.#fleet.cut(member);
        break;
      case "join":
        await this.#fleet.join(member);
        break;
      case "stop":
        if (running.length < 2) return "nothing";
        await this.#fleet.stop(member);
        break;
      case "start":
        if (running.includes(member)) return "nothing";
        await this.#fleet.restart(member);
        break;
      case "invalidate":
        await this.#invalidate(member);
        break;
      case "reconsider":
        await this.#reconsider();
        break;
      case "renew":
        this.#fleet.renew();
    }
    return `${kind} ${member.name}`;
  }

  async #invalidate(member: Member): Promise<void> {
    const height = Number(await member.node.rpc("getblockcount")) - this.#random.below(MAX_BACK);
    const hash = await member.node.rpc("getblockhash", height);
    await member.node.rpc("invalidateblock", hash);
    this.#taken.push({ member, hash });
  }

  async #reconsider(): Promise<void> {
    const { running } = this.#fleet;
    for (const { member, hash } of this.#taken.splice(0)) {
      if (running.includes(member)) await member.node.rpc("reconsiderblock", hash);
      else this.#taken.push({ member, hash });
    }
  }

  /** A round of polls during which no node moved, and which nodes followed one chain meanwhile. */
  async #look(): Promise<Seen> {
    for (;;) {
      const { running } = this.#fleet;
      const before = await this.#fleet.tips(running);
      const report = await this.#fleet.round();
      const together = await this.#pairs(running);
      const after = await this.#fleet.tips(running);
      if (before.join() === after.join()) return { report, together };
    }
  }

  /** Pairs of nodes of which one has the other's tip in its chain. */
  async #pairs(members: readonly Member[]): Promise<ReadonlySet<string>> {
    const pairs = new Set<string>();
    for (const a of members) {
      const height = await a.node.rpc("getblockcount");
      const tip = await a.node.rpc("getbestblockhash");
      for (const b of members) {
        const at = await b.node.rpc("getblockhash", height).catch(() => undefined);
        if (at === tip) pairs.add(pairOf(a.name, b.name));
      }
    }
    return pairs;
  }

  /** A node on another branch is reported while it lasts, and none that is not. */
  #check({ report, together }: Seen): void {
    const names = this.#fleet.running.map(({ name }) => name);
    const branches = report.branches.map(({ nodes }) => nodes.map(({ node_id }) => node_id));
    for (const a of names) {
      if (!branches.some((nodes) => nodes.includes(a))) this.#fault(`${a} follows no branch`);
      for (const b of names) {
        const isOne = branches.some((nodes) => nodes.includes(a) && nodes.includes(b));
        if (isOne && !together.has(pairOf(a, b))) this.#fault(`${a}, ${b} are on one branch`);
      }
    }
    const isOneChain = names.every((a) => names.every((b) => together.has(pairOf(a, b))));
    const shown = branches.filter((nodes) => nodes.some((name) => names.includes(name)));
    if (isOneChain && shown.length > 1) this.#fault(`one chain is ${shown.length} branches`);
    this.#checkApart(report);
    const down = this.#fleet.members.filter(({ name }) => !names.includes(name));
    for (const { name } of down) {
      if (!findingsOf(report).some((one) => one.startsWith(`${name} node_unreachable`))) {
        this.#fault(`${name} is down, and not reported`);
      }
    }
  }

  /** Branches may part for a moment without a finding, but not for an hour. */
  #checkApart({ branches, observed_at_ms, level }: FleetReport): void {
    if (branches.length < 2 || level !== "normal") this.#apartSinceMs = undefined;
    else this.#apartSinceMs ??= observed_at_ms;
    const sinceMs = this.#apartSinceMs ?? observed_at_ms;
    if (observed_at_ms - sinceMs > 3_600_000) this.#fault("apart for an hour, and normal");
  }

  #fault(text: string): void {
    this.faults.push(`after ${this.steps.length} steps (${this.steps.at(-1)}): ${text}`);
  }

  /** Sets everything right; then the fleet must fall silent. */
  async release(): Promise<void> {
    const { members, site } = this.#fleet;
    for (const member of members) {
      if (!this.#fleet.running.includes(member)) await this.#fleet.restart(member);
    }
    await this.#reconsider();
    for (const member of members) await this.#fleet.join(member);
    for (let i = 0; i < QUIET_SPACINGS; i++) {
      site.nowS += litecoinRegtest.spacing_seconds;
      const [first] = this.#fleet.running as [Member];
      await this.#fleet.mine(first);
      if (i === 0) for (const member of members) await this.#fleet.join(member);
      await this.#fleet.settle();
      await this.#fleet.round();
    }
    this.steps.push("release");
    this.#fleet.acknowledge(await this.#fleet.round());
    const report = await this.#fleet.round();
    if (report.branches.length > 1) this.#fault(`${report.branches.length} branches`);
    for (const one of findingsOf(report)) this.#fault(`still raised: ${one}`);
  }
}

const pairOf = (a: string, b: string): string => [a, b].sort().join(" ");
