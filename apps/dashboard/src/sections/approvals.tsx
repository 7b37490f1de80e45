/** Approvals of one payment: what it pays, decoded, who approved, and the command that signs. */
import { useEffect, useState } from "preact/hooks";
import type { Decision, Payment } from "../model.js";
import { problemOf, serviceAddress } from "../api.js";
import { ActionButton } from "../parts/action-button.js";
import { Code, Command, Moment, shellWord, Text } from "../parts/basics.js";
import type { Action } from "../state/actions.js";
import { session } from "../state/session.js";
import { counted, grouped, printable } from "../text/format.js";

type Props = { decision: Decision; unit: string };

export function Approvals({ decision, unit }: Props) {
  const { payment_id, would_pass } = decision;
  const missing = would_pass?.approvals?.missing ?? null;
  return (
    <details class="approvals">
      <summary>
        {missing === null
          ? "Approve: what it pays, and how"
          : `${counted(missing, "approval")} missing: what it pays, and how to sign`}
      </summary>
      <Pays decision={decision} unit={unit} />
      <Given paymentId={payment_id} decision={decision} />
    </details>
  );
}

/** What a payment pays, as it was requested. */
function Pays({ decision, unit }: Props) {
  const { destinations, destinations_count: count, max_fee, amount } = decision;
  return (
    <dl class="facts">
      <div>
        <dt>leaves the wallet</dt>
        <dd>
          {amount === null ? "not known" : `${grouped(printable(amount))} ${unit}`}
          {max_fee !== null &&
            ` (a network fee of at most ${grouped(printable(max_fee))} ${unit} included)`}
        </dd>
      </div>
      {destinations.map(({ address, amount: part }, at) => (
        <div key={at}>
          <dt>
            pays {grouped(printable(part))} {unit} to
          </dt>
          <dd>
            <Code of={address} />
          </dd>
        </div>
      ))}
      {count > destinations.length && (
        <div>
          <dt>and</dt>
          <dd>{counted(count - destinations.length, "more destination")}</dd>
        </div>
      )}
      {count === 0 && (
        <div>
          <dt>pays to</dt>
          <dd>no destination was given with the request</dd>
        </div>
      )}
    </dl>
  );
}

/** Which approvals there are, read when the details are opened. */
function Given({ paymentId, decision }: { paymentId: string; decision: Decision }) {
  const [payment, setPayment] = useState<Payment | string | undefined>(undefined);
  const { seq } = decision;
  useEffect(() => {
    let isCurrent = true;
    const api = session.peek()?.api;
    void api
      ?.get("/v1/payments/{id}", { path: { id: paymentId } })
      .catch((error: unknown) => problemOf(error).title)
      .then((answer) => isCurrent && setPayment(answer));
    return () => void (isCurrent = false);
  }, [paymentId, seq]);
  if (payment === undefined) return <p class="muted">Reading the approvals …</p>;
  if (typeof payment === "string") {
    return <p class="unavailable">Unavailable: which approvals there are. {payment}.</p>;
  }
  return (
    <>
      {payment.approvals.length === 0 ? (
        <p>It has no approval yet.</p>
      ) : (
        <ul class="rows">
          {payment.approvals.map(({ approver, approved_at_ms, signed }) => (
            <li key={`${approver} ${approved_at_ms}`}>
              Approved by <Text of={approver} /> at <Moment ms={approved_at_ms} />
              {signed !== undefined && (
                <>
                  , signed with <Code of={signed.key_id} />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
      <How decision={decision} signs={payment.terms !== null} />
    </>
  );
}

/** How an approval is given: by a signature on the approver's machine, or where none is configured by role. */
function How({ decision, signs }: { decision: Decision; signs: boolean }) {
  const { payment_id, would_pass } = decision;
  const binds = would_pass?.approvals?.binds ?? null;
  if (signs || binds === null) {
    return (
      <>
        <p>
          Approvals are signed on the approver's own machine, which decodes the payment by itself.
          Each approver runs:
        </p>
        <Command
          text={`shield approve ${shellWord(payment_id)} --key YOUR.key --service ${serviceAddress()}`}
        />
      </>
    );
  }
  return (
    <ActionButton
      roles={["approver"]}
      label="Approve …"
      about={`payment ${payment_id}`}
      make={() => approveBy(decision, binds)}
    />
  );
}

const approveBy = (
  { payment_id, amount, destinations, wallet_id }: Decision,
  binds: string,
): Action => ({
  title: `Approve ${payment_id}`,
  does: [
    `approve that ${grouped(amount ?? "an unknown amount")} leaves wallet ${wallet_id}`,
    ...destinations.map((one) => `to ${one.address}: ${grouped(one.amount)}`),
    "record the approval in your name; it counts for a day, and for exactly this payment",
  ],
  doesNot: "It pays nothing by itself: the wallet asks again, and every other check still holds.",
  confirm: "Approve",
  reason: false,
  sends: `POST /v1/payments/${payment_id}/approvals`,
  body: () => ({ binds }),
  async send(api) {
    await api.post("/v1/payments/{id}/approvals", { path: { id: payment_id }, body: { binds } });
    return `Approved: ${payment_id}. It is decided again when the wallet asks for it.`;
  },
});
