/** What changed between two looks at a fleet: tips, branches, states of nodes, findings. */
import { levelOfScore } from "@dgb-shield/contract";
import type { FleetReport } from "@dgb-shield/sentinel";
import { z } from "zod";
import { printable } from "../timeline/format.js";

/** Kinds of what can change. `tip`: a node has a new block, which is no news by itself. */
const CHANGE_KINDS = ["tip", "branch", "status", "finding"] as const;

const changeSchema = z.strictObject({
  /** Time of the report that showed it, in milliseconds since 1970. */
  at_ms: z.number(),
  kind: z.enum(CHANGE_KINDS),
  text: z.string(),
  /** Whether the finding or state has ended. */
  is_over: z.boolean(),
});
/** One change. */
export type Change = z.infer<typeof changeSchema>;

/** Changes that are kept to be shown. */
const MAX_KEPT = 32;

/** What a restart of the watch needs to say only what is new. */
export const changesStateSchema = z.strictObject({
  shown: z.array(z.tuple([z.string(), z.enum(CHANGE_KINDS), z.string()])),
  latest: z.array(changeSchema).max(MAX_KEPT),
});
/** See `changesStateSchema`. */
export type ChangesState = z.infer<typeof changesStateSchema>;

/** Follows what changes. */
export type Changes = Readonly<{
  /** Takes the next report; gives what is new in it. */
  take(report: FleetReport): readonly Change[];
  /** The latest changes other than new blocks, the newest last. */
  latest(): readonly Change[];
  state(): ChangesState;
}>;

type Line = Readonly<{ kind: Change["kind"]; text: string }>;

/** Digits of a hash that are shown. */
export const SHOWN_DIGITS = 16;

/** Goes on from what was shown before, or begins with nothing. */
export function createChanges(before?: ChangesState): Changes {
  let shown = new Map<string, Line>(
    (before?.shown ?? []).map(([key, kind, text]) => [key, { kind, text }]),
  );
  let latest: readonly Change[] = before?.latest ?? [];
  return Object.freeze({
    take(report) {
      const now = linesOf(report);
      const at_ms = report.observed_at_ms;
      const begun = [...now]
        .filter(([key, { text }]) => shown.get(key)?.text !== text)
        .map(([, line]) => ({ at_ms, ...line, is_over: false }));
      const over = [...shown]
        .filter(([key]) => !now.has(key))
        .map(([, line]) => ({ at_ms, ...line, is_over: true }));
      const changes = [...begun, ...over];
      shown = now;
      latest = [...latest, ...changes.filter(({ kind }) => kind !== "tip")].slice(-MAX_KEPT);
      return changes;
    },
    latest: () => latest,
    state: () => ({
      shown: [...shown].map(([key, { kind, text }]) => [key, kind, text]),
      latest: [...latest],
    }),
  } satisfies Changes);
}

/** What can change: tip and branch of each node, its state, the findings. */
function linesOf(report: FleetReport): Map<string, Line> {
  const lines = new Map<string, Line>();
  const add = (key: string, kind: Line["kind"], text: string) => lines.set(key, { kind, text });
  for (const { tip_hash, tip_height, fork_height, nodes } of report.branches) {
    const place = fork_height === null ? "" : `, apart above ${fork_height}`;
    for (const { node_id, software } of nodes) {
      const version = printable(software ?? "unknown version");
      const hash = tip_hash.slice(-SHOWN_DIGITS);
      add(`tip ${node_id}`, "tip", `${node_id} ${version}: chain ${tip_height} ${hash}${place}`);
      if (fork_height === null) continue;
      add(`branch ${node_id}`, "branch", `${node_id} follows another branch${place}`);
    }
  }
  for (const { node_id, status } of report.reports) {
    if (status !== "WATCHING") add(`status ${node_id}`, "status", `${node_id}: ${status}`);
  }
  for (const { key, level, text } of findingsOf(report)) add(key, "finding", `${level}: ${text}`);
  return lines;
}

/** Findings of the fleet, then of each node. */
export function findingsOf({ findings, reports }: FleetReport) {
  const own = findings.map(({ finding_id, severity, summary }) => ({
    key: finding_id,
    level: levelOfScore(severity),
    text: printable(summary),
  }));
  const each = reports.flatMap((one) =>
    one.findings.map(({ finding_id, severity, summary }) => ({
      key: `${one.node_id} ${finding_id}`,
      level: levelOfScore(severity),
      text: `${one.node_id}: ${printable(summary)}`,
    })),
  );
  return [...own, ...each];
}
