/** Puts a gateway together: server, judge, payments and the way to the node. */
import { createScriptOf } from "@dgb-shield/chain/decode";
import type { Server } from "node:http";
import { parseAmount } from "@dgb-shield/contract";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { type GatewayConfigInput, gatewayConfigSchema } from "../../config.js";
import { createFairQueue } from "../../rate/fair-queue.js";
import { createCallRunner } from "./calls.js";
import { createGatewayServer } from "./http-server.js";
import { createJudge } from "./judge.js";
import { createNodeLink } from "./node-link.js";
import { readOwnPlaces } from "./own-places.js";
import { createPayments } from "./payments.js";
import type { GatewayPorts } from "./ports.js";
import { logOf, momentOf, type Site } from "./site.js";
import { createQuestions } from "./wallet-search.js";

/** A gateway. */
export type Gateway = Readonly<{
  /**
   * Settles what an earlier process left, begins to settle at intervals, and listens.
   *
   * @param port 0 for any
   * @returns the address, such as `http://127.0.0.1:40123`
   */
  listen(port: number, host?: string): Promise<string>;
  /** Settles payments whose outcome is unknown, now. */
  settle(): Promise<void>;
  /** Ends it: refuses what is new, waits for the payments under way, closes every connection. */
  close(): Promise<void>;
}>;

/** Payments at the node at once, of all clients and of one. */
const PAYMENTS = { total: 2, perClient: 1 } as const;

/** Longest that the gateway's own calls wait for the node, in milliseconds. */
const QUESTION_MS = 30_000;

/** How long answers under way have when a gateway ends, in milliseconds. */
const LAST_ANSWERS_MS = 2_000;

/**
 * Makes a gateway.
 *
 * @param config see `gatewayConfigSchema`
 * @param ports policy, hook, node, clocks
 * @throws RangeError where the configuration is invalid; the text names the first fault, never a value
 */
export function createGateway(config: GatewayConfigInput, ports: GatewayPorts): Gateway {
  const site = siteOf(config, ports);
  const payments = createPayments(site);
  const judge = createJudge(site, payments);
  let isClosing = false;
  const server = createGatewayServer(
    site,
    createCallRunner(site, judge, payments),
    () => isClosing,
  );
  let timer: NodeJS.Timeout | undefined;

  return {
    async listen(port, host = "127.0.0.1") {
      await site.places.derive();
      await payments.settlement.settleAll();
      timer = setInterval(
        () => void payments.settlement.settleAll(),
        site.config.settlement.interval_ms,
      );
      server.listen(port, host);
      await once(server, "listening");
      const { address, port: bound, family } = server.address() as AddressInfo;
      return `http://${family === "IPv6" ? `[${address}]` : address}:${bound}`;
    },
    settle: () => payments.settlement.settleAll(),
    async close() {
      isClosing = true;
      clearInterval(timer);
      await endServer(server, () => payments.idle());
      await Promise.all([site.link.close(), site.questions.close()]);
    },
  };
}

/** Ends a server when the work is done; answers under way have a moment to reach their clients. */
async function endServer(server: Server, idle: () => Promise<void>): Promise<void> {
  if (!server.listening) return idle();
  const closed = once(server, "close");
  server.close();
  await idle();
  const closeIdle = setInterval(() => server.closeIdleConnections(), LAST_ANSWERS_MS / 100);
  const end = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
  await closed;
  clearInterval(closeIdle);
  clearTimeout(end);
}

/**
 * The highest fee rate by default, in base units for a virtual byte. DigiByte Core relays from 100 on (Bitcoin and Litecoin Core: from 1), and
 * calls 100,000 high: a hundred times the least is what is left in a busy hour.
 */
const defaultFeeRate = (chain: string): number => (chain.startsWith("digibyte") ? 10_000 : 1_000);

function siteOf(given: GatewayConfigInput, ports: GatewayPorts): Site {
  const { success, data: config, error } = gatewayConfigSchema.safeParse(given);
  if (!success) {
    const [issue] = error.issues;
    throw new RangeError(`${issue?.path.join(".") ?? "config"}: ${issue?.message ?? "invalid"}`);
  }
  const { limits } = config;
  const queue = {
    perClient: limits.max_at_node_per_client,
    waiting: limits.max_waiting_per_client,
  };
  const places = readOwnPlaces(config, ports.chain);
  return {
    config,
    ports,
    link: createNodeLink(ports.node, {
      connections: limits.max_at_node,
      timeoutMs: limits.node_timeout_ms,
      now: () => momentOf(ports),
    }),
    questions: createQuestions(ports.node, QUESTION_MS),
    reads: createFairQueue({ total: limits.max_at_node, ...queue }),
    payments: createFairQueue({ ...PAYMENTS, waiting: limits.max_waiting_per_client }),
    spending: {
      scriptOf: createScriptOf(ports.chain),
      classOf: (script) => places.classes.get(script),
      maxFeeRate: limits.max_fee_rate ?? defaultFeeRate(ports.chain.name),
    },
    places,
    maxFee: parseAmount(limits.max_fee),
    log: logOf(ports),
  };
}
