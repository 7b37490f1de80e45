/** Reads the text of a configuration file, YAML or JSON, as plain data with the place of each field. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { UnplacedIssue } from "./issues.js";

/** Largest file that is read, in bytes. */
export const MAX_CONFIG_BYTES = 1_048_576;
/** Containers inside each other at most. */
const MAX_DEPTH = 16;

/** Where something stands in the file, from 1 on. */
export type Position = Readonly<{ line: number; col: number }>;

/** A file that was read: its data, and where a field of it stands; of an absent one, the nearest around it. */
export type ConfigText =
  | Readonly<{
      ok: true;
      value: unknown;
      positionOf: (path: readonly PropertyKey[]) => Position;
      /** Whether the file itself has a field. */
      has: (path: readonly PropertyKey[]) => boolean;
      /** Fields that are given twice; the first one is in `value`. */
      faults: readonly TextFault[];
    }>
  | Readonly<{ ok: false; faults: readonly TextFault[] }>;

/** What is wrong with a text, and where. */
export type TextFault = Omit<UnplacedIssue, "path"> & Readonly<{ at: Position }>;

/**
 * Reads YAML 1.2 without aliases, tags and merge keys; every JSON text is one. Never throws, and no fault contains
 * anything of the text but names of fields.
 *
 * @param bytes UTF-8
 */
export function readConfigText(bytes: Uint8Array): ConfigText {
  if (bytes.length > MAX_CONFIG_BYTES) {
    return failed("it is too large", `give at most ${MAX_CONFIG_BYTES} bytes`);
  }
  const text = decoded(bytes);
  if (text === undefined) return failed("it is no UTF-8 text", "save it as UTF-8");
  try {
    return readText(text);
  } catch {
    return failed("it cannot be read", "write plain YAML, nested less deeply");
  }
}

const failed = (problem: string, remedy: string): ConfigText => ({
  ok: false,
  faults: [{ at: START, problem, remedy }],
});

const START: Position = { line: 1, col: 1 };

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readText(text: string): ConfigText {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: false,
    version: "1.2",
    schema: "core",
    logLevel: "error",
  });
  const at = (offset: number): Position => lines.linePos(offset);
  const wrong = [...document.errors, ...document.warnings];
  const faults = wrong.map(({ code, pos }) => ({
    at: at(pos[0]),
    problem: PROBLEMS[code] ?? "it is no well-formed YAML",
    remedy: REMEDIES[code] ?? "look at the indentation and quotes here and in the line before",
  }));
  // Where fields are given twice, what else is wrong can still be seen.
  if (wrong.some(({ code }) => code !== "DUPLICATE_KEY")) return { ok: false, faults };
  const walk = new Walk(at);
  const value = walk.valueOf(document.contents, [], 0);
  if (walk.faults.length > 0) return { ok: false, faults: [...faults, ...walk.faults] };
  const has = (path: readonly PropertyKey[]): boolean => walk.has(path);
  return { ok: true, value, positionOf: (path) => walk.positionOf(path), has, faults };
}

const PROBLEMS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "this field is given twice",
  MULTIPLE_DOCS: "it holds more than one document",
  TAB_AS_INDENT: "it is indented with a tab",
  TAG_RESOLVE_FAILED: "it has a tag",
};
const REMEDIES: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "remove one of the two",
  MULTIPLE_DOCS: "remove the line --- and what follows it",
  TAB_AS_INDENT: "indent with blanks",
  TAG_RESOLVE_FAILED: "remove the tag",
};

/** Turns nodes of YAML into plain data without prototypes, and keeps where each field stands. */
class Walk {
  readonly faults: TextFault[] = [];
  readonly #positions = new Map<string, Position>();
  readonly #at: (offset: number) => Position;

  constructor(at: (offset: number) => Position) {
    this.#at = at;
  }

  positionOf(path: readonly PropertyKey[]): Position {
    for (let length = path.length; length > 0; length--) {
      const found = this.#positions.get(keyOf(path.slice(0, length)));
      if (found !== undefined) return found;
    }
    return START;
  }

  has(path: readonly PropertyKey[]): boolean {
    return this.#positions.has(keyOf(path));
  }

  valueOf(node: unknown, path: readonly PropertyKey[], depth: number): unknown {
    if (node === null || node === undefined) return null;
    if (depth > MAX_DEPTH) return this.#fault(node, "it is nested too deeply", "write it flatter");
    if (isAlias(node)) return this.#fault(node, "it is an alias", "write the value out");
    if (isScalar(node)) return this.#scalar(node.value, node);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        this.#note([...path, index], item);
        return this.valueOf(item, [...path, index], depth + 1);
      });
    }
    if (!isMap(node)) return this.#fault(node, "it is no plain value", "write a plain value");
    const value = Object.create(null) as Record<string, unknown>;
    for (const { key, value: member } of node.items) {
      const name = this.#nameOf(key);
      if (name === undefined || Object.hasOwn(value, name)) continue;
      this.#note([...path, name], key);
      value[name] = this.valueOf(member, [...path, name], depth + 1);
    }
    return value;
  }

  #scalar(value: unknown, node: unknown): unknown {
    const isPlain = value === null || ["string", "number", "boolean"].includes(typeof value);
    return isPlain ? value : this.#fault(node, "it is no plain value", "write a plain value");
  }

  /** The name of a field as it was written, so that a wallet named 0123 keeps its 0. */
  #nameOf(key: unknown): string | undefined {
    if (!isScalar(key)) {
      this.#fault(key, "a list or an object is no name of a field", "write a plain name");
      return undefined;
    }
    const name = typeof key.value === "string" ? key.value : (key.source ?? "");
    if (name !== "" && name !== "__proto__") return name;
    this.#fault(key, "this name cannot be used", "write another name");
    return undefined;
  }

  #note(path: readonly PropertyKey[], node: unknown): void {
    const offset = (node as Node | null)?.range?.[0];
    if (offset !== undefined) this.#positions.set(keyOf(path), this.#at(offset));
  }

  #fault(node: unknown, problem: string, remedy: string): null {
    const offset = (node as Node | null)?.range?.[0];
    this.faults.push({ at: offset === undefined ? START : this.#at(offset), problem, remedy });
    return null;
  }
}

const keyOf = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String));
