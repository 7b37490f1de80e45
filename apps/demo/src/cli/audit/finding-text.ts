/** A finding of the audit as a sentence. */
import type { AuditFinding } from "@dgb-shield/wallet-guardian/audit";
import { counted, grouped } from "../../timeline/format.js";

type Span = Readonly<{ from_seq: number; through_seq: number }>;

const span = ({ from_seq, through_seq }: Span): string =>
  from_seq === through_seq
    ? `record ${grouped(from_seq)}`
    : `records ${grouped(from_seq)} to ${grouped(through_seq)}`;

/** What was found, and where. */
export function findingText(finding: AuditFinding): string {
  switch (finding.code) {
    case "changed":
      return `record ${grouped(finding.seq)}: not the one that was entered: changed, moved, or another in its place`;
    case "salts_missing":
      return `${grouped(finding.records)} of ${span(finding)}: their salts are missing, so that nothing shows whether they were changed: restore the salts (the file audit/salts, or the table audit_salts) from the backup of the same time as the ledger`;
    case "salts_differ":
      return `none of ${counted(finding.records, "record")} with personal data fits its salt: the salts are of another ledger or another time: restore the salts from the backup of the same time as the ledger`;
    case "erased_without_order":
      return `record ${grouped(finding.seq)}: personal data was erased, and no record orders it`;
    case "missing":
      return `${span(finding)}: missing, and not pruned`;
    case "unreadable":
      return `record ${grouped(finding.seq)}: cannot be read`;
    case "repeated":
      return `record ${grouped(finding.seq)}: out of order`;
    case "truncated":
      return `${span(finding)}: signed, and not there: cut off, or an older copy of the ledger`;
    case "checkpoint_differs":
      return `${span(finding)}: the change is among these; the checkpoint of ${new Date(finding.at_ms).toISOString()} is the first that differs`;
    case "store_differs":
      return `record ${grouped(finding.seq)}: as it was signed; the hash that is kept beside the ledger was changed`;
    case "lost_at_adoption":
      return `${span(finding)}: signed in epoch ${finding.epoch}, and lost: a restored ledger was adopted`;
    case "older_ledger":
      return `the ledger is a copy of epoch ${finding.epoch}, and epoch ${finding.signed_epoch} was signed`;
  }
}
