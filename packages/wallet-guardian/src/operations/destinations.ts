/** Registers a destination ahead of its first payment, or approves one (design, section 7: destinations). */
import type { Context } from "../context.js";
import { shapeOf } from "../policy/destination-rules.js";
import { answering, clockRejection, takeStep } from "./index.js";
import { type OperationResult, rejectOperation } from "./arguments.js";
import type { DestinationSnapshot, LedgerReads } from "../ports.js";
import { lockReads } from "../evaluate/reads.js";
import { record } from "../records.js";
import { type Scope, scopeKey } from "../scopes.js";

/** A destination of an account, or of a wallet whose withdrawals have no account. */
export type DestinationTarget = Readonly<{ address: string }> &
  (
    | Readonly<{ account_id: string; wallet_id?: undefined }>
    | Readonly<{ wallet_id: string; account_id?: undefined }>
  );

type Named = Readonly<{
  account_id?: string | undefined;
  wallet_id?: string | undefined;
  address: string;
}>;

/** The approving operator and the reason; null: the destination is only registered. */
export type Approval = Readonly<{ operator: string; reason: string }> | null;

/** Stores a destination for its owner, so that its waiting time begins; with an approval it never waits. */
export function nameDestination(
  context: Context,
  named: Named,
  approval: Approval,
): Promise<OperationResult> {
  const owner = scopeKey(scopeOf(named));
  const script = context.compiled.destinations.keyOf(named.address);
  if (script === null) return Promise.resolve(rejectOperation("destination_unreadable"));
  const read = { owner, script, shape: shapeOf(named.address) };
  const scope = scopeOf(named);
  const reads: LedgerReads = {
    ...lockReads(context.compiled, [scope], []),
    destinations: [read],
  };
  return answering(context, () =>
    takeStep(context, reads, ({ now_ms, time, destinations: [found] }) => {
      // A waiting time that began in the past would be over.
      if (!time.trusted && approval === null) {
        return { result: { result: clockRejection(time.detail), events: [] }, writes: null };
      }
      const stored = found?.stored ?? newDestination(found, now_ms);
      if (found?.stored !== null && found !== undefined && approval === null) {
        const known = { accepted: true, reason_codes: [], repeated: true } as const;
        return { result: { result: known, events: [] }, writes: null };
      }
      const approved = stored.approved || approval !== null;
      const facts = { owner, script, approved, ...approval, at_ms: now_ms };
      return {
        result: { result: { accepted: true, reason_codes: [] }, events: [] },
        writes: {
          destinations: [{ ...read, ...stored, approved }],
          records: [record("destination", facts)],
        },
      };
    }),
  );
}

const scopeOf = ({ account_id, wallet_id = "" }: Named): Scope =>
  account_id === undefined
    ? { type: "wallet", id: wallet_id }
    : { type: "account", id: account_id };

const newDestination = (found: DestinationSnapshot | undefined, known_at_ms: number) => ({
  known_at_ms,
  approved: false,
  // A missing answer of the ledger counts as a look-alike.
  lookalike: found?.has_lookalike ?? true,
  free_used: 0n,
});
