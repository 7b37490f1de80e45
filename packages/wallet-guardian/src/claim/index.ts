/** Claims a payment: permits one signer to sign (design, section 7: life of a payment). */
import { boundedId } from "../request/explain.js";
import { type ClaimAnswer, type ClaimRequest, readClaim } from "./arguments.js";
import { type Claimed, decideClaim } from "./decide-claim.js";
import { type ClaimCode, RETRY_MS } from "../codes.js";
import { type Context, ledgerCode, transact } from "../context.js";
import { emitAll } from "../events.js";
import { OUTDATED, outdatedEvents } from "../evaluate/index.js";
import { has } from "../internal/own.js";
import type { LedgerSnapshot, LedgerStep, StoredWithdrawal } from "../ports.js";
import { recordOnlyReads } from "../evaluate/reads.js";
import { record, recordsOf } from "../records.js";
import { claimReads } from "./headroom.js";
import { type PaymentRows, storedRows } from "../payment/rows.js";
import type { Time } from "../clock/time.js";

/** Decides on a claim and records it; never rejects. */
export async function claim(
  context: Context,
  withdrawalId: unknown,
  options: unknown,
): Promise<ClaimAnswer> {
  const read = readClaim(withdrawalId, options);
  const named = has(read, "path")
    ? { withdrawal_id: boundedId(withdrawalId), signer_id: "" }
    : { withdrawal_id: read.withdrawal_id, signer_id: read.signer_id };
  try {
    // [REJECT invalid_claim] malformed
    const { answer, events } = has(read, "path")
      ? await rejectUnread(context, named, { code: "invalid_claim", ...read })
      : await decide(context, read);
    if (answer.reason_codes.includes("policy_outdated")) context.gate.reported();
    emitAll(context.events, events);
    return answer;
  } catch (error) {
    // A claim that cannot be recorded is not permitted.
    return rejection(context, named, ledgerCode(context, error));
  }
}

async function decide(context: Context, request: ClaimRequest): Promise<Claimed> {
  const stored = await context.ledger.withdrawal(request.withdrawal_id);
  const unfit = unfitness(stored);
  if (stored === null || unfit !== null) {
    return rejectUnread(context, request, unfit ?? { code: "unknown_withdrawal" });
  }
  const { compiled } = context;
  const reads = claimReads(compiled, storedRows(stored, []));
  return transact(
    context,
    (now_ms) => ({ ...reads, now_ms, freezes: null, policy: compiled.policy.name }),
    (snapshot, time) => step(context, { request, snapshot, time }),
  );
}

/** Checks that a row is a payment; null where it is one. */
function unfitness(row: StoredWithdrawal | null): Rejection | null {
  // [REJECT unknown_withdrawal] it was never evaluated
  if (row === null) return { code: "unknown_withdrawal" };
  if (row.payment_id === row.withdrawal_id) return null;
  // [REJECT part_of_payment] a payout is claimed with its payment
  const detail = `it is a payout of the payment ${row.payment_id}: claim that`;
  return { code: "part_of_payment", detail };
}

/** Rejects a claim of an unknown payment, and records it. */
const rejectUnread = (context: Context, named: Named, why: Rejection): Promise<Claimed> =>
  transact(context, recordOnlyReads, (_snapshot, time) =>
    rejected(context, { request: named, time }, why),
  );

type Named = Pick<ClaimRequest, "withdrawal_id" | "signer_id">;
type StepInput = Readonly<{ request: ClaimRequest; snapshot: LedgerSnapshot; time: Time }>;

function step(context: Context, { request, snapshot, time }: StepInput): LedgerStep<Claimed> {
  const head = snapshot.withdrawals[0] ?? null;
  // It may have gone on to another payment since it was read.
  const unfit = unfitness(head);
  if (head === null || unfit !== null) {
    return rejected(context, { request, time }, unfit ?? { code: "unknown_withdrawal" });
  }
  if (context.gate.check(snapshot.policy) !== "current") {
    const events = outdatedEvents(context, time.nowMs);
    return rejected(
      context,
      { request, time },
      { code: "policy_outdated", detail: OUTDATED, events },
    );
  }
  if (!time.trusted) {
    return rejected(context, { request, time }, { code: "clock_untrusted", detail: time.detail });
  }
  const payment: PaymentRows = storedRows(head, snapshot.withdrawals.slice(1));
  const { compiled } = context;
  return decideClaim({ compiled, request, snapshot, payment, clockMs: time.nowMs });
}

type Rejection = Readonly<{
  code: ClaimCode;
  path?: string;
  detail?: string | undefined;
  events?: ReturnType<typeof outdatedEvents>;
}>;

function rejected(
  context: Context,
  { request, time }: Readonly<{ request: Named; time: Time }>,
  { code, path, detail, events = [] }: Rejection,
): LedgerStep<Claimed> {
  const { withdrawal_id, signer_id } = request;
  const facts = { withdrawal_id, signer_id, decision: "REJECT", reason_codes: [code] };
  const made = record("claim", { ...facts, at_ms: time.nowMs });
  const answer = {
    ...rejection(context, request, code),
    ...(path === undefined ? {} : { path }),
    ...(detail === undefined ? {} : { detail }),
  };
  return {
    result: { answer, events },
    writes: { records: recordsOf(made, events), now_ms: time.nowMs, keep_times: true },
  };
}

function rejection(
  { clock }: Context,
  { withdrawal_id, signer_id }: Named,
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
