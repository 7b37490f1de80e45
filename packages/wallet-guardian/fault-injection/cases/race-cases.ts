/** Races: all requests at once are allowed as far as one after the other. */
import { createGuardian, createMemoryLedger, type GuardianPolicyInput } from "../../src/index.js";
import type { Place, Verdict } from "./case.js";
import type { CheckedLimit } from "../check.js";
import { reportsOf, startClients } from "../clients/start-clients.js";
import { hear, inspect, newInspection } from "../inspection.js";
import type { RacePlan, Report } from "../clients/plan.js";
import type { InjectedFault } from "../clients/injected-faults.js";

const COIN = 100_000_000n;
const DAY_MS = 86_400_000;
const START_MS = 1_782_664_805_000;
const NAMES = ["a", "b", "c", "d"];

/** What is raced for. */
type Race = Readonly<{
  policy: GuardianPolicyInput;
  limits: readonly CheckedLimit[];
  wallets: number;
  accounts: number;
  clock: RacePlan["clock"];
  /** Requests that one client sends at once. */
  concurrency: number;
  /** What happens meanwhile. */
  meanwhile: InjectedFault;
  /** Whether every request is decided in the end, and as in a sequential run. */
  isExact: boolean;
}>;

/** Many clients at once, until every request is decided; then once more one after the other, in memory. */
async function race(place: Place, given: Race): Promise<Verdict> {
  const { store, size, worker } = place;
  const { policy, limits, wallets, accounts, clock, concurrency } = given;
  const { requests } = size;
  const begun = performance.now();
  const asked = { policy, wallets, accounts, clock, concurrency, requests };
  const plans = NAMES.map((name) => ({
    ...asked,
    kind: "race" as const,
    name,
    ledger: store.address,
  }));
  const clients = await startClients(worker, plans);
  let isDone = false;
  const reporting = reportsOf(clients).finally(() => {
    isDone = true;
  });
  await given.meanwhile(place, () => isDone);
  const report = await reporting;
  const took = (performance.now() - begun) / 1_000;
  const inspection = newInspection(store);
  const told = hear(inspection, clients);
  const sequentially = given.isExact
    ? await sequential(policy, { wallets, accounts, requests })
    : 0;
  const expected = given.isExact ? { limits, exactly: sequentially } : { limits };
  const faults = [
    ...(await inspect(inspection, expected)),
    ...(report.failed === 0 ? [] : [`${report.failed} clients ended without a report`]),
    ...(report.undecided === 0 ? [] : [`${report.undecided} never decided`]),
    ...(told === report.allowed ? [] : [`${told} of ${report.allowed} in the logs`]),
  ];
  return { faults, figures: figuresOf(report, took, requests * NAMES.length) };
}

function figuresOf(report: Report, took: number, requests: number): string {
  const { allowed, delayed, busy, unavailable, untrusted, stood_ms } = report;
  const parts = [
    `${requests} requests in ${took.toFixed(1)} s: ${allowed} allowed, ${delayed} delayed`,
    ...(untrusted === 0 ? [] : [`${untrusted} clock_untrusted`]),
    ...(busy === 0 ? [] : [`${busy} × ledger_busy`]),
    ...(unavailable === 0 ? [] : [`${unavailable} × ledger_unavailable`]),
    `event loop stood ≤ ${stood_ms} ms`,
  ];
  return parts.join(", ");
}

type Requests = Readonly<{ wallets: number; accounts: number; requests: number }>;

/** How many of the same requests are allowed one after the other. */
async function sequential(
  policy: GuardianPolicyInput,
  { wallets, accounts, requests }: Requests,
): Promise<number> {
  const guardian = createGuardian({ policy, ledger: createMemoryLedger(), clock: () => START_MS });
  let allowed = 0;
  for (const name of NAMES) {
    for (let i = 0; i < requests; i++) {
      const account = accounts === 0 ? {} : { account_id: `account-${i % accounts}` };
      const wallet_id = `wallet-${i % wallets}`;
      const request = { withdrawal_id: `${name}-${i}`, wallet_id, ...account, amount: "1" };
      if ((await guardian.evaluate(request, "LOW")).final) allowed++;
    }
  }
  return allowed;
}

const day = (scope: CheckedLimit["scope"], coins: number): CheckedLimit => ({
  scope,
  window_ms: DAY_MS,
  max_amount: BigInt(coins) * COIN,
});

const nothing: InjectedFault = () => Promise.resolve();

/** A day's limit of an eighth of the requests of each wallet. */
export function raceOn(wallets: number, more: Partial<Race> = {}) {
  return (place: Place): Promise<Verdict> => {
    const { requests } = place.size;
    const coins = Math.max(1, Math.floor((requests * NAMES.length) / wallets / 8));
    return race(place, {
      policy: { max_24h: String(coins) },
      limits: [day("wallet", coins)],
      wallets,
      accounts: 0,
      clock: "right",
      concurrency: requests,
      meanwhile: nothing,
      isExact: true,
      ...more,
    });
  };
}

/** One wallet of 500 accounts, each with a limit of its own. */
export function raceOfAccounts(place: Place): Promise<Verdict> {
  const accounts = Math.min(500, place.size.requests / 4);
  const coins = 2 * accounts;
  return raceOn(1, {
    policy: { max_24h: String(coins), limits: { account: { max_24h: "3" } } },
    limits: [day("wallet", coins), day("account", 3)],
    accounts,
  })(place);
}

/** A clock that counts is wrong: requests are rejected, and no more than the day's limit is allowed. */
const wrongly = { isExact: false, concurrency: 16 } as const;

/** Callers' clocks are wrong: without effect where the database's clock counts; else those callers are rejected. */
export function raceOfClocks(clock: RacePlan["clock"]) {
  return (place: Place): Promise<Verdict> =>
    place.store.address.kind === "postgres"
      ? raceOn(1, { clock })(place)
      : raceOn(1, { clock, ...wrongly })(place);
}

/** The ledger's own clock is wrong. */
export const raceAgainstClock = (meanwhile: InjectedFault) => raceOn(1, { meanwhile, ...wrongly });
