/** What a verification of records can find. */

/** A finding; numbers are those of records. */
export type AuditFinding =
  /** The record is not the one that was entered in the tree: changed, moved, or another one in its place. */
  | Readonly<{ code: "changed"; seq: number }>
  /** The ledger has no such records, and no record says that they were pruned. */
  | Readonly<{ code: "missing"; from_seq: number; through_seq: number }>
  /** The salts of `records` records among these are gone, under which they were entered: whether they were changed cannot be computed. */
  | Readonly<{ code: "salts_missing"; from_seq: number; through_seq: number; records: number }>
  /** None of the records with personal values is, under its salt, the one that was entered: the salts are of another ledger. */
  | Readonly<{ code: "salts_differ"; records: number }>
  /** Personal values of the record are gone, and no record orders it. */
  | Readonly<{ code: "erased_without_order"; seq: number }>
  /** The ledger has something under this number that is no record. */
  | Readonly<{ code: "unreadable"; seq: number }>
  /** The records came out of order. */
  | Readonly<{ code: "repeated"; seq: number }>
  /** The ledger ends before what was signed: cut off, or an older copy of it. */
  | Readonly<{ code: "truncated"; from_seq: number; through_seq: number }>
  /** A signed root is not that of the records, and the change is among these. */
  | Readonly<{
      code: "checkpoint_differs";
      from_seq: number;
      through_seq: number;
      /** When the first checkpoint that differs was signed. */
      at_ms: number;
    }>
  /** The record is the one that was signed; the hash that is stored beside the ledger is not. */
  | Readonly<{ code: "store_differs"; seq: number }>
  /** Records that were signed in an earlier epoch are not those of a ledger that was restored and adopted. */
  | Readonly<{ code: "lost_at_adoption"; epoch: number; from_seq: number; through_seq: number }>
  /** The ledger is a copy of before an adoption. */
  | Readonly<{ code: "older_ledger"; epoch: number; signed_epoch: number }>;

/** Findings that are listed. */
const MAX_LISTED = 100;

type Span = Readonly<{ from_seq: number; through_seq: number }>;

/** Findings of one pass. */
export type Findings = Readonly<{
  add(finding: AuditFinding): void;
  /** Counts a record whose salt is missing. */
  addSaltless(seq: number): void;
  addTruncated(span: Span): void;
  addLost(lost: Span & Readonly<{ epoch: number }>): void;
  /** Keeps the first: a root that differs makes all later ones differ. */
  addUnverified(differs: Span & Readonly<{ at_ms: number }>): void;
  list(): Readonly<{ findings: readonly AuditFinding[]; count: number }>;
}>;

/** Collects findings. Those that every later checkpoint would repeat are one. */
export function createFindings(): Findings {
  const findings: AuditFinding[] = [];
  let count = 0;
  const add = (finding: AuditFinding): void => {
    count++;
    if (findings.length < MAX_LISTED) findings.push(finding);
  };
  const widened = (finding: AuditFinding & Span, isSame: (one: AuditFinding) => boolean): void => {
    const at = findings.findIndex((one) => one.code === finding.code && isSame(one));
    const before = findings[at];
    if (before === undefined) add(finding);
    else {
      const through_seq = Math.max(finding.through_seq, (before as Span).through_seq);
      findings[at] = { ...before, through_seq } as AuditFinding;
    }
  };
  return Object.freeze({
    add,
    addSaltless(seq) {
      const at = findings.findIndex(({ code }) => code === "salts_missing");
      const before = findings[at];
      if (before?.code !== "salts_missing")
        add({ code: "salts_missing", from_seq: seq, through_seq: seq, records: 1 });
      else findings[at] = { ...before, through_seq: seq, records: before.records + 1 };
    },
    addTruncated: (span) => widened({ code: "truncated", ...span }, () => true),
    addLost: (lost) =>
      widened(
        { code: "lost_at_adoption", ...lost },
        (one) => "epoch" in one && one.epoch === lost.epoch,
      ),
    addUnverified(differs) {
      if (findings.some(({ code }) => code === "checkpoint_differs")) return;
      add({ code: "checkpoint_differs", ...differs });
    },
    list: () => ({ findings: Object.freeze([...findings]), count }),
  } satisfies Findings);
}
