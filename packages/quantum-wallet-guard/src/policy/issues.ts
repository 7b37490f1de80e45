/** Policies from JSON, with every error at once (design, section 8). */
import { boundedPointer, ContractError, parseStrictJson } from "@dgb-shield/contract";
import type { z } from "zod";
import { nearestWord } from "../internal/nearest-word.js";
import { POLICY_EXPECTATIONS } from "../internal/expectations.js";
import { bare } from "../internal/bare.js";
import { frozen } from "../internal/frozen.js";
import { offenceOf, UNREAD } from "../internal/offence.js";
import { copyUntrusted } from "../internal/plain.js";
import { parsePolicy, policyVersion } from "./index.js";
import { createWalletPolicySchema, policyFieldsSchema, type WalletPolicy } from "./schema.js";

/** What is wrong with a policy: one error. */
export type PolicyError = Readonly<{
  /** Stable: the codes of strict JSON (`ContractError`), and those of this module. */
  code: string;
  /** JSON Pointer of the field; `""` is the whole policy. */
  path: string;
  /** English: the field, the kind of its value, and what to do. */
  message: string;
}>;

/** A policy and its version, or everything that is wrong with it. */
export type PolicyReading =
  | Readonly<{ ok: true; policy: WalletPolicy; policy_version: string }>
  | Readonly<{ ok: false; errors: readonly PolicyError[] }>;

type Field = keyof typeof policyFieldsSchema.shape;

/** This package's own; the exported schema is another one. */
const policySchema = createWalletPolicySchema();
const FIELDS = Object.keys(POLICY_EXPECTATIONS) as Field[];

/**
 * Reads a policy from JSON text, and names all of its errors in one go. Never throws.
 *
 * @param text JSON of a `WalletPolicyInput`, or its UTF-8 bytes; duplicate keys are refused
 * @example parsePolicyJson('{"required_approvals":0,"max_ratio":1}').ok // false, with two errors
 */
export function parsePolicyJson(text: string | Uint8Array): PolicyReading {
  try {
    return checkPolicy(parseStrictJson(text));
  } catch (error) {
    if (!(error instanceof ContractError)) return refused("invalid_json", "", "Give JSON as text.");
    return refused(
      error.code,
      boundedPointer(error.path),
      `${capitalized(error.message)}. ${JSON_HELP}`,
    );
  }
}

const JSON_HELP = "Give one JSON object in which each key stands once.";

/**
 * As `parsePolicyJson`, for a value in memory.
 *
 * @param policy a `WalletPolicyInput`
 */
export function checkPolicy(policy: unknown): PolicyReading {
  const plain = copyUntrusted(policy);
  if (!plain.ok) return refused("not_plain", plain.path, sentence(plain.path, UNREAD));
  const errors = errorsIn(plain.value);
  if (errors.length > 0) return frozen({ ok: false, errors });
  const parsed = parsePolicy(plain.value);
  return frozen({ ok: true, policy: parsed, policy_version: policyVersion(parsed) });
}

const refused = (code: string, path: string, message: string): PolicyReading =>
  frozen({ ok: false, errors: [{ code, path, message }] });

const sentence = (path: string, whole: unknown): string =>
  capitalized(offenceOf("policy", path, whole));

function errorsIn(value: unknown): PolicyError[] {
  try {
    const issues = policyFieldsSchema.safeParse(value).error?.issues ?? [];
    return [...issues.flatMap((issue) => errorsOf(issue, value)), ...orderErrors(value)];
  } catch {
    // What runs beside this program has changed what the schema stands on.
    return [{ code: "not_an_object", path: "", message: sentence("", UNREAD) }];
  }
}

function errorsOf(issue: z.core.$ZodIssue, value: unknown): PolicyError[] {
  if (issue.code === "unrecognized_keys") return [...issue.keys].sort().map(unknownField);
  const field = issue.path[0] as Field | undefined;
  if (field === undefined)
    return [{ code: "not_an_object", path: "", message: sentence("", value) }];
  const path = `/${field}`;
  return [{ code: "invalid_value", path, message: offenceOf("policy", path, value) }];
}

function unknownField(key: string): PolicyError {
  const near = nearestWord(key, FIELDS);
  const hint = near === undefined ? "" : `, or write ${near}`;
  const path = boundedPointer(`/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return { code: "unknown_field", path, message: `Remove this field${hint}.` };
}

/** The order of the network scores, where each of the two is right by itself. */
function orderErrors(value: unknown): PolicyError[] {
  if (typeof value !== "object" || value === null) return [];
  const sound = Object.entries(value).filter(
    ([key, member]) => isField(key) && policyFieldsSchema.shape[key].safeParse(member).success,
  );
  const parsed = policySchema.safeParse(bare(Object.fromEntries(sound)));
  return (parsed.error?.issues ?? []).map(({ path, message }) => ({
    code: "wrong_order",
    path: `/${String(path[0])}`,
    message: `Raise it, or lower the score before it: it is ${message}.`,
  }));
}

const isField = (key: string): key is Field => (FIELDS as string[]).includes(key);

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
