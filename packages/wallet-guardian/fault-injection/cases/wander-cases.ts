/** Cases in which clients do everything at random, alive, killed or cut off. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Place, Verdict } from "./case.js";
import { type Client, reportsOf, startClients, type Unlogged } from "../clients/start-clients.js";
import { hear, inspect, type Inspection, newInspection } from "../inspection.js";
import type { LedgerAddress } from "../clients/plan.js";
import { POLICIES, type PolicyKey } from "../clients/policies.js";
import type { InjectedFault } from "../clients/injected-faults.js";

/** Who wanders, and what happens meanwhile. */
type Wandering = Readonly<{
  policies: readonly PolicyKey[];
  isRisky: boolean;
  meanwhile?: InjectedFault;
  /** Program under which the clients run. */
  under?: readonly string[];
  /** Settings of the clients' connections. */
  settings?: string;
}>;

const IDS = 90;
const ROUND_SECONDS = 4;
/** A slow machine has so many times the rounds to do enough in. */
const PATIENCE = 10;

type Round = Readonly<{ name: string; milliseconds: number; place: Place }>;

function plansOf({ name, milliseconds, place }: Round, given: Wandering): Unlogged[] {
  return given.policies.map((key, index) => ({
    kind: "wander",
    name: `${name}-${index}`,
    round: name,
    ledger: withSettings(place.store.address, given.settings),
    policy: POLICIES[key],
    clock: "right",
    concurrency: 8,
    seed: Math.floor(Math.random() * 2 ** 32),
    ids: IDS,
    milliseconds,
    isRisky: given.isRisky,
  }));
}

/** The name by which a fault finds the clients' connections, and what a case sets for them. */
function withSettings(address: LedgerAddress, settings: string | undefined): LedgerAddress {
  if (address.kind !== "postgres" || settings === undefined) return address;
  return { ...address, url: `${address.url}?${settings}` };
}

/** Rounds of clients that wander side by side; the ledger is inspected after each. */
export const wanderWith =
  (given: Wandering) =>
  async (place: Place): Promise<Verdict> => {
    const inspection = newInspection(place.store);
    const rounds = Math.max(1, Math.round(place.size.seconds / ROUND_SECONDS));
    const milliseconds = Math.min(ROUND_SECONDS, place.size.seconds) * 1_000;
    const faults: string[] = [];
    let failures = 0;
    const goesOn = (round: number) =>
      round < rounds || (round < PATIENCE * rounds && isIdle(inspection, place));
    for (let round = 0; faults.length === 0 && goesOn(round); round++) {
      const plans = plansOf({ name: `r${round}`, milliseconds, place }, given);
      const clients = await startClients(place.worker, plans);
      let isDone = false;
      const reporting = reportsOf(clients).finally(() => {
        isDone = true;
      });
      await given.meanwhile?.(place, () => isDone);
      const { failed, unavailable } = await reporting;
      failures += unavailable;
      hear(inspection, clients);
      faults.push(...(await inspect(inspection)));
      if (failed > 0) faults.push(`${failed} clients ended without a report`);
    }
    const unanswered = failures === 0 ? "" : `${failures} × ledger_unavailable, `;
    if (isIdle(inspection, place)) faults.push("hardly anything was acknowledged");
    return { faults, figures: `${unanswered}${figuresOf(inspection)}` };
  };

/** Whether too little happened for what holds to mean anything. */
const isIdle = ({ told, replay }: Inspection, { size }: Place): boolean =>
  told.length <= 5 * size.seconds || replay.counts.decisions <= 10 * size.seconds;

function figuresOf({ told, replay: { counts, book } }: Inspection): string {
  const { decisions, claims, settled } = counts;
  const doubles = [...book.rows.keys()].filter((id) => id.startsWith("double-")).length;
  return `${decisions} decisions, ${claims} claims, ${settled} commits and releases, ${doubles} rows counted twice replayed; ${told.length} acknowledged answers, each found`;
}

/** Rounds of clients that are all killed at a random point; all that was acknowledged is checked each time. */
export const killIn =
  (given: Wandering) =>
  async (place: Place): Promise<Verdict> => {
    const inspection = newInspection(place.store);
    const faults: string[] = [];
    let kills = 0;
    for (let round = 0; round < place.size.rounds && faults.length === 0; round++) {
      const plans = plansOf({ name: `r${round}`, milliseconds: 600_000, place }, given);
      const clients = await startClients(place.worker, plans, given.under);
      await Promise.all(clients.map(killed));
      kills += clients.length;
      hear(inspection, clients);
      faults.push(...(await inspect(inspection)));
      if (round % 10 === 9) place.progress(`${round + 1} of ${place.size.rounds} rounds`);
    }
    if (inspection.told.length < place.size.rounds) faults.push("hardly anything was acknowledged");
    return { faults, figures: `${kills} kills, ${figuresOf(inspection)}` };
  };

async function killed({ child, report }: Client): Promise<void> {
  await sleep(50 + Math.random() * 650);
  child.kill("SIGKILL");
  await report;
}

/** A process with a newer policy of the same name joins: from then on the older ones decide nothing. */
export async function takeOver(place: Place): Promise<Verdict> {
  const inspection = newInspection(place.store);
  const milliseconds = Math.min(ROUND_SECONDS, place.size.seconds) * 1_000;
  const plans = (policies: readonly PolicyKey[], name: string, forMs: number) =>
    plansOf({ name: "r0", milliseconds: forMs, place }, { policies, isRisky: false }).map(
      (plan, index) => ({ ...plan, name: `r0-${name}-${index}` }),
    );
  const older = await startClients(place.worker, plans(["implicit", "implicit"], "older", 600_000));
  await sleep(milliseconds / 4);
  const newer = await startClients(place.worker, plans(["later"], "newer", milliseconds));
  const { failed } = await reportsOf(newer);
  for (const { child } of older) child.kill("SIGKILL");
  await reportsOf(older);
  hear(inspection, [...older, ...newer]);
  const faults = await inspect(inspection);
  const records = await place.store.records(0);
  const outdated = records.filter(({ record }) => record.includes('"policy_outdated"')).length;
  if (outdated === 0) faults.push("no process was outdated");
  if (failed > 0) faults.push(`${failed} clients ended without a report`);
  return { faults, figures: `${outdated} × policy_outdated, ${figuresOf(inspection)}` };
}
