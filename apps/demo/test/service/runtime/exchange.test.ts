/** Signals of sites over a real NATS server. */
import { randomBytes } from "node:crypto";
import { digibyteRegtest } from "@dgb-shield/chain";
import { hasServer } from "@dgb-shield/testkit/services";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { afterEach, describe, expect, it } from "vitest";
import { createPipeline, type Pipeline } from "../../../src/pipeline/index.js";
import {
  authorizeBy,
  createSignalExchange,
  type SignalExchange,
  subjectOf,
} from "../../../src/service/runtime/exchange.js";
import { until } from "../../support/service.js";

const NATS = "nats://127.0.0.1:4222";
const open: SignalExchange[] = [];
const streams: string[] = [];
afterEach(async () => {
  for (const exchange of open.splice(0)) await exchange.close();
  const connection = await connect({ servers: NATS });
  const manager = await jetstreamManager(connection);
  for (const name of streams.splice(0)) await manager.streams.delete(name).catch(() => false);
  await connection.close();
});

const signalOf = (fields: object = {}) => ({
  ...{ node_id: "b-1", operator: "site-b", source: "sentinel" as const, type: "reorg" },
  ...{ severity: 0.95, observed_at: Date.now(), ...fields },
});

/** A site by the machine's clocks, none of whose own nodes has reported. */
const siteNow = (operator: string): Pipeline =>
  createPipeline({
    ...{ chain: digibyteRegtest, node_id: "node-a", operator, ledger: createMemoryLedger() },
    ...{ guardian_policy: { max_per_tx: "1" }, qwg_policy: {}, events: { emit: () => undefined } },
    ...{ clock: Date.now, monotonic: () => performance.now() },
  });

function exchangeOf(stream: string, operator: string, made: Pipeline, peers: readonly string[]) {
  const nats = {
    ...{ url: NATS, credentials_file: null, signals_stream: stream },
    ...{
      signals_subject: `${stream}.signals`,
      events_stream: `${stream}_events`,
      events_subject: `${stream}.events`,
    },
  };
  const config = {
    operator,
    peers: peers.map((peer) => ({ operator: peer, node_ids: [`${peer.slice(-1)}-1`] })),
  };
  const network = () => made.foreign;
  const exchange = createSignalExchange({ nats, config, network, log: () => undefined });
  open.push(exchange);
  return exchange;
}

const isUp = await hasServer(4222, "NATS with JetStream", "nats-server -js");

describe.skipIf(!isUp)("signals over NATS", { timeout: 60_000 }, () => {
  it("of a configured site reach the network view; those of others, and in another's name, do not", async () => {
    const stream = `shield_test_${randomBytes(4).toString("hex")}`;
    streams.push(stream);
    const [a, b] = [siteNow("site-a"), siteNow("site-b")];
    exchangeOf(stream, "site-a", a, ["site-b"]);
    const ofB = exchangeOf(stream, "site-b", b, []);
    const view = async () => (await a.overview()).view;
    ofB.publish([signalOf()]);
    const seen = await until(view, ({ channels }) => channels.consensus.signals > 0);
    expect(seen.level).not.toBe("NORMAL");
    const connection = await connect({ servers: NATS });
    const forged: readonly (readonly [string, object])[] = [
      [subjectOf(`${stream}.signals`, "site-c", "c-1"), { node_id: "c-1", operator: "site-c" }],
      [subjectOf(`${stream}.signals`, "site-c", "c-1"), { node_id: "b-1", operator: "site-b" }],
      [subjectOf(`${stream}.signals`, "site-b", "b-1"), { node_id: "c-1", operator: "site-b" }],
      [subjectOf(`${stream}.signals`, "site-b", "b-1"), { node_id: "node-a", operator: "site-a" }],
    ];
    for (const [subject, fields] of forged) {
      await jetstream(connection).publish(subject, JSON.stringify(signalOf(fields)));
    }
    ofB.publish([signalOf({ type: "block_stall" })]);
    const later = await until(view, ({ digest }) => digest !== seen.digest);
    expect(later.channels.consensus.signals - seen.channels.consensus.signals).toBe(1);
    expect(later.live_operators).toBe(1);
    await connection.close();
  });

  it("keeps own signals while the server is not there, and ends without it", async () => {
    const nats = {
      ...{ url: "nats://127.0.0.1:1", credentials_file: null, signals_stream: "s" },
      ...{ signals_subject: "s.signals", events_stream: "e", events_subject: "s.events" },
    };
    const logged: string[] = [];
    const exchange = createSignalExchange({
      ...{ nats, config: { operator: "a", peers: [] } },
      network: () => siteNow("a").foreign,
      log: (text) => void logged.push(text),
    });
    exchange.publish([signalOf()]);
    await until(
      () => Promise.resolve(logged),
      ({ length }) => length > 0,
    );
    await exchange.close();
    expect(logged.join()).toMatch(/NATS is not there/);
  });
});

describe("authorizeBy", () => {
  const authorize = authorizeBy("p", [{ operator: "site.b", node_ids: ["b-1", "b *>"] }]);
  it.each([
    [subjectOf("p", "site.b", "b-1"), "b-1", "site.b", true],
    [subjectOf("p", "site.b", "b *>"), "b *>", "site.b", true],
    [subjectOf("p", "site.b", "b-1"), "b *>", "site.b", false],
    [subjectOf("p", "site.b", "b-1"), "b-1", undefined, false],
    ["p.site.b.b-1", "b-1", "site.b", false],
    [subjectOf("p", "site.c", "b-1"), "b-1", "site.b", false],
  ])("on %s for node %j of %j: %j", (subject, node_id, operator, is) => {
    const signal = signalOf({ node_id, ...(operator === undefined ? {} : { operator }) });
    const given = operator === undefined ? { ...signal, operator: undefined } : signal;
    expect(authorize(given as never, subject)).toBe(is);
  });

  it("gives an id no further token and no wildcard", () => {
    expect(subjectOf("p", "a.b*", "c >").split(".")).toHaveLength(3);
    expect(subjectOf("p", "a.b*", "c >")).not.toMatch(/[*> ]/);
  });
});
