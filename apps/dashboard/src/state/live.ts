/** Keeps everything that the page shows current, and knows since when it is not. */
import { computed, signal } from "@preact/signals";
import type { Api } from "../api.js";
import type {
  Chain,
  Decisions,
  DefenseState,
  Freeze,
  History,
  Incident,
  NetworkView,
  SentinelReport,
  Status,
  Finding,
} from "../model.js";
import { createResource, type Resource } from "./resource.js";
import { signOut } from "./session.js";

export const status = createResource<Status>(() => "v1/status");
export const chain = createResource<Chain>(() => "v1/chain");
export const findings = createResource<{
  findings: readonly { node_id: string | null; finding: Finding }[];
}>(() => "v1/findings");
export const incidents = createResource<{ incidents: readonly Incident[] }>(() => "v1/incidents");
export const lockdown = createResource<DefenseState>(() => "v1/lockdown");
export const freezes = createResource<{ freezes: readonly Freeze[]; next: string | null }>(
  () => "v1/freezes?limit=1000",
);
export const held = createResource<Decisions>(() => "v1/decisions?final=REFUSED&limit=1000");
export const nodes = createResource<{ nodes: readonly SentinelReport[] }>(() => "v1/nodes");
export const network = createResource<NetworkView>(() => "v1/network");
export const pastHours = signal(168);
export const past = createResource<History>(() => `v1/history?hours=${pastHours.value}`);

const OFTEN = [status, incidents, lockdown, held, findings, chain, nodes, network, freezes];
const ALL: readonly Resource<unknown>[] = [...OFTEN, past];

/** Since when the service does not answer, by the service's clock; null while it does. */
export const lostSince = signal<number | null>(null);

/** The service's clock now, in milliseconds; it runs on from its last answer. */
export function serviceNow(): number {
  const { data, at } = status.value.peek();
  return data === undefined ? Date.now() : data.as_of_ms + (performance.now() - at);
}

/** Counts seconds, so that what says how long ago something was is drawn anew. */
export const tick = signal(0);

/** Whether orders can be given: there is a connection. */
export const isLive = computed(() => lostSince.value === null && status.value.value.data !== undefined);

/** Milliseconds between two looks at the status, at the rest, and at the past. */
const STATUS_MS = 2_000;
const REST_MS = 5_000;
const PAST_MS = 60_000;
/** How long after an event the page reads anew: several come together. */
const SETTLE_MS = 150;

/** Begins to follow the service; returns how to end that. */
export function follow(api: Api): () => void {
  const stop = new AbortController();
  const timers: ReturnType<typeof setTimeout>[] = [];
  const every = (ms: number, task: () => unknown): void => {
    timers.push(setInterval(() => void task(), ms));
  };
  const look = async (): Promise<void> => {
    await status.refresh(api);
    if (!stop.signal.aborted) noteAnswer(api);
  };
  const rest = (): Promise<unknown> =>
    Promise.all(OFTEN.filter((one) => one !== status).map((one) => one.refresh(api)));
  let settling: ReturnType<typeof setTimeout> | undefined;
  const changed = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      void look();
      if (lostSince.peek() === null) void rest();
    }, SETTLE_MS);
  };
  void look().then(() => past.refresh(api));
  void rest();
  every(STATUS_MS, look);
  every(REST_MS, () => lostSince.peek() === null && rest());
  every(PAST_MS, () => lostSince.peek() === null && past.refresh(api));
  every(1_000, () => (tick.value = tick.peek() + 1));
  void followEvents(api, stop.signal, changed);
  return () => {
    stop.abort();
    clearTimeout(settling);
    timers.forEach(clearInterval);
    for (const one of ALL) one.clear();
    lostSince.value = null;
  };
}

/** Notes whether the last look had an answer: what is shown is otherwise of before. */
function noteAnswer(api: Api): void {
  const { problem, data } = status.value.peek();
  if (problem === null) {
    const wasLost = lostSince.peek() !== null;
    lostSince.value = null;
    if (wasLost) for (const one of ALL) void one.refresh(api);
  } else if (problem.status === 401 || problem.status === 403) {
    signOut(problem);
  } else {
    lostSince.value ??= data === undefined ? Date.now() : data.as_of_ms;
  }
}

const RETRY_MS = 2_000;

/** Follows the stream; where it ends, it is joined anew. */
async function followEvents(api: Api, stop: AbortSignal, changed: () => void): Promise<void> {
  while (!stop.aborted) {
    await api
      .events(stop, ({ type }) => {
        if (type !== "heartbeat") changed();
      })
      .catch(() => undefined);
    changed();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Reads everything anew, after an order was carried out. */
export const refreshAll = (api: Api): Promise<unknown> =>
  Promise.all(ALL.map((one) => one.refresh(api)));
