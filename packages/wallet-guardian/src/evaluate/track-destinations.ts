/** Tracks destinations by owner: which account has named which, since when (design, section 7: destinations). */
import { shapeOf } from "../policy/destination-rules.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { DestinationRead, LedgerSnapshot, StoredDestination } from "../ports.js";
import type { Request } from "../request/read-request.js";
import { isWaiting, type KnownDestination } from "../rules/evaluate-new-destinations.js";
import { scopeKey } from "../scopes.js";
import type { Payment } from "../request/withdrawal.js";

/** Scope key under which destinations are stored together: the account's, or the wallet's where there is no account. */
export const ownerOf = (accountId: string | null, walletId: string): string =>
  accountId === null
    ? scopeKey({ type: "wallet", id: walletId })
    : scopeKey({ type: "account", id: accountId });

type Sent = DestinationRead & Readonly<{ amount: bigint }>;

const NONE: readonly Sent[] = Object.freeze([]);

/** Lists the destinations of a payment once for each owner, with the amount for each; empty where they are not tracked. */
function sentTo({ destinations: rules }: CompiledPolicy, payment: Payment): readonly Sent[] {
  if (!rules.isTracked) return NONE;
  const sent = new Map<string, Sent>();
  for (const { account_id, destinations } of payment.payouts) {
    const owner = ownerOf(account_id, payment.wallet_id);
    for (const { address, amount } of destinations) {
      const script = rules.keyOf(address);
      // What cannot be read is rejected by another rule.
      if (script === null) continue;
      const key = JSON.stringify([owner, script]);
      const known = sent.get(key);
      sent.set(
        key,
        known === undefined
          ? { owner, script, shape: shapeOf(address), amount }
          : { ...known, amount: known.amount + amount },
      );
    }
  }
  return [...sent.values()];
}

/** Lists what to read of a payment's destinations. */
export const destinationReads = (
  compiled: CompiledPolicy,
  payment: Payment,
): readonly DestinationRead[] =>
  sentTo(compiled, payment).map(({ owner, script, shape }) => ({ owner, script, shape }));

type TrackInput = Readonly<{
  compiled: CompiledPolicy;
  request: Request;
  snapshot: LedgerSnapshot;
}>;

type Tracked = Readonly<{ sent: Sent; known: KnownDestination }>;

function track({ compiled, request, snapshot }: TrackInput): readonly Tracked[] {
  const all = sentTo(compiled, request.payment);
  return all.map((sent, index) => {
    const found = snapshot.destinations[index];
    const { known_at_ms, approved, free_used } = found?.stored ?? {
      known_at_ms: snapshot.now_ms,
      approved: false,
      free_used: 0n,
    };
    // Symmetric: each of the two looks like the other. A missing answer of the ledger counts as a look-alike.
    const lookalike = (found?.has_lookalike ?? true) || all.some((other) => looksLike(other, sent));
    return { sent, known: { known_at_ms, approved, lookalike, free_used, amount: sent.amount } };
  });
}

/**
 * How long the youngest destination of a payment has been known, in milliseconds; 0 where one is new or cannot be read, and where
 * none is named.
 *
 * @returns null where destinations are not tracked
 */
export function destinationAge(input: TrackInput): number | null {
  const { compiled, request, snapshot } = input;
  const { isTracked, keyOf } = compiled.destinations;
  if (!isTracked) return null;
  const all = request.payment.payouts.map(({ destinations }) => destinations);
  const isUnknown = all.some(
    (named) => named.length === 0 || named.some(({ address }) => keyOf(address) === null),
  );
  if (isUnknown) return 0;
  const known = track(input).map(({ known: { known_at_ms } }) => snapshot.now_ms - known_at_ms);
  return Math.max(0, Math.min(...known));
}

const looksLike = (a: DestinationRead, b: DestinationRead): boolean =>
  a.owner === b.owner && a.script !== b.script && a.shape !== null && a.shape === b.shape;

/** Lists a payment's destinations with what is stored of each. */
export const knownDestinations = (input: TrackInput): readonly KnownDestination[] =>
  track(input).map(({ known }) => known);

/**
 * Lists what to store of a payment's destinations: the time of the first request, and the amount that is allowed
 * while the destination waits.
 */
export function destinationWrites(
  input: TrackInput,
  isAllowed: boolean,
): readonly StoredDestination[] {
  const { compiled, snapshot } = input;
  return track(input).flatMap(({ sent, known }, index) => {
    const isStored = (snapshot.destinations[index]?.stored ?? null) !== null;
    const isCharged = isAllowed && isWaiting(known, compiled.destinations, snapshot.now_ms);
    if (isStored && !isCharged) return [];
    const { owner, script, shape, amount } = sent;
    const { known_at_ms, approved, lookalike } = known;
    const free_used = known.free_used + (isCharged ? amount : 0n);
    return [{ owner, script, shape, known_at_ms, approved, lookalike, free_used }];
  });
}
