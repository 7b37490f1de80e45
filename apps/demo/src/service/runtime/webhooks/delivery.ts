/**
 * Delivers the events of records to one receiver: in the ledger's order, each until it is taken. The ledger is the backlog,
 * and the place that was reached is kept beside it, so that nothing waits in memory and nothing is lost.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Journal, MomentEvent, RecordEvent, WebhookState } from "../../service.js";
import { eventIdOf, type Place } from "../places/place.js";
import { beginningIn } from "../publishing/beginning.js";
import type { EventCursor } from "../publishing/cursor.js";
import { NotTaken, postWebhook, type WebhookTarget } from "./post.js";

/** What the delivery to one receiver is made of. */
export type DeliveryParts = Readonly<{
  name: string;
  events: readonly string[];
  target: Omit<WebhookTarget, "stop">;
  journal: Journal;
  cursor: EventCursor;
  /** Names the site in what is sent. */
  deployment_id: string;
  /** Whether this process is the one of its deployment that delivers. */
  isActive: () => boolean;
  log: (text: string) => void;
  random: () => number;
  /** Waits; ends early when the signal is aborted. */
  wait?: (ms: number, stop: AbortSignal) => Promise<void>;
}>;

/** The delivery to one receiver. */
export type Delivery = Readonly<{
  /** The ledger may have new records. */
  wake(): void;
  /** Takes a change of the status; of several that wait the newest is delivered. */
  note(event: MomentEvent): void;
  state(): WebhookState;
  close(): Promise<void>;
}>;

const PAGE = 64;
/** Longest time between two looks at the ledger, in milliseconds. */
const LOOK_MS = 1_000;
/** Wait after a failure, in milliseconds; it doubles up to the second, and a receiver may ask for up to the third. */
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 300_000;
const MAX_ASKED_MS = 3_600_000;

const waitReally = (ms: number, stop: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal: stop, ref: false }).catch(() => undefined);

/** Starts to deliver. */
export function startDelivery(parts: DeliveryParts): Delivery {
  const { name, events, journal, cursor, isActive, log, random, wait = waitReally } = parts;
  const stopping = new AbortController();
  const target = { ...parts.target, stop: stopping.signal };
  let place: Place | null = null;
  let status: Readonly<{ id: string; event: MomentEvent }> | undefined;
  let resting = new AbortController();
  let isWoken = false;
  const state = { delivered: 0, failures: 0, missed: 0, failure: null as string | null };
  /** Date of what is being delivered; null while nothing waits. */
  let waitingSince: number | null = null;
  const isStopped = (): boolean => stopping.signal.aborted;

  async function post(id: string, { at_ms, type, data }: MomentEvent): Promise<void> {
    waitingSince ??= at_ms;
    const { deployment_id } = parts;
    await postWebhook({ id, type, at_ms, data: { deployment_id, ...data } }, target);
    waitingSince = null;
    state.delivered++;
    if (state.failure !== null) log(`the webhook ${name} takes events again`);
    state.failure = null;
  }

  const beginning = (): Promise<Place> =>
    beginningIn(journal, cursor, (what) => log(`the webhook ${name} ${what}`));

  async function deliver(from: Place, event: RecordEvent): Promise<Place> {
    const { seq, mark, ...moment } = event;
    const next = { ...from, seq, mark };
    if (events.includes(event.type)) {
      const id = eventIdOf(from.ledger_id, seq, mark);
      await post(id, { ...moment, data: { seq, ...moment.data } });
      await cursor.save(next);
    }
    return next;
  }

  async function deliverStatus(): Promise<void> {
    while (status !== undefined && isActive()) {
      const { id, event } = status;
      await post(id, event);
      if (status.id === id) status = undefined;
    }
  }

  /** Delivers what there is. */
  async function turn(): Promise<void> {
    while (isActive() && !isStopped()) {
      place ??= await beginning();
      const page = await journal.journalAfter(place.seq, PAGE);
      if ((await journal.journalIdentity()).epoch !== place.epoch) {
        // The ledger was adopted: what its numbers name may have changed.
        place = null;
        continue;
      }
      await deliverStatus();
      if (page.length === 0) return;
      for (const event of page) {
        if (isStopped() || !isActive()) break;
        // Records that were pruned before they were delivered; counted once, however often the next one is tried.
        const missed: number = event.seq - place.seq - 1;
        place = await deliver(place, event);
        state.missed += missed;
      }
      await cursor.save(place);
    }
    place = null;
  }

  async function rest(): Promise<void> {
    if (!isWoken) await wait(LOOK_MS, AbortSignal.any([resting.signal, stopping.signal]));
    isWoken = false;
    resting = new AbortController();
  }

  async function run(): Promise<void> {
    for (let failures = 0; !isStopped();) {
      try {
        await turn();
        failures = 0;
        await rest();
      } catch (error) {
        if (isStopped()) return;
        failures++;
        note(error);
        await wait(waitAfter(error, failures), stopping.signal);
      }
    }
  }

  function note(error: unknown): void {
    state.failures++;
    const text = error instanceof NotTaken ? error.message : "the ledger or the place in it";
    if (state.failure === null)
      log(`the webhook ${name} does not take events, and is tried again: ${text}`);
    state.failure = text;
  }

  function waitAfter(error: unknown, failures: number): number {
    const asked = error instanceof NotTaken ? (error.retryAfterMs ?? 0) : 0;
    const longest = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(failures - 1, 20));
    return Math.max(Math.min(asked, MAX_ASKED_MS), Math.round(longest * (0.5 + random() / 2)));
  }

  const running = run();
  return Object.freeze({
    wake() {
      isWoken = true;
      resting.abort();
    },
    note(event) {
      if (!events.includes("status")) return;
      status = {
        id: `status-${event.at_ms}-${Math.floor(random() * 2 ** 48).toString(16)}`,
        event,
      };
    },
    state: () => ({
      ...{ name, ...state, delivered_seq: place?.seq ?? null },
      waiting_ms: waitingSince === null ? 0 : Math.max(0, target.clock() - waitingSince),
    }),
    async close() {
      stopping.abort();
      await running;
    },
  } satisfies Delivery);
}
