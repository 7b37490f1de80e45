/** Holds signals that wait for the stream, the oldest first, within bounds of number and bytes (design section 4.2: exporters). */

/** A signal on its way to the stream. */
export type Outgoing = {
  id: string;
  readonly bytes: Uint8Array;
  /** Times it was sent under its present id. */
  tries: number;
  /** Refusals that count against it. */
  refusals: number;
  /** Signals that the stream had taken at its last refusal. */
  publishedAtRefusal: number;
  isInFlight: boolean;
};

/** A signal that will not be stored. */
export type LostSignal = Readonly<{
  message_id: string;
  /** `buffer_full`: dropped as the oldest; `refused`: set aside, because the stream refuses it. */
  reason: "buffer_full" | "refused";
  /** The signal as canonical JSON. */
  text: string;
}>;

/** A bounded buffer. */
export type Outbox = Readonly<{
  /** Adds a signal; drops the oldest ones where there is no room, those that are not on their way first. */
  add: (
    id: string,
    bytes: Uint8Array,
  ) => Readonly<{ added: Outgoing; dropped: readonly Outgoing[] }>;
  /** Whether the signal was still there. */
  remove: (entry: Outgoing) => boolean;
  entries: () => Iterable<Outgoing>;
  size: () => number;
  bytes: () => number;
}>;

/** Bytes that an entry costs beside its signal. */
const OVERHEAD_BYTES = 256;
const costOf = ({ bytes }: Outgoing): number => bytes.length + OVERHEAD_BYTES;

/** Creates an empty buffer; one signal has room in it whatever the bounds. */
export function createOutbox(bounds: Readonly<{ maxSignals: number; maxBytes: number }>): Outbox {
  const waiting = new Set<Outgoing>();
  let held = 0;

  function remove(entry: Outgoing): boolean {
    if (!waiting.delete(entry)) return false;
    held -= costOf(entry);
    return true;
  }

  function oldest(): Outgoing | undefined {
    let first: Outgoing | undefined;
    for (const entry of waiting) {
      if (!entry.isInFlight) return entry;
      first ??= entry;
    }
    return first;
  }

  return {
    add: (id, bytes) => {
      const added = { id, bytes, tries: 0, refusals: 0, publishedAtRefusal: 0, isInFlight: false };
      const dropped: Outgoing[] = [];
      const isFull = (): boolean =>
        waiting.size >= bounds.maxSignals || held + costOf(added) > bounds.maxBytes;
      for (let entry = oldest(); entry !== undefined && isFull(); entry = oldest()) {
        remove(entry);
        dropped.push(entry);
      }
      waiting.add(added);
      held += costOf(added);
      return { added, dropped };
    },
    remove,
    entries: () => waiting,
    size: () => waiting.size,
    bytes: () => held,
  };
}
