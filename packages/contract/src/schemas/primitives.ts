/** Building blocks of the schemas: identifiers, hashes, scores, codes, amounts, times. */
import { z } from "zod";
import { oneOf } from "./own-object.js";
import { isAmount } from "../amounts/amount.js";
import { PATTERNS } from "../json/patterns.js";
import type { JsonObject } from "../json/value.js";
import {
  ADVISORY_LEVELS,
  ENVELOPE_DECISIONS,
  GUARDIAN_RISKS,
  RISK_LEVELS,
  RISK_TIERS,
} from "../levels.js";

/** 1–128 code points, no control characters, lone surrogates or noncharacters, no white space at either end. */
export const idSchema = z.string().regex(PATTERNS.id);

/** Name of a component: `^[a-z][a-z0-9_]{0,63}$`. */
export const componentSchema = z.string().regex(PATTERNS.component);

/** A contract-facing reason code: `^[A-Z][A-Z0-9_]{0,127}$`. */
export const reasonCodeSchema = z.string().regex(PATTERNS.reasonCode);

/** A word of a layer's own vocabulary: `^[a-z][a-z0-9_]{0,63}$`. */
export const wordSchema = z.string().regex(PATTERNS.word);

/** SHA-256 or a block hash: 64 lower-case hexadecimal digits. */
export const hash256Schema = z.string().regex(PATTERNS.hash256);

/** A risk score or a severity: 0–1. */
export const scoreSchema = z.number().min(0).max(1);

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const timeMsSchema = z.int().min(0);

/** A block height. */
export const heightSchema = z.int().min(0);

/** An amount as `parseAmount` reads it. */
export const amountSchema = z
  .union([z.string(), z.number()])
  .refine(isAmount, "not an amount with at most 8 decimal places");

/** Any JSON object; its content is checked by the strict parser alone. */
export const jsonObjectSchema = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "not an object",
);

/** One of `RISK_TIERS`. */
export const riskTierSchema = oneOf(RISK_TIERS);
/** One of `RISK_LEVELS`. */
export const riskLevelSchema = oneOf(RISK_LEVELS);
/** One of `ADVISORY_LEVELS`. */
export const advisoryLevelSchema = oneOf(ADVISORY_LEVELS);
/** One of `GUARDIAN_RISKS`. */
export const guardianRiskSchema = oneOf(GUARDIAN_RISKS);
/** One of `ENVELOPE_DECISIONS`. */
export const envelopeDecisionSchema = oneOf(ENVELOPE_DECISIONS);
