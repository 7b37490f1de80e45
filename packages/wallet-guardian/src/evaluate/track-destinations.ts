/** Destinations by owner: which account has named which, since when (design, section 7: destinations). */
import { shapeOf } from "../policy/destination-rules.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { DestinationRead, LedgerSnapshot, StoredDestination } from "../ports.js";
import type { Request } from "../request/read-request.js";
import { isWaiting, type KnownDestination } from "../rules/evaluate-new-destinations.js";
import { scopeKey } from "../scopes.js";
import type { Payment } from "../request/withdrawal.js";

/** Whose destinations are remembered together: the account's, or the wallet's where there is no account. */
const ownerOf = (accountId: string | null, walletId: string): string =>
  accountId === null
    ? scopeKey({ type: "wallet", id: walletId })
    : scopeKey({ type: "account", id: accountId });

type Sent = DestinationRead & Readonly<{ amount: bigint }>;

const NONE: readonly Sent[] = Object.freeze([]);

/** The destinations of a payment, each once an owner, and what it sends to each; none where they are not tracked. */
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

/** What to read of a payment's destinations. */
export const destinationReads = (
  compiled: CompiledPolicy,
  payment: Payment,
): readonly DestinationRead[] =>
  sentTo(compiled, payment).map(({ owner, script, shape }) => ({ owner, script, shape }));

type Asked = Readonly<{ compiled: CompiledPolicy; request: Request; snapshot: LedgerSnapshot }>;

type Tracked = Readonly<{ sent: Sent; known: KnownDestination }>;

function track({ compiled, request, snapshot }: Asked): readonly Tracked[] {
  const all = sentTo(compiled, request.payment);
  return all.map((sent, index) => {
    const found = snapshot.destinations[index];
    const { known_at_ms, approved, free_used } = found?.stored ?? {
      known_at_ms: snapshot.now_ms,
      approved: false,
      free_used: 0n,
    };
    // Whichever was named first: each looks like the other. A question that was left unanswered is not trusted.
    const lookalike = (found?.has_lookalike ?? true) || all.some((other) => looksLike(other, sent));
    return { sent, known: { known_at_ms, approved, lookalike, free_used, amount: sent.amount } };
  });
}

const looksLike = (a: DestinationRead, b: DestinationRead): boolean =>
  a.owner === b.owner && a.script !== b.script && a.shape !== null && a.shape === b.shape;

/** A payment's destinations as their owners know them. */
export const knownDestinations = (asked: Asked): readonly KnownDestination[] =>
  track(asked).map(({ known }) => known);

/**
 * What to store of a payment's destinations: each is known from its first request on, and what is allowed to it
 * while it waits is counted.
 */
export function destinationWrites(asked: Asked, isAllowed: boolean): readonly StoredDestination[] {
  const { compiled, snapshot } = asked;
  return track(asked).flatMap(({ sent, known }, index) => {
    const isStored = (snapshot.destinations[index]?.stored ?? null) !== null;
    const isCharged = isAllowed && isWaiting(known, compiled.destinations, snapshot.now_ms);
    if (isStored && !isCharged) return [];
    const { owner, script, shape, amount } = sent;
    const { known_at_ms, approved, lookalike } = known;
    const free_used = known.free_used + (isCharged ? amount : 0n);
    return [{ owner, script, shape, known_at_ms, approved, lookalike, free_used }];
  });
}
