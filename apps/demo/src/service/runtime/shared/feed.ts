/** Reads the evidence that another process of the deployment watches, from the table beside the ledger. */
import type pg from "pg";
import { askDatabase } from "../ask-database.js";
import { z } from "zod";
import type { EvidenceFeed, SharedEvidence } from "../../../pipeline/index.js";
import { sharedTables } from "../lease.js";
import { readDecision, readShown, type SharedDecision } from "./document.js";

/** How far the database's clock may have stepped back since the evidence was written, in milliseconds. */
const MAX_AHEAD_MS = 1_000;

const rowSchema = z.object({
  generation: z.coerce.number().int().min(0),
  seq: z.coerce.number().int().min(0),
  as_of_ms: z.coerce.number().int().min(0),
  shown_seq: z.coerce.number().int().min(0),
  now_ms: z.coerce.number().int().min(0),
  is_new: z.boolean(),
  decision: z.string().nullable(),
  is_shown_new: z.boolean(),
  shown: z.string().nullable(),
  watcher: z.string().nullable(),
  is_free: z.boolean(),
});

/** The feed, and who watches. */
export type TableFeed = EvidenceFeed &
  Readonly<{
    /** Name of the process that watches; null where none does. */
    watcher(): string | null;
    /** Whether the lease was free when it was read last. */
    isFree(): boolean;
  }>;

type Known = Readonly<{
  generation: number;
  seq: number;
  shown_seq: number;
  /** Age by the database's clock when it was read last, and when that was sent, by the own monotonic clock. */
  age_ms: number;
  sent: number;
  /** When it was first read. */
  received: number;
  decision: SharedDecision | null;
  shown: SharedEvidence["shown"];
}>;

/** What a feed reads from. */
export type FeedParts = Readonly<{
  pool: Pick<pg.Pool, "query">;
  schema: string;
  monotonic: () => number;
  log: (text: string) => void;
}>;

/** Creates a feed; concurrent reads are one. A text is sent only where it is another one than before. */
export function createFeed({ pool, schema, monotonic, log }: FeedParts): TableFeed {
  const { lease, evidence } = sharedTables(schema);
  let known: Known | null = null;
  let [watcher, isFree]: [string | null, boolean] = [null, false];
  let reading: Promise<void> | undefined;
  let isFailing = false;

  async function read(): Promise<void> {
    const sent = monotonic();
    const { rows } = await askDatabase(
      pool,
      `SELECT coalesce(e.generation, 0) AS generation, coalesce(e.seq, 0) AS seq, coalesce(e.as_of_ms, 0) AS as_of_ms,
         coalesce(e.shown_seq, 0) AS shown_seq, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms,
         (e.seq, e.generation) IS DISTINCT FROM ($1::bigint, $2::bigint) AS is_new,
         CASE WHEN (e.seq, e.generation) IS DISTINCT FROM ($1::bigint, $2::bigint) THEN e.decision END AS decision,
         e.shown_seq IS DISTINCT FROM $3::bigint AS is_shown_new,
         CASE WHEN e.shown_seq IS DISTINCT FROM $3::bigint THEN e.shown END AS shown,
         l.name AS watcher, coalesce(l.ends_at < clock_timestamp(), true) AS is_free
       FROM (SELECT 1) AS one LEFT JOIN ${evidence} e ON e.id = 1 LEFT JOIN ${lease} l ON l.id = 1`,
      [known?.seq ?? -1, known?.generation ?? -1, known?.shown_seq ?? -1],
    );
    const row = rowSchema.parse(rows[0]);
    const { generation, seq, shown_seq } = row;
    const behind = row.now_ms - row.as_of_ms;
    known = {
      ...{ generation, seq, shown_seq, sent },
      age_ms: behind < -MAX_AHEAD_MS ? Infinity : Math.max(0, behind),
      received: known?.seq === seq ? known.received : sent,
      decision: row.is_new ? row.decision && readDecision(row.decision) : (known?.decision ?? null),
      shown: row.is_shown_new ? row.shown && readShown(row.shown) : (known?.shown ?? null),
    } as Known;
    if (row.is_new && row.decision !== null && known.decision === null)
      log("the evidence of the process that watches cannot be read: use one version everywhere");
    [watcher, isFree] = [row.is_free ? null : row.watcher, row.is_free];
  }

  return Object.freeze({
    async refresh() {
      reading ??= read()
        .then(
          () => {
            isFailing = false;
          },
          (error: unknown) => {
            const text = error instanceof Error ? error.message : String(error);
            if (!isFailing) log(`the evidence of the process that watches was not read: ${text}`);
            isFailing = true;
            isFree = false;
          },
        )
        .finally(() => {
          reading = undefined;
        });
      await reading;
    },
    current() {
      if (known === null || known.decision === null) return null;
      const { decision, shown, generation, sent, received } = known;
      const now = monotonic();
      const age_ms = Math.max(known.age_ms + now - sent, now - received);
      return { ...decision, generation, age_ms, shown };
    },
    watcher: () => watcher,
    isFree: () => isFree,
  } satisfies TableFeed);
}
