/** Checks whether a payment that is to be signed once more still fits the windows that it has left (design, section 7: life of a payment). */
import type { ClaimCode } from "../codes.js";
import type { CompiledPolicy, Limits } from "../policy/compile.js";
import type { LedgerReads, LedgerSnapshot } from "../ports.js";
import { scopeRead } from "../evaluate/reads.js";
import { countedUntil, idsOfRows, type PaymentRows } from "../payment/rows.js";
import { type Share, sharesOf } from "../request/shares.js";

type HeadroomInput = Readonly<{
  compiled: CompiledPolicy;
  snapshot: LedgerSnapshot;
  payment: PaymentRows;
}>;

/** Reads of a claim: every window as at LOW, since what was only requested is not signed. */
export function claimReads(
  compiled: CompiledPolicy,
  payment: PaymentRows,
): Pick<LedgerReads, "ids" | "scopes"> {
  const scopes = sharesOf(payment).map(({ scope, amount, payouts: count }) =>
    scopeRead(compiled, scope, [{ amount, payouts: count, includeRequested: false }]),
  );
  return { ids: idsOfRows(payment), scopes };
}

/** A full window, and when the payment will fit. */
type Full = Readonly<{ code: ClaimCode; retry_after_ms?: number }>;

/** Finds the full window; null where the payment still counts in every window, or fits. */
export function isOverAgain(input: HeadroomInput): Full | null {
  const { compiled, snapshot, payment } = input;
  const counted = countedUntil(payment) ?? 0;
  return snapshot.now_ms - counted < compiled.shortestWindowMs ? null : overWindows(input);
}

/** Finds the window that is too full for the payment; null where it fits. */
export function overWindows({ compiled, snapshot, payment }: HeadroomInput): Full | null {
  const shares = sharesOf(payment);
  const over = snapshot.scopes.flatMap(({ scope, usages }, index) => {
    const share = shares[index];
    const limits = compiled.limits[scope.type];
    if (share === undefined || limits === null) return [];
    return fullWindows(limits, share, usages);
  });
  const first = over[0];
  if (first === undefined) return null;
  const passes = over.every(({ free_at_ms }) => free_at_ms !== null);
  const latest = Math.max(...over.map(({ free_at_ms }) => free_at_ms ?? 0));
  return {
    code: first.code,
    ...(passes ? { retry_after_ms: latest - snapshot.now_ms } : {}),
  };
}

type Over = Readonly<{ code: "daily_limit" | "window_limit"; free_at_ms: number | null }>;

function fullWindows(
  { windows }: Limits,
  { amount, payouts }: Share,
  usages: LedgerSnapshot["scopes"][number]["usages"],
): Over[] {
  return windows.flatMap(({ code, maxAmount, maxCount }, index): Over[] => {
    const usage = usages[index];
    // A window that the ledger left unanswered is full.
    if (usage === undefined) return [{ code, free_at_ms: null }];
    const isOver =
      (maxAmount !== null && usage.amount + amount > maxAmount) ||
      (maxCount !== null && usage.count + payouts > maxCount);
    return isOver ? [{ code, free_at_ms: usage.free_at_ms }] : [];
  });
}
