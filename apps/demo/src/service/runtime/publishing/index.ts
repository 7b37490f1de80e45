/**
 * Publishes what was decided and done over NATS JetStream (design, section 10): the ledger's records, read after their
 * commit, and the changes of the status.
 */
import { createAdaptiveBridge } from "@dgb-shield/adaptive-bridge";
import { createNatsSink, type NatsSinkOptions } from "@dgb-shield/adaptive-bridge/nats";
import { nodeTimers } from "@dgb-shield/adaptive-bridge/node";
import { openOutbox } from "@dgb-shield/adaptive-bridge/outbox";
import type { ShieldEvent } from "@dgb-shield/contract";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import { jetstream } from "@nats-io/jetstream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceConfig } from "../../config/service-config.js";
import type { EventDelivery, Journal } from "../../service.js";
import type { EventLog, MomentEvent } from "../events.js";
import { connected, ensureStream } from "../nats.js";
import { markOf, type Place } from "../places/place.js";
import { beginningIn } from "./beginning.js";
import type { EventCursor } from "./cursor.js";
import { eventsOfRecord } from "./record-events.js";

/** Records of one page. */
const PAGE = 100;
/** Between two looks at the ledger, and between two at the outbox, in milliseconds. */
const LOOK_MS = 1_000;
/** How long the stream keeps events, in nanoseconds, and how many bytes of them. */
const STREAM = { max_age: 7 * 86_400_000_000_000, max_bytes: 1_073_741_824 } as const;

/** The publishing of one process. */
export type Publishing = Readonly<{
  stats(): EventDelivery;
  close(): Promise<void>;
}>;

/** What is published, and where to. */
export type PublishingParts = Readonly<{
  config: Pick<ServiceConfig, "files" | "operator">;
  nats: NonNullable<ServiceConfig["nats"]>;
  ledger: Pick<Ledger, "records" | "identity">;
  journal: Pick<Journal, "journalHead" | "journalContinuation">;
  cursor: EventCursor;
  events: Pick<EventLog, "subscribe">;
  /** Whether this process is the one of its deployment that publishes. */
  isActive: () => boolean;
  log: (text: string) => void;
}>;

/**
 * Starts to publish. Records are the backlog: the next page is read once the stream has taken the last one, so that nothing
 * is lost, however long the server is away or whatever ends the process, and nothing waits in memory. A record
 * may be sent again, under the same id.
 *
 * @throws BridgeError where the outbox cannot be used
 */
export async function startPublishing(parts: PublishingParts): Promise<Publishing> {
  const { config, nats, events, isActive, log } = parts;
  const stopping = new AbortController();
  const server = createServer(parts, stopping.signal);
  const sink = createNatsSink({ jetstream: server.publisher, subjectPrefix: nats.events_subject });
  const outbox = await openOutbox({
    folder: config.files.outbox,
    sinks: [sink],
    timers: nodeTimers,
  });
  const bridge = createAdaptiveBridge({ sinks: [outbox], timers: nodeTimers });
  const unsubscribe = events.subscribe({
    onEvent(event) {
      const made = isActive() ? statusEvent(event, config.operator) : undefined;
      if (made !== undefined) bridge.emit(made);
    },
  });
  let published: Place | null = null;
  const beginning = (): Promise<Place> =>
    beginningIn(parts.journal, parts.cursor, (what) => log(`the stream of events ${what}`));

  /** Waits until the stream has taken everything before; false where the process ends first. */
  async function delivered(): Promise<boolean> {
    while (!stopping.signal.aborted) {
      if ((await bridge.flush(LOOK_MS)) && (await outbox.drained(LOOK_MS))) return true;
    }
    return false;
  }

  async function publishPage(from: Place): Promise<Place> {
    const records = await parts.ledger.records(from.seq, PAGE);
    const last = records.at(-1);
    if ((await parts.ledger.identity()).epoch !== from.epoch) {
      // The ledger was adopted: what its numbers name may have changed.
      return beginning();
    }
    if (last === undefined) return from;
    for (const record of records) {
      for (const event of eventsOfRecord(from.ledger_id, record)) bridge.emit(event);
    }
    if (!(await delivered())) return from;
    const place = { ...from, seq: last.seq, mark: markOf(last) };
    await parts.cursor.save(place);
    return place;
  }

  /** Publishes what there is; another process may have done so before. */
  async function turn(): Promise<void> {
    if (!isActive()) {
      published = null;
      return;
    }
    let from = published ?? (await beginning());
    for (;;) {
      const next = await publishPage(from);
      published = next;
      if (next.seq === from.seq || !isActive()) return;
      from = next;
    }
  }

  async function run(): Promise<void> {
    let isFailing = false;
    while (!stopping.signal.aborted) {
      try {
        await turn();
        isFailing = false;
      } catch (error) {
        published = null;
        if (!isFailing) log(`events: ${error instanceof Error ? error.message : String(error)}`);
        isFailing = true;
      }
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return Object.freeze({
    stats() {
      const [own] = outbox.stats().sinks;
      const lost = Object.values(own?.dropped ?? {}).reduce((sum, one) => sum + one, 0);
      return {
        pending: own?.pending ?? 0,
        delivered: own?.delivered ?? 0,
        dropped: lost,
        last_error: own?.last_error ?? null,
        published_seq: published?.seq ?? null,
      };
    },
    async close() {
      stopping.abort();
      unsubscribe();
      await running;
      await bridge.close();
      await outbox.close();
      await server.close();
    },
  } satisfies Publishing);
}

/** A server that may not be there yet: until then nothing is taken. */
function createServer({ nats, log }: PublishingParts, stop: AbortSignal) {
  let client: ReturnType<typeof jetstream> | undefined;
  const opened = connected(nats, stop, log).then(async (connection) => {
    if (connection === undefined) return undefined;
    const subjects = [`${nats.events_subject}.>`];
    await ensureStream(connection, { name: nats.events_stream, subjects, ...STREAM }, log);
    client = jetstream(connection);
    return connection;
  });
  const publisher: NatsSinkOptions["jetstream"] = {
    publish: (...message) =>
      client === undefined
        ? Promise.reject(new Error("NATS is not there"))
        : client.publish(...message),
  };
  return { publisher, close: async () => (await opened)?.close() };
}

const SEVERITIES: Readonly<Record<string, number>> = {
  open: 0,
  restricted: 0.4,
  stopped: 0.8,
  blind: 0.7,
};

/** The event of a change of the status; undefined for any other: decisions are published from their records. */
function statusEvent(
  { seq, at_ms, type, data }: MomentEvent,
  operator: string,
): ShieldEvent | undefined {
  if (type !== "status") return undefined;
  const { state = null, code = null } = data;
  return {
    event_id: `status-${operator}-${seq}`.slice(0, 128),
    layer: "adn",
    action: "status",
    severity: typeof state === "string" ? (SEVERITIES[state] ?? 1) : 1,
    fingerprint: `site:${operator}`.slice(0, 256),
    extra: { at_ms, state, code },
  };
}
