/** Decides on what goes to own destinations while a lockdown refuses every payment (design, section 10). */
import type { DefenseView, Spend } from "@dgb-shield/rpc-gateway";
import type { PaymentView } from "../service/service.js";

/** What a deployment lets through. */
export type EvacuationRules = Readonly<{
  /** Causes of a lockdown, each with the classes of own destinations that it lets through; no other cause lets any. */
  classes: Readonly<Record<string, readonly string[]>>;
  /** Approvers that have to approve exactly this payment. */
  approvals: number;
}>;

/** Whether every cause of the lockdown lets all destinations of a payment to own ones through. */
export function mayEvacuate(
  spend: Spend,
  { lockdown, causes }: DefenseView,
  { classes }: EvacuationRules,
): boolean {
  if (lockdown === "NONE" || causes.length === 0) return false;
  const letsThrough = (cause: string, own: string): boolean =>
    Object.hasOwn(classes, cause) && classes[cause]?.includes(own) === true;
  return spend.internal.every(({ class: own }) => causes.every((cause) => letsThrough(cause, own)));
}

/** The number of people that approved exactly this payment. */
export function approversOf({ approvals }: Pick<PaymentView, "approvals">, binds: string): number {
  const names = approvals.filter((one) => one.binds === binds).map(({ approver }) => approver);
  return new Set(names.map((name) => name.normalize("NFKC").toLowerCase())).size;
}
