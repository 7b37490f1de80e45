/** Runs a testnet: nodes, miner, site, traffic, observer, control; what began is ended in the opposite order. */
import { randomBytes } from "node:crypto";
import { startControl } from "./control.js";
import { createDrills, type Drills } from "./drill.js";
import type { TestnetEvents } from "./events.js";
import { startMiner } from "./miner.js";
import { startNetwork } from "./network.js";
import { type Observer, startObserver } from "./observer.js";
import type { NodeProgram } from "./programs.js";
import { startSite } from "./site.js";
import { type TestnetFile, writeTestnetFile } from "./testnet-file.js";
import { startTraffic, type Traffic } from "./traffic.js";

/** What a testnet is run with. */
export type TestnetOptions = Readonly<{
  program: NodeProgram;
  /** An empty folder. */
  folder: string;
  temporary: boolean;
  /** Seconds between two blocks. */
  spacing_seconds: number;
  /** Payments a second. */
  rate: number;
  /** Ports of service and gateway; 0: any free one. */
  port: number;
  gateway_port: number;
  events: TestnetEvents;
  /** Ends the start. */
  stop: AbortSignal;
  /** Called for `shield testnet stop`. */
  asked_to_stop: () => void;
}>;

/** A testnet that runs. */
export type Testnet = Readonly<{
  file: TestnetFile;
  log_file: string;
  drills: Drills;
  observer: Observer;
  traffic: Traffic;
  /** Resolves with its name when a node has ended by itself. */
  node_ended: Promise<string>;
  close(): Promise<void>;
}>;

/**
 * Starts everything.
 *
 * @throws CommandError with what to do; whatever had begun was ended
 */
export async function startTestnet(options: TestnetOptions): Promise<Testnet> {
  const { program, folder, events, stop, rate } = options;
  const begun: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let end = begun.pop(); end !== undefined; end = begun.pop()) {
      await end().catch((error: unknown) => {
        events.add("testnet", `did not end in good order: ${String(error)}`, {}, true);
      });
    }
  };
  const beginning = <T extends { close(): Promise<void> }>(one: T): T => {
    begun.push(() => one.close());
    stop.throwIfAborted();
    return one;
  };
  try {
    events.add("testnet", `starting three nodes of ${program.version} …`);
    const network = beginning(await startNetwork(options));
    events.add("testnet", "starting service and gateway …");
    const site = beginning(await startSite({ ...options, network }));
    const miner = beginning(startMiner(network, events));
    const observer = beginning(startObserver(network, site.service, events));
    const traffic = beginning(await startTraffic({ network, site, events }, rate));
    const { service } = site;
    const drills = beginning(createDrills({ network, miner, service, observer, events }));
    const token = randomBytes(32).toString("hex");
    const control = beginning(
      await startControl({ token, drills, events, stop: options.asked_to_stop }),
    );
    const file: TestnetFile = {
      ...{ format: 1, program: program.name, chain: network.chain.name },
      temporary: options.temporary,
      control: { url: control.url, token },
      service: { url: site.service_url, config_file: site.config_file, keys: site.keys },
      gateway: {
        ...{ url: site.gateway_url, user: site.gateway_user, password: site.gateway_password },
      },
      nodes: network.all.map(({ node_id, url, cookie_file, peer }) => ({
        ...{ node_id, url, cookie_file, peer },
      })),
    };
    writeTestnetFile(folder, file);
    const node_ended = Promise.race(
      network.all.map(({ node_id, ended }) => ended.then(() => node_id)),
    );
    return Object.freeze({
      ...{ file, log_file: site.log_file, drills, observer, traffic, node_ended, close },
    } satisfies Testnet);
  } catch (error) {
    await close();
    throw error;
  }
}
