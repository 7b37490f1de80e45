/** Lists what is wrong with a policy: every issue at once, each with a code, a path and what to do (Wallet Guardian v2, section 4.5). */
import { boundedPointer, pointer } from "@dgb-shield/contract";
import type { z } from "zod";
import type { PolicyIssue, PolicyIssueCode } from "../errors.js";

type SchemaIssue = z.core.$ZodIssue;

/** A contradiction within a policy. */
export type Contradiction = Readonly<{
  code: "given_twice" | "limits_nothing" | "claim_exceeds_window";
  path: readonly string[];
  message: string;
}>;

/** Makes one issue. */
export const policyIssue = (code: PolicyIssueCode, path: string, message: string): PolicyIssue => ({
  code,
  path: boundedPointer(path),
  message,
});

/**
 * Lists the issues that a schema found, and the contradictions, which a schema only checks where it
 * finds no other issue.
 *
 * @param policy what was given, of any form
 */
export function issuesOf(found: readonly SchemaIssue[], policy: unknown): PolicyIssue[] {
  const plain = found.filter((issue) => issue.code !== "custom" || !isContradiction(issue));
  const contradictions = contradictionsOf(policy).map(({ code, path, message }) =>
    policyIssue(code, pointer(path), message),
  );
  return [...plain.flatMap(fromIssue), ...contradictions];
}

/**
 * Lists limits that are given twice, or not at all, and claims longer than a window.
 *
 * @param policy of any form; what is no object has no contradictions
 */
export function contradictionsOf(policy: unknown): Contradiction[] {
  if (!isObject(policy)) return [];
  const scopes = isObject(policy["limits"]) ? policy["limits"] : {};
  const all = [policy, ...Object.values(scopes).filter(isObject)];
  const wallet = scopes["wallet"];
  const twice = isObject(wallet)
    ? SINGLE_LIMITS.filter((key) => isSet(policy, key) && isSet(wallet, key))
    : [];
  return [
    ...twice.map((key) => ({
      code: "given_twice" as const,
      path: ["limits", "wallet", key],
      message: GIVEN_TWICE,
    })),
    ...(all.some(limitsSomething)
      ? []
      : [{ code: "limits_nothing" as const, path: [], message: LIMITS_NOTHING }]),
    ...(claimSeconds(policy) > Math.min(...all.map(shortestWindow))
      ? [
          {
            code: "claim_exceeds_window" as const,
            path: ["allow_valid_seconds"],
            message: CLAIM_EXCEEDS,
          },
        ]
      : []),
  ];
}

/** A claim that outlasts a window could be signed twice within it. */
const claimSeconds = (policy: Fields): number => numberOr(policy["allow_valid_seconds"], 60);

/** Seconds of the shortest window of one scope. */
function shortestWindow(limits: Fields): number {
  const windows: readonly unknown[] = Array.isArray(limits["windows"]) ? limits["windows"] : [];
  const lengths = windows.map((window) =>
    isObject(window) ? numberOr(window["seconds"], Infinity) : Infinity,
  );
  return Math.min(isSet(limits, "max_24h") ? 86_400 : Infinity, ...lengths);
}

const numberOr = (value: unknown, absent: number): number =>
  typeof value === "number" ? value : absent;

const SINGLE_LIMITS = ["max_per_tx", "max_24h", "cooldown_seconds"];
const GIVEN_TWICE = "given twice: remove it here, or the plain limit of the same name";
const LIMITS_NOTHING =
  "limits no amount and no count: give max_per_tx, max_24h or a window, for at least one scope";

const CLAIM_EXCEEDS =
  "longer than the shortest window: what is signed at the end of it would leave the window too early; give less, or a longer window";

const isContradiction = ({ message }: SchemaIssue): boolean =>
  [GIVEN_TWICE, LIMITS_NOTHING, CLAIM_EXCEEDS].includes(message);

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type Fields = Readonly<Record<string, unknown>>;

/** A cooldown of 0 is none; an amount of 0 is a limit. */
const isSet = (limits: Fields, key: string): boolean =>
  limits[key] !== undefined &&
  limits[key] !== null &&
  !(key === "cooldown_seconds" && limits[key] === 0);

const limitsSomething = (limits: Fields): boolean =>
  ["max_per_tx", "max_24h"].some((key) => isSet(limits, key)) ||
  (Array.isArray(limits["windows"]) && limits["windows"].length > 0);

function fromIssue(issue: SchemaIssue): PolicyIssue[] {
  const path = pointer(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) =>
        policyIssue("unknown_field", pointer([...issue.path, key]), "no such field: remove it"),
      );
    case "invalid_type":
      return [policyIssue("invalid_type", path, `give ${WORDS[issue.expected] ?? issue.expected}`)];
    case "invalid_value":
      return [
        policyIssue("invalid_value", path, `give one of ${issue.values.map(String).join(", ")}`),
      ];
    case "too_small":
      return [policyIssue("out_of_range", path, `give at least ${String(issue.minimum)}`)];
    case "too_big":
      return [policyIssue("out_of_range", path, `give at most ${String(issue.maximum)}`)];
    case "invalid_format":
      return [
        policyIssue("invalid_value", path, "give 1 to 128 characters, no white space around them"),
      ];
    default:
      return [policyIssue("invalid_value", path, issue.message)];
  }
}

const WORDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};
