/** One node and one service at a time, for a file of tests of faults. */
import { hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, onTestFailed } from "vitest";
import { BackEnd } from "./back-end.js";
import {
  makeSite,
  type Served,
  type ServeOptions,
  type Site,
  type SiteOptions,
  startSyncedNode,
} from "./site.js";

/** A service that has paid. */
export type Running = Readonly<{ site: Site; served: Served; backEnd: BackEnd }>;

/** What a file of tests has. */
export type FaultSuite = Readonly<{
  hasNode: boolean;
  node: () => RegtestNode;
  /** Makes a deployment, which is removed after the test. */
  make(options?: Partial<SiteOptions>): Promise<Site>;
  /** Starts a service, which is killed after the test. */
  serve(site: Site, options?: ServeOptions): Promise<Served>;
  /** Makes a deployment whose service has paid. */
  running(options?: Partial<SiteOptions>, start?: ServeOptions): Promise<Running>;
  /** Is called after the test, the latest first. */
  atEnd(end: () => unknown): void;
}>;

/** Prepares a file of tests: a node in sync before all of them, and an end of everything after each. */
export function faultSuite(): FaultSuite {
  const hasNode = hasLitecoind();
  let started: RegtestNode | undefined;
  const endings: (() => unknown)[] = [];
  beforeAll(async () => {
    if (hasNode) started = await startSyncedNode();
  }, 90_000);
  afterAll(() => started?.remove());
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  }, 60_000);

  function node(): RegtestNode {
    if (started === undefined) throw new Error("no node");
    return started;
  }
  async function make(options: Partial<SiteOptions> = {}): Promise<Site> {
    const site = await makeSite({ node: node(), ...options });
    endings.push(site.remove);
    return site;
  }
  async function serve(site: Site, options?: ServeOptions): Promise<Served> {
    const served = await site.serve(options);
    endings.push(() => served.end("SIGKILL"));
    onTestFailed(() => console.error(served.log().slice(-4_000)));
    return served;
  }
  return Object.freeze({
    ...{ hasNode, node, make, serve },
    async running(options, start) {
      const site = await make(options);
      const served = await serve(site, start);
      const backEnd = new BackEnd(site);
      await backEnd.until("ALLOW");
      return { site, served, backEnd };
    },
    atEnd: (end) => void endings.push(end),
  } satisfies FaultSuite);
}
