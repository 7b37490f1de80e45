/** Reads policies with every issue at once, from JSON text or from memory (design, section 8). */
import {
  boundedPointer,
  ContractError,
  copyUntrusted,
  parseStrictJson,
  pointer,
} from "@dgb-shield/contract";
import type { z } from "zod";
import { nearestWord } from "../internal/nearest-word.js";
import { POLICY_EXPECTATIONS } from "../internal/expectations.js";
import { bare } from "../internal/bare.js";
import { frozen } from "../internal/frozen.js";
import { offenceOf, UNREAD } from "../internal/offence.js";
import { parsePolicy, policyVersion } from "./index.js";
import {
  createWalletPolicySchema,
  POLICY_BOUNDS,
  policyFieldsSchema,
  type WalletPolicy,
} from "./schema.js";

/** One issue of a policy. */
export type PolicyIssue = Readonly<{
  /** Stable: the codes of strict JSON (`ContractError`), and those of this module. */
  code: string;
  /** JSON Pointer of the field; `""` is the whole policy. */
  path: string;
  /** English: the field, the kind of its value, and what to do. */
  message: string;
}>;

/** A complete policy and its version, or all of its issues. */
export type PolicyReading =
  | Readonly<{ ok: true; policy: WalletPolicy; policy_version: string }>
  | Readonly<{ ok: false; issues: readonly PolicyIssue[] }>;

type Field = keyof typeof policyFieldsSchema.shape;

/** A schema that no importer holds. */
const policySchema = createWalletPolicySchema();
const FIELDS = Object.keys(POLICY_EXPECTATIONS) as Field[];

/**
 * Reads a policy from JSON text, and names all of its issues at once. Never throws.
 *
 * @param text JSON of a `WalletPolicyInput`, or its UTF-8 bytes; duplicate keys are rejected
 * @returns the complete policy, frozen, and its version; else `issues`, each with code, path and message
 * @example parsePolicyJson('{"required_approvals":0,"max_ratio":1}').ok // false, with two issues
 */
export function parsePolicyJson(text: string | Uint8Array): PolicyReading {
  try {
    return checkPolicy(parseStrictJson(text));
  } catch (error) {
    if (!(error instanceof ContractError)) return reject("invalid_json", "", "Give JSON as text.");
    return reject(
      error.code,
      boundedPointer(error.path),
      `${capitalized(error.message)}. ${JSON_HELP}`,
    );
  }
}

const JSON_HELP = "Give one JSON object in which each key stands once.";

/**
 * Reads a policy as `parsePolicyJson` does, from a value in memory. Never throws.
 *
 * @param policy a `WalletPolicyInput`
 * @returns the complete policy, frozen, and its version; else `issues`, each with code, path and message
 * @example checkPolicy({ required_approvals: 0 }).ok // false
 */
export function checkPolicy(policy: unknown): PolicyReading {
  const plain = copyUntrusted(policy, POLICY_BOUNDS);
  if (!plain.ok) return reject("not_plain", plain.path, sentence(plain.path, UNREAD));
  const issues = issuesIn(plain.value);
  if (issues.length > 0) return frozen({ ok: false, issues });
  const parsed = parsePolicy(plain.value);
  return frozen({ ok: true, policy: parsed, policy_version: policyVersion(parsed) });
}

const reject = (code: string, path: string, message: string): PolicyReading =>
  frozen({ ok: false, issues: [{ code, path, message }] });

const sentence = (path: string, whole: unknown): string =>
  capitalized(offenceOf("policy", path, whole));

function issuesIn(value: unknown): PolicyIssue[] {
  try {
    const issues = policyFieldsSchema.safeParse(value).error?.issues ?? [];
    return [...issues.flatMap((issue) => issuesOf(issue, value)), ...orderIssues(value)];
  } catch {
    // What runs beside this program has changed what the schema stands on.
    return [{ code: "not_an_object", path: "", message: sentence("", UNREAD) }];
  }
}

function issuesOf(issue: z.core.$ZodIssue, value: unknown): PolicyIssue[] {
  if (issue.code === "unrecognized_keys") return [...issue.keys].sort().map(unknownField);
  const field = issue.path[0] as Field | undefined;
  if (field === undefined)
    return [{ code: "not_an_object", path: "", message: sentence("", value) }];
  const path = `/${field}`;
  return [{ code: "invalid_value", path, message: offenceOf("policy", path, value) }];
}

function unknownField(key: string): PolicyIssue {
  const near = nearestWord(key, FIELDS);
  const hint = near === undefined ? "" : `, or write ${near}`;
  const path = boundedPointer(pointer([key]));
  return { code: "unknown_field", path, message: `Remove this field${hint}.` };
}

/** Names network scores that are in the wrong order, where each is valid by itself. */
function orderIssues(value: unknown): PolicyIssue[] {
  if (typeof value !== "object" || value === null) return [];
  const valid = Object.entries(value).filter(
    ([key, member]) => isField(key) && policyFieldsSchema.shape[key].safeParse(member).success,
  );
  const parsed = policySchema.safeParse(bare(Object.fromEntries(valid)));
  return (parsed.error?.issues ?? []).map(({ path, message }) => ({
    code: "wrong_order",
    path: `/${String(path[0])}`,
    message: `Raise it, or lower the score before it: it is ${message}.`,
  }));
}

const isField = (key: string): key is Field => (FIELDS as string[]).includes(key);

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
