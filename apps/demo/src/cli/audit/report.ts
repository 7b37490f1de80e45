/** Verifies checkpoints, records and decisions of a ledger, in one pass over the records. */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import {
  type Checkpoint,
  type CheckpointTrust,
  type ProofRefusal,
  recordPages,
  type SourceItem,
  type Verified,
  verifyRecords,
} from "@dgb-shield/wallet-guardian/audit";
import { type VerifiedLines, verifyLines } from "../../audit/checkpoint-line.js";
import { linesOf } from "../../audit/checkpoint-store.js";
import type { Recheck, Rechecked } from "../../audit/recheck/index.js";
import type { AuditStores } from "../../audit/stores.js";
import { exportedPages, readLines } from "./read-file.js";

/** `changed`: something is not what was signed, or not what the rules give. `unsigned`: no checkpoint covers a record. */
export type AuditVerdict = "verified" | "changed" | "unsigned" | "rules_differ";

/** A line of checkpoints that is refused. */
export type RefusedLine = Readonly<{
  /** `own`: the deployment's own lines. */
  file: string;
  line: number;
  code: ProofRefusal["code"] | "other_ledger";
  detail: string;
}>;

/** The result of a verification. */
export type AuditReport = Readonly<{
  verdict: AuditVerdict;
  tree: Verified;
  refused: readonly RefusedLine[];
  /** Null where the decisions were left out. */
  decisions: Rechecked | null;
}>;

/** What is verified, and against what. */
export type ReportParts = Readonly<{
  ledger: Pick<Ledger, "records" | "identity">;
  /** Null where no audit was kept. */
  stores: AuditStores | null;
  trust: CheckpointTrust;
  /** Files of exported checkpoints. */
  checkpoints: readonly string[];
  /** File of exported records. */
  exported: string | undefined;
  recheck: Recheck | null;
  /** Is called with how many records there may be; gives what is called with the number of the last one. */
  progress: (total: number) => (seq: number) => unknown;
}>;

type VerifiedFile = VerifiedLines & Readonly<{ file: string }>;

/**
 * Verifies.
 *
 * @throws what reading rejects with
 */
export async function reportOn(parts: ReportParts): Promise<AuditReport> {
  const { ledger, stores, recheck, exported } = parts;
  const files = await verifiedFiles(parts);
  const identity = await ledger.identity();
  const all = files.flatMap(({ checkpoints }) => checkpoints);
  const stored = stores === null ? 0 : await stores.hashes.count(0);
  const tree = await verifyRecords({
    identity,
    pages: rechecked(pagesOf(ledger, exported), recheck),
    store: stores?.hashes ?? null,
    salts: stores?.salts ?? null,
    checkpoints: distinct(all).filter(({ ledger_id }) => ledger_id === identity.ledger_id),
    progress: parts.progress(Math.max(stored, ...all.map(({ tree_size }) => tree_size))),
  });
  const refused = files.flatMap((file) => refusedIn(file, identity.ledger_id));
  const decisions = recheck?.result() ?? null;
  return { verdict: verdictOf(tree, refused, decisions), tree, refused, decisions };
}

async function verifiedFiles({ stores, trust, checkpoints }: ReportParts): Promise<VerifiedFile[]> {
  const files: VerifiedFile[] = [];
  if (stores !== null)
    files.push({ file: "own", ...(await verifyLines(linesOf(stores.checkpoints), trust)) });
  for (const file of checkpoints)
    files.push({ file, ...(await verifyLines(readLines(file), trust)) });
  return files;
}

function refusedIn({ file, refused, checkpoints }: VerifiedFile, ledgerId: string): RefusedLine[] {
  return [
    ...refused.map(({ line, code, detail }) => ({ file, line, code, detail })),
    ...checkpoints.flatMap(({ ledger_id }, at): RefusedLine[] =>
      ledger_id === ledgerId
        ? []
        : [{ file, line: at + 1, code: "other_ledger", detail: `of the ledger ${ledger_id}` }],
    ),
  ];
}

function distinct(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  const keyOf = ({ epoch, tree_size, root }: Checkpoint) => `${epoch} ${tree_size} ${root}`;
  return [...new Map(checkpoints.map((one) => [keyOf(one), one])).values()];
}

function verdictOf(
  tree: Verified,
  refused: readonly RefusedLine[],
  decisions: Rechecked | null,
): AuditVerdict {
  const differences = decisions?.differences_count ?? 0;
  if (tree.findings_count > 0 || refused.length > 0 || differences > 0) return "changed";
  if (tree.checkpoints === 0) return "unsigned";
  return (decisions?.other_rules.length ?? 0) > 0 ? "rules_differ" : "verified";
}

/** The ledger's records, after those that were pruned, as far as an export has them. */
async function* pagesOf(
  ledger: Pick<Ledger, "records">,
  exported: string | undefined,
): AsyncGenerator<readonly SourceItem[]> {
  if (exported !== undefined) {
    const [oldest] = await ledger.records(0, 1);
    yield* exportedPages(exported, oldest?.seq ?? Infinity);
  }
  yield* recordPages(ledger);
}

async function* rechecked(
  pages: AsyncIterable<readonly SourceItem[]>,
  recheck: Recheck | null,
): AsyncGenerator<readonly SourceItem[]> {
  for await (const page of pages) {
    if (recheck !== null) {
      for (const item of page) if ("record" in item) await recheck.take(item.record);
    }
    yield page;
  }
}
