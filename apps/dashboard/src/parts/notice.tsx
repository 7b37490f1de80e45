/** What the last order did; read aloud, and shown until it is dismissed. */
import { notice } from "../state/actions.js";
import { Text } from "./basics.js";

export const Notice = () => (
  <div class="notice" role="status" aria-live="polite">
    {notice.value !== null && (
      <p>
        <Text of={notice.value} />{" "}
        <button type="button" class="quiet" onClick={() => (notice.value = null)}>
          Dismiss
        </button>
      </p>
    )}
  </div>
);
