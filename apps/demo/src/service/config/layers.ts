/** Lays environment variables and flags over the values of a configuration file; the later one wins. */
import { ContractError, parseStrictJson } from "@dgb-shield/contract";
import type { UnplacedIssue } from "./issues.js";
import { nearestWord } from "./nearest-word.js";
import { type Setting, SETTINGS } from "./settings.js";

/** Variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A value that a flag gives: `--port 8480` is `{flag: "--port", name: "http.port", text: "8480"}`. */
export type FlagSetting = Readonly<{ flag: string; name: string; text: string }>;

/** A value laid over the file's, and where it was given. */
export type Laid = Readonly<{ path: readonly string[]; place: string }>;

/** An issue that is not of a field, such as a variable with an unknown name. */
export type LayerIssue = Omit<UnplacedIssue, "path"> & Readonly<{ place: string }>;

/** Fields of any form. */
export type Tree = Record<string, unknown>;

/** Values over a file's, in their order. */
export type Overlay = Readonly<{ laid: readonly Laid[]; issues: readonly LayerIssue[] }>;

type Given = Readonly<{ setting: Setting; place: string; text: string }>;

/** Variables of `shield` that are no settings. */
const OTHER_VARIABLES = new Set(["SHIELD_CONFIG", "SHIELD_RPC_USER", "SHIELD_RPC_PASSWORD"]);
/** Names that Kubernetes gives to every container beside a service named shield, and those of tests. */
const FOREIGN = /^SHIELD_((PORT|SERVICE_HOST|SERVICE_PORT)(_.*)?|TEST_.*)$/;

/**
 * Lays variables, then flags, over `tree`, which is changed.
 *
 * @param tree the file's values; empty without a file
 * @returns what was laid, and what could not be: unknown names, empty variables, texts that are no JSON
 */
export function layOver(tree: Tree, env: Environment, flags: readonly FlagSetting[]): Overlay {
  const known = SETTINGS.flatMap((setting): Given[] => {
    const text = env[setting.variable];
    return text === undefined ? [] : [{ setting, place: setting.variable, text }];
  });
  const flagged = flags.flatMap(({ flag, name, text }): Given[] => {
    const setting = SETTINGS.find((one) => one.name === name);
    return setting === undefined ? [] : [{ setting, place: flag, text }];
  });
  const laid: Laid[] = [];
  const issues: LayerIssue[] = [];
  for (const { setting, place, text } of [...known, ...flagged]) {
    const value = valueOf(setting, text);
    if (Object.hasOwn(value, "issue")) issues.push({ ...value.issue, place } as LayerIssue);
    else {
      put(tree, setting, value.value);
      laid.push({ path: setting.path, place });
    }
  }
  return { laid, issues: [...issues, ...unknownFlags(flags), ...unknownVariables(env, tree)] };
}

type Read = Readonly<{ value?: unknown; issue?: Omit<LayerIssue, "place"> }>;

/** The value of a text; what is no such value stays text, so that the schema names it. */
function valueOf({ kind }: Setting, text: string): Read {
  if (text === "")
    return { issue: { problem: "it is empty", remedy: "give a value, or unset it" } };
  switch (kind) {
    case "text":
      return { value: text };
    case "number":
      return { value: /^-?\d{1,16}(\.\d{1,16})?$/.test(text) ? Number(text) : text };
    case "boolean":
      return { value: text === "true" || text === "false" ? text === "true" : text };
    case "list":
      return { value: text.split(",").map((part) => part.trim()) };
    case "json":
      return jsonOf(text);
  }
}

function jsonOf(text: string): Read {
  try {
    return { value: parseStrictJson(text) };
  } catch (error) {
    const problem =
      error instanceof ContractError ? `it is no JSON (${error.code})` : "it is no JSON";
    return { issue: { problem, remedy: "give JSON in which each key stands once" } };
  }
}

/** What a setting takes the place of. */
const RIVALS: Readonly<Record<string, string>> = {
  "ledger.url": "ledger.url_env",
  "ledger.url_env": "ledger.url",
  "nats.url": "nats.url_env",
  "nats.url_env": "nats.url",
  "recording.file": "nodes",
  nodes: "recording",
};

function put(tree: Tree, { name, path }: Setting, value: unknown): void {
  const rival = RIVALS[name];
  if (rival !== undefined) removeAt(tree, rival.split("."));
  // Fields of another kind of ledger do not count for this one.
  const ledger = tree["ledger"];
  if (name === "ledger.kind" && isTree(ledger) && ledger["kind"] !== value) delete tree["ledger"];
  let place = tree;
  for (const part of path.slice(0, -1)) {
    const inner = place[part];
    const next: Tree = isTree(inner) ? inner : bare();
    place[part] = next;
    place = next;
  }
  place[path.at(-1) ?? ""] = value;
}

function removeAt(tree: Tree, [first = "", ...rest]: readonly string[]): void {
  if (rest.length === 0) {
    Reflect.deleteProperty(tree, first);
    return;
  }
  const inner = tree[first];
  if (isTree(inner)) removeAt(inner, rest);
}

function unknownFlags(flags: readonly FlagSetting[]): LayerIssue[] {
  const names = SETTINGS.map(({ name }) => name);
  return flags
    .filter(({ name }) => !names.includes(name))
    .map(({ flag, name }) => ({
      place: flag,
      problem: "there is no such setting",
      remedy: meant(name, names, "docs/configuration.md lists all of them"),
    }));
}

/** Variables that begin as settings do and are none: a misspelt limit must not go unseen. */
function unknownVariables(env: Environment, tree: Tree): LayerIssue[] {
  const names = SETTINGS.map(({ variable }) => variable);
  const taken = new Set([...names, ...OTHER_VARIABLES, ...variablesIn(tree)]);
  return Object.keys(env)
    .filter((name) => name.startsWith("SHIELD_") && env[name] !== undefined)
    .filter((name) => !taken.has(name) && !FOREIGN.test(name))
    .sort()
    .map((name) => ({
      place: name,
      problem: "there is no such setting",
      remedy: meant(name, names, "unset it"),
    }));
}

function meant(name: string, names: readonly string[], otherwise: string): string {
  const near = nearestWord(name, names);
  return near === undefined ? otherwise : `write ${near}, or unset it`;
}

/** Variables that fields name, such as `url_env`. */
function variablesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key.endsWith("_env") && typeof member === "string" ? [member] : variablesIn(member),
  );
}

/** Makes an object that inherits nothing. */
export const bare = (): Tree => Object.create(null) as Tree;

const isTree = (value: unknown): value is Tree =>
  typeof value === "object" && value !== null && !Array.isArray(value);
