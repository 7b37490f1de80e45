/** Decides which RPC method runs, for whom and how often, in each lockdown state (design, section 6). */
import {
  isPayment,
  LOCKDOWNS,
  type Lockdown,
  type RpcMethod,
  type RpcMethodKind,
} from "@dgb-shield/contract";
import { ownValue } from "../internal/own-data.js";
import { allHold, isParams } from "./arguments.js";
import { type Budget, budgetOf, type Refusal } from "./budget.js";
import { type MethodPolicyConfig, type PolicyTables, readPolicyConfig } from "./config.js";
import { RPC_ROLES, type RpcRole } from "./roles.js";

/** A call to judge. */
export type MethodCall = Readonly<{
  /** Of whom the role alone is read. */
  client: Readonly<{ role: string }>;
  /** Exactly as the client wrote it. */
  method: string;
  /** Positional parameters, named ones, or named ones with an array `args`; absent or null for none. */
  params?: unknown;
  /** State of the defense; anything but its three words counts as FULL. */
  lockdown: Lockdown;
}>;

/**
 * Whether a call runs, what it can do with these arguments (`kind`), to which budget of its client it is charged
 * (`rate_class`, `max_calls_per_minute` of at least 1) and whether a payment has to be authorized before (`hook`); or why not.
 */
export type MethodAnswer = (Budget & Readonly<{ hook: boolean }>) | Refusal;

/** A policy over one table of methods. */
export type MethodPolicy = Readonly<{
  /** Decides one call. Immediate; never throws. */
  decide(call: MethodCall): MethodAnswer;
  /**
   * Lists the methods that a role can run in a state, with some arguments, sorted: for a node's own list of allowed
   * methods (`rpcwhitelist`), or an overview. Empty for an unknown role.
   */
  methodsOf(role: string, lockdown: Lockdown): string[];
}>;

/**
 * Creates the policy. What a method can do is a fact of the node and comes in as a table (`RPC_METHODS` of `@dgb-shield/chain`); who may call it in
 * which state is decided here.
 *
 * @throws AdnError `invalid_config`, with the path and what was expected there
 * @example createMethodPolicy({ methods }).decide({ client: { role: "spender" }, method: "sendtoaddress", lockdown: "FULL" }).allowed // false
 */
export function createMethodPolicy(config: MethodPolicyConfig): MethodPolicy {
  const tables = readPolicyConfig(config);
  return Object.freeze({
    decide: (call: MethodCall) => decide(call, tables),
    methodsOf: (role: string, lockdown: Lockdown) => methodsOf(role, lockdown, tables),
  });
}

function decide(call: MethodCall, tables: PolicyTables): MethodAnswer {
  const role = roleOf(ownValue(ownValue(call, "client"), "role"));
  // [REFUSE unknown_role] none of the five
  if (role === undefined) {
    const text = `The client's role is none that exists. Configure one of ${RPC_ROLES.join(", ")}.`;
    return { allowed: false, code: "unknown_role", text };
  }
  const name = ownValue(call, "method");
  const method = typeof name === "string" ? tables.methods.get(name) : undefined;
  // [REFUSE unknown_method] not in the table; names are taken exactly
  if (method === undefined) {
    const text =
      "The method is in no table. Check its spelling; an operator can add it with its kind (add_methods).";
    return { allowed: false, code: "unknown_method", text };
  }
  const params = ownValue(call, "params");
  // [REFUSE invalid_params] neither a list nor an object
  if (!isParams(params)) {
    const text = "The parameters are neither a list nor an object. Send one of them.";
    return { allowed: false, code: "invalid_params", text };
  }
  const lockdown = lockdownOf(ownValue(call, "lockdown"));
  const kind = kindOf(method, params);
  const isExpensive = costsMuch(method, params);
  const budget = budgetOf({ role, method, kind, isExpensive, lockdown }, tables);
  return budget.allowed ? { ...budget, hook: isPayment(budget.kind, method) } : budget;
}

const roleOf = (given: unknown): RpcRole | undefined => RPC_ROLES.find((role) => role === given);

// [FULL unreadable_state] none of the three words
const lockdownOf = (given: unknown): Lockdown =>
  LOCKDOWNS.find((lockdown) => lockdown === given) ?? "FULL";

/** The milder kind where the arguments are such; the worst one otherwise. */
const kindOf = ({ kind, milder }: RpcMethod, params: unknown): RpcMethodKind =>
  milder !== undefined && allHold(milder.when, params) ? milder.kind : kind;

const costsMuch = ({ expensive }: RpcMethod, params: unknown): boolean =>
  expensive !== undefined && (expensive === true || !allHold(expensive.unless, params));

function methodsOf(given: string, state: Lockdown, tables: PolicyTables): string[] {
  const role = roleOf(given);
  if (role === undefined) return [];
  const lockdown = lockdownOf(state);
  const runs = (method: RpcMethod): boolean =>
    [method.kind, method.milder?.kind ?? method.kind].some((kind) => {
      const isExpensive = method.expensive === true;
      return budgetOf({ role, method, kind, isExpensive, lockdown }, tables).allowed;
    });
  const methods = [...tables.methods.values()].filter(runs);
  return methods.map(({ name }) => name).sort();
}
