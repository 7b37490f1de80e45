/** A policy from text or from an environment, checked as a whole (Wallet Guardian v2, section 4.5). */
import {
  ContractError,
  GUARDIAN_DECISIONS,
  GUARDIAN_RISKS,
  parseStrictJson,
} from "@dgb-shield/contract";
import { GuardianPolicyError, type PolicyIssue } from "../errors.js";
import { ownValue } from "../internal/own.js";
import { type GuardianPolicy, parsePolicy } from "./policy.js";
import { policyIssue } from "./issues.js";
import { DEFAULT_TABLE, type TableFinding } from "./decision-table.js";

/**
 * Reads a policy from the text of a JSON file.
 *
 * @param text strict JSON: a key that is given twice, for one, is a fault
 * @throws GuardianPolicyError with every fault; of a text that is no strict JSON, with the first
 * @example policyFromJson('{"max_24h": "10000"}').allow_valid_seconds // 60
 */
export function policyFromJson(text: string | Uint8Array): GuardianPolicy {
  try {
    return parsePolicy(parseStrictJson(text));
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    const message = `${error.message}: correct the text`;
    throw new GuardianPolicyError([policyIssue(error.code, error.path, message)]);
  }
}

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a policy from an environment: `MAX_WITHDRAWAL_PER_TX` and `MAX_WITHDRAWAL_24H` (coins),
 * `COOLDOWN_MINUTES` (whole minutes), `HIGH_RISK_FREEZE` (`true`, `false`), `RELEASE_FREEZE_AT_LOW`
 * (`risk`, `all`, `none`) and the decision table by risk and finding, such as
 * `MEDIUM_DAILY_LIMIT=FREEZE`. What is not set takes the policy's default.
 *
 * @param env values are never trimmed, and an empty one is a fault
 * @param options `prefix`: what the names begin with. Every variable with that prefix must exist here;
 * without a prefix every one that begins as those above, so that no misspelt limit goes unseen.
 * @throws GuardianPolicyError with every fault; its path is the variable's name
 * @example policyFromEnv({ MAX_WITHDRAWAL_24H: "10000", COOLDOWN_MINUTES: "10" }).cooldown_seconds // 600
 */
export function policyFromEnv(
  env: Environment,
  options: Readonly<{ prefix?: string }> = {},
): GuardianPolicy {
  const given = ownValue(options, "prefix");
  const prefix = typeof given === "string" ? given : "";
  const policy = Object.create(null) as Fields;
  const issues: PolicyIssue[] = [];
  for (const name of namesIn(env, prefix)) {
    const setting = SETTINGS.get(name);
    const value = setting?.read(env[prefix + name] ?? "");
    if (setting !== undefined && value !== undefined) put(policy, setting.at, value);
    else issues.push(wrongVariable(prefix + name, setting));
  }
  return whole(policy, issues, prefix);
}

/** A policy as it is put together. */
type Fields = { [field: string]: Fields | string | number | boolean };

type Setting = Readonly<{
  /** Path of the policy's field. */
  at: readonly string[];
  /** The field's value; undefined where the text is none. What the policy checks is left to it. */
  read(text: string): string | number | boolean | undefined;
  hint: string;
}>;

const asText = (text: string): string => text;
const asMinutes = (text: string): number | undefined =>
  /^(0|[1-9]\d{0,6})$/.test(text) ? Number(text) * 60 : undefined;
const asBoolean = (text: string): boolean | undefined =>
  text === "true" || text === "false" ? text === "true" : undefined;

const DECISIONS = `give one of ${GUARDIAN_DECISIONS.join(", ")}`;
const FINDINGS = Object.keys(DEFAULT_TABLE) as TableFinding[];

const SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ["MAX_WITHDRAWAL_PER_TX", { at: ["max_per_tx"], read: asText, hint: "give coins" }],
  ["MAX_WITHDRAWAL_24H", { at: ["max_24h"], read: asText, hint: "give coins" }],
  [
    "COOLDOWN_MINUTES",
    { at: ["cooldown_seconds"], read: asMinutes, hint: "give whole minutes, such as 10" },
  ],
  ["HIGH_RISK_FREEZE", { at: ["high_risk_freeze"], read: asBoolean, hint: "give true or false" }],
  [
    "RELEASE_FREEZE_AT_LOW",
    { at: ["release_freeze_at_low"], read: asText, hint: "give risk, all or none" },
  ],
  ...GUARDIAN_RISKS.flatMap((risk) =>
    FINDINGS.map((finding): [string, Setting] => [
      `${risk}_${finding.toUpperCase()}`,
      { at: ["table", finding, risk], read: asText, hint: DECISIONS },
    ]),
  ),
]);

/** Names that can only be meant for this policy. */
const FAMILY = /^(MAX_WITHDRAWAL|COOLDOWN_|RELEASE_FREEZE|LOW_|MEDIUM_|HIGH_)/;

/** Names of the variables that are meant, without prefix, in order. */
function namesIn(env: Environment, prefix: string): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && env[name] !== undefined)
    .map((name) => name.slice(prefix.length))
    .filter((name) => prefix !== "" || SETTINGS.has(name) || FAMILY.test(name))
    .sort();
}

function put(policy: Fields, at: readonly string[], value: string | number | boolean): void {
  const [field = "", finding = "", risk = ""] = at;
  if (at.length === 1) {
    policy[field] = value;
    return;
  }
  const table = (policy[field] ?? Object.create(null)) as Fields;
  const standard: Fields = { ...DEFAULT_TABLE[finding as TableFinding] };
  const row = (table[finding] ?? standard) as Fields;
  table[finding] = { ...row, [risk]: value };
  policy[field] = table;
}

function wrongVariable(name: string, setting: Setting | undefined): PolicyIssue {
  return setting === undefined
    ? policyIssue("unknown_field", `/${name}`, "no such setting: correct its name, or remove it")
    : policyIssue("invalid_value", `/${name}`, setting.hint);
}

/** The policy, if it is one and no variable was at fault. */
function whole(policy: Fields, issues: readonly PolicyIssue[], prefix: string): GuardianPolicy {
  const found = issuesIn(policy).map((one) => ({ ...one, ...placeOf(one, prefix) }));
  if (issues.length + found.length > 0) throw new GuardianPolicyError([...issues, ...found]);
  return parsePolicy(policy);
}

function issuesIn(policy: Fields): readonly PolicyIssue[] {
  try {
    parsePolicy(policy);
    return [];
  } catch (error) {
    if (error instanceof GuardianPolicyError) return error.issues;
    throw error;
  }
}

/** Finds the variable of an issue of the policy. */
function placeOf({ code, path }: PolicyIssue, prefix: string): Partial<PolicyIssue> {
  if (code === "limits_nothing") {
    const [perTx, day] = ["MAX_WITHDRAWAL_PER_TX", "MAX_WITHDRAWAL_24H"];
    return { message: `nothing is limited: set ${prefix}${perTx} or ${prefix}${day}` };
  }
  const entry = [...SETTINGS].find(([, { at }]) => path === `/${at.join("/")}`);
  return entry === undefined ? {} : { path: `/${prefix}${entry[0]}` };
}
