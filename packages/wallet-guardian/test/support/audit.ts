/** Ledgers with a tree over their records, and keys that sign it. */
import { canonicalize } from "@dgb-shield/contract";
import { createLocalSigner, generateKeyPair, parseKeyring } from "@dgb-shield/contract/signing";
import {
  appendLeaves,
  type Checkpoint,
  createFrontier,
  createMemoryHashStore,
  type HashStore,
  leafHash,
  signCheckpoint,
  type SignedCheckpoint,
} from "../../src/adapters/audit/index.js";
import type { LedgerRecord } from "../../src/ports.js";

export const GENESIS = "7497ea1b465eb39f1c8f507bc877078fe016d6fcb6dfad3a64c98dcc6e1e8496";
export const LEDGER_ID = "0123456789abcdef0123456789abcdef";
export const AT_MS = Date.UTC(2026, 10, 30);

/** A key that signs checkpoints, and its public half. */
export function checkpointKey(key_id = "site-2026", components: string[] = ["audit_checkpoint"]) {
  const { secret_keys, public_keys } = generateKeyPair(key_id);
  const ring = {
    keyring_version: 1 as const,
    keys: [
      {
        ...{ key_id, operator: key_id, components, public_keys, revoked: false },
        ...{ not_before_ms: AT_MS - 1_000, not_after_ms: AT_MS + 86_400_000 },
      },
    ],
  };
  return { signer: createLocalSigner(secret_keys), ring, keys: parseKeyring(canonicalize(ring)) };
}

/** Records 1 to `count`; of every third payment there is a claim, too. */
export const recordsTo = (count: number): LedgerRecord[] =>
  Array.from({ length: count }, (_, at): LedgerRecord => {
    const payment = `w-${Math.floor(at / 2)}`;
    const shared = { seq: at + 1, at_ms: AT_MS - count + at };
    return at % 2 === 0
      ? {
          ...shared,
          kind: "decision",
          record: { record_version: 2, decision: { withdrawal_id: payment, decision: "ALLOW" } },
        }
      : {
          ...shared,
          kind: "claim",
          record: { record_version: 1, withdrawal_id: payment, signer_id: "signer" },
        };
  });

/** A store with the leaves of records. */
export async function storeOf(records: readonly LedgerRecord[]): Promise<HashStore> {
  const store = createMemoryHashStore();
  await appendLeaves(store, 0, records.map(leafHash));
  return store;
}

/** The checkpoint over the first `size` records. */
export function checkpointOver(
  records: readonly LedgerRecord[],
  size: number,
  fields: Partial<Checkpoint> = {},
): Checkpoint {
  const tree = createFrontier();
  for (const record of records.slice(0, size)) tree.add(leafHash(record));
  return {
    ...{ checkpoint_version: 1, deployment_id: "exchange", genesis: GENESIS },
    ...{ ledger_id: LEDGER_ID, epoch: 1, tree_size: size, root: tree.root(), at_ms: AT_MS },
    ...fields,
  };
}

/** A checkpoint, signed. */
export async function signedCheckpoint(
  checkpoint: Checkpoint,
  { signer }: Pick<ReturnType<typeof checkpointKey>, "signer">,
): Promise<SignedCheckpoint> {
  return { checkpoint, envelope: await signCheckpoint(checkpoint, signer) };
}
