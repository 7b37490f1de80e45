/** A claim from the outside: the permission for one signer to sign (design, section 7: life of a payment). */
import { type ClaimAnswer, type ClaimRequest, readClaim } from "./claim-input.js";
import { type Claimed, decideClaim } from "./claiming.js";
import { type ClaimCode, RETRY_MS } from "./codes.js";
import { type Context, ledgerCode, transact } from "./context.js";
import { emitAll } from "./events.js";
import { OUTDATED, outdatedEvents } from "./evaluate.js";
import { has } from "./internal/own.js";
import type { LedgerSnapshot, LedgerStep, StoredWithdrawal } from "./ports.js";
import { record, recordsOf } from "./records.js";
import { claimReads } from "./room.js";
import { type PaymentRows, storedRows } from "./rows.js";
import type { Time } from "./time.js";
import { boundedId } from "./internal/pointer.js";

/** Decides on a claim and records it; never rejects. */
export async function claim(
  context: Context,
  withdrawalId: unknown,
  options: unknown,
): Promise<ClaimAnswer> {
  const read = readClaim(withdrawalId, options);
  // [REJECT invalid_claim] malformed
  if (has(read, "path")) {
    const named = { withdrawal_id: boundedId(withdrawalId), signer_id: "" };
    return { ...refusal(context, named, "invalid_claim"), ...read };
  }
  try {
    const stored = await context.ledger.withdrawal(read.withdrawal_id);
    // [REJECT unknown_withdrawal] it was never evaluated
    if (stored === null) return refusal(context, read, "unknown_withdrawal");
    // [REJECT part_of_payment] a payout is claimed with its payment
    const detail = payoutDetail(stored);
    if (detail !== null) return { ...refusal(context, read, "part_of_payment"), detail };
    const { answer, events } = await take(context, read, stored);
    emitAll(context.events, events);
    return answer;
  } catch (error) {
    // [REJECT ledger_busy, ledger_unavailable] what cannot be recorded is not permitted
    return refusal(context, read, ledgerCode(context, error));
  }
}

function take(context: Context, request: ClaimRequest, stored: StoredWithdrawal): Promise<Claimed> {
  const { compiled } = context;
  const reads = claimReads(compiled, storedRows(stored, []));
  return transact(
    context,
    (now_ms) => ({ ...reads, now_ms, freezes: null, policy: compiled.policy.name }),
    (snapshot, time) => step(context, { request, snapshot, time }),
  );
}

/** Names the payment that a payout is claimed with; null where the id is a payment itself. */
const payoutDetail = ({ payment_id, withdrawal_id }: StoredWithdrawal): string | null =>
  payment_id === withdrawal_id ? null : `it is a payout of the payment ${payment_id}: claim that`;

/** [REJECT part_of_payment] a payout is claimed with its payment */
const partOf = ({ payment_id }: StoredWithdrawal): string =>
  `it is a payout of the payment ${payment_id}: claim that`;

type Asked = Readonly<{ request: ClaimRequest; snapshot: LedgerSnapshot; time: Time }>;

function step(context: Context, { request, snapshot, time }: Asked): LedgerStep<Claimed> {
  const head = snapshot.withdrawals[0] ?? null;
  // [REJECT unknown_withdrawal] the ledger lost it in between
  if (head === null) return refused(context, { request, time }, { code: "unknown_withdrawal" });
  if (head.payment_id !== head.withdrawal_id) {
    const detail = partOf(head);
    return refused(context, { request, time }, { code: "part_of_payment", detail });
  }
  // [REJECT part_of_payment] it has gone on to another payment since it was looked up
  const detail = payoutDetail(head);
  if (detail !== null) {
    return refused(context, { request, time }, { code: "part_of_payment", detail });
  }
  // [REJECT policy_outdated] a newer process has made another policy the current one
  if (context.gate.check(snapshot.policy) === "outdated") {
    const events = outdatedEvents(context, time.nowMs);
    return refused(
      context,
      { request, time },
      { code: "policy_outdated", detail: OUTDATED, events },
    );
  }
  // [REJECT clock_untrusted] no time can be trusted
  if (!time.trusted) {
    return refused(context, { request, time }, { code: "clock_untrusted", detail: time.detail });
  }
  const payment: PaymentRows = storedRows(head, snapshot.withdrawals.slice(1));
  const { compiled } = context;
  return decideClaim({ compiled, request, snapshot, payment, clockMs: time.nowMs });
}

type Refusal = Readonly<{
  code: ClaimCode;
  detail?: string | undefined;
  events?: ReturnType<typeof outdatedEvents>;
}>;

function refused(
  context: Context,
  { request, time }: Pick<Asked, "request" | "time">,
  { code, detail, events = [] }: Refusal,
): LedgerStep<Claimed> {
  const { withdrawal_id, signer_id } = request;
  const facts = { withdrawal_id, signer_id, decision: "REJECT", reason_codes: [code] };
  const made = record("claim", { ...facts, at_ms: time.nowMs });
  const answer = refusal(context, request, code);
  return {
    result: { answer: detail === undefined ? answer : { ...answer, detail }, events },
    writes: { records: recordsOf(made, events), now_ms: time.nowMs, keep_times: true },
  };
}

function refusal(
  { clock }: Context,
  { withdrawal_id, signer_id }: Pick<ClaimRequest, "withdrawal_id" | "signer_id">,
  code: ClaimCode,
): ClaimAnswer {
  const retry = RETRY_MS.get(code);
  return {
    decision: "REJECT",
    reason_codes: [code],
    withdrawal_id,
    signer_id,
    decided_at_ms: clock.begin({ keep: false }).time.nowMs,
    ...(retry === undefined ? {} : { retry_after_ms: retry }),
  };
}
