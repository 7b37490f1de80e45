/** Confirms an order: shows what it does, and asks for a reason. */
import { useEffect, useRef } from "preact/hooks";
import { confirm, leave, pending, refusal, sending } from "../state/actions.js";
import { isLive } from "../state/live.js";
import { printable } from "../text/format.js";
import { Text } from "./basics.js";

/** As the service takes reasons: one line. */
const MAX_REASON = 256;

/** The dialog; there is one at most. */
export function ActionDialog() {
  const action = pending.value;
  const dialog = useRef<HTMLDialogElement>(null);
  const reason = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (action === null || dialog.current === null) return;
    const back = document.activeElement;
    dialog.current.showModal();
    return () => {
      if (back instanceof HTMLElement && back.isConnected) back.focus();
      else document.querySelector<HTMLElement>("#incidents")?.focus();
    };
  }, [action]);
  if (action === null) return null;
  const problem = refusal.value;
  const send = (event: Event): void => {
    event.preventDefault();
    void confirm(reason.current?.value.trim() ?? "");
  };
  return (
    <dialog ref={dialog} aria-labelledby="action-title" onClose={leave}>
      <form key={action.title} onSubmit={send}>
        <h2 id="action-title">{printable(action.title)}</h2>
        <p>This will:</p>
        <ul>
          {action.does.map((sentence) => (
            <li key={sentence}>
              <Text of={sentence} />
            </li>
          ))}
        </ul>
        {action.doesNot !== undefined && <p class="muted">{action.doesNot}</p>}
        {action.reason && (
          <label class="field">
            <span>Reason, for the record (nothing secret or personal)</span>
            <input
              ref={reason}
              name="reason"
              required
              maxLength={MAX_REASON}
              pattern=".*\S.*"
              autocomplete="off"
              // The dialog's first control, once it is open.
              autofocus
            />
          </label>
        )}
        <details>
          <summary>What is sent</summary>
          <pre>{printable(action.sends) + "\n" + printable(JSON.stringify(action.body("…")))}</pre>
        </details>
        {problem !== null && (
          <div class="unavailable" role="alert">
            <strong>{problem.title}.</strong> <Text of={problem.detail} />
          </div>
        )}
        {!isLive.value && (
          <p class="unavailable">The connection is lost: nothing can be sent before it is back.</p>
        )}
        <div class="buttons">
          <button type="submit" class="primary" disabled={sending.value || !isLive.value}>
            {sending.value ? "Sending …" : action.confirm}
          </button>
          <button type="button" onClick={() => dialog.current?.close()} disabled={sending.value}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}
