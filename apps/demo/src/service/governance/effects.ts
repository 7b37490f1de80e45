/** Carries out what a proposal changes outside of governance itself, and computes the digest that binds it (design, section 10). */
import { canonicalHash, type JsonValue } from "@dgb-shield/contract";
import type {
  DestinationTarget,
  Ledger,
  ListedFreeze,
  OperationResult,
} from "@dgb-shield/wallet-guardian";
import type { Decider } from "../../pipeline/index.js";
import { incidentsOf } from "../runtime/incidents.js";
import type { WatcherOrders } from "../runtime/watcher-orders.js";
import type { Actor } from "../keys/actor.js";
import type { StoredChange } from "./change.js";
import { type ClockSeen, goesFurther, largerStep } from "./clock-step.js";
import { type GovernanceRefusal, refuse } from "./decide.js";
import { hasOrderOf } from "./order-records.js";

/** A change of something else than governance itself. */
export type OuterChange = Exclude<StoredChange, { kind: "keys" } | { kind: "configuration" }>;

/** What became of a change. `again`: nothing is known to have changed, and it is tried again. */
export type Carried = Readonly<{
  result: "done" | "stale" | "failed" | "again";
  code: string;
  text: string;
}>;

/** An order in the name of a proposal. */
export type Order = Readonly<{
  by: Actor;
  reason: string;
  /** Whether it may have been carried out before, by a process that ended. */
  resumed: boolean;
}>;

/** What proposals act on. */
export type Effects = Readonly<{
  /** The clock as an acceptance would find it now. */
  clock(): Promise<ClockSeen | GovernanceRefusal>;
  /** Digest of what a change is about, or why there is nothing to change. */
  bind(change: OuterChange): Promise<string | GovernanceRefusal>;
  /** Carries a change out where it is still about the same. Once more does no harm. */
  carryOut(change: OuterChange, binds: string, order: Order): Promise<Carried>;
  /** Whether delays can be relied on: the site's clock is trusted. */
  isClockTrusted(): Promise<boolean>;
}>;

/** What effects are made of. */
export type EffectParts = Readonly<{
  decider: Pick<Decider, "guardian" | "overview" | "releaseWithdrawal">;
  ledger: Pick<Ledger, "withdrawal" | "records">;
  watcher: Pick<WatcherOrders, "acceptClock" | "releaseIncident" | "readClock">;
  /** How often the clock was accepted, and what the ledger's own gives; null where the caller's counts. */
  ledgerClock: () => Promise<Readonly<{ acceptances: number; clock_ms: number | null }>>;
}>;

/** Creates the effects. */
export function createEffects(parts: EffectParts): Effects {
  const { decider, watcher } = parts;
  const { guardian } = decider;

  async function bind(change: OuterChange): Promise<string | GovernanceRefusal> {
    const found = await subjectOf(change, parts);
    if (typeof found === "string") return refuse("nothing_to_change", found);
    return canonicalHash(found.subject);
  }

  async function hasUnseen(): Promise<boolean> {
    const { inputs } = await decider.overview();
    return inputs.sources.some(({ status }) => status === "UNSEEN");
  }

  async function clock(): Promise<ClockSeen | GovernanceRefusal> {
    const read = await watcher.readClock();
    if ("not_done" in read) {
      return refuse("governance_unavailable", "the process that watches does not say its clock");
    }
    const { clock_ms } = await parts.ledgerClock();
    const { at_ms } = await decider.overview();
    const ofLedger = clock_ms === null ? 0 : clock_ms - at_ms;
    return { status: read.status, step_ms: largerStep(read.step_ms, ofLedger) };
  }

  async function order(change: OuterChange, { by, reason }: Order): Promise<Carried> {
    const { operator } = by;
    switch (change.kind) {
      case "unfreeze":
        return carried(await guardian.unfreeze(change.scope, change.id, { operator, reason }));
      case "approve_destination":
        return carried(await guardian.approveDestination(targetOf(change), { operator, reason }));
      case "release_payment": {
        const release = { operator, reason, not_executed: true as const };
        return carried(await decider.releaseWithdrawal(change.payment_id, release));
      }
      case "accept_clock": {
        const now = await clock();
        if ("refused" in now) return again(now.refused);
        if (goesFurther(now, change.seen)) return MOVED;
        const answer = await watcher.acceptClock(reason, by);
        if ("not_done" in answer) return again(answer.not_done);
        const { accepted, refused_by } = answer;
        return accepted
          ? DONE
          : failed("clock_not_accepted", `rejected by ${refused_by.join(", ")}`);
      }
      case "release_incident": {
        const answer = await watcher.releaseIncident(change.incident_id, reason, by);
        if ("not_done" in answer) return again(answer.not_done);
        return "missing" in answer ? STALE : DONE;
      }
    }
  }

  return Object.freeze({
    bind,
    clock,
    async carryOut(change, binds, given) {
      // After a start an incident shows what nodes have reported since: until each has, nothing can be compared.
      if (change.kind === "release_incident" && (await hasUnseen())) return again("nodes_unseen");
      if ((await bind(change)) === binds) return order(change, given);
      if (!given.resumed) return STALE;
      if (await hasOrderOf(parts.ledger, given.by.operator)) return DONE_BEFORE;
      const text = "the service ended while it carried this out; the records show whether it did";
      return failed("interrupted", text);
    },
    isClockTrusted: async () => (await decider.overview()).inputs.clock === "trusted",
  } satisfies Effects);
}

