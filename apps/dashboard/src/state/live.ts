/** Keeps everything that the page shows current, and knows since when it is not. */
import { computed, signal } from "@preact/signals";
import type { ShieldClient } from "@dgb-shield/client/http";
import { createResource, type Resource } from "./resource.js";
import { hasRole, signOut } from "./session.js";

export const status = createResource((api) => api.get("/v1/status"));
export const chain = createResource((api) => api.get("/v1/chain"));
export const findings = createResource((api) => api.get("/v1/findings"));
export const incidents = createResource((api) => api.get("/v1/incidents"));
export const lockdown = createResource((api) => api.get("/v1/lockdown"));
export const freezes = createResource((api) => api.get("/v1/freezes", { query: { limit: MOST } }));
export const held = createResource((api) =>
  api.get("/v1/decisions", { query: { final: "REFUSED", limit: MOST } }),
);
export const nodes = createResource((api) => api.get("/v1/nodes"));
export const network = createResource((api) => api.get("/v1/network"));

export const proposals = createResource((api) =>
  api.get("/v1/proposals", { query: { limit: 100 } }),
);

/** Entries of a list that are read. */
const MOST = 1_000;

const OFTEN = [status, incidents, lockdown, held, findings, chain, nodes, network, freezes];
const ALL: readonly Resource<unknown>[] = [...OFTEN, proposals];

/** Since when the service does not answer, by the service's clock; null while it does. */
export const lostSince = signal<number | null>(null);

/** The service's clock now, in milliseconds; it runs on from its last answer. */
export function serviceNow(): number {
  const { data, at } = status.value.peek();
  return data === undefined ? Date.now() : data.as_of_ms + (performance.now() - at);
}

/** Counts seconds. */
const tick = signal(0);

/** Renders the caller again every second, because it shows how long ago something was. */
export const everySecond = (): number => tick.value;

/** Whether orders can be given: there is a connection. */
export const isLive = computed(
  () => lostSince.value === null && status.value.value.data !== undefined,
);

/** Milliseconds between two looks at the status and at the rest. */
const STATUS_MS = 2_000;
const REST_MS = 5_000;
/** How long after an event the page reads anew: several come together. */
const SETTLE_MS = 150;

/** Begins to follow the service; returns how to end that. */
export function follow(api: ShieldClient): () => void {
  const stop = new AbortController();
  const timers: ReturnType<typeof setTimeout>[] = [];
  const every = (ms: number, task: () => unknown): void => {
    timers.push(setInterval(() => void task(), ms));
  };
  const look = async (): Promise<void> => {
    await status.refresh(api);
    if (!stop.signal.aborted) noteAnswer(api);
  };
  // Other roles are not shown what is proposed.
  const maySeeProposals = hasRole("operator", "governor", "reader");
  const rest = (): Promise<unknown> =>
    Promise.all(
      [...OFTEN.filter((one) => one !== status), ...(maySeeProposals ? [proposals] : [])].map(
        (one) => one.refresh(api),
      ),
    );
  let settling: ReturnType<typeof setTimeout> | undefined;
  const changed = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      void look();
      if (lostSince.peek() === null) void rest();
    }, SETTLE_MS);
  };
  void look();
  void rest();
  every(STATUS_MS, look);
  every(REST_MS, () => lostSince.peek() === null && rest());
  every(1_000, () => (tick.value = tick.peek() + 1));
  // What fails here is seen by the looks as well; the stream is there so that nothing waits for them.
  void api
    .events({ signal: stop.signal, onReset: changed, onEvent: changed })
    .catch(() => undefined);
  return () => {
    stop.abort();
    clearTimeout(settling);
    timers.forEach(clearInterval);
    for (const one of ALL) one.clear();
    lostSince.value = null;
  };
}

/** Notes whether the last look had an answer: what is shown is otherwise of before. */
function noteAnswer(api: ShieldClient): void {
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

/** Reads everything anew, after an order was carried out. */
export const refreshAll = (api: ShieldClient): Promise<unknown> =>
  Promise.all(ALL.map((one) => one.refresh(api)));
