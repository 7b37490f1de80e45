/** A signed checkpoint as it is stored and exported: one line of JSON, with the proof that it continues the one before. */
import { hash256Schema, parseStrictJson } from "@dgb-shield/contract";
import { type DsseEnvelope, dsseEnvelopeSchema } from "@dgb-shield/contract/signing";
import {
  type Checkpoint,
  checkpointSchema,
  type CheckpointTrust,
  type ProofRefusal,
  refuseContinuation,
  verifyCheckpoint,
} from "@dgb-shield/wallet-guardian/audit";
import { z } from "zod";

/** Hashes of a consistency proof at most, and one more where the earlier tree is not complete. */
const MAX_HASHES = 64;

const lineSchema = z.strictObject({
  checkpoint: dsseEnvelopeSchema,
  /** Size of the tree before, of the same epoch; null for the first one of an epoch. */
  previous_size: z.int().min(1).nullable(),
  /** Consistency proof from that tree to this one. */
  consistency: z.array(hash256Schema).max(MAX_HASHES),
});

/** One line. */
export type CheckpointLine = Readonly<{
  checkpoint: DsseEnvelope;
  previous_size: number | null;
  consistency: readonly string[];
}>;

/**
 * Reads a line; nothing of it is verified.
 *
 * @returns undefined where it is none
 */
export function readLine(
  text: string,
): Readonly<{ line: CheckpointLine; stated: Checkpoint }> | undefined {
  try {
    const line = lineSchema.parse(parseStrictJson(text));
    const payload = parseStrictJson(Buffer.from(line.checkpoint.payload, "base64"));
    return { line, stated: checkpointSchema.parse(payload) };
  } catch {
    return undefined;
  }
}

/** Lines that were verified: the checkpoints, in their order, and what was refused. */
export type VerifiedLines = Readonly<{
  checkpoints: readonly Checkpoint[];
  refused: readonly (ProofRefusal & Readonly<{ line: number }>)[];
}>;

/**
 * Verifies each line's signatures, and that it continues the line before of the same epoch. Lines that were left out are
 * seen by the sizes: a line names the size of the one before it. A line that comes again, or that is cut and then comes
 * whole, counts once: an export is repeated until it is taken.
 *
 * @param lines texts of lines, without their line feeds
 */
export async function verifyLines(
  lines: AsyncIterable<string> | Iterable<string>,
  trust: CheckpointTrust,
): Promise<VerifiedLines> {
  const checkpoints: Checkpoint[] = [];
  const refused: (ProofRefusal & { line: number })[] = [];
  let number = 0;
  let before: Checkpoint | undefined;
  let [last, cut] = ["", false];
  for await (const text of lines) {
    number++;
    if (text === "" || text === last) continue;
    if (cut && text.startsWith(last)) refused.pop();
    [last, cut] = [text, false];
    const read = readLine(text);
    const answer = verifyCheckpoint(read?.line.checkpoint, trust);
    if (read === undefined || !answer.accepted) {
      refused.push({ ...(answer as ProofRefusal), line: number });
      cut = read === undefined;
      continue;
    }
    const { checkpoint } = answer;
    const refusal = continuation(before, checkpoint, read.line);
    if (refusal === undefined) checkpoints.push(checkpoint);
    else refused.push({ ...refusal, line: number });
    before = checkpoint;
  }
  return { checkpoints, refused };
}

function continuation(
  before: Checkpoint | undefined,
  checkpoint: Checkpoint,
  { previous_size, consistency }: CheckpointLine,
): ProofRefusal | undefined {
  // The first line of a file, and the first one after an adoption, continue nothing that is there.
  if (before === undefined) return undefined;
  const isNewEpoch = previous_size === null && checkpoint.epoch > before.epoch;
  if (isNewEpoch && checkpoint.ledger_id === before.ledger_id) return undefined;
  const isNext = previous_size === before.tree_size;
  return refuseContinuation(before, checkpoint, isNext ? consistency : []);
}
