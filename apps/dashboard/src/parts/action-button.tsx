/** A button that begins an order, for those whose key may give it. */
import type { Role } from "../model.js";
import { type Action, propose } from "../state/actions.js";
import { isLive } from "../state/live.js";
import { hasRole } from "../state/session.js";

type Props = { roles: readonly Role[]; label: string; about?: string; make: () => Action };

/** The button; for other roles, which role can do it. */
export function ActionButton({ roles, label, about, make }: Props) {
  if (!hasRole(...roles))
    return (
      <span class="muted small">
        {label}: {roles.join(" or ")} only
      </span>
    );
  return (
    <button type="button" disabled={!isLive.value} onClick={() => propose(make())}>
      {label}
      {about !== undefined && <span class="hidden"> {about}</span>}
    </button>
  );
}
