/** Keeps the tree over a ledger's records, and signs checkpoints of it (design, section 10: proof). */
import { canonicalize } from "@dgb-shield/contract";
import type { Signer } from "@dgb-shield/contract/signing";
import type { Ledger, LedgerRecord } from "@dgb-shield/wallet-guardian";
import {
  appendLeaves,
  type Checkpoint,
  type CheckpointOrigin,
  consistencyProof,
  type Frontier,
  frontierOf,
  type HashStore,
  prunedLeafHash,
  type SaltStore,
  saltedLeafHash,
  signCheckpoint,
  verifyConsistency,
} from "@dgb-shield/wallet-guardian/audit";
import { AuditError } from "./audit-error.js";
import { readLine } from "./checkpoint-line.js";
import type { CheckpointStore } from "./checkpoint-store.js";
import { settledSize } from "./settled-size.js";

/** What a tree is kept of, and with. */
export type TreeKeeperParts = Readonly<{
  ledger: Pick<Ledger, "records" | "identity">;
  hashes: HashStore;
  /** Salts of the records, under which their personal values are in the tree. */
  salts: SaltStore;
  /** Makes 64 hexadecimal digits that cannot be guessed. */
  random: () => string;
  checkpoints: CheckpointStore;
  signer: Signer;
  origin: CheckpointOrigin;
  /** Milliseconds since 1970. */
  clock: () => number;
  warn: (text: string) => void;
}>;

/** A tree that follows a ledger. */
export type TreeKeeper = Readonly<{
  /** Takes in the records that the tree lacks; returns its size. */
  catchUp(): Promise<number>;
  /** Signs the tree as it is; null where it has no record, or none since the last checkpoint. */
  checkpoint(): Promise<Checkpoint | null>;
  /** The last checkpoint; null before the first. */
  last(): Checkpoint | null;
}>;

/** Records that are read at once. */
const PAGE = 1_000;

type Started = { frontier: Frontier; epoch: number; ledger_id: string; last: Checkpoint | null };

/**
 * Creates a keeper. Calls must follow each other. What fails leaves the tree as it is stored, from where the next call goes
 * on.
 *
 * @throws from its calls: AuditError where the ledger differs from what was signed; what ledger, stores or signer reject with
 */
export function createTreeKeeper(parts: TreeKeeperParts): TreeKeeper {
  const { hashes, checkpoints } = parts;
  let started: Started | null = null;

  const append = async (tree: Started, leaves: readonly string[]): Promise<void> => {
    try {
      await appendLeaves(hashes, tree.frontier.size(), leaves);
      for (const leaf of leaves) tree.frontier.add(leaf);
    } catch (error) {
      started = null;
      throw error;
    }
  };

  const begun = async (): Promise<Started> => {
    started ??= await begin(parts);
    return started;
  };

  return Object.freeze({
    last: () => started?.last ?? null,
    async catchUp() {
      const tree = await begun();
      const identity = await parts.ledger.identity();
      if (identity.epoch !== tree.epoch || identity.ledger_id !== tree.ledger_id) {
        started = null;
        throw new AuditError("the ledger was exchanged or adopted while it was open: restart");
      }
      for (;;) {
        const size = tree.frontier.size();
        const page = await parts.ledger.records(size, PAGE);
        const [first] = page;
        if (first === undefined) return size;
        await skipPruned(parts, tree, first, append);
        await append(tree, await leavesOf(parts, page));
        if (page.length < PAGE) return tree.frontier.size();
      }
    },
    async checkpoint() {
      const tree = await begun();
      const { frontier, epoch, ledger_id, last } = tree;
      const size = frontier.size();
      const isSame = last?.epoch === epoch && last.tree_size === size;
      if (size === 0 || isSame) return null;
      const previous = last?.epoch === epoch ? last.tree_size : null;
      const checkpoint: Checkpoint = {
        ...{ checkpoint_version: 1, ...parts.origin, ledger_id, epoch },
        ...{ tree_size: size, root: frontier.root(), at_ms: parts.clock() },
      };
      const consistency = previous === null ? [] : await continued(hashes, last, checkpoint);
      const signed = await signCheckpoint(checkpoint, parts.signer);
      const line = { checkpoint: signed, previous_size: previous, consistency };
      await checkpoints.append(canonicalize(line)).catch((error: unknown) => {
        started = null;
        throw error;
      });
      tree.last = checkpoint;
      return checkpoint;
    },
  } satisfies TreeKeeper);
}

