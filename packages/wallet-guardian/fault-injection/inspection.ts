/** All that must hold of any ledger after any case: rows, sums, windows, records, answers, locks. */
import { setTimeout as sleep } from "node:timers/promises";
import { breaches, type CheckedLimit, wrongSums } from "./check.js";
import type { Client, Told } from "./clients/start-clients.js";
import type { Acknowledged } from "./clients/plan.js";
import { disordered, unborne } from "./replay/answers.js";
import { differences } from "./replay/compare.js";
import { newReplay, type Replay, replay } from "./replay/replay.js";
import { rulesOf } from "./replay/rules.js";
import type { Store } from "./stores/store.js";

/** What is kept of a ledger from one inspection to the next. */
export type Inspection = Readonly<{ store: Store; replay: Replay; told: Acknowledged[] }> & {
  seq: number;
};

/** PostgreSQL decides on two wallets side by side, and numbers the records later: each caller may be in one call. */
const CALLS_UNDER_WAY = { sqlite: 0, postgres: 16 };

/** Begins with an empty ledger. */
export const newInspection = (store: Store): Inspection => ({
  store,
  replay: newReplay(new Map(), CALLS_UNDER_WAY[store.address.kind]),
  told: [],
  seq: 0,
});

/** What else a case expects. */
type Expected = Readonly<{
  limits?: readonly CheckedLimit[];
  /** How many withdrawals count as allowed. */
  exactly?: number;
}>;

/** Takes over what clients have written down, and removes their logs. */
export function hear({ replay: { book }, told }: Inspection, clients: readonly Client[]): number {
  const heard = clients.flatMap((client): Told[] => {
    const written = client.told();
    client.remove();
    return written === null ? [] : [written];
  });
  for (const { introduction, answers } of heard) {
    const { policy, version } = introduction;
    book.policies.set(version, rulesOf(policy, version));
    told.push(...answers);
  }
  return heard.reduce((sum, { answers }) => sum + answers.length, 0);
}

/** Inspects the ledger; what is wrong with it. */
export async function inspect(inspection: Inspection, expected: Expected = {}): Promise<string[]> {
  const { store, told } = inspection;
  const contents = await store.read();
  const records = await store.records(inspection.seq);
  const replayed = replay(inspection.replay, records);
  inspection.seq = records.at(-1)?.seq ?? inspection.seq;
  const counted = contents.rows.filter(({ counts }) => counts === "allowed").length;
  const { exactly = counted, limits = [] } = expected;
  const locked = await leftLocked(store);
  return [
    ...contents.faults,
    ...replayed,
    ...differences(inspection.replay.book, contents),
    ...wrongSums(contents).map((text) => `wrong sum: ${text}`),
    ...unborne(inspection.replay.index, told),
    ...disordered(inspection.replay.index, told),
    ...breaches(contents.rows, limits).map((text) => `over the limit: ${text}`),
    ...(locked === 0 ? [] : [`left locked: ${locked}`]),
    ...(exactly === counted ? [] : [`${counted} allowed, a sequential run allows ${exactly}`]),
  ];
}

/** Counts locks that are left: the server ends a killed client's connection a moment later. */
async function leftLocked(store: Store): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const locked = await store.leftLocked();
    if (locked === 0) return 0;
    await sleep(20);
  }
  return store.leftLocked();
}
