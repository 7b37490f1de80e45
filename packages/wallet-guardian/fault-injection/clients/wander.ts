/** A client that does everything a client can do, at random, on ids that it shares with all others. */
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "@dgb-shield/testkit/random";
import type { GuardianAnswer, RiskInput } from "../../src/index.js";
import { nowUs } from "./acknowledge.js";
import type { Acknowledged, WanderPlan } from "./plan.js";
import { type Place, recordOf } from "./race.js";
import { requestOf, TRANSACTIONS, transactionOf } from "./world.js";

const SIGNERS = 2;
const PAUSE_MS = 6;

type Wanderer = Place<WanderPlan> &
  Readonly<{
    random: () => number;
    /** First digits of the policy's version: who judges a claim. */
    version: string;
    causes: string[];
  }> & { n: number };

/** Wanders until its time is over. */
export async function wander(place: Place<WanderPlan>): Promise<void> {
  const { plan, guardian } = place;
  const version = guardian.policy_version.slice(0, 8);
  const wanderer = { ...place, random: createRandom(plan.seed).next, version, causes: [], n: 0 };
  const end = performance.now() + plan.milliseconds;
  // Makes the policy the current one before anything is claimed.
  await evaluate(wanderer, `${plan.round}-0`);
  await Promise.all(
    Array.from({ length: plan.concurrency }, async () => {
      while (performance.now() < end) {
        await act(wanderer);
        await sleep(wanderer.random() * PAUSE_MS);
      }
    }),
  );
}

const below = ({ random }: Wanderer, most: number): number => Math.floor(random() * most);

async function act(wanderer: Wanderer): Promise<void> {
  const { plan, random } = wanderer;
  const number = below(wanderer, plan.ids);
  const id =
    random() < 0.65 ? `${plan.round}-${number}` : `${plan.round}-b${Math.floor(number / 3)}`;
  const choice = random();
  if (choice < 0.55) await evaluate(wanderer, id);
  else if (choice < 0.7) await claim(wanderer, id);
  else if (choice < 0.83) await commit(wanderer, id);
  else if (choice < 0.93) await release(wanderer, id);
  else await order(wanderer, id);
}

function riskOf({ plan, random }: Wanderer): RiskInput {
  const choice = plan.isRisky ? random() : 0;
  if (choice < 0.7) return "LOW";
  if (choice < 0.84) return { level: "LOW", low_since_ms: Date.now() - Math.floor(random() * 300) };
  return choice < 0.97 ? "MEDIUM" : "HIGH";
}

function variantOf({ random }: Wanderer): number {
  const choice = random();
  if (choice < 0.92) return 0;
  return choice < 0.96 ? 1 : 2;
}

async function evaluate(wanderer: Wanderer, id: string): Promise<void> {
  const { guardian, plan, random, tally } = wanderer;
  const request = requestOf(id, variantOf(wanderer));
  const risk = riskOf(wanderer);
  const hook = random();
  const known = typeof risk === "string" ? {} : risk;
  const told = begin(wanderer, id);
  let n = 0;
  const answer = await guardian.evaluate(request, risk, {
    finalize: (decision) => {
      if (hook > 0.98 && typeof risk === "string") throw new Error("a hook that throws");
      n = ++wanderer.n;
      const allow = hook <= 0.94;
      const facts = { by: plan.name, n, request, risk: known, allow, decision };
      return { allow, record: recordOf(facts) };
    },
  });
  count(tally, answer);
  if (!answer.final) return;
  told({ act: "allowed", client: plan.name, n, until_ms: answer.valid_until_ms ?? 0 });
  if (random() < 0.6) await follow(wanderer, id);
}

/** What mostly comes after an ALLOW. */
async function follow(wanderer: Wanderer, id: string): Promise<void> {
  const isExplicit = wanderer.plan.policy.claim === "explicit";
  if (isExplicit) await claim(wanderer, id);
  if (wanderer.random() < 0.5) await commit(wanderer, id);
}

