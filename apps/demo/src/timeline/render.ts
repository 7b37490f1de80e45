/** Renders the timeline as lines of text. */
import { levelOfScore, type RiskLevel } from "@dgb-shield/contract";
import type { Advice, Entry, Outcome, ScenarioHead, Summary } from "./entries.js";
import type { ChainSplit } from "./chain-split.js";
import {
  counted,
  grouped,
  type Paint,
  printable,
  type Style,
  timeText,
  wrapped,
} from "./format.js";

/** Renders entries one after the other; equal outcomes in a row are shown twice, then counted. */
export type Renderer = Readonly<{
  lines(entry: Entry): string[];
}>;

const STYLE_OF_LEVEL: Readonly<Record<RiskLevel, Style>> = {
  normal: "green",
  elevated: "yellow",
  high: "red",
  critical: ["bold", "red"],
};

const STYLE_OF_DECISION: Readonly<Record<string, Style>> = {
  allow: "green",
  warn: "yellow",
  delay: "yellow",
  require_extra_auth: "yellow",
  block: "red",
};

const SHOWN_IN_FULL = 2;

/** Columns that time and layer take, before the text of a line. */
const INDENT = 26;
const NARROWEST_TEXT = 40;

/**
 * Creates a renderer for one run of scenarios.
 *
 * @param columns width of the terminal; without one, lines are not broken
 */
export function createRenderer(paint: Paint, columns = Infinity): Renderer {
  const textWidth = Math.max(NARROWEST_TEXT, columns - INDENT);
  const repeats = createRepeats();
  let head: ScenarioHead | undefined;

  function line(atMs: number, layer: string, text: string): string {
    const time = timeText(head?.clock ?? "utc", atMs, head?.zero_ms ?? 0);
    const lines = wrapped(text, textWidth).join(`\n${" ".repeat(INDENT)}`);
    return `${paint("dim", time.padStart(14))}  ${paint("cyan", layer.padEnd(8))}  ${lines}`;
  }

  function linesOf(entry: Entry): string[] {
    const at = entry.at_ms;
    switch (entry.type) {
      case "scenario":
        head = entry.scenario;
        return headLines(entry.scenario, paint);
      case "phase":
        return ["", line(at, "", paint("bold", `— ${entry.label}: ${entry.note}`))];
      case "finding":
      case "finding_worse": {
        const level = levelOfScore(entry.finding.severity);
        const word = paint(STYLE_OF_LEVEL[level], level.toUpperCase().padEnd(8));
        const detector = entry.finding.detector;
        return [
          line(
            at,
            "Sentinel",
            `${word} ${detector}: ${printable(entry.finding.summary)} · ${entry.node_id}`,
          ),
        ];
      }
      case "finding_over":
        return [
          line(
            at,
            "Sentinel",
            `${"over".padEnd(8)} ${entry.finding.finding_id} · ${entry.node_id}`,
          ),
        ];
      case "chain_split":
        return [line(at, "chain", splitText(entry.split, paint))];
      case "advice":
        return [line(at, "DQSN", adviceText(entry.advice, paint))];
      case "defense": {
        const { lockdown, level, reason, events } = entry.state;
        const word = paint(STYLE_OF_LEVEL[level], `lockdown ${lockdown}`);
        // A reason explains the lockdown; a level without one is explained by the worst event.
        const [worst] = lockdown === "NONE" && level !== "normal" ? events : [];
        const why = worst === undefined ? reason : `${worst.type}: ${printable(worst.summary)}`;
        return [line(at, "ADN", `${word} (${level}): ${why}`)];
      }
      case "order": {
        const { operator, reason, detector } = entry.order;
        const what =
          entry.finding_ids.length > 0
            ? entry.finding_ids.join(", ")
            : `${detector}: nothing to release`;
        return [line(at, "operator", paint("bold", `${operator} releases ${what} — “${reason}”`))];
      }
      case "withdrawal":
        return [line(at, "wallet", outcomeText(entry.outcome, head?.coin ?? "coins", paint))];
      case "summary":
        return ["", ...summaryLines(entry.summary, head?.coin ?? "coins", paint), ""];
    }
  }

  return Object.freeze({
    lines(entry) {
      const { hide, before } = repeats(entry);
      const note =
        before === undefined ? [] : [line(before.at_ms, "wallet", paint("dim", before.text))];
      return hide ? note : [...note, ...linesOf(entry)];
    },
  } satisfies Renderer);
}

type Repeats = (entry: Entry) => {
  hide: boolean;
  before: { at_ms: number; text: string } | undefined;
};

function createRepeats(): Repeats {
  let same = "";
  let count = 0;
  let last = 0;
  return (entry) => {
    const key = entry.type === "withdrawal" ? outcomeKey(entry.outcome) : "";
    if (key !== "" && key === same) {
      count++;
      last = entry.at_ms;
      return { hide: count > SHOWN_IN_FULL, before: undefined };
    }
    const hidden = count - SHOWN_IN_FULL;
    const before = hidden > 0 ? { at_ms: last, text: `… and ${hidden} more likewise` } : undefined;
    [same, count] = [key, 1];
    return { hide: false, before };
  };
}

