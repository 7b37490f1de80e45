/** Payments that are held back: why, when each would pass, and which approvals are missing. */
import { signal } from "@preact/signals";
import type { Decision } from "../model.js";
import { Badge, Moment, Text, type Tone } from "../parts/basics.js";
import { Section, Show } from "../parts/section.js";
import { held, status } from "../state/live.js";
import { counted, grouped, printable, unitOf } from "../text/format.js";
import { Approvals } from "./approvals.js";
import { HeldReason } from "./held-reason.js";
import { openPayment } from "./payment.js";

/** Rows that are drawn at once: a page. */
const PAGE = 50;
const shown = signal(PAGE);
const filter = signal("");

export function HeldSection() {
  const total = held.value.value.data?.total;
  return (
    <Section
      id="held"
      title="Payments held back"
      aside={
        total !== undefined && (
          <Badge tone={total > 0 ? "warn" : "good"}>{grouped(total)} held</Badge>
        )
      }
    >
      <Show what="payments held back" from={held}>
        {({ decisions, total: all, complete }) => {
          const wanted = filter.value.trim().toLowerCase();
          const found = wanted === "" ? decisions : decisions.filter((one) => matches(one, wanted));
          return (
            <>
              {all === 0 ? (
                <p>No payment is held back.</p>
              ) : (
                <Filter count={found.length} of={all} />
              )}
              <ul class="cards">
                {found.slice(0, shown.value).map((decision) => (
                  <li key={decision.payment_id}>
                    <HeldCard decision={decision} />
                  </li>
                ))}
              </ul>
              {found.length > shown.value && (
                <button type="button" onClick={() => (shown.value += PAGE)}>
                  Show {Math.min(PAGE, found.length - shown.value)} more
                </button>
              )}
              {all > decisions.length && (
                <p class="muted">
                  The newest {grouped(decisions.length)} of {grouped(all)} are listed.
                </p>
              )}
              {!complete && (
                <p class="muted">Payments of longer ago are in the records: shield audit show.</p>
              )}
            </>
          );
        }}
      </Show>
    </Section>
  );
}

const matches = ({ payment_id, wallet_id, account_id }: Decision, wanted: string): boolean =>
  `${payment_id}\n${wallet_id}\n${account_id ?? ""}`.toLowerCase().includes(wanted);

const Filter = ({ count, of }: { count: number; of: number }) => (
  <label class="field filter">
    <span>
      Find by payment, wallet or account ({grouped(count)} of {grouped(of)})
    </span>
    <input
      type="search"
      name="filter"
      value={filter.value}
      onInput={(event) => {
        filter.value = event.currentTarget.value;
        shown.value = PAGE;
      }}
    />
  </label>
);

const NEXT: Readonly<Record<Decision["next"], readonly [Tone, string]>> = {
  approve: ["warn", "waits for approvals"],
  retry: ["warn", "waits"],
  stop: ["bad", "will not pass as it is"],
  claim: ["good", "allowed"],
};

function HeldCard({ decision }: { decision: Decision }) {
  const { payment_id, wallet_id, account_id, amount, next, enforced, decided_at_ms } = decision;
  const unit = unitOf(status.value.value.data?.chain ?? "");
  const [tone, word] = NEXT[next];
  return (
    <article class="card" aria-label={`Payment ${printable(payment_id)}`}>
      <h3>
        <Badge tone={tone}>{word}</Badge>{" "}
        <button type="button" class="link" onClick={() => openPayment(payment_id)}>
          <Text of={payment_id} />
        </button>{" "}
        {amount !== null && (
          <span class="amount">
            {grouped(printable(amount))} {unit}
          </span>
        )}
      </h3>
      <HeldReason decision={decision} />
      {next === "approve" && <Approvals decision={decision} unit={unit} />}
      <p class="muted">
        wallet <Text of={wallet_id} />
        {account_id !== null && (
          <>
            , account <Text of={account_id} />
          </>
        )}{" "}
        · decided <Moment ms={decided_at_ms} ago /> · {counted(decision.attempts, "attempt")}
        {!enforced && " · observed only: the refusal holds nothing back"}
      </p>
    </article>
  );
}
