/** Finds by which budget a call of one kind runs, or why it does not (design, section 6). */
import type { Lockdown, RpcMethod, RpcMethodKind } from "@dgb-shield/contract";
import type { RPC_REFUSAL_CODES } from "../codes.js";
import type { PolicyTables } from "./config.js";
import {
  ALWAYS_RUNNING,
  type AllowedKind,
  KINDS_OF_ROLE,
  type RateClass,
  ROLES_WITHOUT_WALLET,
  type RpcRole,
} from "./roles.js";

/** Why a call does not run. */
export type Refusal = Readonly<{
  allowed: false;
  code: (typeof RPC_REFUSAL_CODES)[number];
  /** What happened, why, and what to do. */
  text: string;
}>;

/** A budget: calls a minute of one client that are charged together. */
export type Budget = Readonly<{
  allowed: true;
  kind: AllowedKind;
  rate_class: RateClass;
  max_calls_per_minute: number;
}>;

/** A call of one method, whose arguments were judged. */
export type Judged = Readonly<{
  role: RpcRole;
  method: RpcMethod;
  kind: RpcMethodKind;
  isExpensive: boolean;
  lockdown: Lockdown;
}>;

/** Finds the budget of a call. What runs in every state is looked at first. */
export function budgetOf(call: Judged, tables: PolicyTables): Budget | Refusal {
  const { role, method, kind, lockdown } = call;
  const { name } = method;
  const rates = tables.rates[lockdown];
  if (kind !== "unknown" && runsAlways(role, name)) {
    return { allowed: true, kind, rate_class: "incident", max_calls_per_minute: rates.incident };
  }
  const isNamed = kind === "key-export" && tables.key_export.get(role)?.has(name) === true;
  // [REFUSE key_export_refused] no configuration names the method for this role
  if (kind === "key-export" && !isNamed) {
    const text = `${name} gives secrets out with these arguments. An operator can name it under key_export for the role ${role}.`;
    return { allowed: false, code: "key_export_refused", text };
  }
  // [REFUSE not_for_role] the role may not call this kind of method
  if (kind === "unknown" || !(isNamed || isForRole(role, kind, method))) {
    const text = `${name} is of kind ${kind} with these arguments, which the role ${role} may not call. Use a client of another role.`;
    return { allowed: false, code: "not_for_role", text };
  }
  const rate_class = call.isExpensive && rates.expensive <= rates[kind] ? "expensive" : kind;
  const max_calls_per_minute = rates[rate_class];
  // [REFUSE lockdown_forbids] no budget for this kind in this state
  if (max_calls_per_minute === 0) {
    const text = `${name} is refused under lockdown ${lockdown}: it is ${rate_class}. Wait until the cause has ended, or an operator has released it.`;
    return { allowed: false, code: "lockdown_forbids", text };
  }
  return { allowed: true, kind, rate_class, max_calls_per_minute };
}

const runsAlways = (role: RpcRole, name: string): boolean =>
  ALWAYS_RUNNING.every_role.includes(name) ||
  (role === "node_operator" && ALWAYS_RUNNING.node_operator.includes(name));

const isForRole = (role: RpcRole, kind: AllowedKind, { traits = [] }: RpcMethod): boolean =>
  !(traits.includes("uses-wallet") && ROLES_WITHOUT_WALLET.includes(role)) &&
  (KINDS_OF_ROLE[role] as readonly AllowedKind[]).includes(kind);
