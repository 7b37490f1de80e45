/** Revokes a key at once, where enough who govern are left (design, section 10). */
import type { Actor } from "../keys/actor.js";
import type { ApiKey } from "../keys/key.js";
import { isInForce } from "../keys/keyring.js";
import { type GovernanceRefusal, type Moment, refuse, settled, type Step } from "./decide.js";
import { personOf } from "./governors.js";
import { revokedAt, tooFewGovernors } from "./key-changes.js";
import type { GovernanceState } from "./state.js";

type Revocation = Readonly<{ id: string; reason: string; by: Actor }>;

/** Whether a key is a reporter's that counts: it can only raise alarms, which would end with it. */
export const isReporting = (keys: readonly ApiKey[], id: string, nowMs: number): boolean =>
  // [409 governed] an alarm of another site would end once no one renews it
  keys.some((key) => key.id === id && key.role === "reporter" && isInForce(key, nowMs));

/** Revokes a key. */
export function revoked(
  state: GovernanceState,
  { id, reason, by }: Revocation,
  moment: Moment,
): Step | GovernanceRefusal {
  const key = state.keys.find((one) => one.id === id);
  if (key === undefined) return refuse("not_found", "there is no such key");
  const keys = state.keys.map((one) => (one.id === id ? revokedAt(one, moment.now_ms) : one));
  const isGoverning = moment
    .counted(state.keys)
    .some((one) => one.id === id && (one.role === "operator" || one.role === "governor"));
  const detail = isGoverning
    ? tooFewGovernors(moment.counted(keys), state.rules, moment.now_ms)
    : null;
  // [409 last_governing_keys] too few would be left to govern
  if (detail !== null) {
    return refuse("last_governing_keys", `${detail}: propose it, with keys in their place`);
  }
  const record = { action: "key_revoked", key_id: id, holder: personOf(key.name), reason, by };
  return settled({ ...state, keys }, moment, [record]);
}
