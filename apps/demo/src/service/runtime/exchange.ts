/** Exchanges signals with other sites over NATS JetStream (design, section 10: sources of evidence). */
import type { SignalV2 } from "@dgb-shield/contract";
import {
  createSignalConsumer,
  createSignalPublisher,
  type SignalPublisher,
} from "@dgb-shield/dqsn/nats";
import { jetstream } from "@nats-io/jetstream";
import type { ForeignNetwork } from "../../pipeline/index.js";
import type { ServiceConfig } from "../config/service-config.js";
import { connected, ensureStream } from "./nats.js";

/** The exchange with other sites. */
export type SignalExchange = Readonly<{
  /** Buffers own signals for the stream; never waits. */
  publish(signals: readonly SignalV2[]): void;
  close(): Promise<void>;
}>;

type NatsSettings = NonNullable<ServiceConfig["nats"]>;

/** What the exchange needs. */
export type ExchangeParts = Readonly<{
  nats: NatsSettings;
  config: Pick<ServiceConfig, "operator" | "peers">;
  network: () => ForeignNetwork;
  log: (text: string) => void;
}>;

/** Nanoseconds of the stream's oldest message: signals expire after minutes. */
const MAX_AGE_NS = 3_600_000_000_000;
/** Bytes of the stream at most. */
const MAX_BYTES = 64 * 1_048_576;

/**
 * Starts the exchange. A server that is not there yet is tried again for ever; meanwhile other sites are silent, and own
 * signals wait within the publisher's bounds. NATS permissions must bind each site to the subjects under its operator.
 */
export function createSignalExchange(parts: ExchangeParts): SignalExchange {
  const stopping = new AbortController();
  let open:
    Readonly<{ publish: SignalExchange["publish"]; close: () => Promise<void> }> | undefined;
  const waiting: SignalV2[] = [];
  const begun = begin(parts, stopping.signal).then((made) => {
    open = made;
    made?.publish(waiting.splice(0));
  });
  return Object.freeze({
    publish(signals) {
      if (open !== undefined) open.publish(signals);
      else waiting.splice(0, waiting.length, ...[...waiting, ...signals].slice(-MAX_WAITING));
    },
    async close() {
      stopping.abort();
      await begun;
      await open?.close();
    },
  } satisfies SignalExchange);
}

/** Own signals that are kept until the server is there: the newest. */
const MAX_WAITING = 1_000;

async function begin({ nats, config, network, log }: ExchangeParts, stop: AbortSignal) {
  const connection = await connected(nats, stop, log);
  if (connection === undefined) return undefined;
  const client = jetstream(connection);
  const stream = { name: nats.signals_stream, subjects: [`${nats.signals_subject}.>`] };
  await ensureStream(connection, { ...stream, max_age: MAX_AGE_NS, max_bytes: MAX_BYTES }, log);
  const authorize = authorizeBy(nats.signals_subject, config.peers);
  const consumer = createSignalConsumer({
    ...{ jetstream: client, connection, stream: nats.signals_stream, authorize },
    network: { ingest: (...args) => network().ingest(...args), view: (at) => network().view(at) },
  });
  const publishers = new Map<string, SignalPublisher>();
  const publisherOf = (nodeId: string): SignalPublisher => {
    const subject = subjectOf(nats.signals_subject, config.operator, nodeId);
    const made =
      publishers.get(subject) ??
      createSignalPublisher({
        connection,
        jetstream: client,
        subject,
        publisherId: config.operator,
      });
    publishers.set(subject, made);
    return made;
  };
  return {
    publish(signals: readonly SignalV2[]) {
      for (const signal of signals) publisherOf(signal.node_id).publish(signal);
    },
    async close() {
      for (const publisher of publishers.values()) publisher.close();
      await consumer.close();
      await connection.close();
    },
  };
}

/** An id as one token of a subject. */
const token = (id: string): string =>
  encodeURIComponent(id).replaceAll(".", "%2E").replaceAll("*", "%2A");

/** The subject of one node's signals. */
export const subjectOf = (prefix: string, operator: string, nodeId: string): string =>
  `${prefix}.${token(operator)}.${token(nodeId)}`;

/** Accepts a signal only of a configured site and node, and only on that node's own subject. */
export function authorizeBy(
  prefix: string,
  peers: ServiceConfig["peers"],
): (signal: SignalV2, subject: string) => boolean {
  const expected = new Map(
    peers.flatMap(({ operator, node_ids }) =>
      node_ids.map(
        (nodeId) => [subjectOf(prefix, operator, nodeId), { operator, nodeId }] as const,
      ),
    ),
  );
  return ({ operator, node_id }, subject) => {
    const peer = expected.get(subject);
    return peer !== undefined && peer.operator === operator && peer.nodeId === node_id;
  };
}
