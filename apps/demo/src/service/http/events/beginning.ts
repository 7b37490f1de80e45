/** Finds where a reader of the stream begins, by the place that it names, and greets it. */
import type { Continuation } from "../../runtime/places/continuation.js";
import { type Place, placeText, readPlace } from "../../runtime/places/place.js";
import type { Journal } from "../../service.js";
import { HttpProblem } from "../problems.js";
import type { Head, RecordTail } from "./record-tail.js";

/** Where a reader begins: anew, behind its place, or where another epoch did. */
export type Beginning = Readonly<
  { kind: "reset" | "resumed"; place: Place } | { kind: "epoch"; place: Place; from_seq: number }
>;

/** What it is found in. */
export type BeginningParts = Readonly<{
  journal: Pick<Journal, "journalAfter" | "journalContinuation">;
  tail: Pick<RecordTail, "follow" | "look" | "head">;
  bounds: Readonly<{ max_resume_records: number }>;
}>;

/** Times that a place is looked for while the ledger is being adopted. */
const MAX_TRIES = 3;

/**
 * Finds where a reader begins, in the epoch that the tail follows.
 *
 * @throws HttpProblem `ledger_busy`; what the ledger rejects with
 */
export async function beginningOf(
  id: string | undefined,
  { journal, tail, bounds }: BeginningParts,
): Promise<Beginning> {
  const given = readPlace(id);
  const most = bounds.max_resume_records;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const head = await tail.follow();
    if (given === null) return { kind: "reset", place: head };
    // Another process may have shown it records that this one has not seen yet.
    if (given.seq > head.seq) await tail.look();
    const found = await journal.journalContinuation(given, most);
    const now = tail.head();
    if (now !== null && (found.place?.epoch ?? now.epoch) === now.epoch)
      return whole(found, { given, head: now, most, journal });
    // The ledger was adopted since the tail looked at it.
    await tail.look();
  }
  // [503] the ledger changes under the reader
  throw new HttpProblem("ledger_busy");
}

type Given = Readonly<{ given: Place; head: Head; most: number }> & Pick<BeginningParts, "journal">;

/** A beginning behind which every record is there, and not too many of them. */
async function whole(
  found: Continuation,
  { given, head, most, journal }: Given,
): Promise<Beginning> {
  const reset = { kind: "reset", place: head } as const;
  if (found.kind === "unknown") return reset;
  const { seq, epoch } = found.place;
  // [reset] what it has not read yet was pruned, or is too much
  if (found.kind === "pruned" && (seq !== given.seq || epoch !== given.epoch)) return reset;
  if (seq > head.seq || head.seq - seq > most) return reset;
  if (seq < head.seq) {
    const [next] = await journal.journalAfter(seq, 1);
    if (next?.seq !== seq + 1) return reset;
  }
  return found.kind === "epoch" ? found : { kind: "resumed", place: found.place };
}

/**
 * Greets a reader. A new one, and one that cannot resume, reads the state anew: `reset`. One that has records of before a
 * restored backup drops them, and gets what is there in their place: `epoch`.
 */
export function greeting(beginning: Beginning): Buffer {
  const { kind, place } = beginning;
  const data = kind === "epoch" ? { epoch: place.epoch, from_seq: beginning.from_seq } : {};
  const id = kind === "resumed" ? "" : `id: ${placeText(place)}\n`;
  return Buffer.from(`retry: 2000\nevent: ${kind}\n${id}data: ${JSON.stringify(data)}\n\n`);
}
