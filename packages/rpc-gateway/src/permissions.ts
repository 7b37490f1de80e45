/** Lists what a client may do in each state of the defense, by asking the policy. */
import { LOCKDOWNS, type Lockdown } from "@dgb-shield/contract";
import type { MethodPolicy, PolicyClient } from "./policy.js";

/** What one state lets a client do. */
export type Permissions = Readonly<{
  lockdown: Lockdown;
  allowed: readonly Readonly<{
    method: string;
    kind: string;
    max_calls_per_minute: number;
    /** Whether each call is asked about. */
    hook: boolean;
  }>[];
  refused: readonly Readonly<{ method: string; code: string }>[];
}>;

/**
 * Asks the policy about each method without parameters.
 *
 * @param methods names to ask about, such as those of chain's `RPC_METHODS`
 */
export function permissionsOf(
  policy: MethodPolicy,
  client: PolicyClient & Readonly<{ wallets: readonly string[] }>,
  methods: readonly string[],
): readonly Permissions[] {
  const { name, role, wallets } = client;
  return LOCKDOWNS.map((lockdown) => {
    const asked = methods.map((method) => ({
      method,
      answer: policy.decide({
        ...{ client: { name, role }, method, params: [], lockdown },
        wallet: wallets[0] ?? null,
      }),
    }));
    return {
      lockdown,
      allowed: asked.flatMap(({ method, answer }) => {
        if (!answer.allowed) return [];
        const { kind, max_calls_per_minute, hook } = answer;
        return [{ method, kind, max_calls_per_minute, hook }];
      }),
      refused: asked.flatMap(({ method, answer }) =>
        answer.allowed ? [] : [{ method, code: answer.code }],
      ),
    };
  });
}
