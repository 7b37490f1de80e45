/** A watcher of one real node that can be ended and started again, as its process would be. */
import { litecoinRegtest } from "@dgb-shield/chain";
import type { RegtestNode } from "@dgb-shield/testkit/litecoind";
import type { NodeSource } from "../../src/adapters/rpc/index.js";
import { createSentinel, type Observation, parseable } from "./live.js";
import type { SentinelState } from "../../src/index.js";
import type { Site } from "./site.js";

/** What one look at the node gave. */
export type Look = Readonly<{
  observation: Observation;
  report: ReturnType<ReturnType<typeof createSentinel>["observe"]>;
  /** Detectors of the findings. */
  found: readonly string[];
}>;

/** A source of a node and the Sentinel that it feeds. */
export class Watcher {
  readonly #site: Site;
  readonly #node: RegtestNode;
  #source: NodeSource;
  #sentinel: ReturnType<typeof createSentinel>;
  /** Seconds that its wall clock is off. */
  clockOffS = 0;
  /** Heights of all blocks that were shown, in their order. */
  readonly heights: number[] = [];

  constructor(site: Site, node: RegtestNode) {
    this.#site = site;
    this.#node = node;
    this.#sentinel = createSentinel({ node_id: "a", chain: litecoinRegtest });
    this.#source = this.#open();
  }

  #open(from?: Readonly<{ hash: string; height: number }>): NodeSource {
    const startedS = this.#site.nowS;
    return this.#site.source("a", this.#node, {
      clock: () => (this.#site.nowS + this.clockOffS) * 1_000,
      // Of a process: it begins anew with each of them.
      monotonic: () => (this.#site.nowS - startedS) * 1_000,
      ...(from !== undefined && { from }),
    });
  }

  /** Ends it and starts it from its state as JSON, so many seconds later. */
  async restart(afterS = 0): Promise<void> {
    const text = JSON.stringify(this.#sentinel.state());
    await this.#source.close();
    await this.#site.pass(afterS);
    const state = JSON.parse(text) as SentinelState;
    this.#sentinel = createSentinel({ node_id: "a", chain: litecoinRegtest, state });
    this.#source = this.#open(state.tip ?? undefined);
  }

  /** Polls once, after so many seconds. */
  async look(afterS = 5): Promise<Look> {
    await this.#site.pass(afterS);
    return this.lookAsIs();
  }

  /** Polls once, and leaves the clocks of the nodes as they are. */
  async lookAsIs(): Promise<Look> {
    const observation = parseable(await this.#source.poll());
    this.heights.push(...observation.blocks.map(({ height }) => height));
    const report = this.#sentinel.observe(observation);
    return { observation, report, found: report.findings.map(({ detector }) => detector) };
  }

  /** Polls until the detector finds something, each minute; seconds until then. */
  async secondsUntil(detector: string, most = 7_200): Promise<number> {
    for (let seconds = 60; seconds <= most; seconds += 60) {
      if ((await this.look(60)).found.includes(detector)) return seconds;
    }
    throw new Error(`${detector} is not found within ${most} s`);
  }
}
