/** A client that requests withdrawals of 1 coin, each until it is decided. */
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@dgb-shield/contract";
import type { Guardian } from "../../src/index.js";
import { type Log, nowUs } from "./acknowledge.js";
import type { RacePlan, Report } from "./plan.js";

const MAX_TRIES = 300;

/** What is counted on the way. */
type Tally = { -readonly [key in keyof Omit<Report, "stood_ms">]: number };

/** What a client works with. */
export type Place<P> = Readonly<{ guardian: Guardian; plan: P; log: Log; tally: Tally }>;

/** The record of a hook: the request of a decision, for the checker. */
export const recordOf = (facts: object): JsonObject =>
  JSON.parse(JSON.stringify(facts)) as JsonObject;

/** Sends all requests. */
export async function race(place: Place<RacePlan>): Promise<void> {
  const { plan } = place;
  let next = 0;
  await Promise.all(
    Array.from({ length: plan.concurrency }, async () => {
      while (next < plan.requests) await decide(place, next++);
    }),
  );
}

async function decide(place: Place<RacePlan>, n: number): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await ask(place, n)) return;
    await sleep(50 + Math.random() * 200);
  }
  place.tally.undecided++;
}

/** Whether it was decided. */
async function ask({ guardian, plan, log, tally }: Place<RacePlan>, n: number): Promise<boolean> {
  const account = plan.accounts === 0 ? {} : { account_id: `account-${n % plan.accounts}` };
  const id = `${plan.name}-${n}`;
  const wallet_id = `wallet-${n % plan.wallets}`;
  const request = { withdrawal_id: id, wallet_id, ...account, amount: "1" };
  const asked_us = nowUs();
  const answer = await guardian.evaluate(request, "LOW", {
    finalize: (decision) => ({
      allow: true,
      record: recordOf({ by: plan.name, n, request, risk: {}, allow: true, decision }),
    }),
  });
  const codes = new Set<string>(answer.reason_codes);
  if (answer.final) {
    tally.allowed++;
    const until_ms = answer.valid_until_ms ?? 0;
    log.write({ act: "allowed", asked_us, told_us: nowUs(), id, client: plan.name, n, until_ms });
    return true;
  }
  if (codes.has("ledger_busy") || codes.has("ledger_unavailable")) {
    tally[codes.has("ledger_busy") ? "busy" : "unavailable"]++;
    return false;
  }
  tally[codes.has("clock_untrusted") ? "untrusted" : "delayed"]++;
  return true;
}
