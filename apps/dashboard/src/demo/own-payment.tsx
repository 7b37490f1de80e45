/** Asks for a payment of one's own in the demo, with the wallet's key, as a wallet's back end would. */
import type { Schemas } from "@dgb-shield/client/http";
import { useRef, useState } from "preact/hooks";
import { createApi, problemOf } from "../api.js";
import { Badge, Text } from "../parts/basics.js";
import { openPayment } from "../sections/payment.js";
import { refreshAll, serviceNow, status } from "../state/live.js";
import { session } from "../state/session.js";
import { readKeys } from "./player.js";

type Answer = Schemas["PaymentAnswer"];

/** A balance that is large enough for every amount of the demo. */
const BALANCE = "2000000";

export function OwnPayment() {
  const form = useRef<HTMLFormElement>(null);
  const [answer, setAnswer] = useState<Answer | string | undefined>(undefined);
  const wallets = status.value.value.data?.wallets ?? [];
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const api = session.peek()?.api;
    if (form.current === null || api === undefined) return;
    const data = new FormData(form.current);
    const field = (name: string): string => {
      const value = data.get(name);
      return typeof value === "string" ? value.trim() : "";
    };
    try {
      const wallet = createApi((await readKeys(api)).wallet);
      const amount = field("amount");
      setAnswer(
        await wallet.put("/v1/payments/{id}", {
          path: { id: field("own-id") },
          body: {
            wallet_id: field("wallet"),
            account_id: field("account"),
            amount,
            destinations: [{ address: field("address"), amount }],
            wallet_balance: BALANCE,
            behaviour_score: 1,
            trusted_device: true,
            address_age_days: 400,
          },
        }),
      );
    } catch (error) {
      const { title, detail } = problemOf(error);
      setAnswer(`${title}. ${detail}`);
    }
    void refreshAll(api);
  };
  return (
    <details>
      <summary>Ask for a payment of your own</summary>
      <form ref={form} class="inline" onSubmit={(event) => void send(event)}>
        <Field
          name="own-id"
          label="Its id"
          value={`own-${Math.floor(serviceNow() / 1_000) % 100_000}`}
        />
        <label class="field">
          <span>Wallet</span>
          <select name="wallet">
            {wallets.map(({ wallet_id }) => (
              <option key={wallet_id} value={wallet_id}>
                {wallet_id}
              </option>
            ))}
          </select>
        </label>
        <Field name="account" label="Account" value="you" />
        <Field name="amount" label="Amount, coins" value="120" />
        <Field name="address" label="To" value="simulated-address-of-you" />
        <button type="submit">Ask</button>
      </form>
      <div role="status">
        {typeof answer === "string" && (
          <p class="unavailable">
            <Text of={answer} />
          </p>
        )}
        {typeof answer === "object" && <Answered answer={answer} />}
      </div>
    </details>
  );
}

function Answered({ answer: { payment_id, final, reasons, next } }: { answer: Answer }) {
  return (
    <p>
      <Badge tone={final === "ALLOW" ? "good" : "bad"}>{final}</Badge> <Text of={payment_id} />:{" "}
      <Text of={reasons.map(({ code, text }) => text ?? code).join("; ")} /> (next: {next}).{" "}
      <button type="button" class="link" onClick={() => openPayment(payment_id)}>
        See its timeline
      </button>
    </p>
  );
}

type FieldProps = { name: string; label: string; value: string };

const Field = ({ name, label, value }: FieldProps) => (
  <label class="field">
    <span>{label}</span>
    <input name={name} defaultValue={value} required maxLength={128} autocomplete="off" />
  </label>
);
