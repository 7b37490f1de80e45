/** Keeps one process of a deployment watching, and every other one following it (design, section 10; decision 42). */
import type {
  Leadership,
  LeadOptions,
  SharedPipeline,
  StateStore,
} from "../../../pipeline/index.js";
import { type Lease, RENEW_MS } from "../lease.js";
import { createPublisher, type Publisher } from "./publisher.js";
import type { TableFeed } from "./feed.js";

/** Milliseconds until a process that could not begin to watch tries again. */
const RETRY_MS = 15_000;

/** What a process runs while it watches. */
export type Running = Readonly<{ leadership: Leadership; close(): Promise<void> }>;

/** Begins to watch. */
export type Begin = (
  lead: (publish: LeadOptions["publish"]) => Leadership,
  changed: () => void,
) => Running;

/** What a role is made of. */
export type RoleParts = Readonly<{
  lease: Lease;
  feed: TableFeed;
  pipeline: Pick<SharedPipeline, "lead" | "follow">;
  /** Opens the state as it is when this process begins to watch. */
  openState: () => Promise<StateStore>;
  begin: Begin;
  /** Carries out what other processes were ordered; called each second while this process watches. */
  takeOrders: (leadership: Leadership, changed: () => void) => Promise<void>;
  monotonic: () => number;
  log: (level: "info" | "warn" | "error", text: string) => void;
}>;

/** The role of one process. */
export type Role = Readonly<{
  /** What watches here; null while this process follows. */
  leadership(): Leadership | null;
  /** Has what was ordered here written at once. */
  changed(): void;
  close(): Promise<void>;
}>;

type Leading = Readonly<{ publisher: Publisher; running: Running }>;

/**
 * Takes the lease where it is free, and begins.
 *
 * @throws what beginning to watch throws at the start; later it is logged, and tried again
 */
export async function createRole(parts: RoleParts): Promise<Role> {
  const { lease, feed, pipeline, log } = parts;
  const stopping = new AbortController();
  let leading: Leading | null = null;
  let wake: () => void = () => undefined;
  let isWoken = false;
  let retryMs = -Infinity;
  let taking: Promise<void> | undefined;
  let takenMs = -Infinity;

  const isStopped = (): boolean => stopping.signal.aborted;
  const changed = (): void => {
    leading?.publisher.changed();
    isWoken = true;
    wake();
  };

  async function lead(): Promise<void> {
    const taken = await lease.take();
    if (taken === null) return;
    try {
      const state = await parts.openState();
      const publisher = createPublisher(lease, taken, parts.monotonic);
      const { generation } = publisher;
      const running = parts.begin(
        (publish) => pipeline.lead({ state, generation, isActive: lease.isHeld, publish }),
        changed,
      );
      leading = { publisher, running };
      log("info", "this process watches the nodes");
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  async function follow(): Promise<void> {
    const before = leading;
    leading = null;
    pipeline.follow();
    await before?.running.close();
  }

  async function turn(): Promise<void> {
    if (leading === null) {
      await feed.refresh();
      if (feed.isFree() && parts.monotonic() >= retryMs) await lead();
      return;
    }
    const { publisher, running } = leading;
    if (await publisher.publish(running.leadership)) {
      takeOrders(running.leadership);
      return;
    }
    log("warn", "another process watches in this one's place: this one follows it now");
    await follow();
  }

  /** Carries out what waits, beside the renewals: an order may take longer than a lease. */
  function takeOrders(leadership: Leadership): void {
    const now = parts.monotonic();
    if (taking !== undefined || now - takenMs < RENEW_MS) return;
    takenMs = now;
    taking = parts
      .takeOrders(leadership, changed)
      .catch((error: unknown) => log("error", `orders: ${textOf(error)}`))
      .finally(() => {
        taking = undefined;
      });
  }

  async function run(): Promise<void> {
    while (!isStopped()) {
      await paused();
      if (isStopped()) return;
      try {
        await turn();
      } catch (error) {
        if (leading === null) retryMs = parts.monotonic() + RETRY_MS;
        log("error", `watching: ${textOf(error)}`);
      }
    }
  }

  /** Waits a second, or until something changed. */
  async function paused(): Promise<void> {
    if (!isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RENEW_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (isStopped()) wake();
      });
    }
    isWoken = false;
  }

  await turn();
  const running = run();
  return Object.freeze({
    leadership: () => leading?.running.leadership ?? null,
    changed,
    async close() {
      stopping.abort();
      wake();
      await running;
      await taking;
      await follow();
      await lease.release();
    },
  } satisfies Role);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
