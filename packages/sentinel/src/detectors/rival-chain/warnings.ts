/** What the node itself warns of: rules or a chain that it does not follow. */
import { SCALE } from "@dgb-shield/contract";
import { z } from "zod";
import { MAX_SEVERITY } from "../../stats/severity.js";
import type { DetectorFinding } from "../detector.js";

/** Longest text that is kept. */
const MAX_TEXT = 256;

/** Warnings of Bitcoin Core and its forks, by a part of their text; the most severe first. */
const KINDS = [
  { kind: "invalid_chain_longer", text: /invalid chain.*longer/i, severity: MAX_SEVERITY },
  { kind: "peers_disagree", text: /not (?:appear to )?fully agree/i, severity: SCALE.elevated },
  {
    kind: "longer_chain",
    text: /longest chain|longer chain|large(?:-| )work fork/i,
    severity: SCALE.elevated,
  },
  {
    kind: "unknown_rules",
    text: /unknown (?:new )?rules|unknown block versions/i,
    severity: SCALE.elevated,
  },
] as const;

export const warningSchema = z.strictObject({
  kind: z.enum(KINDS.map(({ kind }) => kind)),
  text: z.string(),
});
/** A warning of the node that concerns its chain. */
export type Warning = z.infer<typeof warningSchema>;

/** The warnings that concern the chain, each kind once. */
export function warningsOf(texts: readonly string[]): Warning[] {
  return KINDS.flatMap(({ kind, text }) => {
    const found = texts.find((one) => text.test(one));
    return found === undefined ? [] : [{ kind, text: found.slice(0, MAX_TEXT).toWellFormed() }];
  });
}

/** Findings of the warnings. */
export const warningFindings = (warnings: readonly Warning[], height: number): DetectorFinding[] =>
  warnings.map(({ kind, text }) => ({
    finding_id: `rival_chain:warning:${kind}`,
    severity: KINDS.find((one) => one.kind === kind)?.severity ?? SCALE.elevated,
    summary: `the node warns: ${text}`,
    height,
    latched: false,
    evidence: { kind: "warning", warning: kind, text },
  }));
