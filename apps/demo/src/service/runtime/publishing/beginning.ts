/** Finds where the delivery of events begins: behind what was delivered, in a restored ledger where its epoch began. */
import type { Journal } from "../../service.js";
import type { Place } from "../places/place.js";
import type { EventCursor } from "./cursor.js";

/**
 * Finds the beginning, and keeps it. In a ledger of which nothing was delivered it is the end.
 *
 * @param log receives what was found, without the name of who is delivered to
 * @throws what journal and cursor reject with
 */
export async function beginningIn(
  journal: Pick<Journal, "journalHead" | "journalContinuation">,
  cursor: EventCursor,
  log: (text: string) => void,
): Promise<Place> {
  const kept = await cursor.load();
  const found = kept && (await journal.journalContinuation(kept, Infinity));
  // Records that were pruned before they were delivered are counted by the gap.
  if (kept !== null && found?.kind === "pruned")
    return { ...found.place, seq: kept.seq, mark: kept.mark };
  const place = found?.place ?? (await journal.journalHead());
  if (found?.kind === "epoch") {
    log(
      `was further than the ledger that was adopted, and goes on at its record ${found.from_seq}`,
    );
  } else if (found?.kind === "unknown") {
    log(`has taken events of another ledger, and goes on behind record ${place.seq}`);
  }
  if (found?.kind !== "same") await cursor.restart(place);
  return place;
}
