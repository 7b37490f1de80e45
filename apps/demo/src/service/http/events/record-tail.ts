/** Reads the events of records for all readers of a process: the newest are kept as bytes, earlier ones come from the ledger. */
import type { LedgerIdentity } from "@dgb-shield/wallet-guardian";
import type { Place } from "../../runtime/places/place.js";
import type { Journal, RecordEvent } from "../../service.js";
import { type Rendered, renderRecord } from "./render.js";

/** Bounds of a tail. */
export type TailBounds = Readonly<{
  /** Bytes of the newest events that are kept. */
  kept_bytes: number;
  /** Longest time between two looks at the ledger, in milliseconds: other processes write to it too. */
  look_ms: number;
}>;

/** Records of one page. */
const PAGE = 64;
/** Pages that are read for readers at the same time. */
const MAX_READS = 4;

/** The place of the newest record that is known. */
export type Head = Place & LedgerIdentity;

/** What a tail calls back. */
export type TailListener = Readonly<{
  /** There are new events. */
  grown(): void;
  /** The ledger was restored and adopted: what was read is let go, and every reader has to find its place anew. */
  replaced(): void;
}>;

/** The tail of a ledger's records. */
export type RecordTail = Readonly<{
  /** Begins to follow the ledger, from its newest record on, where it does not yet. */
  follow(): Promise<Head>;
  /** Ends that; what was kept is let go. */
  rest(): void;
  /** The newest record that is known; null while nothing is followed. */
  head(): Head | null;
  /** Looks at the ledger now. */
  look(): Promise<void>;
  /** Something may have been recorded: looks at the ledger soon. */
  nudge(): void;
  /** Events from a number on, the next ones first; empty where there is none. */
  from(seq: number): Promise<readonly Rendered[]>;
}>;

/** Creates a tail. */
export function createRecordTail(
  service: Pick<Journal, "journalIdentity" | "journalHead" | "journalAfter">,
  { kept_bytes, look_ms }: TailBounds,
  { grown, replaced }: TailListener,
): RecordTail {
  let head: Head | null = null;
  let starting: Promise<Head> | undefined;
  let kept: Rendered[] = [];
  let bytes = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let looking: Promise<void> | undefined;
  let isNudged = false;
  const gate = createGate(MAX_READS);

  function keep(events: readonly RecordEvent[], { ledger_id, epoch }: Head): void {
    const of = { ledger_id, epoch };
    for (const event of events) {
      const rendered = renderRecord(event, of);
      // Places are found by counting.
      if (kept.at(-1)?.seq !== event.seq - 1) [kept, bytes] = [[], 0];
      kept.push(rendered);
      bytes += rendered.bytes.length;
      head = { ...of, seq: event.seq, mark: event.mark };
    }
    let first = 0;
    while (bytes > kept_bytes && first < kept.length - 1) bytes -= kept[first++]?.bytes.length ?? 0;
    if (first > 0) kept = kept.slice(first);
    grown();
  }

  /** Reads a page of the epoch that is followed; null where that has ended, since its numbers are then given again. */
  async function pageAfter(seq: number, of: Head): Promise<readonly RecordEvent[] | null> {
    const page = await service.journalAfter(seq, PAGE);
    const { ledger_id, epoch } = await service.journalIdentity();
    if (ledger_id === of.ledger_id && epoch === of.epoch) return page;
    if (head?.ledger_id === of.ledger_id && head.epoch === of.epoch) {
      rest();
      replaced();
    }
    return null;
  }

  function rest(): void {
    clearTimeout(timer);
    timer = undefined;
    [head, kept, bytes] = [null, [], 0];
  }

  async function readNew(): Promise<void> {
    const from = head;
    if (from === null) return;
    for (let last = from; ;) {
      const page = await pageAfter(last.seq, last);
      // It came to rest, or began anew, while this was read.
      if (head !== last || page === null || page.length === 0) return;
      keep(page, last);
      last = head;
    }
  }

  function look(): Promise<void> {
    looking ??= readNew().finally(() => {
      looking = undefined;
      const isMore = isNudged;
      isNudged = false;
      if (isMore) void look().catch(() => undefined);
    });
    return looking;
  }

  function schedule(): void {
    const own = setTimeout(() => {
      // A ledger that does not answer is looked at again; readers wait.
      void look()
        .catch(() => undefined)
        .finally(() => {
          if (timer === own) schedule();
        });
    }, look_ms);
    own.unref();
    timer = own;
  }

  function begin(found: Head): Head {
    if (head !== null) return head;
    head = found;
    schedule();
    return found;
  }

  return Object.freeze({
    async follow() {
      if (head !== null) return head;
      starting ??= service.journalHead().finally(() => (starting = undefined));
      return begin(await starting);
    },
    rest,
    head: () => head,
    look,
    nudge() {
      if (head === null) return;
      if (looking === undefined) void look().catch(() => undefined);
      else isNudged = true;
    },
    async from(seq) {
      const [oldest] = kept;
      if (oldest !== undefined && seq >= oldest.seq) return kept.slice(seq - oldest.seq);
      const place = head;
      if (place === null || seq > place.seq) return [];
      const page = (await gate(() => pageAfter(seq - 1, place))) ?? [];
      const { ledger_id, epoch } = place;
      return page.map((event) => renderRecord(event, { ledger_id, epoch }));
    },
  } satisfies RecordTail);
}

/** Lets so many tasks run at a time; the others wait for their turn. */
function createGate(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async function pass<T>(task: () => Promise<T>): Promise<T> {
    if (running >= most) await new Promise<void>((resolve) => void waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
