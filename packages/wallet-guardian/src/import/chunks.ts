/** Divides an import into transactions: payments of one wallet, in the order of their times (design, section 7: import). */
import { shapeOf } from "../policy/destination-rules.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { DestinationRead, LedgerReads } from "../ports.js";
import { lockReads } from "../evaluate/reads.js";
import { ownerOf } from "../evaluate/track-destinations.js";
import { paymentScopes } from "../request/shares.js";
import type { Outside } from "./payments.js";

/** A destination, and when it was first paid. */
export type PaidDestination = DestinationRead & Readonly<{ known_at_ms: number }>;

/** Payments of one transaction. */
export type Chunk = Readonly<{
  payments: readonly Outside[];
  /** Each once for its owner. */
  destinations: readonly PaidDestination[];
}>;

/** Payments of one transaction at most: locks are held for a moment only. */
const CHUNK = 500;

/** Divides payments; their order in the list does not matter. */
export function chunksOf(compiled: CompiledPolicy, payments: readonly Outside[]): Chunk[] {
  const wallets = new Map<string, Outside[]>();
  for (const payment of payments) {
    const own = wallets.get(payment.wallet_id);
    if (own === undefined) wallets.set(payment.wallet_id, [payment]);
    else own.push(payment);
  }
  return [...wallets.values()].flatMap((own) => {
    own.sort((a, b) => a.paid_at_ms - b.paid_at_ms);
    return Array.from({ length: Math.ceil(own.length / CHUNK) }, (_, at) => {
      const some = own.slice(at * CHUNK, (at + 1) * CHUNK);
      return { payments: some, destinations: destinationsOf(compiled, some) };
    });
  });
}

/** Builds the reads of a chunk, and of the freeze of its import. */
export function chunkReads(
  compiled: CompiledPolicy,
  { payments, destinations }: Chunk,
  importId: string,
): LedgerReads {
  const wallet_id = payments[0]?.wallet_id ?? "";
  const scopes = paymentScopes({ wallet_id, payouts: payments.map(({ payout }) => payout) });
  const ids = payments.map(({ payout }) => payout.withdrawal_id);
  const reads = lockReads(compiled, scopes, ids);
  // Another policy of the ledger may limit what this one does not.
  const locked = reads.scopes.map((read) => ({
    ...read,
    lock: read.lock || read.scope.type === "account",
  }));
  return {
    ...reads,
    scopes: locked,
    freezes: { cause_id: importId },
    destinations: destinations.map(({ owner, script, shape }) => ({ owner, script, shape })),
  };
}

function destinationsOf(
  { destinations: rules }: CompiledPolicy,
  payments: readonly Outside[],
): readonly PaidDestination[] {
  const first = new Map<string, PaidDestination>();
  for (const { wallet_id, payout, paid_at_ms } of payments) {
    const owner = ownerOf(payout.account_id, wallet_id);
    for (const { address } of payout.destinations) {
      const script = rules.keyOf(address);
      const key = JSON.stringify([owner, script]);
      if (script === null || first.has(key)) continue;
      first.set(key, { owner, script, shape: shapeOf(address), known_at_ms: paid_at_ms });
    }
  }
  return [...first.values()];
}
