/** What this package answers to the vectors of its own suites. */
import { z } from "zod";
import { strictObject } from "../schemas/own-object.js";
import { formatAmount, parseAmount } from "../amounts/amount.js";
import { canonicalize } from "../json/canonical.js";
import { compareToShare, parseDecimal } from "../amounts/decimal.js";
import { firstErrorPath } from "../json/pointer.js";
import { ContractError } from "../errors.js";
import { sha256Hex } from "../json/hash.js";
import type { JsonObject, JsonValue } from "../json/value.js";
import {
  DECISION_OF_LEVEL,
  GUARDIAN_RISK_OF_LEVEL,
  LEVEL_OF_ADVISORY,
  levelOfScore,
  tierOfScore,
  worstDecision,
  worstLevel,
  worstTier,
} from "../levels.js";
import { envelopeSchema } from "../schemas/envelope.js";
import {
  advisoryLevelSchema,
  envelopeDecisionSchema,
  riskLevelSchema,
  riskTierSchema,
  scoreSchema,
} from "../schemas/primitives.js";
import { parseStrictJson } from "../json/parse-strict.js";
import { CONTRACT_SUITES, type ContractSuite } from "./format.js";

/** Whether this package answers a suite. */
export const isContractSuite = (suite: string): suite is ContractSuite =>
  (CONTRACT_SUITES as readonly string[]).includes(suite);

/**
 * Answers one case with this package's own implementation.
 *
 * @param suite name of the suite
 * @param input the case's bytes
 * @returns `{ok: true, …}`, or `{ok: false, code, path}` for a refusal
 * @example answer("amounts", new TextEncoder().encode('"1.5"')) // { ok: true, units: "150000000", text: "1.5" }
 */
export function answer(suite: ContractSuite, input: Uint8Array): JsonObject {
  try {
    if (!isContractSuite(suite)) return rejection("unknown_suite", "");
    return ANSWERS[suite](parseStrictJson(input));
  } catch (error) {
    if (error instanceof ContractError) return rejection(error.code, error.path);
    throw error;
  }
}

const rejection = (code: string, path: string): JsonObject => ({ ok: false, code, path });

const ANSWERS: Readonly<Record<ContractSuite, (value: JsonValue) => JsonObject>> = {
  "strict-json": () => ({ ok: true }),
  canonical: canonicalAnswer,
  amounts: (value) => {
    const units = parseAmount(value);
    return { ok: true, units: String(units), text: formatAmount(units) };
  },
  ratios: ratioAnswer,
  levels: levelAnswer,
  envelope: (value) => {
    const parsed = envelopeSchema.safeParse(value);
    if (!parsed.success) return rejection("invalid_envelope", firstErrorPath(parsed.error));
    return canonicalAnswer(value);
  },
};

function canonicalAnswer(value: JsonValue): JsonObject {
  const canonical = canonicalize(value);
  return { ok: true, canonical, sha256: sha256Hex(canonical) };
}

const shareSchema = strictObject({ part: z.string(), ratio: z.unknown(), whole: z.string() });

function ratioAnswer(value: JsonValue): JsonObject {
  const question = shareSchema.safeParse(value);
  if (!question.success) return rejection("invalid_question", firstErrorPath(question.error));
  const { part, ratio, whole } = question.data;
  const order = compareToShare(parseAmount(part), parseDecimal(ratio), parseAmount(whole));
  return { ok: true, order };
}

const levelSchema = z.union([
  strictObject({ score: scoreSchema }).transform(({ score }) => {
    const level = levelOfScore(score);
    return { tier: tierOfScore(score), decision: DECISION_OF_LEVEL[level], ...withLevel(level) };
  }),
  strictObject({ advisory: advisoryLevelSchema }).transform(({ advisory }) =>
    withLevel(LEVEL_OF_ADVISORY[advisory]),
  ),
  strictObject({ decisions: z.array(envelopeDecisionSchema) }).transform(({ decisions }) => ({
    decision: worstDecision(decisions),
  })),
  strictObject({ tiers: z.array(riskTierSchema) }).transform(({ tiers }) => ({
    tier: worstTier(tiers),
  })),
  strictObject({ levels: z.array(riskLevelSchema) }).transform(({ levels }) => ({
    level: worstLevel(levels),
  })),
]);

const withLevel = (level: keyof typeof GUARDIAN_RISK_OF_LEVEL): JsonObject => ({
  level,
  guardian_risk: GUARDIAN_RISK_OF_LEVEL[level],
});

function levelAnswer(value: JsonValue): JsonObject {
  const parsed = levelSchema.safeParse(value);
  return parsed.success ? { ok: true, ...parsed.data } : rejection("invalid_question", "");
}
