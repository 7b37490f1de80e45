/** Follows the open incidents, and keeps each from its begin to its end, over restarts. */
import type { Overview } from "../../../pipeline/index.js";
import type { Incident, IncidentPage, IncidentQuery, PastIncident } from "../../service.js";
import { incidentsOf } from "../incidents.js";
import { isBlind } from "../status.js";
import type { WatcherOrders } from "../watcher-orders.js";
import { isWithin, seen } from "./entry.js";
import { type IncidentStore, MAX_KEPT } from "./store.js";

/** The log of one process. */
export type IncidentLog = Readonly<{
  /** Takes in how everything is; where another process watches, nothing. */
  sample(overview: Overview): void;
  /** @throws what the store rejects with: a list that cannot be read is not an empty one */
  list(query: IncidentQuery, open: readonly Incident[]): Promise<IncidentPage>;
  /** Orders whose releases are noted. */
  noting(orders: WatcherOrders): WatcherOrders;
  /** Resolves when what was taken in is kept, or could not be. */
  settled(): Promise<void>;
}>;

/** What a log is made of. */
export type IncidentLogParts = Readonly<{
  store: IncidentStore;
  /** Whether this process is the one of its deployment that watches. */
  isActive: () => boolean;
  clock: () => number;
  log: (text: string) => void;
}>;

/** Creates the log. What cannot be kept is kept at a later look, and logged once. */
export function createIncidentLog({ store, isActive, clock, log }: IncidentLogParts): IncidentLog {
  /** Open ones as they are kept; null until they were read, and while another process watches. */
  let open: Map<string, PastIncident> | null = null;
  let isFailing = false;
  let working: Promise<void> | undefined;

  async function take(overview: Overview): Promise<void> {
    open ??= new Map((await store.open()).map((one) => [one.incident_id, one]));
    const before = open;
    const now = new Map<string, PastIncident>();
    for (const incident of incidentsOf(overview)) {
      const entry = seen(incident, before.get(incident.incident_id));
      now.set(entry.incident_id, entry);
    }
    const changed = [...now.values()].filter((one) => !isSame(one, before.get(one.incident_id)));
    for (const one of before.values()) {
      if (now.has(one.incident_id)) continue;
      // Where nothing can be relied on nothing has ended.
      if (!isSeeing(overview)) now.set(one.incident_id, one);
      else changed.push({ ...one, ended_ms: Math.max(overview.at_ms, one.since_ms) });
    }
    if (changed.length > 0) await store.save(changed);
    open = now;
  }

  return Object.freeze({
    sample(overview) {
      if (!isActive()) {
        open = null;
        return;
      }
      working ??= take(overview)
        .then(
          () => {
            isFailing = false;
          },
          (error: unknown) => {
            open = null;
            if (!isFailing) log(`incidents are not kept: ${textOf(error)}`);
            isFailing = true;
          },
        )
        .finally(() => (working = undefined));
    },
    async list({ status, from_ms, to_ms, limit }, live) {
      // All that are kept: which are open now is not known to the store.
      const { incidents, since_ms } = await store.read({ from_ms, to_ms, limit: MAX_KEPT });
      const known = new Map(incidents.map((one) => [one.incident_id, one]));
      const current = live
        .map((one) => seen(one, known.get(one.incident_id)))
        .filter((one) => isWithin(one, { from_ms, to_ms }));
      const isLive = new Set(current.map(({ incident_id }) => incident_id));
      const ended = incidents.filter(
        (one) => one.ended_ms !== null && !isLive.has(one.incident_id),
      );
      const all = [
        ...(status === "ended" ? [] : current),
        ...(status === "open" ? [] : ended),
      ].toSorted((a, b) => b.since_ms - a.since_ms);
      const left_out = Math.max(0, all.length - limit);
      return { incidents: all.slice(0, limit), left_out, since_ms };
    },
    noting: (orders) => ({
      ...orders,
      async releaseIncident(incidentId, reason, by) {
        const answer = await orders.releaseIncident(incidentId, reason, by);
        if ("released" in answer) {
          const released = { at_ms: clock(), operator: by.operator, reason };
          await store.release(incidentId, released).catch((error: unknown) => {
            log(`the release of ${incidentId} was not noted: ${textOf(error)}`);
          });
        }
        return answer;
      },
    }),
    settled: async () => working,
  } satisfies IncidentLog);
}

/** Whether an end can be seen: the nodes were heard, and nothing says that they cannot be relied on. */
const isSeeing = ({ veto, reports }: Overview): boolean => reports.length > 0 && !isBlind(veto);

const isSame = (a: PastIncident, b: PastIncident | undefined): boolean =>
  b !== undefined && JSON.stringify(a) === JSON.stringify(b);

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
