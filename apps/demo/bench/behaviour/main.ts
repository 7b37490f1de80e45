/**
 * False alarms and detections of `behaviour_score` on simulated accounts: `pnpm --filter @dgb-shield/demo run behaviour [tune|report]
 * [accounts]`. Constants were chosen on the seeds of `tune`; the figures of the documents are those of `report`.
 */
import { createRandom, type Random } from "@dgb-shield/testkit/random";
import { accountOf, DAYS, KINDS, type Kind, type Payment } from "./accounts.js";
import { createHistory } from "./history.js";
import { exactInterval } from "./interval.js";

/** The policy's default: a score above it is unusual. */
const MOST = 1.5;
/** From here on an account is looked at: it had half a year to be known. */
const FROM_HOUR = 200 * 24;
const SEEDS = { tune: 1_000_000, report: 900_000_000 } as const;

const [set = "report", count = "4000"] = process.argv.slice(2);
const base = set === "tune" ? SEEDS.tune : SEEDS.report;
const accounts = Number(count);

/** What one honest account meets: of all its payments, and of one day with a payment, chosen at random. */
function honest(payments: readonly Payment[], random: Random) {
  const history = createHistory();
  const days = new Map<number, boolean>();
  let [judged, flagged] = [0, 0];
  for (const payment of payments) {
    if (payment.at_hour >= FROM_HOUR) {
      judged++;
      const isFlagged = history.score(payment) > MOST;
      if (isFlagged) flagged++;
      const day = Math.floor(payment.at_hour / 24);
      days.set(day, (days.get(day) ?? false) || isFlagged);
    }
    history.add(payment);
  }
  const chosen = days.size === 0 ? undefined : random.pick([...days.values()]);
  return {
    judged,
    flagged,
    days: days.size,
    flaggedDays: [...days.values()].filter(Boolean).length,
    chosen,
  };
}

/** Base units of the account's median payment before a time. */
function medianBefore(payments: readonly Payment[]): bigint {
  const amounts = payments.map(({ amount }) => amount).sort((a, b) => (a < b ? -1 : 1));
  return amounts[amounts.length >> 1] ?? 1n;
}

type Theft = Readonly<{ name: string; of: (at: number, typical: bigint) => readonly Payment[] }>;

/** What a thief pays out after taking over the account; `typical` is the account's median payment. */
const THEFTS: readonly Theft[] = [
  {
    name: "10 × the median at once",
    of: (at, typical) => [{ at_hour: at, amount: typical * 10n }],
  },
  { name: "100 × at once", of: (at, typical) => [{ at_hour: at, amount: typical * 100n }] },
  {
    name: "100 ×, in 50 payments of 2 × within 4 hours",
    of: (at, typical) =>
      Array.from({ length: 50 }, (_, i) => ({ at_hour: at + i * 0.08, amount: typical * 2n })),
  },
  {
    name: "100 × at once, after 60 payments of a hundredth in 20 days",
    of: (at, typical) => [
      ...Array.from({ length: 60 }, (_, i) => ({ at_hour: at + i * 8, amount: typical / 100n })),
      { at_hour: at + 60 * 8 + 1, amount: typical * 100n },
    ],
  },
  {
    name: "100 ×, one × a day",
    of: (at, typical) =>
      Array.from({ length: 100 }, (_, i) => ({ at_hour: at + i * 24, amount: typical })),
  },
];

/** The same theft without and with payments that pad the history. */
const [UNPADDED, PADDED] = [1, 3];

/** Whether a theft is found, and which share of it left before; what is found is held back, and nothing follows. */
function stolen(before: readonly Payment[], theft: readonly Payment[]) {
  const history = createHistory(before);
  let [left, all] = [0n, 0n];
  let isFound = false;
  for (const payment of theft) {
    all += payment.amount;
    if (isFound) continue;
    isFound = history.score(payment) > MOST;
    if (isFound) continue;
    left += payment.amount;
    history.add(payment);
  }
  return { isFound, share: Number((left * 10_000n) / all) / 10_000 };
}

const percent = (rate: number): string => `${(100 * rate).toFixed(2)} %`;
const rate = (k: number, n: number): string => {
  const [low, high] = exactInterval(k, n);
  return `${percent(k / n)} (${percent(low)}–${percent(high)})`;
};

function rowOf(kind: Kind, index: number): string[] {
  const totals = { judged: 0, flagged: 0, days: 0, flaggedDays: 0, chosen: 0, flaggedChosen: 0 };
  let lost = 0;
  const found = THEFTS.map(() => ({ n: 0, found: 0, share: 0 }));
  for (let i = 0; i < accounts; i++) {
    const seed = base + index * 10_000_000 + i;
    const payments = accountOf(kind, seed);
    const random = createRandom(seed ^ 0x5bd1e995);
    const of = honest(payments, random);
    for (const name of ["judged", "flagged", "days", "flaggedDays"] as const)
      totals[name] += of[name];
    if (of.chosen !== undefined) totals.chosen++;
    if (of.chosen === true) totals.flaggedChosen++;
    const at = FROM_HOUR + random.next() * 600 * 24;
    const before = payments.filter(({ at_hour }) => at_hour < at);
    if (before.length === 0) continue;
    const typical = medianBefore(before);
    const results = THEFTS.map((theft) =>
      stolen(before, theft.of(at, typical < 100n ? 100n : typical)),
    );
    if (results[UNPADDED]?.isFound === true && results[PADDED]?.isFound !== true) lost++;
    results.forEach((result, number) => {
      const sum = found[number];
      if (sum === undefined) return;
      sum.n++;
      if (result.isFound) sum.found++;
      sum.share += result.share;
    });
  }
  const { judged, flagged, days, flaggedDays, chosen, flaggedChosen } = totals;
  const perYear = (flaggedDays / accounts) * (365 / (DAYS - FROM_HOUR / 24));
  return [
    `${kind}: ${accounts} accounts, ${judged} payments on ${days} days`,
    `  false alarms: of payments ${percent(flagged / judged)}, of days ${percent(flaggedDays / days)}, of one random day each ${rate(flaggedChosen, chosen)}; days a year ${perYear.toFixed(2)}`,
    ...THEFTS.map(({ name }, number) => {
      const { n, found: k, share } = found[number] ?? { n: 1, found: 0, share: 0 };
      return `  theft of ${name}: found ${rate(k, n)}; left before ${percent(share / n)}`;
    }),
    `  thefts of 100 × that padding hid: ${lost}`,
  ];
}

process.stdout.write(`seeds: ${set}\n`);
KINDS.forEach((kind, index) => process.stdout.write(`${rowOf(kind, index).join("\n")}\n`));
