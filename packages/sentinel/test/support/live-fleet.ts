/** A fleet that watches real nodes of one site, all connected with each other. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { disconnect, type RegtestNode, until } from "@dgb-shield/testkit/litecoind";
import type { NodeSource } from "../../src/adapters/rpc/index.js";
import { createFleet, type Fleet, type FleetReport } from "../../src/index.js";
import type { Site } from "./site.js";

/** A node with its name and its source. */
export type Member = Readonly<{ name: string; node: RegtestNode; source: NodeSource }>;

/** Blocks that the nodes begin with. */
const FIRST_BLOCKS = 20;

/** Looks at the tips after which nodes are connected again. */
const TRIES_TO_JOIN = 60;

/** Nodes, and the fleet that watches them. */
export class LiveFleet {
  readonly site: Site;
  readonly members: readonly Member[];
  readonly #address: unknown;
  #fleet: Fleet;
  readonly #down = new Set<string>();
  readonly #apart = new Set<string>();

  private constructor(site: Site, members: readonly Member[], address: unknown) {
    this.site = site;
    this.members = members;
    this.#address = address;
    this.#fleet = createFleet({ chain: litecoinRegtest, nodes: members.map(({ name }) => name) });
  }

  /** Starts so many nodes with some blocks in common. */
  static async start(site: Site, count: number): Promise<LiveFleet> {
    const members: Member[] = [];
    for (const name of Array.from({ length: count }, (_, i) => `node-${i + 1}`)) {
      const node = await site.start();
      members.push({ name, node, source: site.source(name, node) });
    }
    const [first] = members as [Member];
    const fleet = new LiveFleet(site, members, await first.node.rpc("getnewaddress"));
    for (const member of members) await fleet.join(member);
    for (let i = 0; i < FIRST_BLOCKS; i++) {
      site.nowS += litecoinRegtest.spacing_seconds;
      await fleet.mine(first);
      // A block that is under way when time passes counts as late, and its peer is dropped.
      await fleet.settle();
    }
    return fleet;
  }

  /** Nodes that run. */
  get running(): readonly Member[] {
    return this.members.filter(({ name }) => !this.#down.has(name));
  }

  /** Nodes that run and are connected with others. */
  get connected(): readonly Member[] {
    return this.running.filter(({ name }) => !this.#apart.has(name));
  }

  /** Cuts a node off from all others. */
  async cut({ name, node }: Member): Promise<void> {
    this.#apart.add(name);
    await disconnect(node);
  }

  /** Connects a node that runs with all others that are not cut off. */
  async join(member: Member): Promise<void> {
    this.#apart.delete(member.name);
    await member.node.rpc("setnetworkactive", true);
    for (const other of this.connected) {
      if (other !== member) await member.node.rpc("addnode", other.node.address, "onetry");
    }
  }

  async stop({ name, node }: Member): Promise<void> {
    this.#down.add(name);
    await node.end();
  }

  /** Starts a node again, connected as it was. */
  async restart(member: Member): Promise<void> {
    await member.node.start({ mockTimeS: this.site.nowS });
    this.#down.delete(member.name);
    if (this.#apart.has(member.name)) await disconnect(member.node);
    else await this.join(member);
  }

  /** Mines one block at a node, at the site's present time. */
  async mine({ node }: Member): Promise<void> {
    await this.site.pass(0);
    await node.rpc("generatetoaddress", 1, this.#address);
  }

  /** Waits until all connected nodes have one tip; a peer that was dropped when time passed is connected again. */
  async settle(): Promise<void> {
    let tries = 0;
    await until(async () => {
      if (++tries % TRIES_TO_JOIN === 0) {
        for (const member of this.connected) await this.join(member);
      }
      return new Set(await this.tips(this.connected)).size <= 1;
    });
  }

  /** Best blocks of nodes. */
  tips(members: readonly Member[]): Promise<unknown[]> {
    return Promise.all(members.map(({ node }) => node.rpc("getbestblockhash")));
  }

  /** A poll of each node, and one with lists of tips where they are apart; nothing is left waiting. */
  async round(): Promise<FleetReport> {
    const report = await this.#observe(false);
    return this.#fleet.needsTips().length === 0 ? report : this.#observe(true);
  }

  async #observe(tips: boolean): Promise<FleetReport> {
    for (;;) {
      const all = await Promise.all(this.members.map(({ source }) => source.poll({ tips })));
      const report = this.#fleet.observe(all);
      if (all.every(({ more }) => more !== true)) return report;
    }
  }

  /** Acknowledges what stays raised until an operator has seen it. */
  acknowledge({ reports }: FleetReport): void {
    for (const { node_id, findings } of reports) {
      for (const { finding_id } of findings.filter(({ latched }) => latched)) {
        const order = { operator: "operator", reason: "all nodes are on one chain" };
        this.#fleet.sentinel(node_id)?.acknowledge(finding_id, order, this.site.nowS * 1_000);
      }
    }
  }

  /** Makes the fleet anew from its state as JSON, as a new process does; its sources stay. */
  renew(): void {
    const state: unknown = JSON.parse(JSON.stringify(this.#fleet.state()));
    const nodes = this.members.map(({ name }) => name);
    this.#fleet = createFleet({ chain: litecoinRegtest, nodes, state });
  }
}

/** Findings of a report, of the fleet and of its nodes, as `node detector id`. */
export const findingsOf = ({ findings, reports }: FleetReport): string[] => [
  ...findings.map(({ finding_id }) => `fleet ${finding_id}`),
  ...reports.flatMap((one) => one.findings.map(({ finding_id }) => `${one.node_id} ${finding_id}`)),
];
