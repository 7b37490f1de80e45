/** What is frozen, how a freeze is lifted, and how an operator freezes. */
import { useRef } from "preact/hooks";
import type { Freeze } from "../model.js";
import { ActionButton } from "../parts/action-button.js";
import { Badge, Moment, Text } from "../parts/basics.js";
import { Show } from "../parts/section.js";
import { type Action, propose } from "../state/actions.js";
import { freezes, isLive } from "../state/live.js";
import { hasRole } from "../state/session.js";

export const Freezes = () => (
  <div id="freezes">
    <h3>Freezes</h3>
    <Show what="freezes" from={freezes}>
      {({ freezes: all, next }) =>
        all.length === 0 ? (
          <p>Nothing is frozen.</p>
        ) : (
          <>
            <ul class="rows">
              {all.map((freeze) => (
                <li key={`${freeze.scope} ${freeze.id} ${freeze.kind} ${freeze.cause_id}`}>
                  <Row freeze={freeze} />
                </li>
              ))}
            </ul>
            {next !== null && <p class="muted">There are more than these {all.length}.</p>}
          </>
        )
      }
    </Show>
    {hasRole("operator") && <FreezeForm />}
  </div>
);

/** What a freeze holds: `everything`, or a scope and its id. */
const nameOf = ({ scope, id }: Pick<Freeze, "scope" | "id">): string =>
  scope === "global" ? "everything" : `${scope} ${id}`;

const Row = ({ freeze }: { freeze: Freeze }) => (
  <>
    <Badge tone="bad">frozen</Badge> <Text of={nameOf(freeze)} /> by {freeze.kind}
    {freeze.operator !== null && (
      <>
        {" ("}
        <Text of={freeze.operator} />)
      </>
    )}{" "}
    since <Moment ms={freeze.frozen_at_ms} />: <Text of={freeze.reason} />{" "}
    <ActionButton
      roles={["operator"]}
      label="Lift …"
      about={`the freeze of ${nameOf(freeze)}`}
      make={() => liftOf(freeze)}
    />
  </>
);

function liftOf(freeze: Freeze): Action {
  const isOperators = freeze.kind === "operator";
  const name = nameOf(freeze);
  const target = isOperators
    ? ({ scope: "cause", id: freeze.cause_id } as const)
    : { scope: freeze.scope, id: freeze.id };
  return {
    title: `Lift the freeze of ${name}`,
    does: [
      isOperators
        ? `lift this one freeze of ${name}: ${freeze.reason}`
        : `lift the automatic freezes of ${name} (risk and limits)`,
      "let payments of it be decided by their own merits again",
      "record it in your name, with the reason",
    ],
    doesNot: "Other freezes of it stay. It pays nothing by itself.",
    confirm: "Lift",
    reason: true,
    sends: "POST /v1/freezes/lift",
    body: (reason) => ({ ...target, reason }),
    async send(api, reason) {
      await api.post("/v1/freezes/lift", { body: { ...target, reason } });
      return `The freeze of ${name} was lifted.`;
    },
  };
}

function FreezeForm() {
  const scope = useRef<HTMLSelectElement>(null);
  const id = useRef<HTMLInputElement>(null);
  const send = (event: Event): void => {
    event.preventDefault();
    const kind = (scope.current?.value ?? "wallet") as Freeze["scope"];
    propose(freezeOf(kind, kind === "global" ? "global" : (id.current?.value.trim() ?? "")));
  };
  return (
    <details>
      <summary>Freeze an account, a wallet or everything</summary>
      <form class="inline" onSubmit={send}>
        <label class="field">
          <span>What</span>
          <select ref={scope} name="scope">
            <option value="wallet">a wallet</option>
            <option value="account">an account</option>
            <option value="global">everything</option>
          </select>
        </label>
        <label class="field">
          <span>Its id (not for everything)</span>
          <input ref={id} name="id" maxLength={128} autocomplete="off" />
        </label>
        <button type="submit" disabled={!isLive.value}>
          Freeze …
        </button>
      </form>
    </details>
  );
}

function freezeOf(scope: Freeze["scope"], id: string): Action {
  const name = nameOf({ scope, id });
  return {
    title: `Freeze ${name}`,
    does: [
      `refuse every payment of ${name} from now on, until the freeze is lifted`,
      "refuse claims of payments that were allowed before",
      "record it in your name, with the reason",
    ],
    doesNot: "What was claimed already can still be signed until its claim ends.",
    confirm: "Freeze",
    reason: true,
    sends: "POST /v1/freezes",
    body: (reason) => ({ scope, id, reason }),
    async send(api, reason) {
      await api.post("/v1/freezes", { body: { scope, id, reason } });
      return `Frozen: ${name}.`;
    },
  };
}