/** The proof that a tree continues the one that was signed last, so that no checkpoint contradicts an earlier one. */
async function continued(
  hashes: HashStore,
  last: Checkpoint | null,
  { tree_size: size, root }: Checkpoint,
): Promise<readonly string[]> {
  if (last === null) return [];
  const earlier = { size: last.tree_size, root: last.root };
  const proof = earlier.size > size ? null : await consistencyProof(hashes, earlier.size, size);
  if (proof === null || !verifyConsistency(earlier, { size, root }, proof))
    throw new AuditError(
      `the ledger does not continue the ${earlier.size} records that were signed last: shield audit verify shows what differs`,
    );
  return proof;
}

/** Reads what is stored, and holds it against the ledger, before anything is added to it. */
async function begin({
  ledger,
  hashes,
  salts,
  checkpoints,
  warn,
}: TreeKeeperParts): Promise<Started> {
  const identity = await ledger.identity();
  const last = await lastCheckpoint(checkpoints);
  if (last !== null && last.ledger_id !== identity.ledger_id)
    throw new AuditError(
      "the checkpoints are of another ledger: move the folder audit, or the tables audit_…, away",
    );
  if (last !== null && last.epoch > identity.epoch)
    throw new AuditError(
      `the ledger is a copy of before epoch ${last.epoch}: restore a later one, or adopt it`,
    );
  const size = await settledSize({ ledger, hashes, salts }, last, identity.epoch);
  if (size < (await hashes.count(0))) {
    warn(`audit: the tree goes on from record ${size} of the adopted ledger`);
    await hashes.truncate(size);
    await salts.truncate(size);
  }
  // Ends what an interrupted append left out of the upper levels.
  await appendLeaves(hashes, size, []);
  const frontier = await frontierOf(hashes, size);
  return { frontier, ...identity, last: last?.epoch === identity.epoch ? last : null };
}

async function lastCheckpoint(checkpoints: CheckpointStore): Promise<Checkpoint | null> {
  const count = await checkpoints.count();
  if (count === 0) return null;
  const read = readLine(await checkpoints.line(count));
  if (read === undefined) throw new AuditError(`checkpoint ${count} cannot be read`);
  return read.stated;
}

async function leavesOf(
  parts: TreeKeeperParts,
  page: readonly LedgerRecord[],
): Promise<readonly string[]> {
  const first = page[0]?.seq ?? 1;
  if (!page.every(({ seq }, at) => seq === first + at))
    throw new AuditError(
      `records are missing after record ${first}: shield audit verify shows which`,
    );
  const salts = await saltsFor(parts, first - 1, page.length);
  return page.map((record, at) => saltedLeafHash(record, salts[at] ?? null));
}

/** Makes salts before the leaves under them: those that an interrupted call, or another process, has made stay. */
async function saltsFor(
  { salts, random }: TreeKeeperParts,
  from: number,
  count: number,
): Promise<readonly (string | null)[]> {
  for (let at = await salts.count(); at < from; at += PAGE)
    await salts.append(
      at,
      Array.from({ length: Math.min(PAGE, from - at) }, () => null),
    );
  await salts.append(from, Array.from({ length: count }, random));
  return salts.read(from, count);
}

/** Fills the places of records that were pruned before they entered the tree. */
async function skipPruned(
  { ledger, warn }: TreeKeeperParts,
  tree: Started,
  next: LedgerRecord,
  append: (tree: Started, leaves: readonly string[]) => Promise<void>,
): Promise<void> {
  const from = tree.frontier.size() + 1;
  if (next.seq === from) return;
  const [oldest] = await ledger.records(0, 1);
  if (oldest?.seq !== next.seq)
    throw new AuditError(
      `records ${from} to ${next.seq - 1} are missing: shield audit verify shows more`,
    );
  warn(`audit: records ${from} to ${next.seq - 1} were pruned before they entered the tree`);
  while (tree.frontier.size() + 1 < next.seq) {
    const begin = tree.frontier.size() + 1;
    const count = Math.min(next.seq - begin, PAGE);
    await append(
      tree,
      Array.from({ length: count }, (_, at) => prunedLeafHash(begin + at)),
    );
  }
}
