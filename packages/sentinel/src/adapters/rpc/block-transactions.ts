/** Reads the transactions of new blocks: coinbases and signatures, by one call a block. */
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import {
  type BlockHeader,
  MAX_SIGNATURES,
  type Observation,
  type Unavailable,
} from "../../observation/observation.js";
import { blockOf } from "../../recording/raw-block.js";
import { callAll, lineOrNone } from "./calls.js";

/** Signatures after which the blocks that are left are put off to the next observation. */
const MANY_SIGNATURES = MAX_SIGNATURES / 2;

/** Blocks of one request: answers are large. */
const AT_ONCE = 8;

/** With inputs' outputs where the node has them (Core 25 on); older nodes take it for 2. */
const VERBOSITY = 3;

const PRUNED = /pruned/i;

/** Coinbases and signatures, and of how many of the blocks: all, or as many as one observation can hold. */
export type ReadTransactions = Readonly<{
  fields: Pick<Observation, "details" | "signatures">;
  blocks: number;
}>;

/** Reads the transactions of new blocks; what cannot be read is added to `unavailable`. */
export async function readTransactions(
  rpc: NodeRpc,
  blocks: readonly BlockHeader[],
  unavailable: Unavailable[],
): Promise<ReadTransactions> {
  const details: NonNullable<Observation["details"]> = [];
  const signatures: NonNullable<Observation["signatures"]> = [];
  let read = 0;
  while (read < blocks.length && signatures.length < MANY_SIGNATURES) {
    const some = blocks.slice(read, read + AT_ONCE);
    const answers = await callAll(
      rpc,
      some.map(({ hash }) => ({ method: "getblock", params: [hash, VERBOSITY] })),
    );
    for (const [i, answer] of answers.entries()) {
      const line = lineOrNone(answer);
      if (line === undefined) {
        const isPruned = !answer.ok && PRUNED.test(answer.failure.detail);
        addMissing(unavailable, isPruned ? "pruned" : "failed", some[i]?.height ?? null);
        continue;
      }
      const block = blockOf(line);
      if (block.detail !== undefined) details.push(block.detail);
      signatures.push(...block.signatures);
    }
    read += some.length;
  }
  return {
    blocks: read,
    fields: {
      ...(details.length > 0 && { details }),
      ...(signatures.length > 0 && { signatures: signatures.slice(0, MAX_SIGNATURES) }),
    },
  };
}

/** One entry a reason: further blocks add nothing new. */
function addMissing(
  unavailable: Unavailable[],
  reason: Unavailable["reason"],
  height: number | null,
): void {
  const isKnown = unavailable.some((one) => one.what === "signatures" && one.reason === reason);
  if (!isKnown) unavailable.push({ what: "signatures", reason, height });
}
