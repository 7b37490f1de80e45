/** Reads files that a person names: proofs, exported checkpoints, exported records. */
import { readFileSync, statSync } from "node:fs";
import { jsonObjectSchema, parseStrictJson, timeMsSchema } from "@dgb-shield/contract";
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { paymentProofSchema, type SourceItem } from "@dgb-shield/wallet-guardian/audit";
import { z } from "zod";
import { CommandError } from "../../errors.js";
import { openLines } from "../file-lines.js";

/** Bytes of a proof at most: more than its 1,000 records need. */
const MAX_PROOF_BYTES = 1 << 29;
/** Records that are given on at once. */
const PAGE = 1_000;

/**
 * Reads a proof.
 *
 * @throws CommandError `usage`
 */
export const readProof = (path: string): Uint8Array =>
  usage(path, () => {
    if (path !== "-" && statSync(path).size > MAX_PROOF_BYTES) throw new Error("it is too large");
    return readFileSync(path === "-" ? 0 : path);
  });

/**
 * Opens a file of lines, plain or gzipped.
 *
 * @throws CommandError `usage`
 */
export const readLines = (path: string): Iterable<string> =>
  usage(path, () => openLines(path).lines);

const recordSchema = z.looseObject({
  seq: z.int().min(1),
  at_ms: timeMsSchema,
  kind: paymentProofSchema.shape.records.element.shape.kind,
  record: jsonObjectSchema,
});

/**
 * Reads exported records up to a number, not included: the ledger has the others itself.
 *
 * @throws CommandError `usage` for a line that is none
 */
export function* exportedPages(path: string, before: number): Generator<readonly SourceItem[]> {
  let page: SourceItem[] = [];
  let line = 0;
  for (const text of readLines(path)) {
    line++;
    const record = text === "" ? null : recordIn(`${path}:${line}`, text);
    if (record === null || record.seq >= before) continue;
    page.push({ record });
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** A line's record; null for the head of a segment. */
function recordIn(place: string, text: string): LedgerRecord | null {
  return usage(place, () => {
    const value = parseStrictJson(text) as Record<string, unknown>;
    if (Object.hasOwn(value, "segment")) return null;
    const { seq, at_ms, kind, record } = recordSchema.parse(value);
    return { seq, at_ms, kind, record };
  });
}

function usage<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CommandError("usage", `cannot read ${place}: ${detail}`, error);
  }
}
