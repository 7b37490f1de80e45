/** What the commands of the audit print for a person; nothing of a record moves the cursor or breaks a line. */
import {
  erasedValues,
  type ProofRefusal,
  type ProvenPayment,
  type Verified,
} from "@dgb-shield/wallet-guardian/audit";
import type { VerifiedLines } from "../../audit/checkpoint-line.js";
import type { Rechecked } from "../../audit/recheck/index.js";
import { counted, grouped, printable } from "../../timeline/format.js";
import { findingText } from "./finding-text.js";
import type { AuditReport, AuditVerdict } from "./report.js";
import { recordLine } from "./timeline.js";

const SENTENCE: Readonly<Record<AuditVerdict, string>> = {
  verified: "VERIFIED: every signed record is as it was signed",
  changed: "CHANGED: what is there is not what was signed, or not what the rules give",
  unsigned: "UNSIGNED: no checkpoint covers a record, so that nothing is verified",
  rules_differ:
    "VERIFIED, RULES DIFFER: every signed record is as it was signed; some decisions were made by other rules or policies",
};

/** The text of a report. */
export const auditText = ({ verdict, tree, refused, decisions }: AuditReport): string =>
  [
    SENTENCE[verdict],
    ...treeLines(tree),
    ...tree.findings.map((finding) => `  ${findingText(finding)}`),
    ...moreText(tree.findings_count - tree.findings.length),
    ...refused.map(
      ({ file, line, code, detail }) =>
        `  checkpoint ${line} of ${file === "own" ? "the deployment" : printable(file)} is refused: ${code}: ${printable(detail)}`,
    ),
    ...(decisions === null ? [] : decisionLines(decisions)),
    "",
  ].join("\n");

function treeLines(tree: Verified): string[] {
  const { records, checkpoints, covered_through, last_seq, pruned, before_tree, erased } = tree;
  const after = last_seq - covered_through;
  const rest =
    after > 0 && covered_through > 0 ? `; the last ${grouped(after)} are in no checkpoint yet` : "";
  const before =
    before_tree === 0 ? "" : ` (${grouped(before_tree)} before the tree began, without a hash)`;
  return [
    `${counted(records, "record")}, ${counted(checkpoints, "checkpoint")}, signed through record ${grouped(covered_through)}${rest}`,
    ...(pruned === 0
      ? []
      : [`${counted(pruned, "record")} pruned: their hashes alone are verified${before}`]),
    ...(erased === 0
      ? []
      : [
          `${counted(erased, "record")} erased: personal data is gone, the rest is as it was signed`,
        ]),
  ];
}

const moreText = (count: number): string[] => (count > 0 ? [`  and ${grouped(count)} more`] : []);

function decisionLines({ decisions, computed, left_out, erased, ...rest }: Rechecked): string[] {
  const { differences, differences_count, other_rules } = rest;
  const others =
    (left_out === 0 ? "" : `; ${grouped(left_out)} of another form left out`) +
    (erased === 0 ? "" : `; ${grouped(erased)} erased`);
  return [
    `${counted(decisions, "decision")}, ${grouped(computed)} computed again, ${counted(differences_count, "difference")}${others}`,
    ...differences.map(
      ({ seq, layer, detail }) => `  record ${grouped(seq)}, ${layer}: ${printable(detail)}`,
    ),
    ...moreText(differences_count - differences.length),
    "  not computed again, since it follows from the records before: what windows, cooldown, freezes and known destinations decided",
    ...other_rules.map(
      (one) =>
        `  ${counted(one.decisions, "decision")} from record ${grouped(one.first_seq)} on: ${one.layer} by ${printable(one.version)}`,
    ),
  ];
}

/** The text of a verified or refused proof. */
export function proofText(answer: ProvenPayment | ProofRefusal): string {
  if (!answer.accepted) {
    const { code, path, detail } = answer;
    return `REFUSED: ${code}${path === "" ? "" : ` at ${printable(path)}`}: ${printable(detail)}\n`;
  }
  const { checkpoint, key_id, records, payment_id } = answer;
  const time = new Date(checkpoint.at_ms).toISOString();
  const erased = records.filter((record) => erasedValues(record) > 0).length;
  const rest = erased === 0 ? "" : `; ${grouped(erased)} erased: their personal data is gone`;
  return [
    `VERIFIED: ${counted(records.length, "record")} of payment ${printable(payment_id)}, as signed${rest}`,
    `checkpoint of ${printable(checkpoint.deployment_id)} over ${counted(checkpoint.tree_size, "record")} at ${time}, key ${printable(key_id)}`,
    ...records.map(recordLine),
    "",
  ].join("\n");
}

/** The text of checkpoints that were verified without a ledger. */
export function linesText(file: string, { checkpoints, refused }: VerifiedLines): string {
  const last = checkpoints.at(-1);
  const isVerified = refused.length === 0 && last !== undefined;
  const end =
    last === undefined
      ? ""
      : `, the last one over ${counted(last.tree_size, "record")} at ${new Date(last.at_ms).toISOString()}`;
  return [
    `${isVerified ? "VERIFIED" : "REFUSED"}: ${printable(file)}: ${counted(checkpoints.length, "checkpoint")}${end}`,
    ...refused.map(({ line, code, detail }) => `  line ${line}: ${code}: ${printable(detail)}`),
    "",
  ].join("\n");
}
