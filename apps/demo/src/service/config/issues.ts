/** What is wrong with a configuration: where, what, and what to do about it; never a value. */
import { pointer } from "@dgb-shield/contract";
import type { z } from "zod";
import { nearestWord } from "./nearest-word.js";
import { contradictionsIn } from "./rules.js";
import { configFieldsSchema } from "./schema.js";
import { FIELD_NAMES } from "./settings.js";

/** One thing that is wrong with a configuration. */
export type ConfigIssue = Readonly<{
  /** JSON Pointer of the field; `""` is the whole. */
  path: string;
  /** File with line and column, environment variable or flag; null where nothing was given. */
  place: string | null;
  /** What is wrong, without any value. */
  problem: string;
  /** What to do. */
  remedy: string;
}>;

/** An issue without its place. */
export type UnplacedIssue = Readonly<{
  path: readonly PropertyKey[];
  problem: string;
  remedy: string;
}>;

/** Writes an issue in one line. */
export function issueText({ path, place, problem, remedy }: ConfigIssue): string {
  const where = [place, path === "" ? null : path].filter((part) => part !== null).join(" ");
  return `${where === "" ? "configuration" : where}: ${problem}: ${remedy}`;
}

/**
 * Lists everything that is wrong with a configuration. Never throws.
 *
 * @param config plain data of any form
 */
export function issuesIn(config: unknown): UnplacedIssue[] {
  const { error } = configFieldsSchema.safeParse(config);
  const found = (error?.issues ?? []).flatMap((issue) => issuesOf(issue, config));
  return [...found, ...contradictionsIn(config)];
}

function issuesOf(issue: z.core.$ZodIssue, config: unknown): UnplacedIssue[] {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownField(path, key));
    case "invalid_key":
      return [{ path, problem: "its name cannot be used", remedy: firstMessage(issue.issues) }];
    case "invalid_union":
      return [{ path, problem: "it is missing or unknown", remedy: issue.message }];
    default: {
      const value = valueAt(config, path);
      return [{ path, problem: problemOf(issue, value), remedy: remedyOf(issue, value) }];
    }
  }
}

const firstMessage = (issues: readonly z.core.$ZodIssue[]): string =>
  issues[0]?.message ?? "give another name";

function unknownField(path: readonly PropertyKey[], key: string): UnplacedIssue {
  const near = nearestWord(key, FIELD_NAMES);
  const remedy = near === undefined ? "remove it" : `remove it, or write ${near}`;
  return { path: [...path, key], problem: "there is no such field", remedy };
}

function problemOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return "it is missing";
  if (value === null) return "it is empty";
  if (issue.code === "invalid_type") return `it is ${kindOf(value)}`;
  return "it cannot be used";
}

function remedyOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== "invalid_type") return issue.message;
  const standard = STANDARD[issue.expected] ?? issue.message;
  const message = issue.message.startsWith("Invalid") ? standard : issue.message;
  const isBare = typeof value === "number" || typeof value === "boolean";
  return issue.expected === "string" && isBare ? `${message}, in quotes` : message;
}

const STANDARD: Readonly<Record<string, string>> = {
  object: "give an object: fields, each on a line of its own",
  array: "give a list",
  record: "give an object: names with a value each",
};

/** The kind of a value, for a person. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  const kinds = { string: "a text", number: "a number", boolean: "true or false" } as const;
  const kind: string = typeof value;
  return Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : "an object";
}

function valueAt(config: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, part)
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    config,
  );
}

/** Gives an issue its place. */
export const placed = (
  { path, problem, remedy }: UnplacedIssue,
  placeOf: (path: readonly PropertyKey[]) => string | null,
): ConfigIssue => ({ path: pointer(path), place: placeOf(path), problem, remedy });