const outcomeKey = ({ record, recalled }: Outcome): string =>
  [
    record.result.reason_id,
    record.guardian.decision,
    ...record.guardian.reason_codes,
    recalled,
  ].join();

function headLines(head: ScenarioHead, paint: Paint): string[] {
  const label = paint(["bold", "inverse"], ` ${head.origin.toUpperCase()} `);
  const kind = head.ledger === "sqlite" ? "SQLite, durable" : "memory, NOT durable";
  return [
    `${paint("bold", head.name)}  ${label}  ${head.title}`,
    ...head.provenance.map((text) => paint("dim", `  ${text}`)),
    paint("dim", `  chain: ${head.chain}`),
    ...head.reporters.map(({ node_id, operator, note }) =>
      paint("dim", `  node ${node_id} (run by ${operator}): ${note}`),
    ),
    paint("dim", `  withdrawals and operator's orders are simulated · ledger: ${kind}`),
  ];
}

function adviceText(advice: Advice, paint: Paint): string {
  const { level, score, critical_operators, decision, reason_codes } = advice;
  const isHeld = level.startsWith("CRITICAL") && critical_operators.length === 0;
  const named =
    critical_operators.length > 0 ? `, critical at ${critical_operators.join(", ")}` : "";
  const who = isHeld ? ", held for a minute after the last alarm" : named;
  const style = level === "NORMAL" ? "green" : level === "CRITICAL_GLOBAL" ? "red" : "yellow";
  const codes = reason_codes.join(", ");
  return `network ${paint(style, level)} (${score}${who}) · own evidence ${decision} (${codes})`;
}

function splitText({ nodes, status, fork_height, lengths }: ChainSplit, paint: Paint): string {
  const [own, other] = nodes;
  if (status === "over") return `${own} and ${other} follow one chain again`;
  const since = fork_height === null ? "" : ` after block ${grouped(fork_height)}`;
  const branches = `${counted(lengths[0], "block")} at ${own}, ${counted(lengths[1], "block")} at ${other}`;
  return `${paint(["bold", "red"], "SPLIT")}    ${own} and ${other} follow different chains${since}: ${branches}`;
}

function outcomeText(outcome: Outcome, coin: string, paint: Paint): string {
  const { withdrawal_id, amount, record, recalled, unsettled } = outcome;
  const { guardian, result, veto, final } = record;
  const codes = guardian.reason_codes.filter((code) => code !== "within_limits");
  const byGuardian = `Guardian ${[guardian.decision, ...codes].join(" ")}`;
  const word = finalDecisionOf(record);
  const decision = paint(STYLE_OF_DECISION[word] ?? "red", word.toUpperCase().padEnd(5));
  const why = final === "ALLOW" ? byGuardian : `${veto ?? result.reason_id} ← ${byGuardian}`;
  const note = recalled ? paint("dim", " · from the ledger") : "";
  const payment = unsettled === null ? "" : paint("red", ` · payment not recorded: ${unsettled}`);
  const coins = `${grouped(amount)} ${coin}`.padStart(18);
  return `${withdrawal_id} ${coins}  ${decision}  ${why}${note}${payment}`;
}

/** Names the final decision: a vetoed allow is a block. */
function finalDecisionOf({ final, result }: Outcome["record"]): string {
  if (final === "ALLOW") return "allow";
  return result.decision === "allow" ? "block" : result.decision;
}

function summaryLines(summary: Summary, coin: string, paint: Paint): string[] {
  const findings = pairs(summary.findings) || "none";
  const refused = summary.withdrawals - summary.allowed;
  const recalled =
    summary.recalled > 0 ? `, ${summary.recalled} of them recalled from the ledger` : "";
  const splits =
    summary.chain_splits > 0 ? `; ${counted(summary.chain_splits, "split")} of the chain` : "";
  const dropped = summary.events_dropped > 0 ? `, ${summary.events_dropped} dropped` : "";
  return [
    `${paint("bold", `${summary.scenario}, in short`)} (${summary.origin})`,
    `  chain        ${counted(summary.blocks, "block")} in ${counted(summary.observations, "observation")}, all nodes together; findings: ${findings}${splits}`,
    `  network      worst advisory ${summary.worst_advisory}, worst lockdown ${summary.worst_lockdown}`,
    `  withdrawals  ${summary.withdrawals}: ${summary.allowed} allowed (${grouped(summary.allowed_amount)} ${coin}), ${refused} not${recalled}`,
    `  decisions    ${pairs(summary.decisions)}`,
    `  events       ${summary.events_exported} exported${dropped}`,
  ];
}

const pairs = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
