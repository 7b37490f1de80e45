/** The source of a decision's balance, age and behaviour: proven by a node or the ledger, or stated by the caller. */
import { counted, durationText, grouped } from "./format.js";

/** One fact of a decision. */
export type FactText = Readonly<{
  name: string;
  /** Its source, in two or three words. */
  word: string;
  tone: "good" | "warn" | "plain";
  /** What counted, and what the caller stated beside it. */
  detail: string;
}>;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Describes the sources of one decision's facts.
 *
 * @param provenance the record's member of that name, as it came
 * @param values what counted: the record's context, or the timeline's `counted`
 * @param unit of amounts
 * @returns three facts; none where the record does not state it, as those of earlier versions
 */
export function factTexts(provenance: unknown, values: unknown, unit: string): FactText[] {
  if (!isObject(provenance)) return [];
  const counting = isObject(values) ? values : {};
  return FACTS.map(({ field, ...fact }) =>
    factText(fact, {
      fact: provenance[field],
      value: fact.valueText(counting[field], unit),
      unit,
    }),
  );
}

type Fact = Readonly<{
  name: string;
  /** A value that counted or was stated, as text; null: it is none. */
  valueText: (value: unknown, unit: string) => string | null;
  /** What a contradiction came to. */
  against: string;
}>;

const FACTS: readonly (Fact & Readonly<{ field: string }>)[] = [
  {
    field: "wallet_balance",
    name: "balance of the wallet",
    valueText: amountText,
    against: "more than the node's wallet holds",
  },
  {
    field: "address_age_days",
    name: "age of the destination",
    valueText: (days) => (isCount(days) ? `known for ${counted(days, "day")}` : null),
    against: "longer than the ledger knows it",
  },
  {
    field: "behaviour_score",
    name: "behaviour",
    valueText: (score) => (isCount(score) ? `score ${score}, 1 is usual` : null),
    against: "more usual than the ledger's history",
  },
];

type Read = Readonly<{ fact: unknown; value: string | null; unit: string }>;

function factText({ name, valueText, against }: Fact, { fact, value, unit }: Read): FactText {
  const { source, stated, contradicted, node_id, age_ms } = isObject(fact) ? fact : {};
  const other = beside({
    stated: textOf(stated, { valueText, unit }),
    value,
    contradicted,
    against,
  });
  const isAgainst = contradicted === true;
  switch (source) {
    case "caller":
      return {
        ...{ name, word: "stated by the caller", tone: "plain" },
        detail: value ?? "nothing that can be read was stated",
      };
    case "ledger":
      return {
        ...{ name, word: proven("the ledger", isAgainst), tone: isAgainst ? "warn" : "good" },
        detail: `${value ?? UNREADABLE}${other}`,
      };
    case "node": {
      const node = typeof node_id === "string" ? node_id : "a node";
      if (typeof age_ms !== "number") {
        const detail = `${node} gave no balance of within 15 s, and the caller's statement does not take its place${other}`;
        return { name, word: "not proven", tone: "warn", detail };
      }
      return {
        ...{ name, word: proven("a node", isAgainst), tone: isAgainst ? "warn" : "good" },
        detail: `${value ?? UNREADABLE}, of ${node}, asked ${durationText(age_ms)} before${other}`,
      };
    }
    default:
      return { name, word: "not known", tone: "warn", detail: "the record cannot be read" };
  }
}

type Stated = Readonly<{
  /** Null: the caller stated nothing. */
  stated: string | null;
  value: string | null;
  contradicted: unknown;
  against: string;
}>;

/** What the caller stated beside what counted. */
function beside({ stated, value, contradicted, against }: Stated): string {
  if (stated === null) return "";
  if (stated === value) return "; the caller stated the same";
  return `; the caller stated: ${stated}, ${contradicted === true ? against : "which did not count"}`;
}

const textOf = (
  stated: unknown,
  { valueText, unit }: Pick<Fact, "valueText"> & Readonly<{ unit: string }>,
): string | null =>
  stated === null || stated === undefined
    ? null
    : (valueText(stated, unit) ?? "what is no such value");

const proven = (by: string, isAgainst: boolean): string =>
  isAgainst ? `proven by ${by}, against the caller` : `proven by ${by}`;

const UNREADABLE = "the caller's statement is no such value, and is refused";

const isObject = (value: unknown): value is Fields => typeof value === "object" && value !== null;

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;

function amountText(value: unknown, unit: string): string | null {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && /^\d{1,30}(?:\.\d{1,30})?$/.test(text)
    ? `${grouped(text)} ${unit}`
    : null;
}
