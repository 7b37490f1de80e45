/** Reads the transactions of blocks: coinbases, signatures and what they spend, by one call a block. */
import type { NodeRpc, RpcFailure } from "@dgb-shield/chain/rpc";
import {
  type BlockHeader,
  MAX_DOUBLE_SPENDS,
  MAX_SIGNATURES,
  type Observation,
  type Unavailable,
} from "../../observation/observation.js";
import { followBlock, type LostTransactions } from "../../recording/lost-transactions.js";
import { blockOf, type RawBlock } from "../../recording/raw-block.js";
import { type Answer, callAll } from "./calls.js";

/** Signatures after which the blocks that are left are put off to the next observation. */
const MANY_SIGNATURES = MAX_SIGNATURES / 2;

/** Blocks of one request: answers are large. */
const AT_ONCE = 8;

/** Verbosity of `getblock` that gives the transactions, and one that gives the outputs that they spend as well. */
const TRANSACTIONS = 2;
const PREVOUTS = 3;

const PRUNED = /pruned/i;

/** RPC errors of a node that rejects the verbosity: no such value, or a value of the wrong kind. */
const REJECTED: ReadonlySet<number | null> = new Set([-8, -3, -1]);

/**
 * What a node's `getblock` gives, found once: a node of Bitcoin Core 23 or later gives spent outputs with verbosity
 * 3; older ones take 3 for 2, or reject it. Undefined: not known yet.
 */
export type BlockForm = "prevouts" | "transactions" | undefined;

/** The fields of an observation that transactions give. */
export type TransactionFields = Pick<Observation, "details" | "signatures" | "double_spends">;

/** What was read of the blocks: of all, or of as many as one observation can hold. */
export type ReadTransactions = Readonly<{
  fields: TransactionFields;
  blocks: number;
  form: BlockForm;
}>;

/** How transactions are read; `lost` is changed. */
export type Reading = Readonly<{
  rpc: NodeRpc;
  form: BlockForm;
  lost: LostTransactions;
  unavailable: Unavailable[];
}>;

/** Reads the transactions of new blocks; what cannot be read is added to `unavailable`. */
export async function readTransactions(
  { rpc, form: before, lost, unavailable }: Reading,
  blocks: readonly BlockHeader[],
): Promise<ReadTransactions> {
  const details: NonNullable<Observation["details"]> = [];
  const signatures: NonNullable<Observation["signatures"]> = [];
  const doubleSpends: NonNullable<Observation["double_spends"]> = [];
  let form = before;
  let read = 0;
  while (read < blocks.length && signatures.length < MANY_SIGNATURES) {
    const some = blocks.slice(read, read + AT_ONCE);
    const verbosity = form === "transactions" ? TRANSACTIONS : PREVOUTS;
    let bodies = await readBlocks(rpc, some, verbosity);
    if (verbosity === PREVOUTS && bodies.every(isRejected)) {
      bodies = await readBlocks(rpc, some, TRANSACTIONS);
      if (!bodies.every(isRejected)) form = "transactions";
    }
    for (const [i, block] of bodies.entries()) {
      const height = some[i]?.height ?? 0;
      if ("kind" in block) {
        addMissing(unavailable, "signatures", reasonOf(block), height);
        followBlock(lost, height, undefined);
        continue;
      }
      if (block.hasPrevouts !== undefined) form = block.hasPrevouts ? "prevouts" : "transactions";
      if (block.detail !== undefined) details.push(block.detail);
      signatures.push(...block.signatures);
      doubleSpends.push(...followBlock(lost, height, block.body));
    }
    read += some.length;
  }
  return {
    blocks: read,
    form,
    fields: {
      ...(details.length > 0 && { details }),
      ...(signatures.length > 0 && { signatures: signatures.slice(0, MAX_SIGNATURES) }),
      ...(read > 0 && { double_spends: doubleSpends.slice(0, MAX_DOUBLE_SPENDS) }),
    },
  };
}

/**
 * Reads the blocks of a branch that fell out, with what they spend; the node gives no spent outputs of them.
 *
 * @returns undefined for each that could not be read, which is added to `unavailable`
 */
export async function readLostBlocks(
  rpc: NodeRpc,
  hashes: readonly string[],
  unavailable: Unavailable[],
): Promise<readonly (RawBlock["body"] | undefined)[]> {
  const bodies: (RawBlock["body"] | undefined)[] = [];
  for (let from = 0; from < hashes.length; from += AT_ONCE) {
    const some = hashes.slice(from, from + AT_ONCE).map((hash) => ({ hash }));
    for (const block of await readBlocks(rpc, some, TRANSACTIONS)) {
      if ("kind" in block) addMissing(unavailable, "branch", reasonOf(block), null);
      bodies.push("kind" in block ? undefined : block.body);
    }
  }
  return bodies;
}

type Block = RawBlock | RpcFailure;

/** Reads blocks in one request; where the whole of it failed, as an answer too large, each by itself. */
async function readBlocks(
  rpc: NodeRpc,
  blocks: readonly Readonly<{ hash: string }>[],
  verbosity: number,
): Promise<readonly Block[]> {
  const calls = blocks.map(({ hash }) => ({ method: "getblock", params: [hash, verbosity] }));
  const answers = await callAll(rpc, calls);
  const isAllFailed = answers.every(({ ok }) => !ok) && answers.some(isUnread);
  if (calls.length === 1 || !isAllFailed) return answers.map(blockOrFailure);
  const each: Answer[] = [];
  for (const call of calls) each.push(...(await callAll(rpc, [call])));
  return each.map(blockOrFailure);
}

const blockOrFailure = (answer: Answer): Block =>
  answer.ok ? blockOf(answer.line) : answer.failure;

/** Whether the answer could not be taken in, which says nothing of the call. */
const isUnread = (answer: Answer): boolean =>
  !answer.ok && (answer.failure.kind === "garbage" || answer.failure.kind === "timeout");

const isRejected = (block: Block): boolean =>
  "kind" in block && block.kind === "rpc" && REJECTED.has(block.code) && !PRUNED.test(block.detail);

const reasonOf = ({ detail }: RpcFailure): Unavailable["reason"] =>
  PRUNED.test(detail) ? "pruned" : "failed";

/** Adds what is missing, one entry a kind and reason: further blocks add nothing new. */
export function addMissing(
  unavailable: Unavailable[],
  what: Unavailable["what"],
  reason: Unavailable["reason"],
  height: number | null,
): void {
  const isKnown = unavailable.some((one) => one.what === what && one.reason === reason);
  if (!isKnown) unavailable.push({ what, reason, height });
}
