/** Collects what an incident report has: what is open, tips, decisions and orders of a time range, how to verify them. */
import type { ShieldClient } from "@dgb-shield/client/http";
import { problemOf } from "../api.js";
import type {
  Branch,
  DefenseState,
  Finding,
  Freeze,
  History,
  Incidents,
  Status,
  TipStatement,
} from "../model.js";

/** A record, as the ledger has it. */
export type Recorded = Readonly<{
  seq: number;
  at_ms: number;
  kind: string;
  record: Readonly<Record<string, unknown>>;
}>;

/** A time range, milliseconds. */
export type Range = Readonly<{ from_ms: number; to_ms: number }>;

/** Everything of a report. */
export type Report = Readonly<{
  range: Range;
  made_at_ms: number;
  made_by: string;
  status: Status;
  /** Those that were open at some time in the range, with their ends. */
  incidents: Incidents;
  findings: readonly Readonly<{ node_id: string | null; finding: Finding }>[];
  lockdown: DefenseState;
  freezes: readonly Freeze[];
  branches: readonly Branch[];
  /** Which tip was followed when the report was made, signed; or why there is none. */
  statement: TipStatement | Readonly<{ missing: string }>;
  changes: History["changes"];
  reorgs: History["reorgs"];
  records: readonly Recorded[];
  /** Records of the range beyond those that are listed. */
  is_cut: boolean;
}>;

/** Records of a report at most. */
const MAX_RECORDS = 5_000;
const PAGE = 1_000;
/** Incidents of a report at most. */
const MAX_INCIDENTS = 1_000;

/** Problems that mean that there is no statement now. */
const NO_STATEMENT: ReadonlySet<string> = new Set([
  ...["no_tip_key", "tip_unknown", "tip_not_signed"],
]);

/** Collects; rejects where anything of it cannot be read: a report with a gap is none. */
export async function collect(api: ShieldClient, range: Range, by: string): Promise<Report> {
  const { from_ms: from, to_ms: to } = range;
  const [status, incidents, { findings }, lockdown, { freezes }, { chain }, history, statement] =
    await Promise.all([
      api.get("/v1/status"),
      api.get("/v1/incidents", { query: { from, to, limit: MAX_INCIDENTS } }),
      api.get("/v1/findings"),
      api.get("/v1/lockdown"),
      api.get("/v1/freezes", { query: { limit: PAGE } }),
      api.get("/v1/chain"),
      api.get("/v1/history", { query: { hours: 168, points: 1_000 } }),
      // A service that cannot vouch for a tip, or has no key, has a report all the same.
      api.get("/v1/chain/statement").catch((error: unknown) => {
        const { code, title, detail } = problemOf(error);
        if (!NO_STATEMENT.has(code)) throw error;
        return { missing: `${title}: ${detail}` };
      }),
    ]);
  const { records, is_cut } = await recordsOf(api, range);
  const isWithin = ({ at_ms }: Readonly<{ at_ms: number }>): boolean =>
    at_ms >= range.from_ms && at_ms <= range.to_ms;
  return {
    ...{ range, made_at_ms: status.as_of_ms, made_by: by, status, incidents, findings, lockdown },
    ...{ freezes, records, is_cut, statement },
    branches: chain?.branches ?? [],
    changes: history.changes.filter(isWithin),
    reorgs: history.reorgs.filter(isWithin),
  };
}

async function recordsOf(
  api: ShieldClient,
  { from_ms, to_ms }: Range,
): Promise<Readonly<{ records: Recorded[]; is_cut: boolean }>> {
  const records: Recorded[] = [];
  let after = await lastBefore(api, from_ms);
  for (;;) {
    const page = await api.get("/v1/records", { query: { after, limit: PAGE } });
    for (const record of page.records) {
      if (record.at_ms > to_ms) return { records, is_cut: false };
      if (record.at_ms >= from_ms) records.push(record);
      if (records.length >= MAX_RECORDS) return { records, is_cut: true };
    }
    if (page.next === null) return { records, is_cut: false };
    after = page.next;
  }
}

/** The number of a record before a time, found by halving: records are in the order of their times. */
async function lastBefore(api: ShieldClient, ms: number): Promise<number> {
  const isBefore = async (seq: number): Promise<boolean> => {
    const { records } = await api.get("/v1/records", { query: { after: seq, limit: 1 } });
    const [first] = records;
    return first !== undefined && first.at_ms < ms;
  };
  if (!(await isBefore(0))) return 0;
  let [low, high] = [0, 1];
  while (await isBefore(high)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isBefore(middle)) low = middle;
    else high = middle;
  }
  return low;
}
