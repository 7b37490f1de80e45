/** Decides what becomes of one call: refused, read from the node, or paid. */
import { RPC_METHODS } from "@dgb-shield/chain";
import {
  isPayment,
  type JsonObject,
  type JsonValue,
  type RpcMethodKind,
  usesWallet,
} from "@dgb-shield/contract";
import { checkArguments } from "../../call/argument-rules.js";
import { checkPsbts } from "../../call/psbt-arguments.js";
import type { Call } from "../../call/read-call.js";
import { type Checked, passed, refused } from "../../codes.js";
import type { DefenseView } from "../../hook.js";
import { plainOf } from "../../json/value.js";
import type { PolicyAnswer, PolicyCall } from "../../policy.js";
import { type Buckets, createBuckets } from "../../rate/buckets.js";
import type { Admitted } from "./guard.js";
import type { Payments } from "./payments.js";
import type { Planned } from "./plan.js";
import type { Site } from "./site.js";
import type { TransactionPlan } from "./transact.js";

/** What is done with a call. */
export type Judged =
  | Readonly<{ do: "read" }>
  | Readonly<{ do: "pay"; planned: Planned }>
  | Readonly<{ do: "transact"; planned: TransactionPlan }>;

/** Judges calls. */
export type Judge = (call: Call, by: Admitted) => Checked<Judged>;

/** The table's rows; a method that a policy adds has none, and counts by its kind alone. */
const METHODS = new Map(RPC_METHODS.map((method) => [method.name, method]));

const FULL: DefenseView = { lockdown: "FULL", causes: [] };

/** Makes the judge of a gateway. */
export function createJudge(site: Site, payments: Payments): Judge {
  const buckets = createBuckets();
  const limits = { maxUnlockSeconds: site.config.limits.max_unlock_seconds };

  return (call, by) => {
    const defense = defenseOf(site);
    const decided = decide(site, { call, by, lockdown: defense.lockdown });
    if (!decided.ok) return decided;
    if (!decided.value.allowed) {
      const { code, text } = decided.value;
      return evacuate(call, by, defense) ?? { ok: false, refusal: { code, text } };
    }
    const { kind, rate_class = kind, max_calls_per_minute, hook } = decided.value;
    const isFree = takeRate(buckets, by, rate_class, max_calls_per_minute);
    if (!isFree.ok) return isFree;
    return run(call, by, kind, hook);
  };

  function run(call: Call, by: Admitted, kind: RpcMethodKind, hook: boolean): Checked<Judged> {
    const { method, params } = call;
    const row = METHODS.get(method) ?? {};
    if (by.wallet === null && usesWallet(kind, row)) return NO_WALLET;
    const fit = checkArguments(method, params, limits);
    if (!fit.ok) return fit;
    const psbts = checkPsbts(site.ports.chain, method, params);
    if (!psbts.ok) return psbts;
    // A policy can have more calls decided on; none that pays is left out.
    if (!isPayment(hook ? "spend" : kind, row)) return passed({ do: "read" });
    const transaction = payments.planTransaction(call, by);
    if (transaction !== undefined) {
      return transaction.ok ? passed({ do: "transact", planned: transaction.value }) : transaction;
    }
    const planned = payments.plan(call, by);
    return planned.ok ? passed({ do: "pay", planned: planned.value }) : planned;
  }

  /** A payment to own destinations alone that every cause of the lockdown lets through; undefined for what is none. */
  function evacuate(
    call: Call,
    by: Admitted,
    { lockdown, causes }: DefenseView,
  ): Checked<Judged> | undefined {
    if (lockdown === "NONE" || causes.length === 0) return undefined;
    const calm = decide(site, { call, by, lockdown: "NONE" });
    if (!calm.ok || !calm.value.allowed || calm.value.kind !== "spend") return undefined;
    const planned = payments.plan(call, by);
    if (!planned.ok) return undefined;
    const { payouts, internal } = planned.value.spend;
    const mayLeave = ({ class: own }: { class: string }): boolean =>
      causes.every((cause) => classesOf(site, cause).includes(own));
    if (payouts.length > 0 || internal.length === 0 || !internal.every(mayLeave)) return undefined;
    const { kind, rate_class = kind, max_calls_per_minute } = calm.value;
    const isFree = takeRate(buckets, by, rate_class, max_calls_per_minute);
    if (!isFree.ok) return isFree;
    return run(call, by, calm.value.kind, true);
  }

  function takeRate(all: Buckets, by: Admitted, budget: string, perMinute: number): Checked<null> {
    const wait = all.take(`${by.client.name} ${budget}`, perMinute, site.ports.monotonicMs());
    if (wait === 0) return passed(null);
    // [REFUSE rate_exceeded] more calls of this kind in a minute than the client has
    const { refusal } = refused(
      "rate_exceeded",
      "the client has no more calls of this kind now: wait, or have its rate raised",
    );
    return { ok: false, refusal: { ...refusal, retry_after_ms: wait } };
  }
}

const NO_WALLET = refused(
  "wallet_unknown",
  "the method uses a wallet and the client has none: add one to its wallets",
);

const classesOf = ({ config: { evacuation } }: Site, cause: string): readonly string[] =>
  Object.hasOwn(evacuation, cause) ? (evacuation[cause] ?? []) : [];

function defenseOf({ ports }: Site): DefenseView {
  try {
    return ports.hook.defense();
  } catch {
    return FULL;
  }
}

type Question = Readonly<{ call: Call; by: Admitted; lockdown: DefenseView["lockdown"] }>;

function decide({ ports }: Site, { call, by, lockdown }: Question): Checked<PolicyAnswer> {
  const { name, role } = by.client;
  const question: PolicyCall = {
    client: { name, role },
    method: call.method,
    params: plainOf(call.params) as readonly JsonValue[] | JsonObject,
    wallet: by.wallet,
    lockdown,
  };
  try {
    return passed(ports.policy.decide(question));
  } catch {
    // [REFUSE policy_failed] whether the method may run is not known
    return refused("policy_failed", "the method policy failed: see the log of the gateway");
  }
}
