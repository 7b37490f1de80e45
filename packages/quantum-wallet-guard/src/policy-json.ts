/** Policies from JSON, with every error at once (design, section 8). */
import { boundedPath, ContractError, parseStrictJson } from "@dgb-shield/contract";
import type { z } from "zod";
import { nearestWord } from "./internal/nearest-word.js";
import { readPlain } from "./internal/plain.js";
import { parsePolicy, policyVersion } from "./policy.js";
import { policyFieldsSchema, type WalletPolicy, walletPolicySchema } from "./policy-schema.js";

/** What is wrong with a policy: one error. */
export type PolicyError = Readonly<{
  /** Stable: the codes of strict JSON (`ContractError`), and those of this module. */
  code: string;
  /** JSON Pointer of the field; `""` is the whole policy. */
  path: string;
  /** One English sentence: what to do. */
  message: string;
}>;

/** A policy and its version, or everything that is wrong with it. */
export type PolicyReading =
  | Readonly<{ ok: true; policy: WalletPolicy; policy_version: string }>
  | Readonly<{ ok: false; errors: readonly PolicyError[] }>;

type Field = keyof typeof policyFieldsSchema.shape;

const RATIO =
  'Give a share of the balance from 0 to 1 with at most 18 decimal places, such as "0.5".';
const SECONDS = "Give whole seconds from 0 to 31536000 (one year) as a number without quotes.";
const SCORE = "Give a score from 0 to 1 that a double holds exactly as written, such as 0.25.";
const SWITCH = "Give true or false, without quotes.";

/** What each field takes. */
const WHAT_TO_DO: Readonly<Record<Field, string>> = {
  block_full_balance_tx: SWITCH,
  max_tx_ratio_normal: RATIO,
  max_tx_ratio_high: RATIO,
  max_allowed_risk: 'Give "normal", "elevated", "high" or "critical".',
  cooldown_seconds_warn: SECONDS,
  cooldown_seconds_delay: SECONDS,
  threshold_extra_auth: 'Give coins from 0 up with at most 8 decimal places, such as "10000".',
  max_behaviour_score:
    "Give a number from 0 to 9007199254740991 that a double holds exactly as written, such as 1.5.",
  require_trusted_device: SWITCH,
  min_address_age_days: "Give whole days from 0 (off) to 36500 as a number without quotes.",
  network_score_elevated: SCORE,
  network_score_high: SCORE,
  network_score_critical: SCORE,
  required_approvals: "Give whole people from 1 to 64 as a number without quotes.",
  approval_valid_seconds: "Give whole seconds from 0 (off) to 31536000 as a number without quotes.",
};
const FIELDS = Object.keys(WHAT_TO_DO) as Field[];

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
      boundedPath(error.path),
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
  const plain = readPlain(policy);
  if (!plain.ok) {
    return refused("not_plain", plain.path, "Give plain data: text, numbers, true or false.");
  }
  const fields = policyFieldsSchema.safeParse(plain.value);
  const errors = fields.success ? [] : fields.error.issues.flatMap(errorsOf);
  errors.push(...orderErrors(plain.value));
  if (errors.length > 0) return { ok: false, errors };
  const parsed = parsePolicy(plain.value);
  return { ok: true, policy: parsed, policy_version: policyVersion(parsed) };
}

const refused = (code: string, path: string, message: string): PolicyReading => ({
  ok: false,
  errors: [{ code, path, message }],
});

function errorsOf(issue: z.core.$ZodIssue): PolicyError[] {
  if (issue.code === "unrecognized_keys") return [...issue.keys].sort().map(unknownField);
  const field = issue.path[0] as Field | undefined;
  if (field === undefined) {
    const message = "Give an object of policy fields, such as {}.";
    return [{ code: "not_an_object", path: "", message }];
  }
  return [{ code: "invalid_value", path: `/${field}`, message: WHAT_TO_DO[field] }];
}

function unknownField(key: string): PolicyError {
  const near = nearestWord(key, FIELDS);
  const hint = near === undefined ? "" : `, or write ${near}`;
  const path = boundedPath(`/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  return { code: "unknown_field", path, message: `Remove this field${hint}.` };
}

/** The order of the network scores, where each of the two is right by itself. */
function orderErrors(value: unknown): PolicyError[] {
  if (typeof value !== "object" || value === null) return [];
  const sound = Object.entries(value).filter(
    ([key, member]) => isField(key) && policyFieldsSchema.shape[key].safeParse(member).success,
  );
  const parsed = walletPolicySchema.safeParse(Object.fromEntries(sound));
  return (parsed.error?.issues ?? []).map(({ path, message }) => ({
    code: "wrong_order",
    path: `/${String(path[0])}`,
    message: `Raise it, or lower the score before it: it is ${message}.`,
  }));
}

const isField = (key: string): key is Field => (FIELDS as string[]).includes(key);

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
