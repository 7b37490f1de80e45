/** Actions of each lockdown state: a table (design, section 6). */
import type { DefenseAction, Lockdown } from "@dgb-shield/contract";
import { frozen } from "../internal/frozen.js";
import { boundedReason } from "../memory/model.js";

/** Actions of each state, each with its purpose. */
export const ACTIONS: Readonly<Record<Lockdown, readonly Readonly<DefenseAction>[]>> = frozen({
  NONE: [],
  PARTIAL: [
    { action: "restrict_rpc", reason: "spending and administration are slowed or refused" },
    { action: "slow_withdrawals", reason: "a withdrawal under doubt can wait" },
    { action: "alert_operator", reason: "a person should look" },
  ],
  FULL: [
    { action: "restrict_rpc", reason: "only reading the chain still runs" },
    { action: "refuse_withdrawals", reason: "what is sent now may be lost on the wrong chain" },
    { action: "pause_mining", reason: "blocks built now may extend the wrong chain" },
    { action: "alert_operator", reason: "a person must look" },
  ],
});

/** Lists the actions of a state, each with its purpose and why the state holds. */
export const actionsOf = (lockdown: Lockdown, because: string): DefenseAction[] =>
  ACTIONS[lockdown].map(({ action, reason }) => ({
    action,
    reason: boundedReason(`${reason}; ${because}`),
  }));