function count(tally: Wanderer["tally"], { final, reason_codes }: GuardianAnswer): void {
  const codes = new Set<string>(reason_codes);
  if (final) tally.allowed++;
  else if (codes.has("ledger_busy")) tally.busy++;
  else if (codes.has("ledger_unavailable")) tally.unavailable++;
  else if (codes.has("clock_untrusted")) tally.untrusted++;
  else tally.delayed++;
}

type Told = Acknowledged extends infer One
  ? One extends Acknowledged
    ? Omit<One, "asked_us" | "told_us" | "id">
    : never
  : never;

/** Begins a call; the answer is written down at its end. */
function begin({ log }: Wanderer, id: string): (told: Told) => void {
  const asked_us = nowUs();
  return (told) => {
    log.write({ asked_us, told_us: nowUs(), id, ...told });
  };
}

async function claim(wanderer: Wanderer, id: string): Promise<void> {
  const { guardian, random, version } = wanderer;
  const signer_id = `${version}-s${below(wanderer, SIGNERS)}`;
  const number = random() < 0.2 ? null : below(wanderer, TRANSACTIONS);
  const { inputs } = transactionOf(id, number ?? 0);
  const hook = random();
  const told = begin(wanderer, id);
  const answer = await guardian.claim(id, {
    signer_id,
    risk: riskOf(wanderer),
    ...(number === null ? {} : { transaction: { inputs } }),
    finalize: () => {
      if (hook > 0.98) throw new Error("a hook that throws");
      return { allow: hook <= 0.94, record: {} };
    },
  });
  if (answer.decision !== "ALLOW") return;
  const until_ms = answer.claimed_until_ms ?? 0;
  told({ act: "claimed", signer: signer_id, clock_ms: answer.decided_at_ms, until_ms });
}

async function commit(wanderer: Wanderer, id: string): Promise<void> {
  const { guardian, random } = wanderer;
  const number = random() < 0.6 ? 0 : below(wanderer, TRANSACTIONS);
  const { txid, fee, inputs, isTold } = transactionOf(id, number);
  const told = begin(wanderer, id);
  const answer = await guardian.commit(id, { txid, fee, ...(isTold ? { inputs } : {}) });
  if (answer.accepted) told({ act: "committed", txid, isRepeated: answer.repeated === true });
}

async function release(wanderer: Wanderer, id: string): Promise<void> {
  const { guardian, version } = wanderer;
  const proofs = [
    {},
    { not_executed: true, operator: "operator-release" },
    { not_executed: true, signer_id: `${version}-s${below(wanderer, SIGNERS)}` },
    { not_executed: true },
  ] as const;
  const proof = proofs[below(wanderer, proofs.length)] ?? {};
  const told = begin(wanderer, id);
  const answer = await guardian.release(id, { reason: "matrix", ...proof });
  if (answer.accepted) told({ act: "released", isRepeated: answer.repeated === true });
}

/** An operator freezes a scope for a moment, or lifts what is frozen. */
async function order(wanderer: Wanderer, id: string): Promise<void> {
  const { guardian, plan, random, causes } = wanderer;
  const operator = `operator-${plan.name}-${++wanderer.n}`;
  const by = { operator, reason: operator };
  const told = begin(wanderer, id);
  const { wallet_id } = requestOf(id, 0);
  const choice = random();
  // PostgreSQL lifts a cause without the locks of its scopes: what is decided meanwhile may be recorded after it.
  const isOrdered = plan.ledger.kind === "sqlite";
  if (choice < 0.2 && plan.isRisky && isOrdered) {
    const isAccount = choice < 0.1;
    const target = isAccount ? `account-${below(wanderer, 4)}` : wallet_id;
    const { accepted, cause_id = "" } = await guardian.freeze(
      isAccount ? "account" : "wallet",
      target,
      by,
    );
    if (!accepted) return;
    told({ act: "froze", cause: cause_id });
    causes.push(cause_id);
    return;
  }
  const cause = causes.shift();
  const lifted =
    cause === undefined
      ? await guardian.unfreeze("wallet", wallet_id, by)
      : await guardian.unfreeze("cause", cause, by);
  if (lifted.accepted) told({ act: "lifted", operator });
}
