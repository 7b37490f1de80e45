/** Why one payment is held back, and when it would pass: in the list of those, and in the payment's own section. */
import type { Decision } from "../model.js";
import { Text } from "../parts/basics.js";
import { incidents, serviceNow, status } from "../state/live.js";
import { printable, unitOf } from "../text/format.js";
import { heldText } from "../text/held.js";

export function HeldReason({ decision }: { decision: Decision }) {
  const unit = unitOf(status.value.value.data?.chain ?? "");
  const open = incidents.value.value.data?.incidents ?? [];
  const { why, ways } = heldText(decision, unit, serviceNow(), open);
  return (
    <>
      <p>
        Held back because <Text of={why} />.
      </p>
      {ways.length > 0 ? (
        <ul class="ways" aria-label="When it would pass">
          {ways.map((way) => (
            <li key={way}>{printable(way)}</li>
          ))}
        </ul>
      ) : (
        <p class="muted">As it is, waiting does not help: it has to be another request.</p>
      )}
    </>
  );
}
