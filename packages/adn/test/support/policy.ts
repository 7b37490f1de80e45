/** What the tests of the method policy share: the project's table, a policy over it, and short calls. */
import { RPC_METHODS } from "@dgb-shield/chain";
import { LOCKDOWNS, type Lockdown, type RpcMethod } from "@dgb-shield/contract";
import { createMethodPolicy, type MethodPolicyConfig, RPC_ROLES } from "../../src/index.js";

export const policyWith = (change: Partial<MethodPolicyConfig> = {}) =>
  createMethodPolicy({ methods: [...RPC_METHODS], ...change });

export const policy = policyWith();

/** Every export of keys that a configuration can open, opened for every role. */
export const openPolicy = policyWith({
  key_export: Object.fromEntries(
    RPC_ROLES.map((role) => [
      role,
      RPC_METHODS.flatMap(({ name, kind }) => (kind === "key-export" ? [name] : [])),
    ]),
  ),
});

export const methodNamed = (name: string): RpcMethod => {
  const method = RPC_METHODS.find((each) => each.name === name);
  if (method === undefined) throw new Error(`no method ${name}`);
  return method;
};

export const ask = (
  role: string,
  method: string,
  { lockdown = "NONE", params, of = policy }: Asked = {},
) => of.decide({ client: { role }, method, params, lockdown });
type Asked = Readonly<{
  lockdown?: Lockdown;
  params?: unknown;
  of?: Pick<typeof policy, "decide">;
}>;

/** Every method of the table with every role and state. */
export const EVERY_CALL = RPC_METHODS.flatMap((method) =>
  RPC_ROLES.flatMap((role) => LOCKDOWNS.map((lockdown) => ({ method, role, lockdown }))),
);