const DONE: Carried = { result: "done", code: "done", text: "it was carried out" };
const DONE_BEFORE: Carried = {
  ...DONE,
  text: "it was carried out; the service ended, or could not write, before it was noted",
};
const STALE: Carried = {
  ...{ result: "stale", code: "stale" },
  text: "what it changes was changed since it was proposed",
};
const MOVED: Carried = {
  ...{ result: "stale", code: "clock_moved" },
  text: "the clock has stepped further than it had when this was proposed: compare it, and propose it again",
};
const failed = (code: string, text: string): Carried => ({ result: "failed", code, text });
const again = (code: string): Carried => ({ result: "again", code, text: "it is tried again" });

/** Codes that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set([
  "ledger_busy",
  "ledger_unavailable",
  "clock_untrusted",
  "claim_running",
]);

function carried({ accepted, reason_codes, detail }: OperationResult): Carried {
  if (accepted) return DONE;
  const [code = "rejected"] = reason_codes;
  return PASSING.has(code) ? again(code) : failed(code, detail ?? "the ledger rejected it");
}

type Subject = Readonly<{ subject: JsonValue }>;

/** What a change is about, as it stands; or why there is nothing to change. */
async function subjectOf(change: OuterChange, parts: EffectParts): Promise<Subject | string> {
  switch (change.kind) {
    case "unfreeze":
      return freezesOf(change, parts);
    case "approve_destination":
      return { subject: null };
    case "accept_clock":
      return { subject: (await parts.ledgerClock()).acceptances };
    case "release_payment": {
      const stored = await parts.ledger.withdrawal(change.payment_id);
      if (stored?.status !== "claimed") return "the payment is not claimed";
      return { subject: [stored.payment_id, stored.status, stored.state] };
    }
    case "release_incident": {
      const found = incidentsOf(await parts.decider.overview());
      const one = found.find(({ incident_id }) => incident_id === change.incident_id);
      if (one === undefined) return "there is no such incident";
      // What was found since belongs to the same incident, and no approval covers it.
      const findings = [...new Set(one.findings.map(({ finding_id }) => finding_id))].sort();
      return { subject: [one.incident_id, one.cause, one.level, findings] };
    }
  }
}

async function freezesOf(
  { scope, id }: OuterChange & { kind: "unfreeze" },
  { decider }: EffectParts,
): Promise<Subject | string> {
  const found: ListedFreeze[] = [];
  for (let after: string | null = ""; after !== null;) {
    const begin = after === "" ? {} : { after };
    const page = await decider.guardian.frozen({ ...begin, limit: 1_000 });
    if (!page.accepted) throw new Error("the ledger cannot be read");
    found.push(...page.freezes);
    after = page.next;
  }
  const own = found.filter((one) =>
    scope === "cause"
      ? one.cause_id === id
      : one.scope === scope && one.id === id && one.kind !== "operator",
  );
  if (own.length === 0) {
    return "nothing of this is frozen; what operators froze is lifted by its cause";
  }
  const subject = own.map((one) => [one.scope, one.id, one.cause_id, one.frozen_at_ms].join(" "));
  return { subject: subject.sort() };
}

const targetOf = ({
  account_id,
  wallet_id = "",
  address,
}: OuterChange & { kind: "approve_destination" }): DestinationTarget =>
  account_id === undefined ? { wallet_id, address } : { account_id, address };
